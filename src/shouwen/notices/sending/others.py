"""Any other service by its Apprise URL.

Apprise says only yes or no, and logs addresses. Its logger is therefore taken from the rest, and
all that is read from it is the HTTP status of a refusal.
"""

from __future__ import annotations

import logging
import re
import threading
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

import apprise

from shouwen.notices.message import Message
from shouwen.notices.sending import texts, web
from shouwen.notices.sending.failures import Failed

#: Services that act on this machine or read its files, and e-mail, which has a channel of its own.
_NOT_HERE = frozenset(
    {"blink1", "dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"}
    | {"fcm", "vapid", "mailto", "mailtos"}
)
#: Options by which some services read a file of this machine.
_FILES = frozenset({"keyfile", "pgpkey", "subfile", "template"})

_STATUS = re.compile(r"error=(\d{3})\b")
_heard = threading.local()


class _Statuses(logging.Handler):
    """Keeps the last HTTP status that this thread's sending complained of, and nothing else."""

    def emit(self, record: logging.LogRecord) -> None:
        if found := _STATUS.search(record.getMessage()):
            _heard.status = int(found[1])


def silence() -> None:
    """Keep Apprise's own log, which holds addresses and texts, out of ours."""
    log = logging.getLogger("apprise")
    log.propagate = False
    log.setLevel(logging.WARNING)
    if not any(isinstance(each, _Statuses) for each in log.handlers):
        log.handlers = [_Statuses()]


@dataclass(frozen=True)
class Known:
    """A service that Apprise knows: its host, and whether that is the person's to choose."""

    host: str
    own_host: bool


@lru_cache(maxsize=1)
def _asset() -> apprise.AppriseAsset:
    return apprise.AppriseAsset(
        app_id="Shouwen", app_desc="Shouwen", app_url="", http_redirects=False, async_mode=False
    )


def _service(url: str) -> apprise.NotifyBase | None:
    found = apprise.Apprise.instantiate(url, asset=_asset(), suppress_exceptions=True)
    return found if isinstance(found, apprise.NotifyBase) else None


def known(url: str) -> Known | None:
    """What Apprise makes of a URL; None for what it does not understand or may not do here."""
    silence()
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme.lower() in _NOT_HERE or _FILES & {
        name.lower() for name in parse_qs(parts.query)
    }:
        return None
    service = _service(url)
    if service is None:
        return None
    templates: tuple[str, ...] = service.templates
    own = any("{host}" in template for template in templates)
    return Known(host, own)


def send(url: str, message: Message) -> None:
    """Send by Apprise. Raises Failed."""
    if known(url) is None:
        raise Failed("address_wrong", temporary=False)
    service = _service(url)
    assert service is not None
    _heard.status = 0
    kind = apprise.NotifyType.WARNING if message.urgent else apprise.NotifyType.INFO
    body = "\n".join([*texts.lines(message), texts.whereabouts(message)])
    try:
        sent = service.notify(title=texts.title(message), body=body, notify_type=kind)
    except Exception:
        # Whatever a service's own code raises may hold its address.
        raise Failed("refused", temporary=True) from None
    if sent:
        return
    if _heard.status:
        web.by_status(_heard.status)
    raise Failed("refused", temporary=True)
