"""What the address by which Shouwen is reached can offer, and what it cannot."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.http import HttpRequest

from shouwen.operations.web import tls_files


@dataclass(frozen=True)
class Reachability:
    """One address: its host, whether it is encrypted, and what follows from that."""

    host: str
    encrypted: bool

    @property
    def local(self) -> bool:
        """This machine itself, which browsers trust without https."""
        return self.host == "localhost" or self.host.endswith(".localhost")

    @property
    def named(self) -> bool:
        """A name rather than a number."""
        try:
            ipaddress.ip_address(self.host.strip("[]"))
        except ValueError:
            return True
        return False

    @property
    def secure(self) -> bool:
        """What browsers call a secure context."""
        return self.encrypted or self.local or self.host in ("127.0.0.1", "[::1]")

    @property
    def passkeys(self) -> bool:
        """Passkeys belong to a name, and need https (or this machine)."""
        return self.named and (self.encrypted or self.local)


def of(request: HttpRequest) -> Reachability:
    """The address by which this request came."""
    host = request.get_host()
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    return Reachability(name.lower(), request.is_secure())


@dataclass(frozen=True)
class Certificate:
    """The certificate that is served: until when, and for which names."""

    expires_at: datetime
    names: tuple[str, ...]

    @property
    def days_left(self) -> int:
        """Whole days until it expires; negative once it has."""
        return (self.expires_at - datetime.now(UTC)).days


def certificate() -> Certificate | None:
    """The certificate that the web server was given; None where it serves without, or cannot read it."""
    files = tls_files(Path(settings.SHOUWEN_HOME) / "var")
    if files is None:
        return None
    try:
        found = x509.load_pem_x509_certificate(files[0].read_bytes())
    except (OSError, ValueError):
        return None
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        told = tuple(map(str, names.get_values_for_type(x509.DNSName)))
    except x509.ExtensionNotFound:
        told = ()
    return Certificate(found.not_valid_after_utc, told)
