"""Short-lived links by which a notice is acted on without signing in again.

A pass is put only into a message that one person alone reads. Opening the page with it changes nothing
and uses nothing up, so previews and mail scanners do no harm; the first act uses it.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets

from django.utils import timezone

from shouwen.notices.notice import Notice, Pass

#: How long a link acts; after that it asks to sign in.
LASTS = datetime.timedelta(minutes=30)


def issue(notice: Notice, now: datetime.datetime | None = None) -> str:
    """A new pass for the notice; the token itself is kept nowhere."""
    now = now or timezone.now()
    token = secrets.token_urlsafe(32)
    Pass.objects.create(notice=notice, digest=_digest(token), made_at=now, until=now + LASTS)
    return token


def find(token: str) -> Pass | None:
    """The pass of that token, used and ended ones too."""
    return (
        Pass.objects.select_related("notice__person", "notice__complaint", "notice__escalation")
        .filter(digest=_digest(token))
        .first()
    )


def valid(found: Pass, now: datetime.datetime | None = None) -> bool:
    """Whether it still acts: not used, in its time, and its person works here."""
    now = now or timezone.now()
    return found.used_at is None and now < found.until and found.notice.person.is_active


def use(found: Pass, now: datetime.datetime | None = None) -> bool:
    """Use it up; False where somebody was faster. In the transaction of the act."""
    now = now or timezone.now()
    unused = Pass.objects.filter(pk=found.pk, used_at=None, until__gt=now)
    return unused.update(used_at=now) == 1


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
