"""The vendor's signature and encryption of messages (微信公众平台, 消息加解密说明).

Written here on `cryptography`: the Python library for it has had no release since 2021, compares
signatures in varying time, takes any padding, and reads XML with what it finds installed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

#: The padding fills up to this, twice AES's own block.
_BLOCK = 32
_RANDOM = 16
_HEAD = _RANDOM + 4


class Forged(Exception):
    """It is not signed or encrypted as the account's messages are, or was meant for another account."""


def signature(*parts: str) -> str:
    """SHA-1 over the parts in lexical order: of token, timestamp, nonce, and what is encrypted."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def check(given: str, *parts: str) -> None:
    """Raise Forged where the signature is not that of the parts."""
    if not hmac.compare_digest(given.encode(), signature(*parts).encode()):
        raise Forged("signature")


def key_of(text: str) -> bytes:
    """The AES key of an EncodingAESKey: 43 characters of base64. Raises ValueError."""
    try:
        key = base64.b64decode(text + "=", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None
    if len(text) != 43 or len(key) != 32:
        raise ValueError("not 43 characters")
    return key


def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def encrypt(text: str, *, key: bytes, app_id: str, random: bytes | None = None) -> str:
    """The text, encrypted for that account. `random` is for the vendor's examples only."""
    content = text.encode()
    random = random or secrets.token_bytes(_RANDOM)
    whole = random + struct.pack(">I", len(content)) + content + app_id.encode()
    fill = _BLOCK - len(whole) % _BLOCK
    encryptor = _cipher(key).encryptor()
    made = encryptor.update(whole + bytes([fill]) * fill) + encryptor.finalize()
    return base64.b64encode(made).decode()


def decrypt(text: str, *, key: bytes, app_id: str) -> bytes:
    """What was encrypted for that account. Raises Forged for anything else."""
    try:
        encrypted = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Forged("base64") from None
    # The vendor's own messages are not all filled up to 32: its examples end on 16 as well.
    if len(encrypted) < _BLOCK or len(encrypted) % 16:
        raise Forged("length")
    decryptor = _cipher(key).decryptor()
    whole = decryptor.update(encrypted) + decryptor.finalize()
    fill = whole[-1]
    if not 1 <= fill <= _BLOCK or whole[-fill:] != bytes([fill]) * fill:
        raise Forged("padding")
    whole = whole[:-fill]
    if len(whole) < _HEAD:
        raise Forged("length")
    (size,) = struct.unpack(">I", whole[_RANDOM:_HEAD])
    content, meant_for = whole[_HEAD : _HEAD + size], whole[_HEAD + size :]
    if len(content) != size or meant_for != app_id.encode():
        raise Forged("app id")
    return content
