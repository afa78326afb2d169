"""The ready words for one complaint: what the desk may say to the customer, or to the first contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Category, Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.notices.customers import composing, keeping, reaching
from shouwen.notices.customers.composing import Words
from shouwen.notices.customers.sayable import TOLD, Known, occasion, sayable
from shouwen.notices.customers.templates import Occasion
from shouwen.organization.models import Customer, Department
from shouwen.records import ledger
from shouwen.records.models import Entry

#: Whose names free words are compared with: customers of the project, and who complained lately.
LATELY = timedelta(days=90)
_FREE = frozenset({"delay_reported", "completed", "investigated"})


@dataclass(frozen=True)
class Suggestion:
    """Words that are ready, for which occasion, by which medium the customer likes to hear them."""

    occasion: str
    words: Words
    medium: str = "phone"


def known_of(complaint: Complaint, entries: Sequence[Entry], language: str) -> Known:
    """What the ledger names by code, in that language, and the names that must not be repeated."""
    with translation.override(language):
        codes = {e.facts["category"] for e in entries if e.facts.get("category")}
        categories = {
            each.code: str(each.label) for each in Category.objects.filter(code__in=codes)
        }
    named = {e.facts["department"] for e in entries if e.facts.get("department")}
    departments = Department.objects.filter(code__in=named).values_list("code", "name")
    # By the ledger as it is given: an attempt after the first reply must find what the first found.
    reply = None
    if not any(entry.kind in TOLD for entry in entries):
        reply = ClockRow.objects.filter(
            subject_type=SUBJECT, subject_id=complaint.pk, rule="H.contact"
        ).first()
    return Known(
        complaint.number,
        categories,
        dict(departments),
        reply.due_at if reply else None,
        _others(complaint) if any(entry.kind in _FREE for entry in entries) else (),
    )


def _others(complaint: Complaint) -> list[str]:
    names = set(
        Customer.objects.filter(project=complaint.project_id).values_list("name", flat=True)
    )
    names.update(
        Complaint.objects.filter(
            project=complaint.project_id, received_at__gte=timezone.now() - LATELY
        )
        .exclude(pk=complaint.pk)
        .values_list("name", flat=True)
    )
    # One character is a surname at most, and would be found in every second word.
    return [name for each in names if len(name := each.strip()) > 1]


def composed(
    complaint: Complaint,
    entries: Sequence[Entry],
    what: str,
    *,
    language: str,
    text: str = "",
    named: bool = True,
    now: datetime | None = None,
) -> Words:
    """The words for one occasion; `text` is the template, else the one in force.

    `named`: whether whoever reads them may know who complained; otherwise nobody is addressed.
    """
    now = now or timezone.now()
    said = sayable(entries, known_of(complaint, entries, language), now)
    if not named:
        said = replace(said, name="")
    return composing.compose(
        what,
        text or keeping.text_for(complaint.project_id, what, language),
        said,
        language=language,
        zone=ZoneInfo(complaint.project.timezone),
        now=now,
    )


def for_customer(
    complaint: Complaint, now: datetime | None = None, *, named: bool = True
) -> Suggestion | None:
    """What the customer is to hear now; None where there is nothing left to be told."""
    entries = ledger.entries(SUBJECT, complaint.pk, with_said=True)
    what = occasion(entries)
    if what is None:
        return None
    language = keeping.telling(complaint.project_id).language
    words = composed(complaint, entries, what, language=language, named=named, now=now)
    return Suggestion(what, words, reaching.preferred(complaint)) if words.text else None


def for_first_contact(complaint: Complaint, now: datetime | None = None) -> str:
    """[R8] What the first contact can repeat to the customer; "" before anything was completed."""
    entries = ledger.entries(SUBJECT, complaint.pk, with_said=True)
    if not any(entry.kind == "completed" for entry in entries):
        return ""
    language = keeping.telling(complaint.project_id).language
    words = composed(complaint, entries, Occasion.FIRST_CONTACT, language=language, now=now)
    return words.text
