"""Pushes to a browser, by the service of its maker: encrypted for the browser alone (RFC 8291).

Off unless the company switches it on: those services are not reached everywhere, and no escalation
counts on them.
"""

from __future__ import annotations

import base64
import json
import os
import time
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from shouwen.notices import gateways
from shouwen.notices.gateways import WebPush
from shouwen.notices.message import Message
from shouwen.notices.sending import texts, web
from shouwen.notices.sending.failures import Failed

_LIMIT = 600  # bytes of text; services take 4,096 of everything
_RECORD = 4096
_CURVE = ec.SECP256R1()
_KEPT_FOR = {True: 3600, False: 12 * 3600}  # seconds that a service holds a push, by urgency


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def understood(said: str) -> str | None:
    """What is kept of a browser's subscription; None where it is none."""
    try:
        told = json.loads(said)
        endpoint, keys = str(told["endpoint"]), told["keys"]
        public, auth = _bytes(keys["p256dh"]), _bytes(keys["auth"])
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, public)
    except (ValueError, TypeError, KeyError):
        return None
    if urlsplit(endpoint).scheme != "https" or len(auth) != 16 or len(endpoint) > 1000:
        return None
    return json.dumps({"endpoint": endpoint, "p256dh": _text(public), "auth": _text(auth)})


def endpoint_of(kept: str) -> str:
    """The address of the service that takes the pushes of one browser."""
    return str(json.loads(kept)["endpoint"])


def new_settings() -> WebPush:
    """A key of the company's own."""
    private = ec.generate_private_key(_CURVE)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return WebPush.model_validate({"private_key": pem.decode()})


def public_key(own: WebPush) -> str:
    """The key that a browser is told when it subscribes."""
    return _text(_point(_private(own).public_key()))


def send(kept: str, message: Message) -> None:
    """Push a message to a browser. Raises Failed."""
    own = gateways.load("web_push", WebPush)
    if own is None:
        raise Failed("not_set_up", temporary=False)
    told = json.loads(kept)
    body = json.dumps(
        {
            "title": texts.title(message),
            "text": texts.plain(message, limit=_LIMIT),
            "link": message.link,
            "urgent": message.urgent,
        },
        ensure_ascii=False,
    ).encode()
    headers = {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(_KEPT_FOR[message.urgent]),
        "Urgency": "high" if message.urgent else "normal",
        "Authorization": _vapid(own, told["endpoint"]),
    }
    sealed = encrypted(body, _bytes(told["p256dh"]), _bytes(told["auth"]))
    try:
        answer = requests.post(
            told["endpoint"],
            data=sealed,
            headers=headers,
            timeout=web.TIMEOUT,
            allow_redirects=False,
        )
    except requests.exceptions.SSLError:
        raise Failed("certificate", temporary=False) from None
    except requests.exceptions.Timeout:
        raise Failed("timeout", temporary=True) from None
    except requests.exceptions.RequestException:
        raise Failed("unreachable", temporary=True) from None
    if answer.status_code in (404, 410):
        raise Failed("nobody_there", temporary=False)
    web.by_status(answer.status_code)


def encrypted(
    text: bytes,
    browser: bytes,
    auth: bytes,
    *,
    salt: bytes | None = None,
    once: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The body of a push (RFC 8291, one record of RFC 8188). `salt` and `once` are made at random."""
    salt = salt or os.urandom(16)
    once = once or ec.generate_private_key(_CURVE)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, browser)
    own = _point(once.public_key())
    shared = once.exchange(ec.ECDH(), theirs)
    material = _derived(shared, auth, b"WebPush: info\0" + browser + own, 32)
    key = _derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(material, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + _RECORD.to_bytes(4, "big") + bytes([len(own)]) + own
    # 2 ends the last record.
    return head + AESGCM(key).encrypt(nonce, text + b"\x02", None)


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)


def _point(public: ec.EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def _private(own: WebPush) -> ec.EllipticCurvePrivateKey:
    found: Any = serialization.load_pem_private_key(
        own.private_key.get_secret_value().encode(), password=None
    )
    return found


def _vapid(own: WebPush, endpoint: str) -> str:
    parts = urlsplit(endpoint)
    public = settings.SHOUWEN_PUBLIC_ADDRESS
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + 12 * 3600,
        "sub": public if public.startswith("https:") else "mailto:administrator@localhost",
    }
    private = _private(own)
    token = jwt.encode(claims, private, algorithm="ES256")
    return f"vapid t={token}, k={_text(_point(private.public_key()))}"
