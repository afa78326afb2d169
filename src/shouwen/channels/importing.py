"""Bringing a file in, batch by batch: each is committed as it is done, a second run adds nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.channels.mapping import Mapping, MappingError
from shouwen.channels.problems import Problem, problem
from shouwen.channels.reading import Read, Reader
from shouwen.channels.tables import Row, Table
from shouwen.complaints import history
from shouwen.complaints.history import Kept
from shouwen.complaints.models import Category
from shouwen.complaints.refusals import InvalidData, NotAllowed
from shouwen.organization import holders
from shouwen.organization.models import Project, Staff
from shouwen.organization.positions import Position

BATCH = 200

Reject = Callable[[Row, Sequence[Problem]], None]
"""Told of every rejected row, and why."""


@dataclass
class Counts:
    """What became of the rows so far (in a dry run: what would become of them)."""

    rows: int = 0
    closed: int = 0
    still_open: int = 0
    present: int = 0
    rejected: int = 0
    skipped: int = 0

    @property
    def imported(self) -> int:
        """Complaints brought in now, closed and open."""
        return self.closed + self.still_open


@dataclass
class Import:
    """One run over one file.

    `person` receives what is still open; `history_by` is who brings history in (None: nobody in
    particular). With `dry_run` everything is checked and nothing written.
    """

    mapping: Mapping
    table: Table
    project: Project
    file: str
    person: Staff | None
    reject: Reject
    history_by: Staff | None = None
    dry_run: bool = False
    batch: int = BATCH
    counts: Counts = field(default_factory=Counts)
    unknown: dict[str, set[str]] = field(default_factory=dict)
    """Values that the mapping does not know, by field: the first `UNKNOWN_KEPT` of each."""

    def run(self) -> Iterator[Counts]:
        """Bring in the rows; yields after each batch, when it is committed."""
        categories = set(Category.objects.filter(is_active=True).values_list("code", flat=True))
        reader = Reader(self.mapping, self.project, file=self.file, categories=categories)
        self.unknown = reader.unknown
        _begin_seen()
        while rows := list(islice(self.table.rows, self.batch)):
            self._take(reader, rows)
            yield self.counts

    def _take(self, reader: Reader, rows: list[Row]) -> None:
        now = timezone.now()
        self._batch = {row.line: row for row in rows}
        lines: dict[str, int] = {}
        found: dict[str, Read] = {}
        for row in rows:
            self.counts.rows += 1
            read = reader.read(row, now)
            if read.kept is None:
                self._left_out(row.line, read)
                continue
            first = lines.setdefault(read.kept.external_id, row.line)
            if first != row.line:
                self._reject(row.line, problem("duplicate", "external_id", line=first))
            else:
                found[read.kept.external_id] = read
        for external_id, first in _seen_before(lines).items():
            del found[external_id]
            self._reject(lines[external_id], problem("duplicate", "external_id", line=first))
        self._store(list(found.values()), now)

    def _left_out(self, line: int, read: Read) -> None:
        if read.skipped:
            self.counts.skipped += 1
        else:
            self._reject(line, *read.problems)

    def _reject(self, line: int, *problems: Problem) -> None:
        self.counts.rejected += 1
        self.reject(self._batch[line], problems)

    def _store(self, found: list[Read], now: datetime) -> None:
        closed = [read.kept for read in found if read.kept and not read.still_open]
        if self.dry_run:
            known = history.present(self.project, [row.external_id for row in closed])
            brought = len(closed) - len(known)
        else:
            brought = len(history.bring_in(self.project, closed, person=self.history_by, now=now))
        self.counts.closed += brought
        self.counts.present += len(closed) - brought
        for read in found:
            if read.kept and read.still_open:
                self._receive(read.kept)

    def _receive(self, row: Kept) -> None:
        """What is still open is received now, by a person, through the step."""
        line = row.origin["line"]
        if history.present(self.project, [row.external_id]):
            self.counts.present += 1
            return
        if self.person is None:
            self._reject(line, problem("nobody_receives", "status"))
            return
        try:
            if self.dry_run:
                history.check_open(self.project, row, person=self.person, now=timezone.now())
                received = True
            else:
                received = history.receive_open(self.project, row, person=self.person) is not None
        except NotAllowed:
            self._reject(line, problem("nobody_receives", "status"))
            return
        except InvalidData as refusal:
            self._reject(line, *(problem("refused", name) for name in refusal.errors))
            return
        self.counts.still_open += received
        self.counts.present += not received


def at_the_desk(project: Project) -> Staff | None:
    """Who takes what comes in without a first contact: the front desk (design §3)."""
    return next(iter(holders.who(Position.FRONT_DESK, project_id=project.pk)), None)


def fits(mapping: Mapping, table: Table, mapping_name: str) -> None:
    """Raises MappingError, naming key and column or code, where mapping and file do not fit."""
    wrong = []
    for key, columns in mapping.columns.items():
        for column in columns:
            times = table.columns.count(column)
            if times != 1:
                words = (
                    _("文件里没有“{column}”这一列")
                    if not times
                    else _("文件里有 {times} 列都叫“{column}”")
                )
                wrong.append(f"{mapping_name}: {key}: {words.format(column=column, times=times)}")
    if mapping.fields.category:
        codes = mapping.fields.category.codes
        unknown = codes - set(Category.objects.values_list("code", flat=True))
        if unknown:
            words = _("没有这样的分类：{codes}").format(codes=_("、").join(sorted(unknown)))
            wrong.append(f"{mapping_name}: fields.category: {words}")
    if wrong:
        raise MappingError("\n".join(wrong))


def fingerprint(path: Path) -> str:
    """The file's SHA-256, hex: which file a complaint came from, without its name."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _begin_seen() -> None:
    # Beside the process, so that a million ids do not lie in its memory. Gone with the connection.
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS import_seen")
        cursor.execute("CREATE TEMPORARY TABLE import_seen (id text PRIMARY KEY, line bigint)")


def _seen_before(lines: dict[str, int]) -> dict[str, int]:
    """Of these ids those that an earlier batch held, with their lines there; the rest is noted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, line FROM import_seen WHERE id = ANY(%s)", [list(lines)])
        before: dict[str, int] = dict(cursor.fetchall())
        cursor.execute(
            "INSERT INTO import_seen SELECT * FROM unnest(%s::text[], %s::bigint[])"
            " ON CONFLICT DO NOTHING",
            [list(lines), list(lines.values())],
        )
    return before
