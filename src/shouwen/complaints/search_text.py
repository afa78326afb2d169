"""Writing what complaints are found by: in the step's own transaction, where something was said.

A complaint is found by its number, its home (not that of a confidential source), its category, and
every erasable text of its ledger; never by personal facts. The index knows its project and day of
receipt as well, so that not everything that was ever said need be looked through.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from shouwen.complaints.grams import fold, mark, piece_of_mark, pieces
from shouwen.complaints.models import Category, Complaint
from shouwen.records.facts import read
from shouwen.records.fields import Personal
from shouwen.records.models import Entry

Said = Mapping[str, Any]

# Why something was erased is no way to find what was.
_NOT_FOUND_BY = frozenset({"erased"})
_BETWEEN = "\x1e"

_STORE = """
INSERT INTO complaints_searchtext (complaint_id, text, grams)
SELECT id, text, array_to_tsvector(string_to_array(grams, %s))
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS given (id, text, grams)
ON CONFLICT (complaint_id) DO UPDATE SET text = EXCLUDED.text, grams = EXCLUDED.grams
"""
_APPEND = """
UPDATE complaints_searchtext
SET text = text || %s, grams = grams || array_to_tsvector(%s::text[])
WHERE complaint_id = %s
"""
_SAME = """
SELECT text = %s AND grams = array_to_tsvector(%s::text[])
FROM complaints_searchtext WHERE complaint_id = %s
"""


def begin(complaints: Iterable[tuple[Complaint, Iterable[Said]]]) -> None:
    """Store what new complaints are found by: each with what its entries say, in one statement."""
    _store([(complaint, _composed(complaint, said)) for complaint, said in complaints])


def add(complaint: Complaint, written: Iterable[Entry]) -> None:
    """Let the complaint be found by what further entries say; nothing where they say nothing."""
    lines = _lines(entry.said for entry in written if entry.kind not in _NOT_FOUND_BY)
    if lines:
        text = "".join(f"\n{line}" for line in lines)
        with connection.cursor() as cursor:
            cursor.execute(_APPEND, [text, list(pieces(text)), complaint.pk])


def rewrite(complaint: Complaint) -> None:
    """Store anew what the complaint is found by, from its ledger."""
    _store([(complaint, _composed(complaint, _said_of(complaint)))])


def erase(complaint: Complaint, names: Collection[str] | None) -> None:
    """Let the complaint no more be found by the texts of these names (None: all)."""
    kept: list[Said] = []
    if names is not None:
        kept = [
            {name: text for name, text in said.items() if name not in names}
            for said in _said_of(complaint)
        ]
    _store([(complaint, _composed(complaint, kept))])


def differs(complaint: Complaint, entries: Iterable[Entry]) -> bool:
    """Whether what is stored is other than `entries`, the whole ledger with what was said, say."""
    text = _composed(complaint, _found_by(entries))
    with connection.cursor() as cursor:
        cursor.execute(_SAME, [text, list(_indexed(complaint, text)), complaint.pk])
        row = cursor.fetchone()
    return row is None or not row[0]


def composed(
    number: str, external_id: str, home: str, categories: Sequence[str], said: Iterable[Said]
) -> str:
    """The folded text: both numbers, the home, marks of the category, and all that was said."""
    marks = "".join(mark(code) for code in categories)
    head = [fold(number), fold(external_id), fold(home), marks]
    return "\n".join([*filter(None, head), *_lines(said)])


def codes(category: Category | None) -> list[str]:
    """The code of a category and of the one above it."""
    above = category.parent if category else None
    return [each.code for each in (category, above) if each]


def _composed(complaint: Complaint, said: Iterable[Said]) -> str:
    home = complaint.home if complaint.home_id and not complaint.confidential else None
    return composed(
        complaint.number,
        complaint.external_id,
        home.label if home else "",
        codes(complaint.category),
        said,
    )


def _lines(said: Iterable[Said]) -> list[str]:
    return [
        fold(text)
        for each in said
        for _name, text in sorted(each.items())
        if text and not isinstance(text, Personal)
    ]


def _said_of(complaint: Complaint) -> list[Said]:
    entries = list(
        Entry.objects.filter(subject_type="complaint", subject_id=complaint.pk).order_by("number")
    )
    said = read(entries)
    for entry in entries:
        entry.said = said[entry.pk]
    return _found_by(entries)


def _found_by(entries: Iterable[Entry]) -> list[Said]:
    return [entry.said for entry in entries if entry.kind not in _NOT_FOUND_BY]


def marks(project_id: int, received_at: datetime) -> set[str]:
    """What stands in the index for a complaint's project and day of receipt."""
    return {piece_of_mark(of_project(project_id)), piece_of_mark(of_day(received_at))}


def of_project(project_id: int) -> str:
    """The code of a project in the index."""
    return f"p:{project_id}"


def of_day(moment: date) -> str:
    """The code of a day in the index; of a moment the day in UTC."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC)
    return f"d:{moment:%Y%m%d}"


def _indexed(complaint: Complaint, text: str) -> set[str]:
    return pieces(text) | marks(complaint.project_id, complaint.received_at)


def _store(texts: Sequence[tuple[Complaint, str]]) -> None:
    if not texts:
        return
    ids = [complaint.pk for complaint, _text in texts]
    grams = [_BETWEEN.join(_indexed(complaint, text)) for complaint, text in texts]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [_BETWEEN, ids, [text for _complaint, text in texts], grams])
