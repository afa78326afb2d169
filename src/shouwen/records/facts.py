"""Reading and erasing the texts and personal facts that lie beside the entries."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db import connection

from shouwen.records.fields import decrypt
from shouwen.records.keeping import ERASING
from shouwen.records.models import Entry, ErasableFact


def read(entries: Iterable[Entry]) -> dict[int, dict[str, str | None]]:
    """What was said in each entry, by entry id and name; None where it has been erased.

    One query however many entries. Personal facts come decrypted.
    """
    said: dict[int, dict[str, str | None]] = {
        entry.pk: dict.fromkeys(entry.digests) for entry in entries
    }
    told = [pk for pk, names in said.items() if names]
    if told:
        rows = ErasableFact.objects.filter(entry_id__in=told)
        for entry_id, name, text, ciphertext in rows.values_list(
            "entry_id", "name", "text", "ciphertext"
        ):
            said[entry_id][name] = text if ciphertext is None else decrypt(ciphertext)
    return said


def export(subject_type: str, subject_ids: Collection[int]) -> dict[int, list[dict[str, object]]]:
    """All texts and personal facts of subjects that are still there, by subject, in ledger order."""
    entries = list(
        Entry.objects.filter(subject_type=subject_type, subject_id__in=subject_ids).order_by(
            "subject_id", "number"
        )
    )
    said = read(entries)
    told: dict[int, list[dict[str, object]]] = defaultdict(list)
    for entry in entries:
        told[entry.subject_id] += [
            {"entry": entry.number, "kind": entry.kind, "name": name, "value": value}
            for name, value in sorted(said[entry.pk].items())
            if value is not None
        ]
    return told


def erase(subject_type: str, subject_id: int, names: Collection[str] | None) -> int:
    """Delete the facts of these names (None: all) and say how many there were.

    Inside a transaction; :func:`shouwen.records.erasure.erase` writes the entry about it.
    """
    doomed = ErasableFact.objects.filter(
        entry__subject_type=subject_type, entry__subject_id=subject_id
    )
    if names is not None:
        doomed = doomed.filter(name__in=list(names))
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [f"shouwen.{ERASING}"])
        count, _ = doomed.delete()
        cursor.execute("SELECT set_config(%s, 'off', true)", [f"shouwen.{ERASING}"])
    return count
