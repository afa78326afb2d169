"""Saving and filing a report; the one place that writes its versions."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import InvalidData
from shouwen.notices.reports.anonymity import Mask
from shouwen.notices.reports.drawing import REQUIRED, SECTIONS, draw
from shouwen.notices.reports.report import ReportVersion
from shouwen.notices.reports.word import word
from shouwen.organization.models import Staff
from shouwen.records import attachments, ledger
from shouwen.records.models import Attachment

#: Of one section; the step that files takes no more either.
LONGEST = 20_000
#: What the filing's entry keeps of the report itself; the rest is in the document.
_IN_THE_ENTRY = ("facts", "measures", "cause", "open_points")


@dataclass(frozen=True)
class Draft:
    """A report as it stands before somebody saves it: texts, and what they were drawn from."""

    sections: dict[str, str]
    drawn_to: int
    language: str


def versions(complaint: Complaint, level: str) -> list[ReportVersion]:
    """Every saved version, newest first."""
    found = ReportVersion.objects.filter(complaint=complaint, level=level)
    return list(found.select_related("author").order_by("-number"))


def first_draft(complaint: Complaint) -> Draft:
    """What the ledger alone makes of it, in the language that is on."""
    entries = ledger.entries(SUBJECT, complaint.pk, with_said=True)
    return Draft(draw(complaint, entries), entries[-1].number, get_language() or "zh-hans")


def save(
    complaint: Complaint,
    level: str,
    draft: Draft,
    *,
    person: Staff,
    now: datetime.datetime | None = None,
) -> ReportVersion:
    """Keep the texts as the next version; names and telephones of the complainant are taken out.

    Where nothing was changed since the newest version, that one is returned. Raises InvalidData
    where a section is too long.
    """
    entries = ledger.entries(SUBJECT, complaint.pk, with_said=True)
    mask = Mask(complaint, entries)
    texts = {name: _clean(draft.sections.get(name, "")) for name in SECTIONS}
    errors = {
        name: [_("最多 {n} 字").format(n=LONGEST)]
        for name, text in texts.items()
        if len(text) > LONGEST
    }
    if errors:
        raise InvalidData(errors)
    texts = {name: mask(text) for name, text in texts.items()}
    with transaction.atomic():
        ledger.lock(SUBJECT, complaint.pk)  # so that two people do not write the same number
        newest = versions(complaint, level)[:1]
        if newest and newest[0].sections == texts and newest[0].drawn_to == draft.drawn_to:
            return newest[0]
        return ReportVersion.objects.create(
            complaint=complaint,
            level=level,
            number=newest[0].number + 1 if newest else 1,
            author=person,
            saved_at=now or timezone.now(),
            language=draft.language,
            drawn_to=min(draft.drawn_to, entries[-1].number),
            sections=texts,
        )


def _clean(text: str) -> str:
    lines = text.replace("\0", "").splitlines()
    return "\n".join(line.rstrip() for line in lines).strip()


def file(
    complaint: Complaint,
    level: str,
    draft: Draft,
    *,
    person: Staff,
    occurred_at: datetime.datetime | None = None,
    expected_version: int | None = None,
    now: datetime.datetime | None = None,
) -> lifecycle.Outcome:
    """File the report: saved as a version, made a Word document, written into the ledger [R6][R7].

    The document lies among the complaint's attachments; its digest is in the entry. Raises as
    `lifecycle.take`; nothing is kept then.
    """
    missing = {name: [_("请填写")] for name in REQUIRED if not draft.sections.get(name, "").strip()}
    if missing:
        raise InvalidData(missing)
    now = now or timezone.now()
    with transaction.atomic():
        version = save(complaint, level, draft, person=person, now=now)
        stored = _stored(version, person, now)
        told = {name: version.sections[name] for name in _IN_THE_ENTRY if version.sections[name]}
        outcome = lifecycle.take(
            "file_report",
            person=person,
            complaint=complaint,
            data=told
            | {
                "level": level,
                "report_version": version.number,
                "attachment": str(stored.pk),
                "sha256": stored.sha256,
            },
            occurred_at=occurred_at,
            expected_version=expected_version,
            now=now,
        )
        stored.entry = outcome.entries[0]
        stored.save(update_fields=["entry"])
        version.entry_number = outcome.entries[0].number
        version.attachment_id = stored.pk
        version.save(update_fields=["entry_number", "attachment_id"])
    return outcome


def from_form(
    complaint: Complaint,
    said: Mapping[str, str],
    *,
    person: Staff,
    occurred_at: datetime.datetime | None = None,
) -> lifecycle.Outcome:
    """File what the step's own form was told; the sections it does not ask for are drawn."""
    level = str(said.get("level", ""))
    newest = next(iter(versions(complaint, level)), None)
    begun = (
        Draft(newest.sections, newest.drawn_to, newest.language)
        if newest and not newest.erased_at
        else first_draft(complaint)
    )
    told = {name: str(said.get(name, "")) for name in _IN_THE_ENTRY}
    draft = Draft(begun.sections | told, begun.drawn_to, begun.language)
    return file(complaint, level, draft, person=person, occurred_at=occurred_at)


def _stored(version: ReportVersion, person: Staff, now: datetime.datetime) -> Attachment:
    complaint = version.complaint
    return attachments.store(
        subject_type=SUBJECT,
        subject_id=complaint.pk,
        project_id=complaint.project_id,
        upload=BytesIO(word(version, filed_at=now)),
        name=f"{file_name(version)}",
        actor_id=person.pk,
        now=now,
    )


def file_name(version: ReportVersion) -> str:
    """What the document is called: number, level and version; nobody's name."""
    level = _("书面报告（公司）") if version.level == "company" else _("书面报告（董事）")
    return f"{version.complaint.number} {level} v{version.number}.docx"
