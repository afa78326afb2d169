"""What of settled contacts goes when its period is over: everything that was said, and the files.

Counted from the day a contact was settled or became a complaint; one that is only kept (praise, a
suggestion) from the day it came in. The ledger stays whole: an entry `erased` says what went.
"""

from __future__ import annotations

import datetime

from django.db import transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.projection import SUBJECT
from shouwen.complaints.contacts.words import ContactStatus
from shouwen.records import erasure, ledger
from shouwen.records.retention import Kind, register

SUGGESTED_DAYS = 3 * 365


def register_kinds() -> None:
    """Enter the kind of settled contacts; they are kept until the company sets a period."""
    register(
        Kind(
            "contacts",
            _("已办结联系单的姓名、电话、文字和附件"),
            _("报修、咨询、表扬、建议；性质、时间、时限和结果保留"),
            None,
            due=lambda cutoff: _due(cutoff).count(),
            apply=_apply,
            suggested_days=SUGGESTED_DAYS,
        )
    )


def _due(cutoff: datetime.datetime) -> QuerySet[Contact]:
    over = Q(settled_at__lt=cutoff) | Q(status=ContactStatus.KEPT, received_at__lt=cutoff)
    # The columns are encrypted: whether anything stands there is told by the text as stored.
    stored = Contact.objects.filter(over).alias(
        stored_name=Cast("name", TextField()), stored_telephone=Cast("telephone", TextField())
    )
    return stored.filter(
        ~Q(content="") | ~Q(stored_name="") | ~Q(stored_telephone="") | Q(customer__isnull=False)
    )


def _apply(cutoff: datetime.datetime) -> int:
    done = 0
    for pk in list(_due(cutoff).order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            ledger.lock(SUBJECT, pk)
            if _due(cutoff).filter(pk=pk).exists():  # not taken up again meanwhile
                erasure.erase(SUBJECT, pk, None, actor_id=None, reason=gettext("保存期限已到"))
                done += 1
    return done
