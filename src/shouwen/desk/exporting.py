"""Exports: a list written to a file exactly as it is shown, by a job, for whoever asked.

The row of an export is also the log of what left the house: who, when, what was asked for, how
many rows, and the file's SHA-256. It outlives the file by a year.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from shouwen.complaints import listing
from shouwen.complaints.listing import Asked
from shouwen.complaints.models import Complaint
from shouwen.desk import columns, words
from shouwen.desk.lists import LISTS, columns_of, query_of
from shouwen.desk.models import Export
from shouwen.desk.register import Register
from shouwen.organization.models import Staff
from shouwen.organization.permissions import may
from shouwen.records import enciphered, retention
from shouwen.records.rendering import Csv, Sheet, Workbook

logger = logging.getLogger(__name__)

TASK = "desk.write_export"
#: How long a file waits to be fetched, and how long the row tells of it.
FILE_KEPT = timedelta(days=1)
ROW_KEPT = timedelta(days=365)
#: Rows read at a time, each time in a transaction of its own.
CHUNK = 500
#: Rows that are counted beforehand; of more, only those written are told.
MOST_COUNTED = 100_000
SAVE_EVERY = 1.0  # seconds
#: After so many broken beginnings (a killed worker, a lost database) an export is given up.
MOST_ATTEMPTS = 10
# What no export claims was left by a killed worker.
_ABANDONED = timedelta(days=1)


class _Withdrawn(Exception):
    """The export was cancelled or removed meanwhile."""


class _Writer(Protocol):
    def rows(self, complaints: Sequence[Complaint]) -> None: ...

    def close(self) -> None: ...


def folder() -> Path:
    """Where the files lie; nobody else's."""
    path = Path(settings.SHOUWEN_HOME) / "var" / "exports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


# -- asking


def ask(person: Staff, *, name: str, query: str, format: str) -> Export:
    """Ask for an export of the list `name` as `query` asks for it; a job writes it.

    Language, time zone and columns are the person's at this moment. Who asks for the same again
    while it is being written is given what there is.
    """
    found = LISTS[name]
    asked = found.asked(query_of(query))
    same = {
        "staff": person,
        "list": name,
        "query": found.query(asked),
        "columns": columns_of(person, found),
        "format": format,
        "language": translation.get_language() or settings.LANGUAGE_CODE,
        "timezone": timezone.get_current_timezone_name(),
    }
    with transaction.atomic():
        under_way = Export.objects.filter(state__in=Export.UNDER_WAY, **same).first()
        if under_way is not None:
            return under_way
        export = Export.objects.create(asked_at=timezone.now(), scope=_scope(asked, person), **same)
        # One after the other for each person, so that nobody takes the whole worker.
        job = app.configure_task(TASK, lock=f"export-{person.pk}")
        job.defer(export=str(export.pk))
    return export


def _scope(asked: Asked, person: Staff) -> str:
    """What the list is narrowed by, in words; of a home only that it is one."""
    said = [words.quoted(asked.words)] if asked.words else []
    for chip in listing.chips(asked, person):
        value = "" if chip.filter.name == "home" else chip.label
        said.append(f"{chip.filter.label} {value}".strip())
    return words.listed(said)


def again(export: Export) -> Export:
    """Ask for the same anew, as it stands now."""
    return ask(export.staff, name=export.list, query=export.query, format=export.format)


def file_name(export: Export) -> str:
    """What the file is called where it is saved: 投诉_2026-11-23_0910.xlsx."""
    register = export.format == Export.Format.REGISTER
    title = _("投诉台账") if register else str(LISTS[export.list].title)
    return f"{title}_{timezone.localtime(export.asked_at):%Y-%m-%d_%H%M}{export.path.suffix}"


def cancel(export: Export) -> None:
    """Let an export that is under way be."""
    Export.objects.filter(pk=export.pk, state__in=Export.UNDER_WAY).update(
        state=Export.State.CANCELLED, finished_at=timezone.now()
    )


def files() -> list[Path]:
    """The exports that lie encrypted; those of earlier versions go within a day."""
    return [
        path
        for path in sorted(folder().iterdir())
        if path.is_file() and enciphered.is_enciphered(path)
    ]


def remove(export: Export, now: datetime | None = None) -> None:
    """Remove the file; the row goes on telling that there was one."""
    export.path.unlink(missing_ok=True)
    Export.objects.filter(pk=export.pk, removed_at=None).update(removed_at=now or timezone.now())


def remove_all() -> int:
    """Remove every export, also those under way: one of them may hold what was erased."""
    for export in Export.objects.filter(state__in=Export.UNDER_WAY):
        cancel(export)
    ready = list(Export.objects.filter(state=Export.State.DONE, removed_at=None))
    for export in ready:
        remove(export)
    return len(ready)


def old(cutoff: datetime) -> QuerySet[Export]:
    """Exports asked for before that moment whose file is gone."""
    return Export.objects.filter(asked_at__lt=cutoff).exclude(
        Q(state=Export.State.DONE, removed_at=None) | Q(state__in=Export.UNDER_WAY)
    )


def forget(cutoff: datetime) -> int:
    """Forget that there were these exports; returns how many."""
    return old(cutoff).delete()[0]


def sweep(now: datetime | None = None) -> None:
    """Remove what has had its day: files after a day, or when their owner has left; rows after their
    period; what a killed worker left half written."""
    now = now or timezone.now()
    ready = Export.objects.filter(state=Export.State.DONE, removed_at=None)
    past = ready.filter(finished_at__lt=now - FILE_KEPT)
    for export in (past | ready.filter(staff__is_active=False)).iterator():
        remove(export, now)
    if cutoff := retention.cutoff("exports", now):
        forget(cutoff)
    claimed = {export.path for export in ready}
    for path in folder().iterdir():
        if path not in claimed and path.stat().st_mtime < (now - _ABANDONED).timestamp():
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


# -- writing


def write(pk: str, *, attempt: int = 0, stopping: Callable[[], bool] = lambda: False) -> None:
    """Write the file of an export, from the beginning; does nothing where it is not wanted any more.

    `attempt` counts how often it was begun before. Raises JobAborted where `stopping` says that
    the worker stops, and what the database raises when it is lost: both are to be tried again.
    """
    export = (
        Export.objects.select_related("staff").filter(pk=pk, state__in=Export.UNDER_WAY).first()
    )
    if export is None:
        return
    with translation.override(export.language), timezone.override(ZoneInfo(export.timezone)):
        if attempt > MOST_ATTEMPTS:
            _fail(export, _("多次没有写完，请缩小范围再试；仍不行请告诉系统管理员"))
            return
        try:
            _write(export, stopping)
        except (JobAborted, OperationalError, InterfaceError):
            raise
        except _Withdrawn:
            return
        except Exception as error:
            # What went wrong, never what the rows say.
            logger.error("An export failed (%s)", type(error).__name__)
            _fail(export, _problem(error))


def _problem(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _("磁盘空间不足，请告诉系统管理员")
    return _("程序出错（{kind}），请再试一次；仍不行请告诉系统管理员").format(
        kind=type(error).__name__
    )


def _fail(export: Export, problem: str) -> None:
    Export.objects.filter(pk=export.pk, state__in=Export.UNDER_WAY).update(
        state=Export.State.FAILED, finished_at=timezone.now(), problem=problem[:200]
    )


def _write(export: Export, stopping: Callable[[], bool]) -> None:
    person = export.staff
    allowed = may(person, "export")
    if not allowed:
        _fail(export, str(allowed.rule))
        return
    found = LISTS[export.list]
    asked = found.whole(found.asked(query_of(export.query)))
    counted = listing.count(person, asked, MOST_COUNTED)
    _save(export, done=0, total=counted if counted < MOST_COUNTED else None)
    with tempfile.TemporaryDirectory(dir=folder()) as place:
        path = Path(place) / export.path.name
        done = _fill(export, asked, path, stopping)
        path.chmod(0o600)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        size = path.stat().st_size
        # Of two workers, one of them taken for dead, the file of the first counts.
        with transaction.atomic():
            _save(
                export,
                state=Export.State.DONE,
                finished_at=timezone.now(),
                done=done,
                total=done,
                size=size,
                sha256=sha256,
            )
            enciphered.encipher(path, export.path, beside=Path(place))


def _fill(export: Export, asked: Asked, path: Path, stopping: Callable[[], bool]) -> int:
    """Write all pages of the list into the file; returns how many rows there were."""
    writer = _writer(export, asked, path)
    done, saved = 0, time.monotonic()
    for page in listing.every(export.staff, asked, now=export.asked_at, chunk=CHUNK):
        writer.rows(page)
        done += len(page)
        if stopping():
            raise JobAborted
        if time.monotonic() - saved >= SAVE_EVERY:
            _save(export, done=done)
            saved = time.monotonic()
    writer.close()
    return done


def _save(export: Export, **told: object) -> None:
    """Tell how far it is. Raises _Withdrawn where nobody wants it any more."""
    told = {"state": Export.State.RUNNING, **told}
    if not Export.objects.filter(pk=export.pk, state__in=Export.UNDER_WAY).update(**told):
        raise _Withdrawn


class _Table:
    """The columns of the list as rows of one table."""

    def __init__(self, export: Export, path: Path, title: str) -> None:
        # Columns that went with an update of the software are left out.
        self._names = [name for name in export.columns if name in columns.COLUMNS]
        self._person, self._now = export.staff, export.asked_at
        head = [str(columns.COLUMNS[name].label) for name in self._names]
        self._book: Workbook | Csv
        self._rows: Sheet | Csv
        if export.format == Export.Format.CSV:
            self._book = self._rows = Csv(path)
            self._book.row(head)
        else:
            self._book = Workbook(path)
            self._rows = Sheet(self._book, title, head)

    def rows(self, complaints: Sequence[Complaint]) -> None:
        prepared = columns.prepare(complaints, self._names, self._person, self._now)
        for row in complaints:
            self._rows.row([columns.COLUMNS[name].value(row, prepared) for name in self._names])

    def close(self) -> None:
        if isinstance(self._rows, Sheet):
            self._rows.foot("")
        self._book.close()


def _writer(export: Export, asked: Asked, path: Path) -> _Writer:
    if export.format == Export.Format.REGISTER:
        return Register(path, export.staff, asked, export.asked_at)
    return _Table(export, path, str(LISTS[export.list].title))
