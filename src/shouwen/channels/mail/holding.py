"""What the register of personal data, the retention periods and the folders are told of e-mail."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.channels.mail import raw
from shouwen.channels.mail.kept import IncomingMail
from shouwen.complaints.projection import SUBJECT
from shouwen.records import personal, retention, rotation

State = IncomingMail.State


def register() -> None:
    """Tell them."""
    personal.register("channels", _("来信"), export=export, erase=erase)
    rotation.FILES["mail"] = raw.files
    retention.register(
        retention.Kind(
            "mail_set_aside",
            _("没有成为投诉的来信"),
            _("自动邮件和不予受理的来信；待人工处理的不删"),
            90,
            due=lambda cutoff: _set_aside(cutoff).count(),
            apply=_forget,
        )
    )
    retention.register(
        retention.Kind(
            "mail_raw",
            _("已结案投诉的原始邮件"),
            _("原始邮件的全文；已登记的内容和附件另有期限"),
            None,
            due=lambda cutoff: _of_closed(cutoff).count(),
            apply=_remove_raw,
            suggested_days=3 * 365,
        )
    )


def export(subject_type: str, subject_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The messages of complaints, and where their (encrypted) raw files lie."""
    if subject_type != SUBJECT:
        return {}
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for mail in IncomingMail.objects.filter(complaint__in=subject_ids).order_by("arrived_at", "pk"):
        assert mail.complaint_id is not None
        told[mail.complaint_id].append(
            {
                "sender": mail.sender,
                "sender_name": mail.sender_name,
                "subject": mail.subject,
                "arrived_at": mail.arrived_at.isoformat(),
                "message_id": mail.message_id,
                "file": "" if mail.erased_at else str(mail.path),
            }
        )
    return told


def erase(subject_type: str, subject_id: int, names: Collection[str] | None) -> int:
    """Whatever is erased of a complaint may stand in its raw messages: they go with it."""
    if subject_type != SUBJECT:
        return 0
    mails = IncomingMail.objects.filter(complaint=subject_id)
    return raw.remove(mails) + _blank(mails, names)


def _blank(mails: QuerySet[IncomingMail], names: Collection[str] | None) -> int:
    columns: dict[str, Any] = {}
    if names is None or {"name", "email"} & set(names):
        columns |= {"sender": "", "sender_name": "", "sender_index": ""}
        columns |= {"message_id": "", "message_id_index": ""}
    if names is None or {"subject", "content"} & set(names):
        columns |= {"subject": "", "reason": ""}
    if not columns:
        return 0
    held = sum(
        bool(value)
        for row in mails.values("sender", "sender_name", "subject", "reason")
        for name, value in row.items()
        if name in columns
    )
    mails.update(**columns, files_left=False)
    # Nobody is left to whom it could be sent.
    if "sender" in columns:
        mails.filter(receipt=IncomingMail.Receipt.WAITING).update(receipt=IncomingMail.Receipt.NONE)
    return held


def _set_aside(cutoff: datetime.datetime) -> QuerySet[IncomingMail]:
    return IncomingMail.objects.filter(
        Q(state=State.IGNORED, fetched_at__lt=cutoff)
        | Q(state=State.DISCARDED, handled_at__lt=cutoff)
    ).filter(Q(erased_at=None) | Q(sender_index__gt=""))


def _forget(cutoff: datetime.datetime) -> int:
    """Their words go; that there was such a message stays, so that it is not taken again."""
    with transaction.atomic():
        keys = list(_set_aside(cutoff).values_list("pk", flat=True))
        mails = IncomingMail.objects.filter(pk__in=keys)
        raw.remove(mails)
        _blank(mails, None)
    return len(keys)


def _of_closed(cutoff: datetime.datetime) -> QuerySet[IncomingMail]:
    return IncomingMail.objects.filter(
        erased_at=None, complaint__closed_at__lt=cutoff, complaint__held=False
    )


def _remove_raw(cutoff: datetime.datetime) -> int:
    with transaction.atomic():
        keys = list(_of_closed(cutoff).values_list("pk", flat=True))
        return raw.remove(IncomingMail.objects.filter(pk__in=keys))
