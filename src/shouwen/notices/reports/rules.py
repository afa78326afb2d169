"""Who reads and writes the reports, and what of them is personal data; registered at loading."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.steps.table import At
from shouwen.notices.reports.report import ReportVersion
from shouwen.organization.holders import positions_of
from shouwen.organization.models import Staff
from shouwen.organization.permissions import Answer, rule, visibility, visible_to
from shouwen.organization.positions import Position
from shouwen.records import attachments, audit, personal
from shouwen.records.models import Attachment

#: Who writes the report of each level: whoever holds its clock.
WRITERS = {"company": Position.SITE_MANAGER, "board": Position.COMPANY_LEADER}
#: Who reads drafts and versions; what was filed is an attachment of the complaint.
READERS = frozenset(
    {
        Position.CENTRE_HEAD,
        Position.SITE_MANAGER,
        Position.COMPANY_LEADER,
        Position.BOARD_LEADER,
        Position.BOARD_OFFICE,
        Position.GENERAL_MANAGERS_OFFICE,
        Position.QUALITY,
        Position.AUDITOR,
    }
)
#: Words of the ledger that no report repeats, so that erasing them alone leaves it.
_NEVER_IN_IT = frozenset({"name", "telephone"})


def register() -> None:
    """Tell the permissions, the access log and the register of personal data."""
    visibility(ReportVersion)(reports)
    rule("see_report", reads=True)(see_report)
    rule("write_report")(write_report)
    audit.register("report_fetched", _("下载书面报告"))
    personal.register("reports", _("书面报告"), export=export, erase=erase)


def reports(person: Staff) -> QuerySet[ReportVersion]:
    """Those of the complaints that one sees, where one's position reads them."""
    posts = [post for post in positions_of(person) if post.position in READERS]
    found = ReportVersion.objects.filter(complaint__in=visible_to(person, Complaint))
    if any(post.project_id is None for post in posts):
        return found
    return found.filter(complaint__project__in=[post.project_id for post in posts])


def see_report(person: Staff, at: At | None) -> Answer:
    """The leaders of the project, and whoever looks after quality."""
    said = _("书面报告由管理处负责人以上和品质、审计岗位查看")
    if at is None:
        return Answer(any(post.position in READERS for post in positions_of(person)), said)
    if at.state.about_id == person.pk:
        return Answer(False, _("被投诉人回避"))
    return Answer(bool(at.roles & READERS), said)


def write_report(person: Staff, at: At | None) -> Answer:
    """Whoever owes it [R6][R7]: the site manager to the company, the company leader to the board."""
    said = _("由应提交报告的管理处负责人或公司主管领导填写")
    writers = frozenset(WRITERS.values())
    if at is None:
        return Answer(any(post.position in writers for post in positions_of(person)), said)
    if at.state.about_id == person.pk:
        return Answer(False, _("被投诉人回避"))
    return Answer(bool(at.roles & writers), said)


# -- personal data


def export(subject_type: str, subject_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """Every version that is still there."""
    if subject_type != SUBJECT:
        return {}
    found = ReportVersion.objects.filter(complaint__in=subject_ids, erased_at=None)
    told: dict[int, list[dict[str, Any]]] = {}
    for each in found.order_by("level", "number"):
        told.setdefault(each.complaint_id, []).append(
            {
                "level": each.level,
                "version": each.number,
                "saved_at": each.saved_at.isoformat(),
                **each.sections,
            }
        )
    return told


def erase(subject_type: str, subject_id: int, names: Collection[str] | None) -> int:
    """Empty the versions and remove the documents filed: they repeat what was said in free words."""
    if subject_type != SUBJECT or (names is not None and _NEVER_IN_IT.issuperset(names)):
        return 0
    found = ReportVersion.objects.filter(complaint=subject_id, erased_at=None)
    documents = [each.attachment_id for each in found if each.attachment_id]
    attachments.remove(Attachment.objects.filter(pk__in=documents, erased_at=None))
    return found.update(sections={}, erased_at=timezone.now())
