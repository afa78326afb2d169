"""Bringing in a workbook: kept, tried without writing, brought in by one transaction, removed.

Up to 500 rows are gone through at once, more by a job that tells how far it is.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from shouwen.organization import csv_files
from shouwen.organization.homes_files import CustomerList, HomeList
from shouwen.organization.models import Staff, Upload
from shouwen.organization.permissions import may
from shouwen.organization.sheets import (
    MOST_BYTES,
    Bringing,
    Outcome,
    UnreadableWorkbook,
    Workbook,
    Wrong,
)
from shouwen.organization.shift_files import ShiftList
from shouwen.organization.staff_files import StaffList
from shouwen.records import audit, retention

logger = logging.getLogger(__name__)

TASK = "organization.bring_in"
#: Up to so many rows nobody waits for a job.
AT_ONCE = 500
KEPT = datetime.timedelta(days=7)
#: Of the wrong rows so many are shown on the page; the file has all.
WRONG_SHOWN = 100
MOST_ATTEMPTS = 5
_SAVE_EVERY = 500
#: What bringing in a sheet needs.
_OPERATIONS = {
    "staff": "import_staff",
    "homes": "import_homes",
    "customers": "import_homes",
    "shifts": "edit_roster",
}


def folder() -> Path:
    """Where the workbooks lie; nobody else's."""
    path = Path(settings.SHOUWEN_HOME) / "var" / "organization"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def take_in(upload: UploadedFile, by: Staff) -> Upload:
    """Keep an uploaded workbook and have it tried.

    Raises UnreadableWorkbook, saying what to do, for what is too large or none of ours.
    """
    if not upload.size or upload.size > MOST_BYTES:
        words = _("请选择 {most} MB 以内的 XLSX 或 CSV 文件")
        raise UnreadableWorkbook(words.format(most=MOST_BYTES >> 20))
    kept = Upload(
        staff=by,
        name=Path(upload.name or "").name[:200],
        language=translation.get_language() or settings.LANGUAGE_CODE,
        uploaded_at=timezone.now(),
    )
    folder()
    kept.path.touch(mode=0o600)
    try:
        start = upload.read(4)
        upload.seek(0)
        if csv_files.is_csv(start, upload.name or ""):
            csv_files.as_workbook(upload.read(), kept.path)
        else:
            with kept.path.open("wb") as file:
                for block in upload.chunks():
                    file.write(block)
        book = Workbook(kept.path)
        try:
            _allowed(book, by)
            kept.total = sum(1 for word in book.sheets for _line in book.lines(word))
        finally:
            book.close()
        if not kept.total:
            raise UnreadableWorkbook(_("表里还没有填写内容"))
    except UnreadableWorkbook:
        kept.path.unlink(missing_ok=True)
        raise
    kept.save(force_insert=True)
    _begin(kept)
    return kept


def _allowed(book: Workbook, by: Staff) -> None:
    # An empty sheet of the template does no harm.
    for word in book.sheets:
        allowed = may(by, _OPERATIONS[word])
        if not allowed and next(book.lines(word), None):
            raise UnreadableWorkbook(str(allowed.rule))


def ask(upload: Upload) -> bool:
    """Have a tried workbook brought in; False where it is not there to be, or already under way."""
    taken = Upload.objects.filter(pk=upload.pk, state=Upload.State.CHECKED, removed_at=None).update(
        state=Upload.State.ASKED, done=0
    )
    if taken:
        upload.refresh_from_db()
        _begin(upload)
    return bool(taken)


def _begin(upload: Upload) -> None:
    if upload.total <= AT_ONCE:
        go_on(str(upload.pk))
    else:
        app.configure_task(TASK, lock=f"organization-{upload.pk}").defer(upload=str(upload.pk))


def go_on(pk: str, *, attempt: int = 0, stopping: Callable[[], bool] = lambda: False) -> None:
    """Try a workbook, or bring it in, whichever it waits for; again after a broken attempt.

    Raises JobAborted where `stopping` says that the worker stops, and what the database raises
    when it is lost: both are to be tried again.
    """
    upload = Upload.objects.select_related("staff").filter(pk=pk).first()
    if upload is None or not upload.under_way:
        return
    with translation.override(upload.language):
        if attempt > MOST_ATTEMPTS:
            _fail(upload, _("多次没有做完，请再试一次；仍不行请告诉系统管理员"))
            return
        try:
            if upload.state in (Upload.State.WAITING, Upload.State.CHECKING):
                _try(upload, stopping)
            else:
                _bring_in(upload, stopping)
        except (JobAborted, OperationalError, InterfaceError):
            raise
        except UnreadableWorkbook as reason:
            _fail(upload, str(reason))
        except FileNotFoundError:
            _fail(upload, _("文件已经不在，请重新上传"))
        except Exception as error:
            # What went wrong, never what the rows say.
            logger.error("A workbook was not brought in (%s)", type(error).__name__)
            words = _("程序出错（{kind}），没有写入任何内容，请再试一次；仍不行请告诉系统管理员")
            _fail(upload, words.format(kind=type(error).__name__))


def _fail(upload: Upload, problem: str) -> None:
    Upload.objects.filter(pk=upload.pk).update(
        state=Upload.State.FAILED, finished_at=timezone.now(), problem=problem[:200]
    )
    remove(upload)


def _try(upload: Upload, stopping: Callable[[], bool]) -> None:
    _tell(upload, state=Upload.State.CHECKING)
    told = _Told()
    _look(upload, told, stopping)
    if told.wrong.rows:
        told.wrong.write(upload.wrong_path)
    _tell(
        upload,
        state=Upload.State.CHECKED,
        done=upload.total,
        counts=told.counts,
        wrong=told.first,
    )


def _bring_in(upload: Upload, stopping: Callable[[], bool]) -> None:
    allowed = may(upload.staff, "import_organization")
    if not allowed:
        raise UnreadableWorkbook(str(allowed.rule))
    _tell(upload, state=Upload.State.WRITING)
    told = _Told()
    # Looked at anew, since others work meanwhile, and before the transaction, so that it is seen how
    # far this is.
    bringings = _look(upload, told, stopping)
    with transaction.atomic():
        for bringing in bringings:
            bringing.write()
        _tell(
            upload,
            state=Upload.State.DONE,
            done=upload.total,
            finished_at=timezone.now(),
            counts=told.counts,
            wrong=told.first,
        )
        audit.note(
            "organization_imported",
            actor_id=upload.staff_id,
            subject_type="upload",
            counts=told.counts,
        )
    upload.wrong_path.unlink(missing_ok=True)
    if told.wrong.rows:
        told.wrong.write(upload.wrong_path)
    upload.path.unlink(missing_ok=True)


class _Told:
    """What became of the rows so far."""

    def __init__(self) -> None:
        self.counts: dict[str, dict[str, int]] = {}
        self.first: list[dict[str, Any]] = []
        self.wrong = Wrong()


def _look(upload: Upload, told: _Told, stopping: Callable[[], bool]) -> list[Bringing]:
    """Look at every row; answers what has to be written, in its order."""
    homes, staff = HomeList(upload.staff), StaffList(upload.staff)
    bringings: dict[str, Bringing] = {
        "staff": staff,
        "homes": homes,
        "customers": CustomerList(homes),
        "shifts": ShiftList(staff),
    }
    book = Workbook(upload.path)
    try:
        _allowed(book, upload.staff)
        done = 0
        for word, bringing in bringings.items():
            if word not in book.sheets:
                continue
            counts = told.counts[word] = {str(each): 0 for each in Outcome}
            for line in book.lines(word):
                found = bringing.look(line)
                counts[found.outcome] += 1
                if found.outcome == Outcome.WRONG:
                    told.wrong.add(word, line, found.reasons)
                    if len(told.first) < WRONG_SHOWN:
                        reasons = _("；").join(found.reasons)
                        told.first.append({"sheet": word, "line": line.number, "why": reasons})
                done += 1
                if done % _SAVE_EVERY == 0:
                    if stopping():
                        raise JobAborted
                    _tell(upload, done=done)
    finally:
        book.close()
    return list(bringings.values())


def _tell(upload: Upload, **told: Any) -> None:
    Upload.objects.filter(pk=upload.pk).update(**told)


def remove(upload: Upload, now: datetime.datetime | None = None) -> None:
    """Remove a workbook with its wrong rows; what was counted stays."""
    upload.path.unlink(missing_ok=True)
    upload.wrong_path.unlink(missing_ok=True)
    Upload.objects.filter(pk=upload.pk, removed_at=None).update(removed_at=now or timezone.now())


def remove_all() -> int:
    """Remove every workbook: one of them may hold what was erased."""
    kept = list(Upload.objects.filter(removed_at=None))
    for upload in kept:
        remove(upload)
    return len(kept)


def unused(cutoff: datetime.datetime) -> QuerySet[Upload]:
    """Workbooks uploaded before that moment whose file is still there."""
    return Upload.objects.filter(removed_at=None, uploaded_at__lt=cutoff)


def forget(cutoff: datetime.datetime) -> int:
    """Remove these workbooks; returns how many there were."""
    found = list(unused(cutoff))
    for upload in found:
        remove(upload)
    return len(found)


def sweep(now: datetime.datetime | None = None) -> None:
    """Remove workbooks after their period, and files that belong to none."""
    now = now or timezone.now()
    if cutoff := retention.cutoff("workbooks", now):
        forget(cutoff)
    kept = Upload.objects.filter(removed_at=None)
    claimed = {path for upload in kept for path in (upload.path, upload.wrong_path)}
    for path in folder().iterdir():
        if path not in claimed and path.stat().st_mtime < (now - KEPT).timestamp():
            path.unlink(missing_ok=True)
