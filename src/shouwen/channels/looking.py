"""Looking into a file before it is mapped: its columns, what stands in them, what that may be."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path

from shouwen.channels import dates, rejects
from shouwen.channels.encodings import BROKEN, detect
from shouwen.channels.mapping import File
from shouwen.channels.tables import Table, open_table

#: Rows looked at; different values of a column up to which they are offered one by one.
LOOKED_AT = 2000
MOST_VALUES = 60
SAMPLES = 5


@dataclass
class Column:
    """A column of the file: its name, and what stands in it in the rows that were looked at."""

    place: int
    name: str
    values: Counter[str] = field(default_factory=Counter)
    moments: int = 0  # cells that are times of their own accord, as in a sheet

    @property
    def samples(self) -> list[str]:
        """The first different values."""
        return list(islice(self.values, SAMPLES))

    @property
    def few(self) -> bool:
        """Whether its values can be offered one by one."""
        return 0 < len(self.values) <= MOST_VALUES

    @cached_property
    def orders(self) -> dict[str, list[str]]:
        """The orders of day, month and year that fit its values, with their formats."""
        if self.moments and self.moments == sum(self.values.values()):
            return {"year": [dates.ISO]}
        return dates.fitting(self.values)


@dataclass
class Look:
    """A file as it was looked into. `sheets` is empty for a text file, `encoding` for a sheet."""

    columns: list[Column]
    rows: int
    sheets: list[str]
    encoding: str

    def column(self, name: str) -> Column | None:
        """The column of that name."""
        return next((each for each in self.columns if each.name == name), None)


@contextmanager
def opened(path: Path, how: File) -> Iterator[Table]:
    """The file as a table. Raises UnreadableFile."""
    table = open_table(path, how)
    try:
        yield table
    finally:
        table.close()


def look(path: Path, how: File) -> Look:
    """Look into a file. Raises UnreadableFile where it cannot be read this way."""
    return _look(path, path.stat().st_mtime_ns, how.model_dump_json())


# A page asks again with every choice; a large sheet takes seconds to open.
@lru_cache(maxsize=8)
def _look(path: Path, changed: int, how: str) -> Look:
    reading = File.model_validate_json(how)
    with opened(path, reading) as table:
        columns = [
            Column(place, name)
            for place, name in enumerate(table.columns)
            if name not in rejects.added_columns()
        ]
        rows = 0
        for row in islice(table.rows, LOOKED_AT):
            rows += 1
            if row.problem is None:
                _note(columns, row.given)
    return Look(columns, rows, _sheets(path), "" if _is_sheet(path) else detect(path))


def _note(columns: Sequence[Column], given: Sequence[object]) -> None:
    for column in columns:
        cell = given[column.place] if column.place < len(given) else None
        text = _as_text(cell)
        if text:
            column.values[text] += 1
            column.moments += isinstance(cell, date)


def _as_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip().replace(BROKEN, "\N{REPLACEMENT CHARACTER}")


def _is_sheet(path: Path) -> bool:
    return zipfile.is_zipfile(path)


def _sheets(path: Path) -> list[str]:
    if not _is_sheet(path):
        return []
    import openpyxl  # here, so that no start spends the time to load it

    book = openpyxl.load_workbook(path, read_only=True)
    try:
        return list(book.sheetnames)
    finally:
        book.close()
