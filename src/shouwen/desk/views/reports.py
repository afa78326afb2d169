"""A written report of a complaint [R6][R7]: edited, drawn anew, saved, compared, filed, taken away as a document."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shouwen.clocks import reading
from shouwen.clocks.models import ClockRow
from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import InvalidData, Refused
from shouwen.complaints.state import fold
from shouwen.complaints.steps.emergency import reports_of
from shouwen.complaints.steps.table import At
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.complaint import complaint_for
from shouwen.notices.reports import drawing, keeping
from shouwen.notices.reports.drawing import REQUIRED, SECTIONS, Change
from shouwen.notices.reports.keeping import Draft
from shouwen.notices.reports.report import ReportVersion
from shouwen.notices.reports.word import word
from shouwen.organization.permissions import may
from shouwen.records import audit, ledger
from shouwen.records.models import Entry

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_RULES = {"company": "R6.report", "board": "R7.report"}
_ROWS = {"facts": 6, "timeline": 12, "measures": 8, "evidence": 4, "cause": 4, "open_points": 6}


@dataclass
class Desk:
    """One report as this person stands before it."""

    complaint: Complaint
    level: str
    at: At
    entries: list[Entry]
    versions: list[ReportVersion]

    @property
    def owed(self) -> bool:
        """Whether the person may write and file it now."""
        return self.level in reports_of(self.at) and bool(
            may(self.at.person, "write_report", self.at)
        )

    def draft(self) -> Draft:
        """What the page begins with: the newest version, else what the ledger tells."""
        if self.versions and not self.versions[0].erased_at:
            newest = self.versions[0]
            return Draft(dict(newest.sections), newest.drawn_to, newest.language)
        return keeping.first_draft(self.complaint)

    def drawn(self, to: int, language: str) -> dict[str, str]:
        """What the ledger told up to an entry."""
        with translation.override(language):
            return drawing.draw(
                self.complaint, [each for each in self.entries if each.number <= to]
            )


def _desk(request: StaffRequest, number: str, level: str) -> Desk:
    """Raises Http404 where there is no such report, or it is not this person's to see."""
    complaint = complaint_for(request.user, number)
    if level not in _RULES:
        raise Http404
    entries = ledger.entries(SUBJECT, complaint.pk, with_said=True)
    at = lifecycle.stand(request.user, complaint, fold(entries))
    if not may(request.user, "see_report", at):
        raise Http404
    versions = keeping.versions(complaint, level)
    if not versions and level not in reports_of(at):
        raise Http404  # nothing was written, and it is not theirs to begin
    return Desk(complaint, level, at, entries, versions)


@require_safe
@staff_page("see_report")
def report(request: StaffRequest, number: str, level: str) -> HttpResponse:
    """The report: its sections as text areas for whoever owes it, else as they were last saved."""
    desk = _desk(request, number, level)
    with timezone.override(zoneinfo.ZoneInfo(desk.complaint.project.timezone)):
        return _show(request, desk, desk.draft())


@require_POST
@staff_page("write_report")
def write(request: StaffRequest, number: str, level: str) -> HttpResponse:
    """Saving it as a new version, drawing it anew, or filing it, by whoever owes it."""
    desk = _desk(request, number, level)
    with timezone.override(zoneinfo.ZoneInfo(desk.complaint.project.timezone)):
        return _act(request, desk)


def _show(
    request: StaffRequest,
    desk: Desk,
    draft: Draft,
    *,
    changes: list[Change] | None = None,
    errors: dict[str, list[str]] | None = None,
    refused: str = "",
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    newest = desk.versions[0] if desk.versions else None
    head = desk.entries[-1].number
    by_section = {change.section: change for change in changes or []}
    sections = [
        {
            "name": name,
            "title": title,
            "text": draft.sections.get(name, ""),
            "rows": _ROWS[name],
            "required": name in REQUIRED,
            "change": by_section.get(name),
            "errors": (errors or {}).get(name, []),
        }
        for name, title in SECTIONS.items()
    ]
    context: dict[str, Any] = {
        "complaint": desk.complaint,
        "level": desk.level,
        "title": ReportVersion.Level(desk.level).label,
        "owed": desk.owed,
        "sections": sections,
        "draft": draft,
        "newest": newest,
        "versions": desk.versions,
        "clock": _clock(desk),
        "newer": head > draft.drawn_to and changes is None,
        "redrawn": changes is not None,
        "unchanged": changes == [],
        "refused": refused or " ".join((errors or {}).get("", [])),
        "wrong": bool(errors),
        "said": said,
    }
    return render(request, "desk/report.html", context, status=status)


def _clock(desk: Desk) -> ClockRow | None:
    return (
        reading.of_subject(SUBJECT, desk.complaint.pk)
        .filter(rule=_RULES[desk.level])
        .order_by("started_at")
        .last()
    )


def _posted(request: StaffRequest, desk: Desk) -> Draft:
    posted, begun = request.POST, desk.draft()
    texts = {name: posted.get(name, begun.sections.get(name, "")) for name in SECTIONS}
    texts = {name: text.replace("\r\n", "\n") for name, text in texts.items()}
    told = posted.get("drawn_to", "")
    drawn_to = int(told) if told.isdecimal() and len(told) < 9 else begun.drawn_to
    return Draft(texts, min(drawn_to, desk.entries[-1].number), begun.language)


def _act(request: StaffRequest, desk: Desk) -> HttpResponse:
    if not may(request.user, "write_report", desk.at):
        return HttpResponse(status=403)
    draft = _posted(request, desk)
    if not desk.owed:
        sentence = _("这份报告不由您提交，或已经提交")
        return _show(request, desk, desk.draft(), refused=sentence, status=422)
    act = request.POST.get("act")
    if act == "redraw":
        return _redrawn(request, desk, draft)
    newest = desk.versions[0].number if desk.versions else 0
    if request.POST.get("newest") != str(newest):
        sentence = _("您填写期间，别人存了新的一版。您写的还在下面；请对照版本后再保存。")
        return _show(request, desk, draft, refused=sentence, status=409)
    try:
        if act == "file":
            keeping.file(desk.complaint, desk.level, draft, person=request.user)
        else:
            keeping.save(desk.complaint, desk.level, draft, person=request.user)
    except InvalidData as refused:
        return _show(request, desk, draft, errors=refused.errors, status=422)
    except Refused as refused:
        return _show(request, desk, draft, refused=refused.words, status=409)
    return redirect("desk:report", desk.complaint.number, desk.level)


def _redrawn(request: StaffRequest, desk: Desk, draft: Draft) -> HttpResponse:
    """The texts with what the ledger says now; nothing is saved by it."""
    head = desk.entries[-1].number
    before = desk.drawn(draft.drawn_to, draft.language)
    texts, changes = drawing.redraw(draft.sections, before, desk.drawn(head, draft.language))
    return _show(request, desk, Draft(texts, head, draft.language), changes=changes)


def _version(desk: Desk, number: int) -> ReportVersion:
    found = next((each for each in desk.versions if each.number == number), None)
    if found is None:
        raise Http404
    return found


@require_safe
@staff_page("see_report")
def version(request: StaffRequest, number: str, level: str, version: int) -> HttpResponse:
    """One saved version, and what another had more or less (the one before, unless `with` names it)."""
    desk = _desk(request, number, level)
    shown = _version(desk, version)
    asked = request.GET.get("with", "")
    others = [each for each in desk.versions if each.pk != shown.pk]
    before = [each for each in others if each.number < shown.number]
    other = (_version(desk, int(asked)) if asked.isdecimal() and len(asked) < 9 else None) or next(
        iter(before), None
    )
    sections = []
    for name, title in SECTIONS.items():
        added, removed = drawing.difference(
            other.sections.get(name, "") if other else "", shown.sections.get(name, "")
        )
        sections.append(
            {
                "title": title,
                "text": shown.sections.get(name, ""),
                "added": added if other else (),
                "removed": removed,
            }
        )
    with timezone.override(zoneinfo.ZoneInfo(desk.complaint.project.timezone)):
        context = {
            "complaint": desk.complaint,
            "level": level,
            "title": ReportVersion.Level(level).label,
            "shown": shown,
            "other": other,
            "others": others,
            "sections": sections,
            "same": other is not None and not any(s["added"] or s["removed"] for s in sections),
        }
        return render(request, "desk/report_version.html", context)


@require_safe
@staff_page("see_report")
def document(request: StaffRequest, number: str, level: str, version: int) -> HttpResponse:
    """A saved version as a Word document; what was filed lies among the attachments besides."""
    desk = _desk(request, number, level)
    found = _version(desk, version)
    if found.erased_at:
        raise Http404
    found.complaint = desk.complaint
    audit.note(
        "report_fetched",
        actor_id=request.user.pk,
        subject_type=SUBJECT,
        subject_id=desk.complaint.pk,
        project_id=desk.complaint.project_id,
        level=level,
        version=found.number,
    )
    with translation.override(found.language):
        name = keeping.file_name(found)
    response = HttpResponse(word(found, filed_at=_filed_at(desk, found)), content_type=_DOCX)
    response.headers["Content-Disposition"] = _disposition(name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _filed_at(desk: Desk, found: ReportVersion) -> Any:
    return next(
        (each.recorded_at for each in desk.entries if each.number == found.entry_number), None
    )


def _disposition(name: str) -> str:
    return content_disposition_header(as_attachment=True, filename=name) or "attachment"
