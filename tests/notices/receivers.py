"""Real receivers on loopback: an HTTPS server behind a CONNECT proxy, with an authority of its own.

The addresses of WeCom, DingTalk and Feishu are fixed. Whoever sends to them goes through the proxy,
which leads every name here; the certificate for it is signed by an authority that only the test
makes known, so that the sender's own checks of names and signatures stay in force.
"""

from __future__ import annotations

import datetime
import http.server
import ipaddress
import json
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True)
class Request:
    """What arrived: to which host, and what exactly."""

    host: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Callable[[Request], tuple[int, Any]]


@dataclass
class Receiver:
    """A server that keeps what it receives and answers as the test says.

    `content_types` are those of answers in bytes, by host or path; of all others, JSON.
    """

    answer: Answer
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    content_types: dict[str, str] = field(default_factory=dict)

    def content_type(self, request: Request, said: Any) -> str:
        """The type of an answer."""
        known = self.content_types if isinstance(said, bytes) else {}
        by_host = known.get(request.host.partition(":")[0])
        return by_host or known.get(request.path) or "application/json"


class Authority:
    """A certificate authority for one test run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self._certificate = self._signed(
            self._name, self._key, [x509.BasicConstraints(ca=True, path_length=0)]
        )
        self.bundle = folder / "authority.pem"
        self.bundle.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        extensions: list[x509.ExtensionType],
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        authority = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority), False
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )
        for each in extensions:
            builder = builder.add_extension(each, isinstance(each, x509.BasicConstraints))
        return builder.sign(self._key, hashes.SHA256())

    def context(self, *hosts: str) -> ssl.SSLContext:
        """TLS for a server of these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [
            x509.IPAddress(ipaddress.ip_address(each)) if each[0].isdigit() else x509.DNSName(each)
            for each in hosts
        ]
        certificate = self._signed(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])]),
            key,
            [
                x509.BasicConstraints(ca=False, path_length=None),
                x509.SubjectAlternativeName(names),
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
            ],
        )
        both = self.folder / f"{hosts[0]}.pem"
        both.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        return context


def _handler(receiver: Receiver) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            request = Request(
                self.headers.get("Host", ""),
                self.command,
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                dict(self.headers.items()),
                self.rfile.read(length),
            )
            receiver.requests.append(request)
            status, said = receiver.answer(request)
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", receiver.content_type(request, said))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _take

        def log_message(self, *_arguments: Any) -> None:
            pass

    return Handler


@contextmanager
def receiving(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A server on loopback, by TLS where a context is given."""
    receiver = Receiver(answer)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def proxying(port: int) -> Iterator[int]:
    """A CONNECT proxy on loopback that leads every host to `port`; its own port."""

    class Tunnel(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            method = self.rfile.readline().split(b" ")[0]
            while self.rfile.readline() not in (b"\r\n", b""):
                pass
            if method != b"CONNECT":
                self.wfile.write(b"HTTP/1.1 405 CONNECT only\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", port)) as inside:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self.wfile.flush()
                _pipe(self.connection, inside)

    class Proxy(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Proxy(("127.0.0.1", 0), Tunnel) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def _pipe(one: socket.socket, other: socket.socket) -> None:
    ways = {one: other, other: one}
    while True:
        for source in select.select(list(ways), [], [], 10)[0]:
            try:
                piece = source.recv(65536)
            except OSError:
                return
            if not piece:
                return
            ways[source].sendall(piece)


class MailServer(Controller):
    """On a port that the system chooses."""

    @property
    def bound(self) -> int:
        assert self.server is not None
        return int(self.server.sockets[0].getsockname()[1])

    def _trigger_server(self) -> None:
        with socket.create_connection(("127.0.0.1", self.bound)):
            assert self._factory_invoked.wait(10)
