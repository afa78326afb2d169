"""Rows written by COPY: several tables in one short transaction, triggers and foreign keys on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

Model = type[models.Model]


def write(texts: Mapping[Model, str], columns: Mapping[Model, Iterable[str]]) -> None:
    """Write rows, given table by table as `line` makes them, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        for model, text in texts.items():
            order = f"COPY {model._meta.db_table} ({', '.join(columns[model])}) FROM STDIN"
            with cursor.copy(order) as copy:
                copy.write(text)


def line(values: Iterable[Any]) -> str:
    """A row, its values in the order of the columns."""
    return "\t".join(map(field, values)) + "\n"


def field(value: Any) -> str:
    """A value in the text form of COPY."""
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    if isinstance(value, dict):
        return escaped(json.dumps(value, ensure_ascii=False))
    if isinstance(value, list):
        return escaped("{" + ",".join(json.dumps(e, ensure_ascii=False) for e in value) + "}")
    return str(value)


def escaped(text: str) -> str:
    """A text in the text form of COPY."""
    if "\\" in text:
        text = text.replace("\\", r"\\")
    return text.replace("\n", r"\n").replace("\r", r"\r").replace("\t", r"\t")


def next_ids(model: Model, many: int) -> list[int]:
    """So many ids of the table that nobody else will be given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, many],
        )
        return [row[0] for row in cursor.fetchall()]


def column_names(model: Model, *, but: Iterable[str] = ()) -> tuple[str, ...]:
    """The names of the model's columns; one that is left out is filled in by the database."""
    left_out = frozenset(but)
    names = (column.attname for column in model._meta.concrete_fields)
    return tuple(name for name in names if name not in left_out)
