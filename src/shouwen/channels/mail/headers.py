"""Headers of a message as people wrote them: encoded words, raw bytes, broken ones; never raises."""

from __future__ import annotations

import binascii
import re
import unicodedata
from email.message import Message
from email.utils import getaddresses

from shouwen.channels.mail.charsets import decode

_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(=\?[^?\s]{1,40}\?[bBqQ]\?[^?]*\?=)\s+(?==\?[^?\s]{1,40}\?[bBqQ]\?)")
_ADDRESS = re.compile(r"[^\s@<>\"(),;:\\\[\]]{1,64}@[^\s@<>\"(),;:\\\[\]]{1,190}")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
#: No header is read further: real ones are far shorter, hostile ones have no end.
LONGEST = 20_000


def raw(message: Message, name: str) -> str:
    """A header as text without line breaks, encoded words untouched; "" where there is none."""
    for found, value in message.raw_items():
        if found.lower() == name.lower():
            return unfolded(value)
    return ""


def unfolded(value: object) -> str:
    """The value of a header on one line; bytes that are no ASCII are read as what they likely are."""
    data = str(value)[:LONGEST].encode("utf-8", "surrogateescape")
    return storable(" ".join(decode(data).split()))


def text(message: Message, name: str) -> str:
    """A header for people: encoded words decoded, on one line."""
    return words(raw(message, name))


def words(value: str) -> str:
    """Encoded words (RFC 2047) to text, also where they are cut in mid-character or mispadded."""
    value = _BETWEEN.sub(r"\1", value)
    said: list[str] = []
    pending, charset, place = b"", "", 0
    for match in _WORD.finditer(value):
        between = value[place : match.start()]
        data = _bytes(match[2], match[3])
        # A character may be cut by the border of two words of one charset.
        if between or match[1].lower() != charset.lower():
            said += [decode(pending, charset.partition("*")[0]), between]
            pending = b""
        pending, charset, place = pending + data, match[1], match.end()
    said += [decode(pending, charset.partition("*")[0]), value[place:]]
    return storable(" ".join("".join(said).split()))


def _bytes(how: str, said: str) -> bytes:
    if how in "qQ":
        return binascii.a2b_qp(said.replace("_", " ").encode("utf-8", "replace"), header=True)
    letters = re.sub(r"[^A-Za-z0-9+/]", "", said)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + "=" * (-len(letters) % 4))


def storable(value: str) -> str:
    """The text without what no database or page takes: NULs, lone surrogates, control characters."""
    if value.isprintable():
        return value
    kept = (c for c in value if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    # Direction overrides make a name or an address read as what it is not.
    return "".join(c for c in kept if not ("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069"))


def sender(message: Message) -> tuple[str, str]:
    """(name, address) of who wrote; both may be "". The address is in small letters."""
    for header in ("From", "Sender", "Reply-To", "Return-Path"):
        value = raw(message, header)
        if not value:
            continue
        try:
            pairs = getaddresses([value])
        except (ValueError, IndexError, TypeError):
            pairs = []
        for name, address in pairs:
            if _ADDRESS.fullmatch(address):
                return words(name)[:100], address.lower()
        # Two names in one, a comma without quotes: the address is what looks like one.
        found = _ADDRESS.search(value)
        if found:
            return words(value[: found.start()]).strip(" <\"'")[:100], found[0].lower()
    return "", ""


def message_ids(message: Message, *names: str) -> tuple[str, ...]:
    """The ids in these headers, without brackets, the last ones first, at most a hundred."""
    found = [each for name in names for each in _MESSAGE_ID.findall(raw(message, name))]
    return tuple(dict.fromkeys(reversed(found[-100:])))


def message_id(message: Message) -> str:
    """The message's own id without brackets; "" where it has none."""
    value = raw(message, "Message-ID")
    found = _MESSAGE_ID.search(value)
    return found[1] if found else value.strip("<> ")[:500]
