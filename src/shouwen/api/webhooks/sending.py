"""Sending one webhook: only to addresses that may be reached from here, without following anything.

The name is resolved once and the connection goes to the very address that was looked at, so that a
name that changes its mind between the two leads nowhere.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

PATIENCE = 10.0
_PORTS = {"https": 443, "http": 80}

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(ValueError):
    """The address is not one that webhooks are sent to; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Target:
    """Where a webhook goes: the host as it is called, and the address that it has now."""

    scheme: str
    host: str
    port: int
    path: str
    address: IPAddress


@dataclass(frozen=True)
class Answer:
    """What came of sending: whether it was taken, and in a word what was answered."""

    taken: bool
    said: str


def _allowed(address: IPAddress) -> bool:
    return any(
        address in ipaddress.ip_network(network, strict=False)
        for network in settings.SHOUWEN_WEBHOOK_NETWORKS
    )


def _reachable(address: IPAddress) -> bool:
    """Whether it lies in the public Internet: nothing of this machine or the network around it."""
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if inner is not None:
        return _reachable(inner)
    return address.is_global and not address.is_multicast


def target_of(url: str) -> Target:
    """Resolve an address. Raises AddressRefused where webhooks must not go there.

    Public addresses are reached by https alone; those of `SHOUWEN_WEBHOOK_NETWORKS` also by http.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise AddressRefused("not_an_address") from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username or parts.password:
        raise AddressRefused("not_an_address")
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused("unknown_host") from None
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    for address in addresses:
        own = _allowed(address)
        if not own and not _reachable(address):
            raise AddressRefused("private_address")
        if not own and parts.scheme != "https":
            raise AddressRefused("not_https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port, path, addresses[0])


class _Plain(http.client.HTTPConnection):
    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=PATIENCE)
        self.target = target

    def connect(self) -> None:
        where = (str(self.target.address), self.target.port)
        self.sock = socket.create_connection(where, PATIENCE)


class _Secure(_Plain):
    default_port = 443

    def connect(self) -> None:
        super().connect()
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.target.host)


def send(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """POST the body. Any answer of 2xx is a yes; a redirect is followed nowhere and is a no."""
    try:
        target = target_of(url)
    except AddressRefused as refused:
        return Answer(False, refused.code)
    connection = (_Secure if target.scheme == "https" else _Plain)(target)
    try:
        connection.request("POST", target.path, body=body, headers=headers)
        status = connection.getresponse().status
    except TimeoutError:
        return Answer(False, "timeout")
    except ssl.SSLError:
        return Answer(False, "certificate")
    except (OSError, http.client.HTTPException):
        return Answer(False, "unreachable")
    finally:
        connection.close()
    return Answer(200 <= status < 300, str(status))
