"""winmail.dat (TNEF), in which Outlook hides text and attachments: the few parts that are read here.

[MS-OXTNEF]. The library for it (tnefparse) was last released in 2021 and copies the rest of the file
for each of its objects, so that a small hostile file takes minutes; this goes through it once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from shouwen.channels.mail.charsets import decode

_SIGNATURE = 0x223E9F78
_BODY, _PROPERTIES, _CODEPAGE = 0x800C, 0x9003, 0x9007
_ATTACHED, _TITLE, _DATA, _ATTACHMENT = 0x9002, 0x8010, 0x800F, 0x9005
_PR_BODY, _PR_HTML, _PR_LONG_NAME, _PR_DATA = 0x1000, 0x1013, 0x3707, 0x3701
_MOST = 1_000  # objects, and attachments
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_STRINGS = {0x1E, 0x1F, 0x102, 0x0D}


@dataclass
class File:
    """A file inside."""

    name: str = ""
    data: bytes = b""


@dataclass
class Inside:
    """What a winmail.dat holds."""

    text: str = ""
    html: str = ""
    files: list[File] = field(default_factory=list)


def read(data: bytes) -> Inside | None:
    """What is inside; None where it is no such file. What is broken ends where it breaks."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return None
    found, charset = Inside(), "gb18030"
    for kind, body in _objects(data):
        if kind == _CODEPAGE and len(body) >= 4:
            charset = f"cp{struct.unpack_from('<I', body)[0]}"
        elif kind == _BODY:
            found.text = found.text or _text(body, charset)
        elif kind == _ATTACHED and len(found.files) < _MOST:
            found.files.append(File())
        elif kind == _TITLE and found.files:
            found.files[-1].name = found.files[-1].name or _text(body, charset)
        elif kind == _DATA and found.files:
            found.files[-1].data = body
        elif kind in (_PROPERTIES, _ATTACHMENT):
            _from_properties(found, body, charset, attached=kind == _ATTACHMENT)
    found.files = [each for each in found.files if each.data]
    return found


def _objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    place, seen = 6, 0
    while place + 9 <= len(data) and seen < 20 * _MOST:
        _level, kind, length = struct.unpack_from("<BII", data, place)
        if place + 9 + length > len(data):
            return
        yield kind & 0xFFFF, data[place + 9 : place + 9 + length]
        place, seen = place + 9 + length + 2, seen + 1


def _from_properties(found: Inside, body: bytes, charset: str, *, attached: bool) -> None:
    for tag, kind, value in _properties(body):
        text = value.decode("utf-16-le", "replace") if kind == 0x1F else decode(value, charset)
        text = text.rstrip("\0")
        if attached and found.files:
            if tag == _PR_LONG_NAME and text:
                found.files[-1].name = text
            elif tag == _PR_DATA and kind == 0x102 and not found.files[-1].data:
                found.files[-1].data = value
        elif tag == _PR_BODY and text.strip():
            found.text = text
        elif tag == _PR_HTML and text.strip():
            found.html = text


def _properties(body: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(id, type, value) of each property that is text or bytes; ends where the list breaks."""
    try:
        (count,), place = struct.unpack_from("<I", body), 4
        for _ in range(min(count, 10 * _MOST)):
            kind, tag = struct.unpack_from("<HH", body, place)
            place += 4
            if tag >= 0x8000:
                place = _past_the_name(body, place)
            many, kind = bool(kind & 0x1000), kind & 0x0FFF
            if kind in _STRINGS:
                (values,) = struct.unpack_from("<I", body, place)
                place += 4
                for _each in range(min(values, _MOST)):
                    (length,) = struct.unpack_from("<I", body, place)
                    yield tag, kind, body[place + 4 : place + 4 + length]
                    place += 4 + length + -length % 4
            elif kind in _FIXED:
                values = 1
                if many:
                    (values,) = struct.unpack_from("<I", body, place)
                    place += 4
                place += _FIXED[kind] * values
            else:
                return
    except struct.error:
        return


def _past_the_name(body: bytes, place: int) -> int:
    (how,) = struct.unpack_from("<I", body, place + 16)
    (said,) = struct.unpack_from("<I", body, place + 20)
    return place + 24 + (said + -said % 4 if how else 0)


def _text(body: bytes, charset: str) -> str:
    return decode(body.rstrip(b"\0"), charset)
