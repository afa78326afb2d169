"""More of the same complaint, for questions about how a page grows.

A copy has the row, the ledger and the clocks of its original; its hashes are the original's, so
the ledger of a copy would not verify.
"""

from __future__ import annotations

from django.db import connection
from django.db.models import Model

from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint, Work
from shouwen.records.models import Chain, Entry, ErasableFact

_SUBJECT = "subject_type = 'complaint' AND subject_id = %(first)s"


def copies(complaint: Complaint, number: int) -> list[int]:
    """So many copies of a complaint; their keys."""
    made: list[int] = []
    with connection.cursor() as cursor:
        for serial in range(number):
            name = f"{complaint.number}-{serial}"
            cursor.execute(
                _insert(Complaint, "id = %(first)s", number="%(name)s") + " RETURNING id",
                {"first": complaint.pk, "name": name},
            )
            made.append(cursor.fetchone()[0])
        given = {"first": complaint.pk, "made": made}
        of_each = "unnest(%(made)s) AS copy"
        cursor.execute(_insert(Chain, _SUBJECT, of_each, subject_id="copy"), given)
        chain = "(SELECT id FROM records_chain c WHERE c.subject_type = 'complaint'"
        chain += " AND c.subject_id = copy)"
        cursor.execute(_insert(Entry, _SUBJECT, of_each, subject_id="copy", chain_id=chain), given)
        cursor.execute(_insert(ClockRow, _SUBJECT, of_each, subject_id="copy"), given)
        mine = "complaint_id = %(first)s"
        cursor.execute(_insert(Work, mine, of_each, complaint_id="copy"), given)
        said = (
            "records_entry e JOIN records_entry o ON o.subject_type = 'complaint'"
            " AND o.subject_id = %(first)s AND o.number = e.number"
            " JOIN records_erasablefact f ON f.entry_id = o.id"
        )
        columns = ["name", "salt", "text", "ciphertext"]
        cursor.execute(
            f"INSERT INTO {ErasableFact._meta.db_table} (entry_id, {', '.join(columns)})"
            f" SELECT e.id, {', '.join('f.' + each for each in columns)} FROM {said}"
            " WHERE e.subject_type = 'complaint' AND e.subject_id = ANY(%(made)s)",
            given,
        )
    return made


def _insert(model: type[Model], where: str, beside: str = "", **instead: str) -> str:
    columns = [
        field.column
        for field in model._meta.concrete_fields
        if not field.primary_key and field.column != "transaction"
    ]
    table = model._meta.db_table
    values = ", ".join(instead.get(each, f'{table}."{each}"') for each in columns)
    names = ", ".join(f'"{each}"' for each in columns)
    source = f"{table}, {beside}" if beside else table
    qualified = where.replace("subject_", f"{table}.subject_")
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {source} WHERE {qualified}"
