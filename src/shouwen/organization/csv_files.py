"""A CSV file of staff, homes, customers or duty as a workbook of one sheet: one file an object.

The columns are called by their words (docs/import.md), as other systems' exports can be given them,
or by the headings of the template in any language.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from django.utils.translation import gettext as _

from shouwen.organization.sheets import MOST_ROWS, SHEETS, Kind, UnreadableWorkbook, said_for

#: As spreadsheets write them; the first that fits is taken.
_ENCODINGS = ("utf-8-sig", "gb18030", "utf-16")
_SEPARATORS = ",;\t"


def is_csv(start: bytes, name: str) -> bool:
    """Whether a file that begins so is to be read as CSV: called so, and no workbook."""
    return name.casefold().endswith((".csv", ".tsv", ".txt")) and not start.startswith(b"PK")


def as_workbook(content: bytes, path: Path) -> None:
    """Write the file as a workbook. Raises UnreadableWorkbook, saying what to do."""
    rows = _rows(_decoded(content))
    head = [cell.strip().casefold().rstrip("* ") for cell in rows[0]] if rows else []
    kind, places = _kind(head)
    if len(rows) - 1 > MOST_ROWS:
        words = _("“{sheet}”超过 {most} 行，请分成几个文件")
        raise UnreadableWorkbook(words.format(sheet=kind.label, most=f"{MOST_ROWS:,}"))
    import xlsxwriter  # here, so that no start spends the time to load it

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), plain) as book:
        sheet = book.add_worksheet(str(kind.label))
        columns = [column for column in kind.columns if column.word in places]
        sheet.write_row(0, 0, [str(column.label) for column in columns])
        for number, row in enumerate(rows[1:], start=1):
            for at, column in enumerate(columns):
                place = places[column.word]
                sheet.write_string(number, at, row[place] if place < len(row) else "")


def _decoded(content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableWorkbook(_("认不出文件的编码，请存为 UTF-8 的 CSV 后再上传"))


def _rows(text: str) -> list[list[str]]:
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        raise UnreadableWorkbook(_("引号不成对，分不出各列；请检查后再上传")) from None


def _kind(head: list[str]) -> tuple[Kind, dict[str, int]]:
    """The object whose columns these are: all that it needs, and as many as possible."""
    best: tuple[int, Kind, dict[str, int]] | None = None
    for kind in SHEETS:
        places = {
            column.word: place
            for column in kind.columns
            for place, said in enumerate(head)
            if said == column.word or said in said_for(column.label)
        }
        whole = all(column.word in places for column in kind.columns if column.needed)
        if whole and (best is None or len(places) > best[0]):
            best = len(places), kind, places
    if best is None:
        raise UnreadableWorkbook(
            _("第一行的列名对不上员工、房屋、客户或值班中的任何一种；列名见模板或文档")
        )
    return best[1], best[2]
