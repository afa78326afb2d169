"""Keys: making them, finding who comes with one, counting their use, ending them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from shouwen.api.models import ApiKey, KeyUse
from shouwen.api.scopes import Scope
from shouwen.organization.models import Staff
from shouwen.records import audit

MARK = "shouwen"
LONGEST = timedelta(days=731)

_USED = f"""
INSERT INTO {KeyUse._meta.db_table} AS kept (key_id, last_used_at, minute, count)
VALUES (%(key)s, %(now)s, date_trunc('minute', %(now)s::timestamptz), 1)
ON CONFLICT (key_id) DO UPDATE SET
    last_used_at = excluded.last_used_at,
    count = CASE WHEN kept.minute = excluded.minute THEN kept.count + 1 ELSE 1 END,
    minute = excluded.minute
RETURNING count
"""


@dataclass(frozen=True)
class Used:
    """How often a key was used in this minute, this time among them, and what is left of it."""

    limit: int
    count: int
    seconds_left: int

    @property
    def remaining(self) -> int:
        return max(self.limit - self.count, 0)

    @property
    def too_often(self) -> bool:
        return self.count > self.limit


def make(
    *,
    owner: Staff,
    name: str,
    scopes: Iterable[str],
    by: Staff | None,
    expires_at: datetime | None = None,
    per_minute: int = 300,
) -> tuple[ApiKey, str]:
    """Make a key that acts as `owner`; it comes with its whole text, which is never known again.

    Raises ValueError for a scope that there is not, for none at all, and for an owner who has left.
    """
    chosen = [str(Scope(scope)) for scope in dict.fromkeys(scopes)]
    if not chosen or not owner.is_active:
        raise ValueError("A key needs scopes and an owner who works here.")
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    text = f"{MARK}_{prefix}_{secret}"
    key = ApiKey.objects.create(
        prefix=prefix,
        digest=_digest(text),
        owner=owner,
        name=name.strip(),
        scopes=chosen,
        per_minute=per_minute,
        created_at=timezone.now(),
        expires_at=expires_at,
    )
    audit.note(
        "api_key_made",
        actor_id=by.pk if by else None,
        subject_type="staff",
        subject_id=owner.pk,
        key=prefix,
        scopes=chosen,
    )
    return key, text


def revoke(key: ApiKey, *, by: Staff | None) -> None:
    """End a key at once; nothing where it has ended already."""
    now = timezone.now()
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        audit.note(
            "api_key_revoked",
            actor_id=by.pk if by else None,
            subject_type="staff",
            subject_id=key.owner_id,
            key=key.prefix,
        )
    key.revoked_at = key.revoked_at or now


def of_text(text: str) -> ApiKey | None:
    """The usable key of that text; None for one that is unknown, ended, or of somebody who left."""
    mark, _sign, rest = text.partition("_")
    prefix, _sign, _secret = rest.partition("_")
    if mark != MARK or not (prefix.isascii() and prefix.isalnum()):
        return None
    key = ApiKey.objects.select_related("owner").filter(prefix=prefix).first()
    if key is None or not hmac.compare_digest(key.digest, _digest(text)):
        return None
    if not key.owner.is_active and key.revoked_at is None:
        revoke(key, by=None)  # it stays dead if they come back
    return key if key.usable(timezone.now()) else None


def count(key: ApiKey, now: datetime) -> Used:
    """Count one use of the key, in a statement of its own, whichever process it comes through."""
    with connection.cursor() as cursor:
        cursor.execute(_USED, {"key": key.pk, "now": now})
        (number,) = cursor.fetchone()
    return Used(key.per_minute, number, 60 - now.second)


def end_those_of_leavers() -> int:
    """Revoke the keys of everybody who has left; how many there were."""
    found = list(ApiKey.objects.filter(revoked_at=None, owner__is_active=False))
    for key in found:
        revoke(key, by=None)
    return len(found)


def _digest(text: str) -> str:
    # The secret is 256 random bits, which no table of guesses holds: a plain digest is enough.
    return hashlib.sha256(text.encode()).hexdigest()
