"""The rows of a file that were not brought in, as a file of the same kind to mend and try again.

Beside the file's own columns, whose cells stand as they were given, it says of each row which line
it was and why it was not brought in. Both columns are passed over when the file comes back.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime
from datetime import time as clock_time
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.channels.encodings import BROKEN
from shouwen.channels.labels import label_of
from shouwen.channels.problems import Problem
from shouwen.channels.tables import Row

_ADDED = (gettext_lazy("原行号"), gettext_lazy("未导入原因"))
_DATE, _MOMENT, _CLOCK = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm:ss"


@cache
def added_columns() -> frozenset[str]:
    """What our two columns are called, in every language."""
    found = set()
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            found |= {str(name) for name in _ADDED}
    return frozenset(found)


def reasons(problems: Sequence[Problem]) -> str:
    """Why a row was not brought in, in words."""
    return _("；").join(
        _("{field}：{reason}").format(field=label_of(each.field), reason=each.words)
        if each.field
        else each.words
        for each in problems
    )


class Rejected:
    """The file of the rejected rows while it is being written: a sheet, or CSV."""

    def __init__(self, path: Path, columns: Sequence[str], *, sheet: bool) -> None:
        # What an earlier such file of ours had added is left out.
        self._kept = [place for place, name in enumerate(columns) if name not in added_columns()]
        self._columns = len(columns)
        self._write: _Sheet | _Lines = _Sheet(path) if sheet else _Lines(path)
        self._write.row([*map(str, _ADDED), *(columns[place] for place in self._kept)])
        self.rows = 0

    def add(self, row: Row, problems: Sequence[Problem]) -> None:
        """Write a rejected row."""
        whole = len(row.given) >= self._columns
        given = [row.given[place] for place in self._kept] if whole else list(row.given)
        beyond = list(row.given[self._columns :])
        self._write.row([row.line, reasons(problems), *given, *beyond])
        self.rows += 1

    def close(self) -> None:
        """Write out what is left."""
        self._write.close()


class _Lines:
    def __init__(self, path: Path) -> None:
        # With a mark, so that Excel reads it as UTF-8.
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._file)

    def row(self, cells: Sequence[Any]) -> None:
        self._rows.writerow(
            [str(cell).replace(BROKEN, "\N{REPLACEMENT CHARACTER}") for cell in cells]
        )

    def close(self) -> None:
        self._file.close()


class _Sheet:
    def __init__(self, path: Path) -> None:
        import xlsxwriter  # here, so that no start spends the time to load it

        self._book = xlsxwriter.Workbook(
            str(path), {"constant_memory": True, "tmpdir": str(path.parent)}
        )
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(1, 1, 40)
        self._styles = {
            form: self._book.add_format({"num_format": form}) for form in (_DATE, _MOMENT, _CLOCK)
        }
        self._at = 0

    def row(self, cells: Sequence[Any]) -> None:
        for place, cell in enumerate(cells):
            if cell is None:
                continue
            if isinstance(cell, bool):
                self._sheet.write_boolean(self._at, place, cell)
            elif isinstance(cell, int | float):
                self._sheet.write_number(self._at, place, cell)
            elif isinstance(cell, date | clock_time):
                form = _MOMENT if isinstance(cell, datetime) else _DATE
                form = _CLOCK if isinstance(cell, clock_time) else form
                self._sheet.write_datetime(self._at, place, cell, self._styles[form])
            else:
                self._sheet.write_string(self._at, place, str(cell))
        self._at += 1

    def close(self) -> None:
        self._book.close()
