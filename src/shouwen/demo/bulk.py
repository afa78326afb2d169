"""Rows written by COPY: many tables in one short transaction, triggers and foreign keys on."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

Model = type[models.Model]

_ESCAPED = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})


class Rows:
    """Rows gathered for some tables, by the names of their columns; `write` writes them."""

    def __init__(self, tables: dict[Model, Sequence[str]]) -> None:
        self._tables = tables
        self._lines: dict[Model, list[str]] = defaultdict(list)

    def add(self, model: Model, values: Iterable[Any]) -> None:
        """One row, its values in the order of the table's columns."""
        self._lines[model].append("\t".join(map(_field, values)) + "\n")

    def write(self) -> None:
        """Write all rows, in the order in which the tables were given, and forget them."""
        with transaction.atomic(), connection.cursor() as cursor:
            for model, columns in self._tables.items():
                order = f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN"
                with cursor.copy(order) as copy:
                    copy.write("".join(self._lines[model]))
        self._lines.clear()


def next_ids(model: Model, many: int) -> list[int]:
    """So many ids of the table that nobody else will be given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, many],
        )
        return [row[0] for row in cursor.fetchall()]


def column_names(model: Model, *, but: Iterable[str] = ()) -> tuple[str, ...]:
    """The names of the model's columns; where one is left out the database fills it in."""
    left_out = frozenset(but)
    names = (column.attname for column in model._meta.concrete_fields)
    return tuple(name for name in names if name not in left_out)


def _field(value: Any) -> str:
    """A value in the text form of COPY."""
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return value.translate(_ESCAPED)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False).translate(_ESCAPED)
    if isinstance(value, list):
        inner = ",".join(json.dumps(each, ensure_ascii=False) for each in value)
        return f"{{{inner}}}".translate(_ESCAPED)
    return str(value)
