"""Reading CSV and XLSX row by row: in constant memory, every row with its line, none lost."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _

from shouwen.channels.encodings import BROKEN, CODECS, MARKING, UnreadableFile, detect
from shouwen.channels.mapping import File
from shouwen.channels.problems import Problem, problem

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
# A file without line ends is not read into memory whole.
_LONGEST_LINE = 1 << 20


@dataclass(frozen=True)
class Row:
    """One row: its line in the file (of a sheet: its row), and its cells by column name.

    Cells are text without spaces around it; times of a sheet stay times. A row that cannot be
    told apart into cells has a `problem` instead. `given` is what stands in the file, untouched:
    its cells in their order, or the whole line where it cannot be told apart.
    """

    line: int
    cells: Mapping[str, Any] = field(default_factory=dict)
    problem: Problem | None = None
    given: Sequence[Any] = ()


@dataclass
class Table:
    """An open file: its columns, its rows once, and how much of it has been read."""

    columns: list[str]
    rows: Iterator[Row]
    total: int | None
    done: Callable[[], int]
    close: Callable[[], None]


def open_table(path: Path, how: File) -> Table:
    """Open a CSV or XLSX file, told apart by its first bytes.

    Raises UnreadableFile where it is neither, or has no row of column names.
    """
    try:
        with path.open("rb") as file:
            first = file.read(4)
    except OSError as error:
        raise UnreadableFile(f"{path.name}: {error.strerror}") from None
    if first == _OLD_EXCEL:
        raise UnreadableFile(_("这是旧式 Excel 文件（.xls），请另存为 XLSX 或 CSV"))
    return _sheet(path, how) if first == _ZIP else _csv(path, how)


class _Lines:
    """The lines of a text, which can be taken back when they turn out to belong to no record."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self.before = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._stream.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        self._taken.append(line)
        return line

    def begin(self) -> None:
        """A record begins here."""
        self.before += len(self._taken)
        self._taken = []

    @property
    def taken(self) -> int:
        """How many lines the record took so far."""
        return len(self._taken)

    @property
    def first(self) -> str:
        """The first line of the record."""
        return self._taken[0]

    def keep_first(self) -> None:
        """Only the first line belongs to the record: what follows is read again."""
        self._again.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]


def _csv(path: Path, how: File) -> Table:
    codec = how.codec or CODECS[detect(path)]
    binary = path.open("rb")
    stream = io.TextIOWrapper(binary, encoding=codec, errors=MARKING, newline="")
    lines = _Lines(stream)
    for _line in range(how.header - 1):
        next(lines, None)
    lines.begin()
    try:
        header = next(csv.reader(lines, delimiter=how.delimiter, strict=True), None)
    except csv.Error:
        header = None
    columns = _header(header, path)
    return Table(
        columns,
        _records(lines, columns, how.delimiter, codec),
        path.stat().st_size,
        binary.tell,
        stream.close,
    )


def _records(lines: _Lines, columns: list[str], delimiter: str, codec: str) -> Iterator[Row]:
    while True:
        lines.begin()
        line = lines.before + 1
        try:
            cells = next(csv.reader(lines, delimiter=delimiter, strict=True), None)
        except csv.Error as error:
            # An open quote would swallow the rows behind it: they are read again, one by one.
            lines.keep_first()
            large = "field limit" in str(error)
            why = problem("field_too_large" if large else "broken_quotes")
            yield Row(line, problem=why, given=(lines.first.rstrip("\r\n"),))
            continue
        if cells is None:
            return
        if not cells:
            continue
        row = _row(line, cells, columns, codec)
        if row.problem is not None and lines.taken > 1 and row.problem.code == "wrong_columns":
            lines.keep_first()
            row = Row(line, problem=problem("broken_quotes"), given=(lines.first.rstrip("\r\n"),))
        yield row


def _row(line: int, cells: Sequence[Any], columns: list[str], codec: str = "") -> Row:
    values = [_plain(cell) for cell in cells]
    while len(values) > len(columns) and values[-1] == "":
        values.pop()
    if len(values) != len(columns):
        why = problem("wrong_columns", expected=len(columns), found=len(values))
        return Row(line, problem=why, given=cells)
    for name, value in zip(columns, values, strict=True):
        if isinstance(value, str) and BROKEN in value:
            why = problem("broken_encoding", name, encoding=_public(codec))
            return Row(line, problem=why, given=cells)
    return Row(line, dict(zip(columns, values, strict=True)), given=cells)


def _public(codec: str) -> str:
    return next((name for name, used in CODECS.items() if used == codec), codec).upper()


def _plain(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, bool | int | float):
        return str(cell)
    return cell


def _header(cells: Sequence[Any] | None, path: Path) -> list[str]:
    columns = [str(_plain(cell)) for cell in cells or ()]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise UnreadableFile(_("{file} 没有列名行").format(file=path.name))
    if any(BROKEN in name for name in columns):
        raise UnreadableFile(_("{file} 的列名读不出：编码不对").format(file=path.name))
    return columns


_DAMAGED = (
    zipfile.BadZipFile,
    ParseError,
    KeyError,
    ValueError,
    EOFError,
    OSError,
)


def _sheet(path: Path, how: File) -> Table:
    import openpyxl  # here, so that no start spends the time to load it
    from openpyxl.utils.exceptions import InvalidFileException

    damaged = UnreadableFile(_("{file} 不是完好的 XLSX 文件").format(file=path.name))
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet: Any = book[how.sheet] if how.sheet else book.worksheets[0]
    except (InvalidFileException, *_DAMAGED) as error:
        if how.sheet and "does not exist" in str(error):
            words = _("{file} 里没有名为“{sheet}”的工作表")
            raise UnreadableFile(words.format(file=path.name, sheet=how.sheet)) from None
        raise damaged from None
    total = sheet.max_row if (sheet.max_row or 0) > 1 else None
    # Some programs write a wrong extent; without one, rows are read until there are no more.
    sheet.reset_dimensions()
    read = [0]

    def numbered() -> Iterator[tuple[int, Sequence[Any]]]:
        try:
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                read[0] = number
                if number >= how.header:
                    yield number, cells
        except _DAMAGED:
            raise damaged from None

    rows = numbered()
    columns = _header(next(rows, (0, None))[1], path)

    def padded() -> Iterator[Row]:
        for number, cells in rows:
            if any(cell not in (None, "") for cell in cells):
                missing = len(columns) - len(cells)
                yield _row(number, [*cells, *[None] * missing], columns)

    return Table(columns, padded(), total, lambda: read[0], book.close)
