"""The web server process."""

import http.client
import os
import ssl
import sys
from pathlib import Path
from typing import Any, NoReturn

from shouwen.operations.home import default_home
from shouwen.operations.wording import CannotGoOn, _


def address() -> tuple[str, int]:
    """Where the pages are served: ``HOST`` (this machine only, unless set) and ``PORT``."""
    port = os.environ.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CannotGoOn(_("PORT={port} 不是端口号；请用 1024 到 65535").format(port=port))
    return os.environ.get("HOST") or "127.0.0.1", int(port)


def command() -> list[str]:
    """The web server's command line: one process a core, two at most, threads in each."""
    host, port = address()
    cores = os.cpu_count() or 1
    options = {
        "--interface": "wsgi",
        "--host": host,
        "--port": str(port),
        "--workers": str(min(2, cores)),
        "--blocking-threads": str(2 * cores + 1),
        "--workers-kill-timeout": "5",
        "--log-level": "warning",
    }
    files = tls_files(default_home() / "var")
    if files is not None:
        options |= {
            "--ssl-certificate": str(files[0]),
            "--ssl-keyfile": str(files[1]),
            "--ssl-protocol-min": "tls1.2",
        }
    given = [part for option in options.items() for part in option]
    target = "shouwen.config.wsgi:application"
    flags = ["--no-ws", "--respawn-failed-workers"]
    return [sys.executable, "-P", "-m", "granian", *given, *flags, target]


def tls_files(var: Path) -> tuple[Path, Path] | None:
    """Certificate and key (PEM) that the web server is to use: named, or lying in `keys/tls`.

    None where it serves without. Raises CannotGoOn where one of them is named and cannot be read.
    """
    named = (
        os.environ.get("SHOUWEN_TLS_CERTIFICATE", ""),
        os.environ.get("SHOUWEN_TLS_KEY", ""),
    )
    if not any(named):
        usual = (var / "keys" / "tls" / "certificate.pem", var / "keys" / "tls" / "key.pem")
        return usual if all(each.is_file() for each in usual) else None
    certificate, key = map(Path, named)
    for file in (certificate, key):
        if not file.is_file() or not os.access(file, os.R_OK):
            raise CannotGoOn(
                _(
                    "读不到证书文件 {file}：SHOUWEN_TLS_CERTIFICATE 和 SHOUWEN_TLS_KEY 要一起设置"
                ).format(file=file)
            )
    return certificate, key


def reachable(host: str) -> str:
    """The name by which this machine reaches what listens on ``host``."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)


def scheme() -> str:
    """`https` where the web server has a certificate."""
    return "https" if tls_files(default_home() / "var") else "http"


def answers(seconds: float = 5) -> bool:
    """Whether the web server answers on this machine, whatever it says."""
    host, port = address()
    kind = http.client.HTTPSConnection if scheme() == "https" else http.client.HTTPConnection
    options: dict[str, Any] = {"timeout": seconds}
    if scheme() == "https":
        # The certificate is for the public name; here it is only asked whether somebody is there.
        options["context"] = ssl._create_unverified_context()
    connection = kind(reachable(host), port, **options)
    try:
        connection.request("GET", "/accounts/login/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def serve() -> NoReturn:
    """Become the web server (a machine of its own, under systemd, say)."""
    os.execv(sys.executable, command())
