"""Bringing in an uploaded file by a job: asked for, carried out, taken up again, removed.

Each batch is committed as it is done and is known by its ids, so that a run can be stopped or
killed anywhere: the next goes through the file from its beginning and adds what is missing.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from shouwen.channels import importing
from shouwen.channels.encodings import UnreadableFile
from shouwen.channels.importing import Counts, Import, at_the_desk, fingerprint, fits
from shouwen.channels.looking import opened
from shouwen.channels.mapping import File, Mapping, MappingError, written
from shouwen.channels.models import ImportFile, ImportRun
from shouwen.channels.problems import Problem
from shouwen.channels.rejects import Rejected
from shouwen.channels.tables import Row, Table
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import may
from shouwen.records import retention

logger = logging.getLogger(__name__)

TASK = "channels.carry_out"
#: How long the files lie after they were last used.
FILES_KEPT = timedelta(days=7)
#: The largest files. A sheet keeps its texts in one part that has to be read whole.
MOST_BYTES = {ImportFile.Kind.CSV: 200 << 20, ImportFile.Kind.XLSX: 50 << 20}
#: After so many broken beginnings (a killed worker, a lost database) a run is given up.
MOST_ATTEMPTS = 10
_ABANDONED = timedelta(days=1)
_BLOCK = 1 << 20
_ZIP = b"PK\x03\x04"


class _Withdrawn(Exception):
    """The run was stopped meanwhile."""


def folder() -> Path:
    """Where the files lie; nobody else's."""
    path = Path(settings.SHOUWEN_HOME) / "var" / "imports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


# -- taking in a file


def take_in(
    upload: UploadedFile, *, person: Staff, project: Project, continues: ImportFile | None = None
) -> ImportFile:
    """Keep an uploaded file; one that `continues` another is read by the other's mapping.

    Raises UnreadableFile, saying what to do, for what is empty, too large or no table at all.
    """
    start = upload.read(4)
    upload.seek(0)
    kind = ImportFile.Kind.XLSX if start == _ZIP else ImportFile.Kind.CSV
    size = upload.size or 0
    if not size:
        raise UnreadableFile(_("文件是空的。"))
    if size > MOST_BYTES[kind]:
        words = _("文件超过 {most} MB。请分成几个文件，或另存为 CSV（最大 {csv} MB）。")
        most, csv = MOST_BYTES[kind] >> 20, MOST_BYTES[ImportFile.Kind.CSV] >> 20
        raise UnreadableFile(words.format(most=most, csv=csv))
    file = ImportFile(
        staff=person,
        project=project,
        name=Path(upload.name or "").name[:200],
        kind=kind,
        size=size,
        uploaded_at=timezone.now(),
        continues=continues,
    )
    mapping = continues.mapped if continues else None
    if mapping is not None:
        # Our file of rejected rows begins with its column names, whatever stood above them before.
        file.mapping = written(mapping.model_copy(update={"file": File()}))
    _keep(upload, file.path)
    try:
        file.sha256 = fingerprint(file.path)
        with opened(file.path, file.how) as table:
            if mapping is not None:
                fits(mapping, table, file.name)
    except (UnreadableFile, MappingError) as reason:
        file.path.unlink(missing_ok=True)
        raise UnreadableFile(str(reason).replace(file.path.name, file.name)) from None
    file.save(force_insert=True)
    return file


def _keep(upload: UploadedFile, path: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=folder(), delete=False) as kept:
        for block in upload.chunks(_BLOCK):
            kept.write(block)
        kept.flush()
        os.fsync(kept.fileno())
    Path(kept.name).replace(path)  # made 0600


# -- asking


def ask(file: ImportFile, person: Staff, *, dry_run: bool) -> ImportRun:
    """Go through a mapped file by a job; one that is under way already is given instead."""
    with transaction.atomic():
        # The file's row is the lock: of two clicks only one begins.
        ImportFile.objects.select_for_update().get(pk=file.pk)
        under_way = file.runs.filter(state__in=ImportRun.UNDER_WAY).first()
        if under_way is not None:
            return under_way
        run = ImportRun.objects.create(
            file=file,
            staff=person,
            dry_run=dry_run,
            language=translation.get_language() or settings.LANGUAGE_CODE,
            asked_at=timezone.now(),
        )
        app.configure_task(TASK, lock=f"import-{file.pk}").defer(run=str(run.pk))
    return run


def stop(run: ImportRun) -> None:
    """Stop a run after its present batch; what is in stays in."""
    ImportRun.objects.filter(pk=run.pk, state__in=ImportRun.UNDER_WAY).update(
        state=ImportRun.State.CANCELLED, finished_at=timezone.now()
    )


# -- carrying out


def carry_out(pk: str, *, attempt: int = 0, stopping: Callable[[], bool] = lambda: False) -> None:
    """Go through the file of a run; does nothing where it was stopped.

    `attempt` counts how often it was begun before. Raises JobAborted where `stopping` says that
    the worker stops, and what the database raises when it is lost: both are to be tried again.
    """
    runs = ImportRun.objects.select_related("file__project", "staff")
    run = runs.filter(pk=pk, state__in=ImportRun.UNDER_WAY).first()
    if run is None:
        return
    with translation.override(run.language):
        if attempt > MOST_ATTEMPTS:
            _fail(run, _("多次没有做完，请再试一次；仍不行请告诉系统管理员"))
            return
        try:
            _carry_out(run, stopping)
        except (JobAborted, OperationalError, InterfaceError):
            raise
        except _Withdrawn:
            return
        except (UnreadableFile, MappingError) as reason:
            _fail(run, str(reason).replace(run.file.path.name, run.file.name))
        except FileNotFoundError:
            _fail(run, _("文件已经不在，请重新上传"))
        except Exception as error:
            # What went wrong, never what the rows say.
            logger.error("An import failed (%s)", type(error).__name__)
            _fail(run, _problem(error))


def _problem(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _("磁盘空间不足，请告诉系统管理员")
    return _("程序出错（{kind}），请再试一次；仍不行请告诉系统管理员").format(
        kind=type(error).__name__
    )


def _fail(run: ImportRun, problem: str) -> None:
    ImportRun.objects.filter(pk=run.pk, state__in=ImportRun.UNDER_WAY).update(
        state=ImportRun.State.FAILED, finished_at=timezone.now(), problem=problem
    )


def _carry_out(run: ImportRun, stopping: Callable[[], bool]) -> None:
    file = run.file
    allowed = may(run.staff, "import_complaints", file.project)
    if not allowed:
        _fail(run, str(allowed.rule))
        return
    mapping = file.mapped
    assert mapping is not None, "only a mapped file is gone through"
    with opened(file.path, mapping.file) as table, _rejecting(run, table) as rejecting:
        fits(mapping, table, file.name)
        work = _import(run, mapping, table, rejecting)
        # What an attempt that was killed had brought in counts as brought in by this run.
        before = Counts() if run.dry_run else Counts(**run.counts)
        _save(run, total=table.total, state=ImportRun.State.RUNNING)
        for counts in work.run():
            _save(
                run,
                done=table.done(),
                counts=asdict(_together(counts, before)),
                reasons=dict(rejecting.reasons),
                unknown={name: sorted(found) for name, found in work.unknown.items()},
            )
            if stopping():
                raise JobAborted
        rejecting.file.close()
        with transaction.atomic():
            _save(run, state=ImportRun.State.DONE, finished_at=timezone.now(), done=table.done())
            if rejecting.file.rows:
                rejecting.path.replace(run.rejected_path)


def _import(run: ImportRun, mapping: Mapping, table: Table, rejecting: _Rejecting) -> Import:
    return Import(
        mapping=mapping,
        table=table,
        project=run.file.project,
        file=run.file.sha256,
        person=at_the_desk(run.file.project),
        reject=rejecting.reject,
        history_by=run.staff,
        dry_run=run.dry_run,
        batch=importing.BATCH,
    )


class _Rejecting:
    """The rejected rows of a run: counted by reason, and written down to be mended."""

    def __init__(self, path: Path, columns: Sequence[str], *, sheet: bool) -> None:
        self.path = path
        self.file = Rejected(path, columns, sheet=sheet)
        self.reasons: Counter[str] = Counter()

    def reject(self, row: Row, problems: Sequence[Problem]) -> None:
        self.reasons.update({f"{each.field}|{each.code}" for each in problems})
        self.file.add(row, problems)


@contextmanager
def _rejecting(run: ImportRun, table: Table) -> Iterator[_Rejecting]:
    sheet = run.file.kind == ImportFile.Kind.XLSX
    with tempfile.TemporaryDirectory(dir=folder()) as place:
        path = Path(place) / run.rejected_path.name
        path.touch(mode=0o600)
        yield _Rejecting(path, table.columns, sheet=sheet)


def _together(now: Counts, before: Counts) -> Counts:
    return Counts(
        rows=now.rows,
        closed=now.closed + before.closed,
        still_open=now.still_open + before.still_open,
        present=max(0, now.present - before.imported),
        rejected=now.rejected,
        skipped=now.skipped,
    )


def _save(run: ImportRun, **told: object) -> None:
    """Tell how far it is. Raises _Withdrawn where it was stopped."""
    if not ImportRun.objects.filter(pk=run.pk, state__in=ImportRun.UNDER_WAY).update(**told):
        raise _Withdrawn


# -- reading back, removing


def rejected(run: ImportRun) -> BinaryIO:
    """The file of the rejected rows. Raises FileNotFoundError where there is none (any more)."""
    return run.rejected_path.open("rb")


def sweep(now: datetime | None = None) -> None:
    """Remove files that nobody has used for their period, and what a killed worker left."""
    now = now or timezone.now()
    if cutoff := retention.cutoff("imports", now):
        forget(cutoff)
    kept = ImportFile.objects.filter(removed_at=None)
    claimed = {file.path for file in kept} | {
        run.rejected_path for run in ImportRun.objects.filter(file__in=kept).select_related("file")
    }
    for path in folder().iterdir():
        if path not in claimed and path.stat().st_mtime < (now - _ABANDONED).timestamp():
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def unused(cutoff: datetime) -> QuerySet[ImportFile]:
    """Files uploaded before that moment and not gone through since."""
    used = ImportRun.objects.filter(file=OuterRef("pk")).filter(
        Q(asked_at__gte=cutoff) | Q(state__in=ImportRun.UNDER_WAY)
    )
    return ImportFile.objects.filter(removed_at=None, uploaded_at__lt=cutoff).exclude(Exists(used))


def forget(cutoff: datetime) -> int:
    """Remove these files; returns how many there were."""
    found = list(unused(cutoff))
    for file in found:
        remove(file)
    return len(found)


def remove_all() -> int:
    """Remove every uploaded file: one of them may hold what was erased."""
    kept = list(ImportFile.objects.filter(removed_at=None))
    for file in kept:
        remove(file)
    return len(kept)


def remove(file: ImportFile, now: datetime | None = None) -> None:
    """Remove a file with its rejected rows, and the values that were read from it."""
    for run in file.runs.all():
        run.rejected_path.unlink(missing_ok=True)
    file.path.unlink(missing_ok=True)
    file.runs.update(unknown={})
    ImportFile.objects.filter(pk=file.pk, removed_at=None).update(removed_at=now or timezone.now())
