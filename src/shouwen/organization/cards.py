"""Staff cards: a guard, cleaner or steward without an account opens their page by a code on a card.

The token is shown once, to whoever prints the card; what is kept is its digest. A new card takes the
place of the one before, and the card of somebody who has left opens nothing from that moment on.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import secrets

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shouwen.organization.card import CardCode, StaffCard
from shouwen.organization.customers import normalise
from shouwen.organization.models import Staff
from shouwen.organization.signing_in import noted
from shouwen.records import audit
from shouwen.records.fields import blind_index

_LENGTH = 26  # characters of base32: 130 bits
#: What a code opens lasts for a shift.
SHIFT = datetime.timedelta(hours=12)
#: How long a code can be used, and how often it may be mistaken.
CODE_LASTS = datetime.timedelta(minutes=10)
MOST_TRIES = 5
_KEPT = datetime.timedelta(days=1)

audit.register("card_issued", _("发工牌"), audit.SIGNING_IN)
audit.register("card_stopped", _("停用工牌"), audit.SIGNING_IN)
audit.register("card_opened_by_code", _("用短信验证码打开工牌"), audit.SIGNING_IN)


def issue(staff: Staff, *, by: Staff | None) -> str:
    """Make a card and return its token, which is kept nowhere; an earlier one opens nothing any more.

    Raises ValueError for somebody who has left.
    """
    if not staff.is_active:
        raise ValueError("Somebody who has left gets no card.")
    token = _token()
    with transaction.atomic():
        StaffCard.objects.filter(staff=staff).delete()
        StaffCard.objects.create(
            staff=staff, digest=_digest(token), made_by=by, made_at=timezone.now()
        )
        noted("card_issued", staff, by=by)
    return token


def stop(staff: Staff, *, by: Staff | None) -> bool:
    """Stop whatever opens somebody's page; whether there was anything."""
    stopped, _of = StaffCard.objects.filter(staff=staff).delete()
    if stopped:
        noted("card_stopped", staff, by=by)
    return bool(stopped)


def printed(staff: Staff) -> StaffCard | None:
    """The printed card that somebody has now."""
    return StaffCard.objects.filter(staff=staff, expires_at=None).first()


def holder(token: str) -> Staff | None:
    """Whose card it is; None where it was stopped, has expired, never was, or they have left."""
    if len(token) != _LENGTH or not token.isascii():
        return None
    card = (
        StaffCard.objects.select_related("staff")
        .filter(digest=_digest(token.lower()), staff__is_active=True)
        .filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
        .first()
    )
    return card.staff if card is not None else None


def ask(number: str) -> CardCode:
    """Somebody wants a code for that number. Whether it is known is found out later, by `answer`,
    so that neither the page nor its time tells."""
    now = timezone.now()
    CardCode.objects.filter(asked_at__lt=now - _KEPT).delete()
    return CardCode.objects.create(number_index=_of_number(number), asked_at=now)


def answer(asked: CardCode) -> tuple[Staff, str] | None:
    """Whom to send which code; None where nobody who works here is known by that number."""
    people = Staff.objects.filter(is_active=True).iterator()
    known = [each for each in people if _of_number(each.telephone) == asked.number_index]
    # A telephone that several share says nothing about who holds it.
    if not asked.number_index or len(known) != 1:
        return None
    code = f"{secrets.randbelow(1_000_000):06}"
    asked.staff, asked.code_digest = known[0], _of_code(asked, code)
    asked.save(update_fields=["staff", "code_digest"])
    return known[0], code


def open_by_code(pk: str, code: str) -> str | None:
    """The token of a page that lasts for a shift; None for a code that is wrong, old or used up."""
    with transaction.atomic():
        asked = (
            CardCode.objects.select_for_update(of=("self",))
            .select_related("staff")
            .filter(pk=pk, asked_at__gt=timezone.now() - CODE_LASTS, tries__lt=MOST_TRIES)
            .first()
        )
        if asked is None:
            return None
        right = bool(asked.code_digest) and secrets.compare_digest(
            asked.code_digest, _of_code(asked, code.strip())
        )
        if not right or asked.staff is None or not asked.staff.is_active:
            asked.tries += 1
            asked.save(update_fields=["tries"])
            return None
        token, now = _token(), timezone.now()
        StaffCard.objects.filter(staff=asked.staff, expires_at__lte=now).delete()
        StaffCard.objects.create(
            staff=asked.staff, digest=_digest(token), made_at=now, expires_at=now + SHIFT
        )
        noted("card_opened_by_code", asked.staff)
        asked.delete()
    return token


def _token() -> str:
    return base64.b32encode(secrets.token_bytes(17)).decode()[:_LENGTH].lower()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _of_number(number: str) -> str:
    known = normalise(number)
    return blind_index(known, "staff telephone") if known else ""


def _of_code(asked: CardCode, code: str) -> str:
    return blind_index(f"{asked.pk}:{code}", "card code")
