"""What is drawn from records: tables for Excel and for CSV, and the QR code that leads back to a
printed page.

A table is written row by row and never lies in memory whole. Text stays text: nothing in a file
that leaves here begins to reckon when it is opened.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import segno
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

Cell = str | int | datetime | None
"""A text, a number, or a moment, which is written as the clock shows it in the current time zone."""

#: Excel's own limits: rows of a sheet, characters of a cell and of a sheet's name.
MOST_ROWS = 1_048_576
MOST_CHARACTERS = 32_767
_MOST_OF_A_NAME = 31
_NOT_IN_A_NAME = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
# What makes a program that opens a CSV file take a text for a formula, also in full width.
_RECKONS = tuple("=+-@\t\r\n＝＋－＠")
MOMENT = "yyyy-mm-dd hh:mm"
_MOMENT_IN_TEXT = "%Y-%m-%d %H:%M:%S"
_MEASURED = 200  # rows by which the width of columns is told
_NARROWEST, _WIDEST = 8, 48


def qr_svg(text: str) -> SafeString:
    """The text as a QR code (ISO/IEC 18004, level M), an SVG element to stand in a page.

    Black on white with the quiet zone also in dark mode, without style attributes or ids
    (Content-Security-Policy `style-src 'self'`); its size is the page's to give, by the
    class `qr`.
    """
    code = segno.make(text, error="m", micro=False)
    drawn = code.svg_inline(
        dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None, border=4
    )
    return mark_safe(drawn)


class Csv:
    """A CSV file for Excel: UTF-8 with its mark, so that Chinese is read as such.

    A text that Excel would take for a formula is led by an apostrophe.
    """

    def __init__(self, path: Path) -> None:
        self._file: TextIO = path.open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._file)

    def row(self, cells: Sequence[Cell]) -> None:
        """Write a row."""
        self._rows.writerow([_as_text(cell) for cell in cells])

    def close(self) -> None:
        """Write out what is left."""
        self._file.close()


def _as_text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return f"{timezone.localtime(cell):{_MOMENT_IN_TEXT}}"
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_RECKONS) else cell
    return "" if cell is None else str(cell)


def _width(cell: Cell) -> int:
    """How wide a cell is, in half-width characters; of several lines the widest."""
    if isinstance(cell, datetime):
        return len(MOMENT)
    lines = str("" if cell is None else cell).splitlines() or [""]
    return max(
        sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line[:99])
        for line in lines
    )


class Workbook:
    """An Excel file (ECMA-376) with any number of sheets, each written row by row.

    The rows of several sheets may be written in turn. `path` decides where the rows wait until
    the file is closed: in its own folder.
    """

    def __init__(self, path: Path) -> None:
        import xlsxwriter  # here, so that no start spends the time to load it

        options = {
            "constant_memory": True,
            "tmpdir": str(path.parent),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(str(path), options)
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._names: set[str] = set()

    def page(self, name: str) -> Any:
        """A further worksheet; of a name that is taken already, the next one ("Name 2")."""
        return self._book.add_worksheet(self._free_name(name))

    def close(self) -> None:
        """Write the file: until now there was none."""
        self._book.close()

    def style(self, **wanted: Any) -> Any:
        """The cell style of these properties, made once."""
        key = tuple(sorted(wanted.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"valign": "top", **wanted})
        return self._formats[key]

    def _free_name(self, wanted: str) -> str:
        plain = wanted.translate(_NOT_IN_A_NAME).strip(" '") or "1"
        name, number = plain[:_MOST_OF_A_NAME], 1
        while name.casefold() in self._names:
            number += 1
            name = f"{plain[: _MOST_OF_A_NAME - 1 - len(str(number))]} {number}"
        self._names.add(name.casefold())
        return name


@dataclass
class Sheet:
    """A sheet with a head row; goes on in a further sheet where Excel allows no more rows.

    `title` stands above the head row, a line each; `widths` (half-width characters) are told from
    the rows where they are not given. `printed` sets the page up for paper: A4 across, all columns
    on one page, the head row on every page, borders, page numbers.
    """

    book: Workbook
    name: str
    head: Sequence[str]
    title: Sequence[str] = ()
    widths: Sequence[int] = ()
    printed: bool = False
    rows: int = 0
    _at: int = field(init=False)
    _wide: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._begin()

    def row(self, cells: Sequence[Cell]) -> None:
        """Write a row."""
        if self._at >= MOST_ROWS:
            self._end()
            self._begin()
        frame = {"border": 1, "text_wrap": True} if self.printed else {}
        self._write(cells, **frame)
        self.rows += 1
        if self.rows <= _MEASURED:
            self._measure(cells)

    def foot(self, words: str) -> None:
        """Write a line below the rows, over all columns, and end the sheet."""
        if words:
            self._at += 1
            self._sheet.set_row(self._at, 28)
            self._sheet.write_string(self._at, 0, words, self.book.style(valign="vcenter"))
            self._at += 1
        self._end()

    def _begin(self) -> None:
        self._sheet = self.book.page(self.name)
        self._at = 0
        for place, line in enumerate(self.title):
            size = {"bold": True, "font_size": 16} if place == 0 else {"font_color": "#444444"}
            style = self.book.style(valign="vcenter", **size)
            self._sheet.set_row(self._at, 30 if place == 0 else 18)
            self._sheet.write_string(self._at, 0, line, style)
            self._at += 1
        frame = {"border": 1, "text_wrap": True, "align": "center"} if self.printed else {}
        self._write(self.head, bold=True, bg_color="#EEEEEE", **{"valign": "vcenter", **frame})
        self._sheet.freeze_panes(self._at, 0)
        self._sheet.repeat_rows(self._at - 1)
        self._measure(self.head)
        if self.printed:
            self._sheet.set_landscape()
            self._sheet.set_paper(9)  # A4
            self._sheet.fit_to_pages(1, 0)
            self._sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
            self._sheet.set_footer("&C&P / &N")

    def _write(self, cells: Sequence[Cell], **style: Any) -> None:
        plain = self.book.style(**style)
        for column, cell in enumerate(cells):
            if isinstance(cell, datetime):
                local = timezone.localtime(cell).replace(microsecond=0, tzinfo=None)
                moment = self.book.style(num_format=MOMENT, align="left", **style)
                self._sheet.write_datetime(self._at, column, local, moment)
            elif isinstance(cell, int):
                self._sheet.write_number(self._at, column, cell, plain)
            elif cell:
                self._sheet.write_string(self._at, column, _fitting(cell), plain)
            elif self.printed:
                self._sheet.write_blank(self._at, column, None, plain)
        self._at += 1

    def _measure(self, cells: Sequence[Cell]) -> None:
        self._wide += [0] * (len(cells) - len(self._wide))
        for column, cell in enumerate(cells):
            self._wide[column] = max(self._wide[column], _width(cell))

    def _end(self) -> None:
        told = [min(max(each, _NARROWEST), _WIDEST) + 2 for each in self._wide]
        for column, width in enumerate(self.widths or told):
            self._sheet.set_column(column, column, width)


def _fitting(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
