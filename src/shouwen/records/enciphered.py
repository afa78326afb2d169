"""Files that lie encrypted: pieces under a key of the file's own, which lies under a field key.

A file begins with :data:`MAGIC` and its key, twice, as Fernet tokens under a field key; then
follow pieces of :data:`PIECE` bytes, each AES-256-GCM with its number and whether it is the last,
so that a byte altered, a piece moved and an end cut off are found. Any place is read without what
is before it. A file without the magic is read as it is: it was stored before there was this.
"""

from __future__ import annotations

import fcntl
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shouwen.records import keyring

MAGIC = b"\x89SWFILE\x01"
"""No text and no kind of file that is taken in begins so; the last byte is the version."""
PIECE = 1 << 16
_TAG = 16
_TOKEN = 140  # a Fernet token of 32 bytes
_HEADER = len(MAGIC) + 2 * _TOKEN
_SEALED = PIECE + _TAG


class Altered(OSError):
    """The file is not as it was written, or no field key in use opens it."""


# -- writing


@contextmanager
def created(final: Path, *, beside: Path | None = None) -> Iterator[BinaryIO]:
    """Write a file that lies encrypted, whole and durable at `final` once the block is left.

    Until then it lies in the folder `beside` (on the same disk; the file's own, if none is said).
    Left by an exception, nothing is changed.
    """
    handle, name = tempfile.mkstemp(dir=beside or final.parent)  # made 0600
    coming, file_key = Path(name), AESGCM.generate_key(256)
    try:
        with os.fdopen(handle, "wb") as file:
            under = keyring.in_use()[0]
            file.write(MAGIC + 2 * _wrapped(file_key, under))
            writer = _Writer(file, file_key)
            yield cast(BinaryIO, writer)
            writer.finish()
            file.flush()
            os.fsync(file.fileno())
        coming.replace(final)
        _make_durable(final.parent)
        # Where the field key changed meanwhile, nobody has counted this file under the old one.
        if keyring.in_use()[0] != under:
            _write_header(final, file_key)
    except BaseException:
        coming.unlink(missing_ok=True)
        raise


def encipher(plain: Path, final: Path, *, beside: Path | None = None) -> None:
    """Put the content of a plain file encrypted at `final`, which may be the same place."""
    with plain.open("rb") as source, created(final, beside=beside) as target:
        while block := source.read(PIECE):
            target.write(block)


class _Writer:
    """Takes any pieces, writes pieces of the one size; the last when it is finished."""

    def __init__(self, file: BinaryIO, file_key: bytes) -> None:
        self._file, self._cipher = file, AESGCM(file_key)
        self._waiting, self._number = bytearray(), 0

    def write(self, block: bytes) -> int:
        self._waiting += block
        # A full piece waits for the next byte: it may be the last.
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(block)

    def finish(self) -> None:
        self._put(bytes(self._waiting), last=True)

    def _put(self, piece: bytes, *, last: bool) -> None:
        place = _place(self._number, last=last)
        self._file.write(self._cipher.encrypt(place, piece, MAGIC))
        self._number += 1


def _place(number: int, *, last: bool) -> bytes:
    """The nonce of a piece: which it is. Never twice under one key, since each file has its own."""
    return number.to_bytes(11) + bytes([last])


def _make_durable(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# -- reading


def is_enciphered(path: Path) -> bool:
    """Whether the file lies encrypted. Raises FileNotFoundError."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def opened(path: Path) -> BinaryIO:
    """The content, open for reading and seeking, whether or not it lies encrypted.

    Raises FileNotFoundError; Altered where the header or the end is not as written, and from
    reading where another piece is not.
    """
    file = path.open("rb", buffering=0)
    try:
        if file.read(len(MAGIC)) != MAGIC:
            file.seek(0)
            return io.BufferedReader(file)
        return cast(BinaryIO, io.BufferedReader(_Reader(file), PIECE))
    except BaseException:
        file.close()
        raise


def size(path: Path) -> int:
    """How many bytes the content has. Raises as :func:`opened`."""
    with opened(path) as file:
        return file.seek(0, os.SEEK_END)


class _Reader(io.RawIOBase):
    """The content of an encrypted file; the piece it stands in is kept."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self._cipher = AESGCM(_file_key(file.fileno()))
        pieces, rest = divmod(os.fstat(file.fileno()).st_size - _HEADER, _SEALED)
        self._last = max(0, pieces if rest else pieces - 1)
        self._at = 0
        self._number, self._piece = -1, b""
        # Only the last piece says so of itself: what was cut off, or added, is found here.
        self._size = self._last * PIECE + len(self._read_piece(self._last))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("before the beginning of the file")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        if self._at >= self._size:
            return 0
        number, within = divmod(self._at, PIECE)
        part = self._read_piece(number)[within : within + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _read_piece(self, number: int) -> bytes:
        if number != self._number:
            sealed = os.pread(self._file.fileno(), _SEALED, _HEADER + number * _SEALED)
            place = _place(number, last=number == self._last)
            try:
                self._piece = self._cipher.decrypt(place, sealed, MAGIC)
            except (InvalidTag, ValueError):
                raise Altered("an encrypted file is not as it was written") from None
            self._number = number
        return self._piece


# -- the key of a file, under the keys of the home


def _wrapped(file_key: bytes, under: str) -> bytes:
    return Fernet(under).encrypt(file_key)


def _tokens(handle: int) -> tuple[bytes, bytes]:
    both = os.pread(handle, 2 * _TOKEN, len(MAGIC))
    return both[:_TOKEN], both[_TOKEN:]


def _unwrapped(tokens: tuple[bytes, ...], under: str) -> bytes | None:
    cipher = Fernet(under)
    for token in tokens:
        with suppress(InvalidToken):
            return cipher.decrypt(token)
    return None


def _file_key(handle: int) -> bytes:
    tokens = _tokens(handle)
    for under in keyring.in_use():
        if (found := _unwrapped(tokens, under)) is not None:
            return found
    raise Altered("no field key in use opens an encrypted file")


def under(path: Path) -> str | None:
    """The field key that the file needs, None where none in use opens it.

    Raises FileNotFoundError. Of a file whose re-wrapping was broken off, the older of the two.
    """
    with path.open("rb", buffering=0) as file:
        tokens = _tokens(file.fileno())
    found = [
        key for token in tokens for key in keyring.in_use() if _unwrapped((token,), key) is not None
    ]
    return max(found, key=keyring.in_use().index, default=None)


def rewrap(path: Path) -> bool:
    """Bring the file's key under the newest field key; False where it lies there already.

    Its content stays as it is. Killed anywhere, one of the two tokens opens the file. Raises
    FileNotFoundError, and Altered where no key in use opens it.
    """
    if under(path) == keyring.in_use()[0] and _agree(path):
        return False
    with path.open("rb", buffering=0) as file:
        file_key = _file_key(file.fileno())
    _write_header(path, file_key)
    return True


def _agree(path: Path) -> bool:
    with path.open("rb", buffering=0) as file:
        return all(_unwrapped((token,), keyring.in_use()[0]) for token in _tokens(file.fileno()))


def _write_header(path: Path, file_key: bytes) -> None:
    """Write both tokens anew, one after the other, each durable before the next is touched."""
    handle = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        newest, tokens = keyring.in_use()[0], _tokens(handle)
        # First the one that opens nothing, if there is such a one: the other goes on opening.
        first = 0 if not any(_unwrapped(tokens[:1], key) for key in keyring.in_use()) else 1
        for which in (first, 1 - first):
            os.pwrite(handle, _wrapped(file_key, newest), len(MAGIC) + which * _TOKEN)
            os.fsync(handle)
    finally:
        os.close(handle)
