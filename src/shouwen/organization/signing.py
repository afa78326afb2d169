"""The hand-over sheet (交接班记录): signed by who hands over, then by who takes over.

What each signed is kept as a digest in the access log, to which is only ever appended; a sheet that
was changed afterwards no longer agrees with it.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.organization.models import Handover, Staff
from shouwen.organization.scheduling import Place
from shouwen.records import audit
from shouwen.records.models import Access

_TELEPHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")


def hand_over(
    place: Place, items: list[dict[str, Any]], *, remarks: str = "", by: Staff
) -> Handover:
    """Sign what is open, and what is to be said about it.

    `items` are numbers, rules, times and staff, never a customer. Raises ValidationError for remarks
    with a mobile telephone number: everybody of the project reads the sheet.
    """
    if _TELEPHONE.search(remarks):
        raise ValidationError({"remarks": _("请不要写电话号码，接班人可从投诉里查看")})
    if len(remarks) > 4000:
        raise ValidationError({"remarks": _("最多 4000 字")})
    with transaction.atomic():
        sheet = Handover.objects.create(
            project=place.project,
            position=place.position,
            department=place.department,
            handed_by=by,
            items=items,
            remarks=remarks.strip(),
            handed_at=timezone.now(),
        )
        _sign("handover_signed", sheet, by)
    return sheet


def take_over(sheet: Handover, *, by: Staff) -> None:
    """Sign that one takes over. Raises ValidationError for one's own sheet, or one taken before."""
    with transaction.atomic():
        sheet = Handover.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
        if sheet.taken_by_id:
            raise ValidationError(_("已有人接班签字"))
        if sheet.handed_by_id == by.pk:
            raise ValidationError(_("交班人不能自己接班，请由接班的同事登录签字"))
        if not agrees(sheet):
            raise ValidationError(_("记录与交班签字时不一致，不能签字，请告诉系统管理员"))
        sheet.taken_by, sheet.taken_at = by, timezone.now()
        sheet.save(update_fields=["taken_by", "taken_at"])
        _sign("handover_taken", sheet, by)


def digest(sheet: Handover) -> str:
    """SHA-256 over what was handed over, by whom and when."""
    said = {
        "id": str(sheet.pk),
        "project": sheet.project_id,
        "position": sheet.position,
        "department": sheet.department_id,
        "handed_by": sheet.handed_by_id,
        "handed_at": sheet.handed_at.isoformat(),
        "items": sheet.items,
        "remarks": sheet.remarks,
    }
    plain = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def signed(sheet: Handover) -> set[str]:
    """The digests that were signed for the sheet."""
    notes = Access.objects.filter(
        action__in=("handover_signed", "handover_taken"),
        at__gte=sheet.handed_at,
        project_id=sheet.project_id,
        facts__sheet=str(sheet.pk),
    )
    return {each["digest"] for each in notes.values_list("facts", flat=True)}


def agrees(sheet: Handover) -> bool:
    """Whether the sheet is still what was signed."""
    return signed(sheet) == {digest(sheet)}


def _sign(action: str, sheet: Handover, by: Staff) -> None:
    audit.note(
        action,
        actor_id=by.pk,
        subject_type="handover",
        project_id=sheet.project_id,
        at=sheet.taken_at or sheet.handed_at,
        sheet=str(sheet.pk),
        digest=digest(sheet),
    )
