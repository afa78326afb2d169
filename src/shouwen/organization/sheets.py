"""Workbooks with staff, homes, customers and duty: what their sheets hold, reading them, a template."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

#: A sheet has so many rows at most.
MOST_ROWS = 20_000
MOST_BYTES = 20 << 20
_LISTED = 2_000


class Outcome(StrEnum):
    """What a row amounts to."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


class UnreadableWorkbook(ValueError):
    """The file cannot be read as one of our workbooks; the message says what to do."""


@dataclass(frozen=True)
class Column:
    """A column: its word, its heading in the person's language, how it is filled in."""

    word: str
    label: Any
    hint: Any
    needed: bool = False


@dataclass(frozen=True)
class Kind:
    """A sheet: its word, its name, its columns."""

    word: str
    label: Any
    columns: tuple[Column, ...]


_PROJECT = Column("project", gettext_lazy("项目代号"), gettext_lazy("如 JX"), needed=True)

SHEETS = (
    Kind(
        "staff",
        gettext_lazy("员工"),
        (
            Column(
                "username",
                gettext_lazy("用户名"),
                gettext_lazy("登录用，每人一个，如 zhangsan"),
                True,
            ),
            Column("name", gettext_lazy("称呼"), gettext_lazy("同事看到的名字"), True),
            Column("telephone", gettext_lazy("电话"), gettext_lazy("可不填")),
            Column("email", gettext_lazy("邮箱"), gettext_lazy("可不填")),
            Column(
                "position", gettext_lazy("岗位"), gettext_lazy("从列表中选；多个岗位写多行"), True
            ),
            Column("project", gettext_lazy("项目代号"), gettext_lazy("全公司的岗位留空")),
            Column(
                "department",
                gettext_lazy("部门代号"),
                gettext_lazy("部门员工和部门负责人要填，如 jx-engineering"),
            ),
            Column("since", gettext_lazy("任职自"), gettext_lazy("如 2026-11-01，不填为今天")),
        ),
    ),
    Kind(
        "homes",
        gettext_lazy("房屋"),
        (
            _PROJECT,
            Column("building", gettext_lazy("楼栋"), gettext_lazy("如 3 或 A"), True),
            Column("unit", gettext_lazy("单元"), gettext_lazy("没有单元就留空")),
            Column("room", gettext_lazy("房号"), gettext_lazy("如 802"), True),
        ),
    ),
    Kind(
        "customers",
        gettext_lazy("客户"),
        (
            _PROJECT,
            Column("home", gettext_lazy("房屋"), gettext_lazy("如 3-1-802 或 3栋1单元802"), True),
            Column("name", gettext_lazy("称呼"), gettext_lazy("称呼和电话至少填一项")),
            Column("telephone", gettext_lazy("电话"), gettext_lazy("手机或带区号的座机")),
            Column("relation", gettext_lazy("身份"), gettext_lazy("从列表中选，不填为业主")),
            Column("since", gettext_lazy("登记日期"), gettext_lazy("不填为今天")),
        ),
    ),
    Kind(
        "shifts",
        gettext_lazy("值班"),
        (
            _PROJECT,
            Column("position", gettext_lazy("岗位"), gettext_lazy("从列表中选"), True),
            Column(
                "department", gettext_lazy("部门代号"), gettext_lazy("部门员工和部门负责人要填")
            ),
            Column("username", gettext_lazy("用户名"), gettext_lazy("值班的员工，每班一行"), True),
            Column("day", gettext_lazy("日期"), gettext_lazy("上班那一天，如 2026-11-01"), True),
            Column("begins", gettext_lazy("上班"), gettext_lazy("如 08:00"), True),
            Column(
                "ends",
                gettext_lazy("下班"),
                gettext_lazy("如 20:00；不晚于上班时间的，到第二天"),
                True,
            ),
        ),
    ),
)
KINDS = {kind.word: kind for kind in SHEETS}
#: The heading that our file of wrong rows adds; passed over when it comes back.
REASON = gettext_lazy("未导入原因")


@dataclass(frozen=True)
class Line:
    """A row of a sheet: its number there, its cells as text by column, and as they stand."""

    number: int
    cells: Mapping[str, str]
    given: Sequence[Any]


@dataclass
class Told:
    """What a sheet makes of a row: the outcome, and for a wrong one why, by column heading."""

    outcome: Outcome
    reasons: list[str] = field(default_factory=list)


class Bringing(Protocol):
    """Takes the rows of one sheet: first each is looked at, then all that are right are written."""

    def look(self, line: Line) -> Told: ...

    def write(self) -> None: ...


@cache
def said_for(label: Any) -> frozenset[str]:
    """What a label is called, in every language."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.add(str(label).casefold())
    return frozenset(found)


@cache
def words_of(choices: type[Any]) -> dict[str, str]:
    """From a choice as people write it, in every language, or its word, to its word."""
    found: dict[str, str] = {}
    for choice in choices:
        found[str(choice.value).casefold()] = str(choice.value)
        for said in said_for(choice.label):
            found.setdefault(said, str(choice.value))
    return found


def text(cell: Any) -> str:
    """A cell as text without spaces around it: 802.0 is 802, a day is 2026-11-01."""
    if cell is None:
        return ""
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    if isinstance(cell, datetime.time):
        return cell.strftime("%H:%M")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()


def day(said: str) -> datetime.date:
    """A day as people write it: 2026-11-01, 2026/11/1, 2026.11.1; "" is today. Raises ValueError."""
    if not said:
        return timezone.localdate()
    year, month, of_month = (
        int(part) for part in said.replace("/", "-").replace(".", "-").split("-")
    )
    return datetime.date(year, month, of_month)


class Workbook:
    """An uploaded workbook: those of our sheets that it has, by name or by their headings."""

    def __init__(self, path: Path) -> None:
        import openpyxl  # here, so that no start spends the time to load it
        from openpyxl.utils.exceptions import InvalidFileException

        damaged = (zipfile.BadZipFile, KeyError, ValueError, EOFError, OSError)
        try:
            self._book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        except (InvalidFileException, *damaged):
            raise UnreadableWorkbook(_("这不是完好的 XLSX 文件，请用模板填写后再上传")) from None
        self.sheets: dict[str, Any] = {}
        self._places: dict[str, dict[str, int]] = {}
        for sheet in self._book.worksheets:
            self._know(sheet)
        if not self.sheets:
            self.close()
            raise UnreadableWorkbook(
                _("没有找到“员工”“房屋”“客户”或“值班”工作表，请用模板填写，第一行是列名")
            )

    def _know(self, sheet: Any) -> None:
        kind = next(
            (each for each in SHEETS if sheet.title.casefold() in said_for(each.label)), None
        )
        if kind is None:
            return
        sheet.reset_dimensions()
        head = [text(cell).casefold() for cell in next(sheet.iter_rows(values_only=True), ())]
        places = {
            column.word: place
            for column in kind.columns
            for place, said in enumerate(head)
            if said.rstrip("* ") in said_for(column.label)
        }
        lacking = [
            str(each.label) for each in kind.columns if each.needed and each.word not in places
        ]
        if lacking:
            self.close()
            words = _("“{sheet}”工作表缺少这些列：{columns}")
            raise UnreadableWorkbook(words.format(sheet=sheet.title, columns=_("、").join(lacking)))
        self.sheets[kind.word] = sheet
        self._places[kind.word] = places

    def head(self, word: str) -> list[str]:
        """The headings that we know, in their order."""
        return [str(column.label) for column in KINDS[word].columns]

    def lines(self, word: str) -> Iterator[Line]:
        """The rows of a sheet that are not empty. Raises UnreadableWorkbook for too many."""
        places = self._places[word]
        read = 0
        for number, cells in enumerate(self.sheets[word].iter_rows(min_row=2, values_only=True), 2):
            by_word = {
                column: cells[place] if place < len(cells) else None
                for column, place in places.items()
            }
            if not any(text(cell) for cell in by_word.values()):
                continue
            read += 1
            if read > MOST_ROWS:
                words = _("“{sheet}”超过 {most} 行，请分成几个文件")
                raise UnreadableWorkbook(
                    words.format(sheet=KINDS[word].label, most=f"{MOST_ROWS:,}")
                )
            given = [by_word.get(column.word) for column in KINDS[word].columns]
            yield Line(number, {column: text(cell) for column, cell in by_word.items()}, given)

    def close(self) -> None:
        """Let go of the file."""
        self._book.close()


class Wrong:
    """The wrong rows, written as a workbook of the same kind, with the reasons beside them."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[list[str], Sequence[Any]]]] = {}

    def add(self, word: str, line: Line, reasons: list[str]) -> None:
        """Keep a wrong row."""
        self.rows.setdefault(word, []).append((reasons, line.given))

    def write(self, path: Path) -> None:
        """Write the file, for nobody else to read."""
        import xlsxwriter  # here, so that no start spends the time to load it

        path.touch(mode=0o600)
        with xlsxwriter.Workbook(str(path), _PLAIN) as book:
            for word, rows in self.rows.items():
                kind = KINDS[word]
                sheet = book.add_worksheet(str(kind.label))
                sheet.freeze_panes(1, 0)
                sheet.set_column(0, len(kind.columns), 16)
                head = [*(str(column.label) for column in kind.columns), str(REASON)]
                sheet.write_row(0, 0, head)
                for at, (reasons, given) in enumerate(rows, start=1):
                    for place, cell in enumerate(given):
                        sheet.write_string(at, place, text(cell))
                    sheet.write_string(at, len(kind.columns), _("；").join(reasons))


_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def template(lists: Mapping[str, Sequence[str]], words: Collection[str] = tuple(KINDS)) -> bytes:
    """An empty workbook with these of our sheets (default: all), a sheet that explains them, and drop-down lists.

    `lists` are the values offered, by column word.
    """
    import xlsxwriter  # here, so that no start spends the time to load it

    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True, **_PLAIN}) as book:
        bold = book.add_format({"bold": True})
        plain = book.add_format({"num_format": "@"})
        told = book.add_worksheet(_("说明"))
        told.set_column(0, 1, 14)
        told.set_column(2, 2, 60)
        told.write_row(0, 0, [_("工作表"), _("列"), _("怎么填")], bold)
        kinds = [kind for kind in SHEETS if kind.word in words]
        sheets = [book.add_worksheet(str(kind.label)) for kind in kinds]
        offers = book.add_worksheet("lists")
        offers.hide()
        for at, (word, values) in enumerate(lists.items()):
            offers.write_column(0, at, values)
            book.define_name(
                f"offered_{word}", f"=lists!${chr(65 + at)}$1:${chr(65 + at)}${max(1, len(values))}"
            )
        line = 0
        for kind, sheet in zip(kinds, sheets, strict=True):
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(kind.columns):
                # As text, so that a telephone number keeps its leading zero.
                sheet.set_column(place, place, 16, plain)
                sheet.write_string(0, place, f"{column.label}{'*' if column.needed else ''}", bold)
                line += 1
                told.write_row(line, 0, [str(kind.label), str(column.label), str(column.hint)])
                if lists.get(column.word):
                    rule = {"validate": "list", "source": f"=offered_{column.word}"}
                    sheet.data_validation(1, place, _LISTED, place, rule)
        told.write_string(line + 2, 0, _("带 * 的列必须填。用不到的工作表留空。"))
    return kept.getvalue()
