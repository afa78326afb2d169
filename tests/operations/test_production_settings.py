"""Production settings: Django's own deployment check is clean, keys are made and kept private."""

from __future__ import annotations

import datetime
import http.server
import os
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shouwen.operations import web
from shouwen.operations.web import tls_files
from shouwen.operations.wording import CannotGoOn

ROOT = Path(__file__).resolve().parents[2]


def checked(home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    left_out = (
        "DJANGO_SETTINGS_MODULE",
        "DJANGO_ALLOW_ASYNC_UNSAFE",  # for the browser tests that run before
        "SHOUWEN_TEST_HOME",
        "SHOUWEN_POOL",
    )
    own = {name: value for name, value in os.environ.items() if name not in left_out}
    own |= {
        "SHOUWEN_HOME": str(home),
        "SHOUWEN_DEMO": "0",
        "SHOUWEN_PUBLIC_ADDRESS": "https://complaints.example.cn",
        "DJANGO_SETTINGS_MODULE": "shouwen.config.settings",
        "PYTHONPATH": str(ROOT / "src"),
        **more,
    }
    # As `shouwen check --deploy`, without the database that no check needs.
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, env=own, capture_output=True, text=True, cwd=ROOT)


def test_the_deployment_check_is_clean(tmp_path: Path) -> None:
    done = checked(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


def test_it_is_not_clean_where_the_address_is_not_encrypted(tmp_path: Path) -> None:
    done = checked(tmp_path, SHOUWEN_PUBLIC_ADDRESS="http://complaints.example.cn")
    assert done.returncode != 0
    assert "SESSION_COOKIE_SECURE" in done.stderr


def test_keys_are_made_on_the_first_run_and_are_private_to_their_owner(tmp_path: Path) -> None:
    checked(tmp_path)
    keys = tmp_path / "var" / "keys"
    found = {file.name: file.read_text() for file in keys.iterdir()}
    assert {"secret", "fields", "index"} <= set(found)
    assert all(file.stat().st_mode & 0o077 == 0 for file in keys.iterdir())
    assert keys.stat().st_mode & 0o077 == 0
    assert len(set(found.values())) == len(found)
    checked(tmp_path)
    assert {file.name: file.read_text() for file in keys.iterdir()} == found


def test_certificate_files_are_taken_whole_or_named_as_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOUWEN_TLS_CERTIFICATE", raising=False)
    assert tls_files(tmp_path) is None
    folder = tmp_path / "keys" / "tls"
    folder.mkdir(parents=True)
    (folder / "certificate.pem").write_text("–")
    assert tls_files(tmp_path) is None
    (folder / "key.pem").write_text("–")
    assert tls_files(tmp_path) == (folder / "certificate.pem", folder / "key.pem")
    monkeypatch.setenv("SHOUWEN_TLS_CERTIFICATE", str(folder / "certificate.pem"))
    monkeypatch.setenv("SHOUWEN_TLS_KEY", str(tmp_path / "nowhere.pem"))
    with pytest.raises(CannotGoOn) as said:
        tls_files(tmp_path)
    assert "nowhere.pem" in str(said.value)


def self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "complaints.example.cn")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=20))
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private


def test_a_start_finds_its_own_pages_behind_a_certificate_for_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = self_signed(tmp_path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name, value in {
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "SHOUWEN_HOME": str(tmp_path),
        "SHOUWEN_TLS_CERTIFICATE": str(certificate),
        "SHOUWEN_TLS_KEY": str(key),
    }.items():
        monkeypatch.setenv(name, value)
    assert web.scheme() == "https"
    assert str(certificate) in web.command()
    assert not web.answers(1)
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", port), http.server.BaseHTTPRequestHandler
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert web.answers(5)
    finally:
        server.shutdown()
