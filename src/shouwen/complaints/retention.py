"""What of closed complaints goes when its period is over: who made them, their words, their files.

What is counted from is the day a complaint was closed, withdrawn or merged. One that is held
(`steps/holding.py`) keeps all of it. The ledger stays whole: an entry `erased` says what went.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.models import Complaint
from shouwen.complaints.one_customer import IDENTIFYING
from shouwen.complaints.projection import SAID, SUBJECT
from shouwen.records import erasure, ledger
from shouwen.records.models import Attachment, ErasableFact
from shouwen.records.retention import Kind, register

SUGGESTED_DAYS = 3 * 365
#: Who made a complaint: name and telephone, and the link to the customer's card.
PEOPLE = IDENTIFYING | {"customer"}
_WORDS = tuple(name for name in SAID if name not in IDENTIFYING)
_BATCH = 200


def register_kinds() -> None:
    """Enter the three kinds of closed complaints; they are kept until the company sets a period."""
    register(
        Kind(
            "complaint_people",
            _("已结案投诉的姓名和电话"),
            _("投诉人、联系电话、电子邮件地址、与客户档案的关联；投诉本身和经过保留"),
            None,
            due=lambda cutoff: _with_people(cutoff).count(),
            apply=lambda cutoff: _erase_each(_with_people, cutoff, lambda pk: PEOPLE),
            suggested_days=SUGGESTED_DAYS,
        )
    )
    register(
        Kind(
            "complaint_words",
            _("已结案投诉的文字"),
            _("投诉内容、诉求、备注等全部文字；分类、时间、时限和结果保留"),
            None,
            due=lambda cutoff: _with_words(cutoff).count(),
            apply=lambda cutoff: _erase_each(_with_words, cutoff, _names_of_words),
            suggested_days=2 * SUGGESTED_DAYS,
        )
    )
    register(
        Kind(
            "attachments",
            _("已结案投诉的附件"),
            _("照片、录音、文件"),
            None,
            due=lambda cutoff: _files(_ended(cutoff)).count(),
            apply=_erase_files,
            suggested_days=SUGGESTED_DAYS,
        )
    )


def _ended(cutoff: datetime.datetime) -> QuerySet[Complaint]:
    return Complaint.objects.filter(closed_at__lt=cutoff, held=False)


def _with_people(cutoff: datetime.datetime) -> QuerySet[Complaint]:
    # The columns are encrypted: whether anything stands there is told by the text as stored.
    kept = Q(customer__isnull=False)
    for name in ("name", "telephone", "email"):
        kept |= ~Q(**{f"stored_{name}": ""})
    stored = {f"stored_{name}": Cast(name, TextField()) for name in ("name", "telephone", "email")}
    return _ended(cutoff).alias(**stored).filter(kept)


def _with_words(cutoff: datetime.datetime) -> QuerySet[Complaint]:
    said = Q()
    for name in _WORDS:
        said |= ~Q(**{name: ""})
    return _ended(cutoff).filter(said)


def _files(complaints: QuerySet[Complaint]) -> QuerySet[Attachment]:
    return Attachment.objects.filter(
        subject_type=SUBJECT, erased_at=None, subject_id__in=complaints.values("pk")
    )


def _with_files(cutoff: datetime.datetime) -> QuerySet[Complaint]:
    left = Attachment.objects.filter(
        subject_type=SUBJECT, subject_id=OuterRef("pk"), erased_at=None
    )
    return _ended(cutoff).filter(Exists(left))


def _names_of_words(complaint_id: int) -> Collection[str]:
    """The names of everything that was said about a complaint, but who made it."""
    facts = ErasableFact.objects.filter(
        entry__subject_type=SUBJECT, entry__subject_id=complaint_id
    ).exclude(entry__kind="erased")
    named = set(facts.values_list("name", flat=True).distinct())
    return (named | set(_WORDS)) - PEOPLE


def _erase_each(over: Any, cutoff: datetime.datetime, names: Any) -> int:
    """Erase these names of each complaint, one transaction each; returns of how many."""
    done = last = 0
    while page := list(
        over(cutoff).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_BATCH]
    ):
        last = page[-1]
        done += sum(_erase(over, cutoff, pk, names(pk)) for pk in page)
    return done


def _erase(over: Any, cutoff: datetime.datetime, pk: int, names: Collection[str]) -> bool:
    with transaction.atomic():
        ledger.lock(SUBJECT, pk)
        # Meanwhile somebody may have held it, or taken it up again.
        if not over(cutoff).filter(pk=pk).exists():
            return False
        reason = gettext("保存期限已到")
        erasure.erase(SUBJECT, pk, names, actor_id=None, reason=reason)
    return True


def _erase_files(cutoff: datetime.datetime) -> int:
    before = _files(_ended(cutoff)).count()
    _erase_each(_with_files, cutoff, lambda pk: {"attachments"})
    return before - _files(_ended(cutoff)).count()
