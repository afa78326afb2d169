"""Encrypted files say nothing, are read from anywhere, and tell what was done to them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from shouwen.records import enciphered, keyring
from shouwen.records.enciphered import MAGIC, PIECE, Altered

_HEADER = len(MAGIC) + 280
_SEALED = PIECE + 16


@pytest.fixture
def key_file(settings: Settings, tmp_path: Path) -> Path:
    """A home's own file of keys, with one key."""
    settings.SHOUWEN_FIELD_KEYS = None
    file = tmp_path / "keys" / "fields"
    file.parent.mkdir()
    file.write_text(Fernet.generate_key().decode() + "\n")
    settings.SHOUWEN_FIELD_KEY_FILE = file
    return file


def _kept(place: Path, content: bytes) -> Path:
    path = place / "kept"
    with enciphered.created(path) as file:
        file.write(content)
    return path


def _read(path: Path) -> bytes:
    with enciphered.opened(path) as file:
        return file.read()


def _content(size: int) -> bytes:
    return (b"0123456789abcdef" * (size // 16 + 1))[:size]


around = st.builds(
    lambda pieces, off: max(0, pieces * PIECE + off),
    st.integers(0, 3),
    st.integers(-2, 2),
)


@given(size=around, start=around, length=around)
@example(size=0, start=0, length=1)
@example(size=2 * PIECE, start=PIECE, length=PIECE)
@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_part_of_any_size_is_read_as_it_was_written(
    tmp_path: Path, size: int, start: int, length: int
) -> None:
    content = _content(size)
    path = _kept(tmp_path, content)
    assert enciphered.size(path) == size
    with enciphered.opened(path) as file:
        file.seek(start)
        assert file.read(length) == content[start : start + length]
        file.seek(0)
        assert file.read() == content


def test_small_and_large_writes_give_the_same_and_nothing_lies_in_clear(tmp_path: Path) -> None:
    content = _content(PIECE + 777)
    path = tmp_path / "kept"
    with enciphered.created(path) as file:
        for at in range(0, len(content), 1000):
            file.write(content[at : at + 1000])
    assert _read(path) == content
    assert content[:16] not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("size", [0, 5, PIECE, 2 * PIECE + 5])
def test_one_altered_byte_is_found_wherever_it_is(tmp_path: Path, size: int) -> None:
    path = _kept(tmp_path, _content(size))
    whole = path.read_bytes()
    places = {*range(_HEADER, len(whole), 9001), _HEADER, len(whole) - 1, len(whole) - 17}
    for place in places - set(range(_HEADER)):
        altered = bytearray(whole)
        altered[place] ^= 1
        path.write_bytes(altered)
        with pytest.raises(Altered):
            _read(path)
    path.write_bytes(whole)
    assert _read(path) == _content(size)


def test_a_cut_end_and_an_added_one_are_found_when_the_file_is_opened(tmp_path: Path) -> None:
    path = _kept(tmp_path, _content(3 * PIECE))
    whole = path.read_bytes()
    for cut in (1, 16, 17, _SEALED, 2 * _SEALED, 3 * _SEALED, len(whole) - len(MAGIC)):
        path.write_bytes(whole[:-cut])
        with pytest.raises(Altered):
            enciphered.opened(path)
    path.write_bytes(whole + whole[-_SEALED:])
    with pytest.raises(Altered):
        enciphered.opened(path)


def test_pieces_in_another_order_or_from_another_file_are_found(tmp_path: Path) -> None:
    path = _kept(tmp_path, bytes(3 * PIECE))
    whole = path.read_bytes()
    first, second, third = (whole[at : at + _SEALED] for at in range(_HEADER, len(whole), _SEALED))
    path.write_bytes(whole[:_HEADER] + second + first + third)
    with pytest.raises(Altered):
        _read(path)
    other = _kept(tmp_path, bytes(3 * PIECE)).read_bytes()
    path.write_bytes(whole[:_HEADER] + other[_HEADER:])
    with pytest.raises(Altered):
        _read(path)


def test_another_home_s_key_opens_nothing(key_file: Path, tmp_path: Path) -> None:
    path = _kept(tmp_path, b"something")
    key_file.write_text(Fernet.generate_key().decode() + "\n")
    os.utime(key_file, (1, 1))
    assert enciphered.under(path) is None
    with pytest.raises(Altered, match="no field key"):
        _read(path)
    with pytest.raises(Altered, match="no field key"):
        enciphered.rewrap(path)


def test_a_plain_file_is_read_as_it_is_and_can_be_enciphered_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "from-before"
    path.write_bytes(b"as it was")
    assert not enciphered.is_enciphered(path) and _read(path) == b"as it was"
    enciphered.encipher(path, path)
    assert enciphered.is_enciphered(path) and _read(path) == b"as it was"
    assert b"as it was" not in path.read_bytes()


def test_what_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    path = _kept(tmp_path, b"before")
    with pytest.raises(RuntimeError), enciphered.created(path) as file:
        file.write(b"half")
        raise RuntimeError
    assert _read(path) == b"before" and list(tmp_path.iterdir()) == [path]


def test_rotation_writes_the_header_anew_and_nothing_else(key_file: Path, tmp_path: Path) -> None:
    path = _kept(tmp_path, _content(100))
    before, old = path.read_bytes(), keyring.in_use()[0]
    new = keyring.add()
    assert enciphered.under(path) == old and _read(path) == _content(100)
    assert enciphered.rewrap(path) and not enciphered.rewrap(path)
    after = path.read_bytes()
    assert after[_HEADER:] == before[_HEADER:] and after[:_HEADER] != before[:_HEADER]
    keyring.remove(old)
    assert enciphered.under(path) == new and _read(path) == _content(100)


@pytest.mark.parametrize("which", [0, 1])
def test_a_header_torn_while_it_was_written_still_opens_and_is_mended(
    key_file: Path, tmp_path: Path, which: int
) -> None:
    path = _kept(tmp_path, b"something")
    keyring.add()
    torn = bytearray(path.read_bytes())
    at = len(MAGIC) + which * 140
    torn[at : at + 70] = Fernet(keyring.in_use()[0]).encrypt(bytes(32))[:70]
    path.write_bytes(torn)
    assert _read(path) == b"something"
    assert enciphered.rewrap(path)
    assert _read(path) == b"something" and enciphered.under(path) == keyring.in_use()[0]
    assert not enciphered.rewrap(path)


def test_a_file_written_across_a_change_of_keys_lies_under_the_newest(
    key_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "kept"
    with enciphered.created(path) as file:
        file.write(b"something")
        old = keyring.in_use()[0]
        new = keyring.add()
    keyring.remove(old)
    assert enciphered.under(path) == new and _read(path) == b"something"
