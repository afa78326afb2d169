"""Files as cameras, recorders and offices write them, made small."""

import io
import struct
import wave
import zipfile

from PIL import Image, PngImagePlugin

PLACE = "+22.5431+114.0579/"


def image(form: str, *, frames: int = 1, size: tuple[int, int] = (40, 20)) -> bytes:
    """A picture with a place in EXIF and a comment, red above and blue below."""
    still = Image.new("RGB", size, "red")
    still.paste("blue", (0, size[1] // 2, *size))
    exif = Image.Exif()
    exif[0x010F] = "camera maker"
    exif[0x0112] = 6  # to be turned by a quarter
    exif.get_ifd(0x8825).update({1: "N", 2: (22.0, 32.0, 35.0), 3: "E", 4: (114.0, 3.0, 28.0)})
    options: dict = {"exif": exif} if form != "GIF" else {"comment": PLACE.encode()}
    if form == "PNG":
        words = PngImagePlugin.PngInfo()
        words.add_text("Location", PLACE)
        words.add_itxt("XML:com.adobe.xmp", f"<x>{PLACE}</x>")
        options["pnginfo"] = words
    if form == "WEBP":
        options["xmp"] = f"<x>{PLACE}</x>".encode()
    if form == "JPEG":
        options["comment"] = PLACE.encode()
    if frames > 1:
        others = [Image.new("RGB", size, colour) for colour in ("green", "yellow", "black")]
        options |= {"save_all": True, "append_images": others[: frames - 1], "duration": 80}
    written = io.BytesIO()
    still.save(written, form, **options)
    return written.getvalue()


def box(name: bytes, payload: bytes = b"") -> bytes:
    """One box of an ISO media file."""
    return struct.pack(">I4s", 8 + len(payload), name) + payload


def film(brand: bytes = b"mp42") -> bytes:
    """A film that says where it was taken, in every place where telephones write that."""
    where = box(b"\xa9xyz", struct.pack(">HH", len(PLACE), 0x15C7) + PLACE.encode())
    track = box(b"trak", box(b"tkhd", b"T" * 20) + box(b"udta", where))
    keys = box(b"meta", box(b"keys", b"com.apple.quicktime.location.ISO6709") + where)
    return (
        box(b"ftyp", brand + b"\0\0\0\0" + brand)
        + struct.pack(">I4sQ", 1, b"mdat", 16 + 12)
        + b"M" * 12
        + box(b"moov", box(b"mvhd", b"H" * 20) + track + box(b"udta", where) + keys)
        + box(b"uuid", b"x" * 16 + PLACE.encode())
    )


def office(part: str, *more: str) -> bytes:
    """An Office document with this part in it."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in ("[Content_Types].xml", part, *more):
            archive.writestr(name, "<x/>")
    return written.getvalue()


def sound() -> bytes:
    """A WAV file."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0" * 500)
    return written.getvalue()


WEBM = bytes.fromhex("1a45dfa39f4286810142f7810142f2810442f381084282847765626d4287810442858102")
MATROSKA = bytes.fromhex("1a45dfa3a34286810142f7810142f2810442f38108428288") + b"matroska"

ACCEPTED = {
    "jpg": image("JPEG"),
    "png": image("PNG"),
    "webp": image("WEBP"),
    "gif": image("GIF"),
    "mp4": film(),
    "mov": film(b"qt  "),
    "m4a": film(b"M4A "),
    "webm": WEBM + bytes(100),
    "mp3": b"\xff\xfb\x90\x64" + bytes(500),
    "wav": sound(),
    "amr": b"#!AMR\n" + bytes(100),
    "ogg": b"OggS\0\x02" + bytes(22) + b"\x01\x1e\x01vorbis" + bytes(40),
    "pdf": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF",
    "docx": office("word/document.xml"),
    "xlsx": office("xl/workbook.xml"),
    "txt": "电梯停运,请尽快修复".encode("gb18030"),
}
REFUSED = {
    "heic": box(b"ftyp", b"heic\0\0\0\0mif1heic") + bytes(100),
    "avif": box(b"ftyp", b"avif\0\0\0\0mif1avif") + bytes(100),
    "html": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    "exe": b"MZ" + bytes(300),
    "zip": office("a.txt"),
    "docm": office("word/document.xml", "word/vbaProject.bin"),
    "mkv": MATROSKA + bytes(100),
    "bytes": bytes(range(256)),
}
