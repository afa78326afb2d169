"""Which encoding a text file is in, and reading it so that no broken byte passes unseen."""

from __future__ import annotations

import codecs
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

#: What may stand in a mapping → the codec that reads it. UTF-8 may begin with a mark (Excel's).
CODECS = {
    "utf-8": "utf-8-sig",
    "utf-8-sig": "utf-8-sig",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "big5hkscs",
}

#: Stands for a broken byte in what has been read; no valid text contains it.
BROKEN = "\udc80"
MARKING = "shouwen-mark"

# Enough lines to know an encoding by.
_LOOKED_AT = 5000
# Of the double bytes of Big5 text a third has a small second byte; in GB 2312 none has.
_SMALL_TRAILS_IN_BIG5 = 0.1


class UnreadableFile(Exception):
    """Nothing of the file can be read; the message says why and what to do."""


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    # One byte is given up, so that the comma or line end behind it still counts.
    return BROKEN, error.start + 1


codecs.register_error(MARKING, _mark)


def detect(path: Path) -> str:
    """The encoding of a text file: "utf-8", "gb18030" or "big5", by its first thousands of lines.

    Raises UnreadableFile for UTF-16, which Excel writes as "Unicode text".
    """
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise UnreadableFile(_("文件是 UTF-16 编码，请另存为“CSV UTF-8”或 XLSX"))
        file.seek(0)
        lines = list(islice((line[:4000] for line in file if not line.isascii()), _LOOKED_AT))
    # A single broken line does not make a file of another encoding.
    if _readable(lines, "utf-8") * 2 >= len(lines):
        return "utf-8"
    if _readable(lines, "big5") >= 0.99 * len(lines) and _small_trails(lines):
        return "big5"
    return "gb18030"


def _readable(lines: list[bytes], codec: str) -> int:
    return sum(_decodes(line, codec) for line in lines)


def _decodes(line: bytes, codec: str) -> bool:
    # A line cut off in mid-character is no broken one.
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        decoder.decode(line)
    except UnicodeDecodeError:
        return False
    return True


def _small_trails(lines: list[bytes]) -> bool:
    pairs = small = 0
    for line in lines:
        place = 0
        while place < len(line) - 1:
            if line[place] < 0x80:
                place += 1
                continue
            pairs += 1
            small += line[place + 1] < 0x80
            place += 2
    return small > _SMALL_TRAILS_IN_BIG5 * pairs
