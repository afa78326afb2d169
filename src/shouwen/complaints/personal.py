"""The personal data that this room holds, for export and erasure [PIPL art. 45, 47]."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from shouwen.complaints import incident_ledger, search_text
from shouwen.complaints.models import Complaint, Incident
from shouwen.complaints.projection import SAID, SUBJECT
from shouwen.records import audit, personal


def register() -> None:
    """Tell the register of personal data what complaints repeat of their ledgers."""
    personal.register("complaints", _("投诉登记"), export=export, erase=erase)
    personal.register("complaints", _("同因事项"), export=export_incidents, erase=erase_incident)
    audit.register("tracking_link_seen", _("查看客户查询链接"), audit.SEEING)
    audit.register("tracking_link_revoked", _("停用客户查询链接"))
    audit.register("tracking_link_renewed", _("换新客户查询链接"))
    audit.register("customer_exported", _("导出一位客户的个人信息"), audit.SEEING)
    audit.register("customer_erased", _("删除一位客户的个人信息"))


def export(subject_type: str, subject_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The record of each complaint."""
    if subject_type != SUBJECT:
        return {}
    found = Complaint.objects.filter(pk__in=subject_ids)
    return {
        row.pop("pk"): [row]
        for row in found.values("pk", "number", "received_at", *SAID, home_label=F("home__label"))
    }


def erase(subject_type: str, subject_id: int, names: Collection[str] | None) -> int:
    """Blank the columns that repeat erased words, and the indexes by which they were found."""
    if subject_type != SUBJECT:
        return 0
    columns: dict[str, Any] = {name: "" for name in SAID if names is None or name in names}
    if "telephone" in columns:
        columns |= {"telephone_index": "", "telephone_last4_index": ""}
    if names is None or "customer" in names:
        columns["customer"] = None
    complaint = Complaint.objects.select_related("category__parent", "home").get(pk=subject_id)
    held = sum(bool(getattr(complaint, name)) for name in columns if name in SAID)
    if names is None or "home" in names:
        held += complaint.home is not None
        # The search text is composed anew, without the home.
        columns["home"] = complaint.home = None
    # The entry `erased` follows in this transaction, and the row follows the head of the ledger.
    Complaint.objects.filter(pk=subject_id).update(**columns, version=F("version") + 1)
    search_text.erase(complaint, names)
    return held


def export_incidents(
    subject_type: str, subject_ids: Collection[int]
) -> dict[int, list[dict[str, Any]]]:
    """The words of incidents: what staff wrote of what it is and where."""
    if subject_type != incident_ledger.SUBJECT:
        return {}
    return {
        each.pk: [{"number": each.number, "title": each.title, "place": each.place}]
        for each in Incident.objects.filter(pk__in=subject_ids)
    }


def erase_incident(subject_type: str, subject_id: int, names: Collection[str] | None) -> int:
    """Take back the words of an incident, should they name somebody; its number stands for it."""
    if subject_type != incident_ledger.SUBJECT:
        return 0
    incident = Incident.objects.get(pk=subject_id)
    held = 0
    if names is None or "title" in names:
        held += incident.title != incident.number
        incident.title = incident.number
    if names is None or "place" in names:
        held += bool(incident.place)
        incident.place = ""
    # The entry `erased` follows in this transaction, and the row follows the head of the ledger.
    incident.version = F("version") + 1
    incident.save(update_fields=["title", "place", "version"])
    return held
