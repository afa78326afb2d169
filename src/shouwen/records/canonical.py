"""The canonical form of an entry, and the hashes and digests taken over it.

The form is JSON as in RFC 8785 (JSON Canonicalization Scheme), narrowed so that any
language's JSON library yields the same bytes: no floating-point numbers, whole numbers
within ±(2⁵³−1), object keys in ASCII. ``docs/ledger.md`` describes it for outsiders.
"""

import datetime
import enum
import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

FORM = 1
"""Version of the canonical form; it is part of what is hashed."""

GENESIS = bytes(32)
"""What the first entry of a subject, and the first seal, name as the hash before them."""

SALT_BYTES = 16
LARGEST_INTEGER = 2**53 - 1

_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def facts(value: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as they are stored: plain JSON values only.

    Dates and times become ISO 8601 strings (times keep their own offset), UUIDs and
    members of enumerations their value. Raises ValueError, naming the place, for anything
    whose form would not be the same everywhere: floats, naive times, numbers beyond
    ±(2⁵³−1), keys that are not ASCII, NUL characters and lone surrogates.
    """
    plain = _plain(value, "facts")
    assert isinstance(plain, dict)
    return plain


def _plain(value: Any, place: str) -> Any:
    if isinstance(value, enum.Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise ValueError(f"{place}: whole numbers end at ±(2**53 - 1)")
        return int(value)
    if isinstance(value, str):
        return _plain_text(value, place)
    if isinstance(value, datetime.datetime):
        if value.utcoffset() is None:
            raise ValueError(f"{place}: a time without an offset")
        return value.isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {
            _plain_key(key, place): _plain(item, f"{place}.{key}") for key, item in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(item, f"{place}[{position}]") for position, item in enumerate(value)]
    raise ValueError(f"{place}: {type(value).__name__} has no canonical form")


def _plain_key(key: Any, place: str) -> str:
    if isinstance(key, str) and key.isascii() and "\0" not in key:
        return str.__str__(key)
    raise ValueError(f"{place}: keys are ASCII text")


def _plain_text(value: str, place: str) -> str:
    if "\0" in value:
        raise ValueError(f"{place}: a NUL character cannot be stored")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{place}: half of a surrogate pair is not text") from None
    return str.__str__(value)


def encode(value: Any) -> bytes:
    """The canonical bytes of a plain value: sorted keys, no spaces, UTF-8."""
    return _ENCODER.encode(value).encode()


def instant(value: datetime.datetime) -> str:
    """A point in time in UTC with six digits of a second, as in 2026-11-23T01:00:00.000000Z."""
    utc = value.astimezone(datetime.UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"


def entry_form(
    *,
    subject_type: str,
    subject_id: int,
    project_id: int,
    number: int,
    kind: str,
    occurred_at: datetime.datetime,
    recorded_at: datetime.datetime,
    actor_id: int | None,
    acting_for_id: int | None,
    facts: Mapping[str, Any],
    digests: Mapping[str, str],
    previous_hash: bytes,
) -> bytes:
    """The canonical bytes of one entry; `facts` must be plain (see :func:`facts`)."""
    return encode(
        {
            "form": FORM,
            "subject_type": subject_type,
            "subject_id": subject_id,
            "project": project_id,
            "number": number,
            "kind": kind,
            "occurred_at": instant(occurred_at),
            "recorded_at": instant(recorded_at),
            "actor": actor_id,
            "acting_for": acting_for_id,
            "facts": facts,
            "digests": digests,
            "previous": previous_hash.hex(),
        }
    )


def seal_form(
    *,
    number: int,
    sealed_at: datetime.datetime,
    previous_hash: bytes,
    root: bytes,
    leaf_count: int,
) -> bytes:
    """The canonical bytes of one seal."""
    return encode(
        {
            "form": FORM,
            "seal": number,
            "sealed_at": instant(sealed_at),
            "leaves": leaf_count,
            "root": root.hex(),
            "previous": previous_hash.hex(),
        }
    )


def leaf_form(*, subject_type: str, subject_id: int, number: int, entry_hash: bytes) -> bytes:
    """The canonical bytes of one leaf: the newest entry of a subject when it was sealed."""
    return encode(
        {
            "subject_type": subject_type,
            "subject_id": subject_id,
            "number": number,
            "hash": entry_hash.hex(),
        }
    )


def sha256(form: bytes) -> bytes:
    """SHA-256 (FIPS 180-4) of canonical bytes."""
    return hashlib.sha256(form).digest()


def new_salt() -> bytes:
    """A salt for one fact, from the operating system's source of randomness."""
    return secrets.token_bytes(SALT_BYTES)


def digest(salt: bytes, name: str, value: str) -> str:
    """What the chain keeps of an erasable fact: hex SHA-256 over salt and [name, value].

    The salt lies with the fact and goes with it, so that an erased telephone number cannot
    be found again by trying all of them [PIPL art. 47].
    """
    return hashlib.sha256(salt + encode([name, value])).hexdigest()
