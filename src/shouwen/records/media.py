"""What a file is, told by its content; its name is never believed."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import puremagic


@dataclass(frozen=True)
class Kind:
    """A kind of file that is accepted as an attachment."""

    extension: str
    content_type: str
    spellings: tuple[str, ...] = ()


_OFFICE = "application/vnd.openxmlformats-officedocument."
ACCEPTED = {
    kind.extension: kind
    for kind in (
        Kind("jpg", "image/jpeg", ("jpeg", "jpe", "jfif")),
        Kind("png", "image/png", ("apng",)),
        Kind("webp", "image/webp"),
        Kind("gif", "image/gif"),
        Kind("mp4", "video/mp4", ("m4v",)),
        Kind("mov", "video/quicktime", ("qt",)),
        Kind("webm", "video/webm"),
        Kind("mp3", "audio/mpeg", ("mpga",)),
        Kind("m4a", "audio/mp4", ("f4a",)),
        Kind("wav", "audio/wav"),
        Kind("amr", "audio/amr", ("awb",)),
        Kind("ogg", "audio/ogg", ("oga", "opus", "ogv")),
        Kind("pdf", "application/pdf"),
        Kind("docx", _OFFICE + "wordprocessingml.document"),
        Kind("xlsx", _OFFICE + "spreadsheetml.sheet"),
        Kind("txt", "text/plain", ("text", "log", "md", "csv")),
    )
}
IMAGES = ("jpg", "png", "webp", "gif")
ISO_MEDIA = ("mp4", "mov", "m4a")

# Major brands of ISO/IEC 14496-12 files as cameras, telephones and recorders write them.
_BRANDS = {
    b"qt  ": "mov",
    b"M4A ": "m4a",
    **dict.fromkeys((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"avc1", b"dash"), "mp4"),
    **dict.fromkeys((b"mp41", b"mp42", b"MSNV", b"M4V ", b"XAVC"), "mp4"),
}
# Kinds whose first bytes settle it; containers and text are looked into below.
_BY_MAGIC = ("jpg", "png", "webp", "gif", "mov", "webm", "mp3", "wav", "amr", "ogg", "pdf")
_TEXT_SAMPLE = 1 << 20


def kind_of(path: Path) -> Kind | None:
    """The kind of a file by its content, None for what is not accepted or not recognised."""
    with path.open("rb") as file:
        start = file.read(64)
    found = _iso_media(start) or _office(path, start) or _mpeg_audio(start)
    if found is None and start[4:8] != b"ftyp" and not zipfile.is_zipfile(path):
        found = _by_magic(path, start)
    return ACCEPTED[found] if found else None


def _iso_media(start: bytes) -> str | None:
    return _BRANDS.get(start[8:12]) if start[4:8] == b"ftyp" else None


def _office(path: Path, start: bytes) -> str | None:
    if not start.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names or any("vbaProject" in name for name in names):
        return None  # documents with macros are not taken in
    if "word/document.xml" in names:
        return "docx"
    return "xlsx" if "xl/workbook.xml" in names else None


def _mpeg_audio(start: bytes) -> str | None:
    """A frame header of MPEG audio layer III (ISO/IEC 11172-3 §2.4.1.3), without ID3 before it."""
    if len(start) < 4 or start[0] != 0xFF or start[1] & 0xE6 != 0xE2:
        return None
    version, rate, frequency = start[1] >> 3 & 3, start[2] >> 4, start[2] >> 2 & 3
    return "mp3" if version != 1 and rate not in (0, 15) and frequency != 3 else None


def _by_magic(path: Path, start: bytes) -> str | None:
    try:
        matches = puremagic.magic_file(str(path))
    except (puremagic.PureError, ValueError):
        matches = []
    strongest = max((match.confidence for match in matches), default=0)
    named = {match.extension.lstrip(".") for match in matches if match.confidence == strongest}
    for extension in _BY_MAGIC:
        if named & {extension, *ACCEPTED[extension].spellings}:
            return extension
    if start.startswith(b"ID3"):
        return "mp3"
    return "txt" if not matches and _is_text(path) else None


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        sample = file.read(_TEXT_SAMPLE)
    if not sample or any(byte < 32 and byte not in b"\t\n\r\f" for byte in sample):
        return False
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):  # the sample may end within a character
            try:
                sample[: len(sample) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return True
    return False
