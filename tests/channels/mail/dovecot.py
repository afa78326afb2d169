"""A real IMAP server for the tests: Debian's dovecot, unprivileged, on loopback, for one run.

Mail is put into its maildirs as a mail server's delivery does, so that every byte arrives as it is.
"""

from __future__ import annotations

import base64
import grp
import itertools
import os
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from shouwen.operations.service_user import service_account

PASSWORD = "a pass:word of the mailbox"
PROGRAM = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
mail_fsync = never
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """The server; every user of the name `box-…` has a mailbox."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        self._account = service_account()
        self.folder = folder
        self.port, self.tls_port = _free_port(), _free_port() if certificate else 0
        self._serial = itertools.count(1)
        for name in ("run", "state", "mail", "home"):
            (folder / name).mkdir(parents=True)
        # A colon ends the password in such a file.
        users = [f"box-{number}:{{PLAIN.b64}}{_base64(PASSWORD)}::::::" for number in range(100)]
        (folder / "users").write_text("\n".join(users) + "\n")
        lines = ""
        if certificate:
            shutil.copy(certificate, folder / "certificate.pem")
            pem = folder / "certificate.pem"
            lines = f"ssl_cert = <{pem}\nssl_key = <{pem}"
        (folder / "dovecot.conf").write_text(
            _CONFIGURATION.format(
                folder=folder,
                ssl="yes" if certificate else "no",
                certificate=lines,
                user=self._account.name,
                group=_group(self._account.gid),
                uid=self._account.uid,
                gid=self._account.gid,
                port=self.port,
                tls_port=self.tls_port,
            )
        )
        self._own(folder)
        self._process: subprocess.Popen[bytes] | None = None

    def _own(self, path: Path) -> None:
        if not self._account.switch:
            return
        for each in (path, *path.rglob("*")):
            os.chown(each, self._account.uid, self._account.gid)

    def start(self) -> None:
        """Serve; returns when it answers."""
        assert PROGRAM is not None
        as_other = (
            {"user": self._account.uid, "group": self._account.gid, "extra_groups": []}
            if self._account.switch
            else {}
        )
        self._process = subprocess.Popen(
            [PROGRAM, "-F", "-c", str(self.folder / "dovecot.conf")],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            **as_other,  # type: ignore[call-overload]
        )
        for _attempt in range(300):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        log = self.folder / "dovecot.log"
        raise RuntimeError(log.read_text() if log.exists() else "dovecot did not start")

    def stop(self) -> None:
        """End it and what it started."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def deliver(self, user: str, raw: bytes, at: float | None = None) -> None:
        """A message arrives, at that moment (seconds since 1970; default: now)."""
        box = self.folder / "mail" / user
        if not box.exists():
            for name in ("cur", "new", "tmp"):
                (box / name).mkdir(parents=True)
            self._own(box)
        name = f"{int(at or time.time())}.M{next(self._serial):06d}.tests"
        coming = box / "tmp" / name
        coming.write_bytes(raw)
        os.utime(coming, (at or time.time(), at or time.time()))
        self._own(coming)
        coming.rename(box / "new" / name)

    def number_anew(self, user: str) -> None:
        """Make the server forget its numbers: the mailbox gets another UIDVALIDITY."""
        for each in (self.folder / "mail" / user).glob("dovecot*"):
            each.unlink()
        time.sleep(1.1)  # it is made of the second

    def unseen(self, user: str) -> int:
        """How many messages nobody has marked as read."""
        box = self.folder / "mail" / user
        fresh = list((box / "new").iterdir())
        return len(fresh) + sum(
            "S" not in each.name.rpartition(",")[2] for each in (box / "cur").iterdir()
        )


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _group(gid: int) -> str:
    return grp.getgrgid(gid).gr_name


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
