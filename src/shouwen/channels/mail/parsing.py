"""A message as it came, read: pure, and whatever the bytes are it raises nothing.

What is read has limits, each said in `Letter.notes`; the raw message is kept whole beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.utils import collapse_rfc2231_value, parsedate_to_datetime

from shouwen.channels.mail import automatic, headers, html, quoting, tnef
from shouwen.channels.mail.charsets import decode
from shouwen.channels.mail.headers import storable

#: Characters of text that are read of one message.
LONGEST = 15_000
#: Parts that are looked at, how deep, and files that are taken out.
MOST_PARTS = 300
DEEPEST = 12
MOST_FILES = 40
#: Messages inside messages that are read as text.
MOST_FORWARDED = 5
_TEXT_BYTES = 4 << 20
# Quotations begin before this, or what is new is too long anyway.
_FOLDED = 200_000
# Real ones have a handful; each costs every line after it a comparison.
_MOST_BOUNDARIES = 150
_FORWARD = re.compile(r"^\s*(?:fwd?|转发|轉寄|轉發|转|fw)\s*[:：]", re.IGNORECASE)


@dataclass(frozen=True)
class File:
    """A file that came with the message."""

    name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Letter:
    """What a message says. `content` is what is new in it, `notes` are codes of what was not read.

    `automatic` is the sign by which a machine wrote it, "" for a person's.
    """

    message_id: str = ""
    references: tuple[str, ...] = ()
    sender: str = ""
    sender_name: str = ""
    subject: str = ""
    sent_at: datetime | None = None
    content: str = field(default="", repr=False)
    signature: str = field(default="", repr=False)
    quoted: str = field(default="", repr=False)
    files: tuple[File, ...] = ()
    automatic: str = ""
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it that anybody could take up."""
        return not (self.content or self.subject or self.files)


def parse(raw: bytes) -> Letter:
    """Read a message. Never raises; of what cannot be read at all the letter is empty."""
    notes: dict[str, None] = {}
    message = _message(raw, notes)
    try:
        return _letter(message, notes)
    except Exception:
        # A shape that nobody foresaw: what every message has is still read, and the raw one is kept.
        notes["unreadable"] = None
        return _headers_only(message, raw, notes)


def _message(raw: bytes, notes: dict[str, None]) -> Message:
    if raw.count(b"boundary=") <= _MOST_BOUNDARIES:
        try:
            return BytesParser(policy=policy.compat32).parsebytes(raw)
        except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
            pass
    notes["too_deep"] = None
    try:
        return BytesHeaderParser(policy=policy.compat32).parsebytes(raw)
    except Exception:
        return Message()


def _headers_only(message: Message, raw: bytes, notes: dict[str, None]) -> Letter:
    try:
        name, address = headers.sender(message)
        return Letter(
            message_id=headers.message_id(message),
            references=headers.message_ids(message, "References", "In-Reply-To"),
            sender=address,
            sender_name=name,
            subject=headers.text(message, "Subject")[:200],
            automatic=automatic.why(message, address),
            notes=tuple(notes),
        )
    except Exception:
        return Letter(notes=tuple(notes))


def _letter(message: Message, notes: dict[str, None]) -> Letter:
    name, address = headers.sender(message)
    found = _Found(notes)
    found.walk(message)
    text = found.text()
    subject = headers.text(message, "Subject")
    if len(text) > _FOLDED:
        notes["truncated"] = None
    folded = quoting.fold(text[:_FOLDED])
    content, quoted = folded.new, folded.quoted
    forwarded = [_forwarded(each) for each in found.messages[:MOST_FORWARDED]]
    # What is passed on is what it is about, whether as a message of its own or quoted.
    if quoted and (not content or _FORWARD.match(subject)):
        content, quoted = "\n\n".join(filter(None, (content, quoted))), ""
    content = "\n\n".join(filter(None, (content, *forwarded)))
    if len(content) > LONGEST:
        notes["truncated"] = None
        content = content[: LONGEST - 1] + "…"
    return Letter(
        message_id=headers.message_id(message),
        references=headers.message_ids(message, "References", "In-Reply-To"),
        sender=address,
        sender_name=name,
        subject=subject[:200],
        sent_at=_date(message),
        content=content,
        signature=folded.signature[:2_000],
        quoted=quoted[:LONGEST],
        files=tuple(found.files),
        automatic=automatic.why(message, address),
        notes=tuple(notes),
    )


def _forwarded(message: Message) -> str:
    """A message inside the message as text: from whom, what about, and what it says."""
    inner = _Found({})
    inner.walk(message)
    name, address = headers.sender(message)
    who = " ".join(filter(None, (name, f"<{address}>" if address else "")))
    lines = (who, headers.text(message, "Subject"), inner.text()[:LONGEST])
    return "\n".join(filter(None, lines))


def _date(message: Message) -> datetime | None:
    try:
        said = parsedate_to_datetime(headers.raw(message, "Date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return said if said.tzinfo is not None else None


class _Found:
    """What the parts of a message hold; each part once, within the limits."""

    def __init__(self, notes: dict[str, None]) -> None:
        self.notes = notes
        self.plain: list[str] = []
        self.html: list[str] = []
        self.files: list[File] = []
        self.messages: list[Message] = []
        self._parts = 0
        self._read = 0

    def text(self) -> str:
        """The text parts or, where they say nothing, what the HTML shows."""
        plain = storable("\n\n".join(each for each in self.plain if each.strip()))
        if plain.strip():
            return plain
        return storable("\n\n".join(html.to_text(each) for each in self.html))

    def walk(self, message: Message, depth: int = 0) -> None:
        """Take up a part and those inside it."""
        self._parts += 1
        if self._parts > MOST_PARTS:
            self.notes["too_many_parts"] = None
            return
        if depth > DEEPEST:
            self.notes["too_deep"] = None
            return
        kind = message.get_content_type()
        if kind == "message/rfc822":
            for inner in _inside(message):
                if depth:
                    self.messages.append(inner)
                    self._files_of(inner, depth + 1)
                else:
                    # The whole message is one: it is read in place of its envelope.
                    self.walk(inner, depth + 1)
        elif message.is_multipart():
            for part in _inside(message):
                self.walk(part, depth + 1)
        else:
            self._leaf(message, kind)

    def _files_of(self, inner: Message, depth: int) -> None:
        """The files of a message inside; its text is read as a whole (`_forwarded`)."""
        apart = _Found(self.notes)
        apart._parts, apart.files = self._parts, self.files
        apart.walk(inner, depth)
        self._parts = apart._parts
        if len(self.messages) <= MOST_FORWARDED:
            self.messages += apart.messages

    def _leaf(self, part: Message, kind: str) -> None:
        name = file_name(part)
        attached = (
            part.get("Content-Disposition") is not None
            and "attachment" in headers.raw(part, "Content-Disposition").lower()
        )
        if kind in ("text/plain", "text/html") and not attached and not name:
            if self._read > _TEXT_BYTES:
                self.notes["truncated"] = None
                return
            data = _payload(part)
            self._read += len(data)
            if len(data) > _TEXT_BYTES:
                self.notes["truncated"] = None
                data = data[:_TEXT_BYTES]
            said = decode(data, str(_parameter(part, "charset")))
            (self.html if kind == "text/html" else self.plain).append(said)
            return
        data = _payload(part)
        if (
            kind in ("application/ms-tnef", "application/vnd.ms-tnef")
            or name.lower() == "winmail.dat"
        ):
            inside = tnef.read(data)
            if inside is not None:
                self.plain += [inside.text] if inside.text.strip() and not any(self.plain) else []
                self.html += [inside.html] if inside.html else []
                for each in inside.files:
                    self._file(File(_name(each.name), "", each.data))
                return
        if data or name:
            self._file(File(name, kind, data))

    def _file(self, file: File) -> None:
        if len(self.files) >= MOST_FILES:
            self.notes["too_many_files"] = None
            return
        self.files.append(file)


def _inside(message: Message) -> Iterator[Message]:
    payload = message.get_payload()
    if isinstance(payload, list):
        yield from (each for each in payload if isinstance(each, Message))


def _payload(part: Message) -> bytes:
    """The bytes of a part, as far as its encoding can be undone."""
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError, TypeError, AttributeError):
        data = None
    if isinstance(data, bytes):
        return data
    said = part.get_payload()
    return said.encode("utf-8", "surrogateescape") if isinstance(said, str) else b""


def _parameter(part: Message, name: str, header: str = "Content-Type") -> str:
    """A parameter of a header; "" where there is none, or it cannot be read."""
    value = part.get(header)
    if value is None:
        return ""
    # Raw bytes in the header are read first: the standard library would make them question marks.
    lone = Message()
    lone[header] = headers.raw(part, header)
    try:
        found = lone.get_param(name, "", header)
        return str(collapse_rfc2231_value(found)) if isinstance(found, tuple) else str(found)
    except (ValueError, LookupError, TypeError, AttributeError, UnicodeError):
        return ""


def file_name(part: Message) -> str:
    """The name under which a part was attached; "" where it has none."""
    said = _parameter(part, "filename", "Content-Disposition") or _parameter(part, "name")
    return _name(said)


def _name(said: str) -> str:
    return headers.words(storable(said)).replace("\n", " ").strip()[:200]
