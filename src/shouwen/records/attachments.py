"""Attachments: photos, films, sounds and documents of a subject [A2].

The type is told by the content, metadata of pictures and films is taken out, and the file
lies encrypted under the home's ``var/attachments``, outside whatever a web server serves.
"""

import datetime
import hashlib
import tempfile
import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwen.records import enciphered, media, stripping
from shouwen.records.models import Attachment

BLOCK = 1 << 16
UNFINISHED_FOR = datetime.timedelta(hours=1)
UNBOUND_FOR = datetime.timedelta(days=1)

#: Subjects without a ledger, whose files no entry takes up; their rooms remove them themselves.
KEPT_ELSEWHERE: set[str] = set()

ACCEPTED_WORDS = _(
    "图片 JPEG、PNG、WebP、GIF,视频 MP4、MOV、WebM,音频 MP3、M4A、WAV、AMR、OGG,"
    "文件 PDF、Word(docx)、Excel(xlsx)、纯文本"
)


class AttachmentRefused(ValueError):
    """The file is not taken in; the message says why, in words for whoever sent it."""


class Upload(Protocol):
    """Anything that can be read in pieces."""

    def read(self, size: int, /) -> bytes: ...


def folder() -> Path:
    """Where files lie, by the first two digits of their id."""
    return Path(settings.SHOUWEN_HOME) / "var" / "attachments"


def store(
    *,
    subject_type: str,
    subject_id: int,
    project_id: int,
    upload: Upload | File,
    name: str,
    actor_id: int | None,
    now: datetime.datetime | None = None,
) -> Attachment:
    """Take in a file and return its row, not yet bound to an entry.

    The file is durable before the row is written; where the transaction is rolled back,
    :func:`sweep` removes it. Raises AttachmentRefused for what is too large, empty,
    damaged or of no accepted kind.
    """
    incoming = folder() / "incoming"
    incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=incoming) as workplace:
        received = Path(workplace) / "received"
        _receive(upload, received)
        kind = media.kind_of(received)
        if kind is None:
            raise AttachmentRefused(
                gettext("不接受这种文件。可以上传：%(kinds)s。") % {"kinds": ACCEPTED_WORDS}
            )
        clean = _clean(received, kind.extension)
        with clean.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        attachment = Attachment(
            id=uuid.uuid4(),
            subject_type=subject_type,
            subject_id=subject_id,
            project_id=project_id,
            name=_safe_name(name, kind),
            content_type=kind.content_type,
            size=clean.stat().st_size,
            sha256=sha256,
            extension=kind.extension,
            actor_id=actor_id,
            stored_at=now or timezone.now(),
        )
        attachment.path.parent.mkdir(exist_ok=True, mode=0o700)
        enciphered.encipher(clean, attachment.path, beside=Path(workplace))
    attachment.save(force_insert=True)
    return attachment


def _receive(upload: Upload | File, target: Path) -> None:
    limit, size = settings.SHOUWEN_ATTACHMENT_LIMIT, 0
    with target.open("xb") as file:
        while block := upload.read(BLOCK):
            size += len(block)
            if size > limit:
                raise AttachmentRefused(
                    gettext("文件超过 %(limit)d MB 的上限。") % {"limit": limit // (1 << 20)}
                )
            file.write(block)
    if not size:
        raise AttachmentRefused(gettext("文件是空的。"))


def _clean(received: Path, extension: str) -> Path:
    """The file without metadata: rewritten for pictures, blanked in place for films."""
    try:
        if extension in media.IMAGES:
            clean = received.with_name("clean")
            stripping.rewrite_image(received, clean, extension)
            return clean
        if extension in media.ISO_MEDIA:
            stripping.blank_film_metadata(received)
    except stripping.TooLarge:
        raise AttachmentRefused(
            gettext("图片的像素过多，请先缩小到 %(most)d 万像素以内。")
            % {"most": stripping.MOST_PIXELS // 10_000}
        ) from None
    except stripping.Damaged:
        raise AttachmentRefused(gettext("文件已损坏，无法读取。")) from None
    return received


def _safe_name(name: str, kind: media.Kind) -> str:
    """The sender's name of the file without folders, control and direction characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    path = Path(visible.strip(" .") or gettext("附件"))
    suffix = path.suffix.lstrip(".").lower()
    if suffix in (kind.extension, *kind.spellings):
        return f"{path.stem[: 199 - len(suffix)]}.{suffix}"
    return f"{path.name[: 199 - len(kind.extension)]}.{kind.extension}"


def opened(attachment: Attachment) -> BinaryIO:
    """The content, open for reading and seeking. Raises FileNotFoundError once it has been erased.

    Also enciphered.Altered, here or from reading, where the file is not as it was stored.
    """
    return enciphered.opened(attachment.path)


def files() -> list[Path]:
    """Every stored file, also one that nobody can reach any more."""
    return sorted(
        path
        for inner in folder().glob("??")
        for path in inner.iterdir()
        if path.is_file() and _is_id(path.stem)
    )


def encipher_old() -> int:
    """Encrypt what was stored in clear by earlier versions; says how many there were.

    Each by itself, so that it can be broken off anywhere and goes on when called again.
    """
    done = 0
    incoming = folder() / "incoming"
    incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in files():
        # Locked, the row cannot be erased meanwhile and its file come back after it.
        with transaction.atomic(), suppress(FileNotFoundError):
            kept = Attachment.objects.select_for_update(no_key=True).filter(
                pk=path.stem, erased_at=None
            )
            if not enciphered.is_enciphered(path) and kept.exists():
                enciphered.encipher(path, path, beside=incoming)
                done += 1
    return done


def export(subject_type: str, subject_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The attachments of subjects that are still there, and where their (encrypted) files lie."""
    rows = Attachment.objects.filter(
        subject_type=subject_type, subject_id__in=subject_ids, erased_at=None
    )
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.order_by("stored_at", "id"):
        told[row.subject_id].append(
            {
                "name": row.name,
                "content_type": row.content_type,
                "size": row.size,
                "sha256": row.sha256,
                "stored_at": row.stored_at.isoformat(),
                "file": str(row.path),
            }
        )
    return told


def erase(subject_type: str, subject_id: int, names: Collection[str] | None) -> int:
    """Erase names and files of a subject's attachments, where `names` is None or has `attachments`.

    Files go once the transaction is committed; :func:`sweep` removes what a crash left.
    """
    if names is not None and "attachments" not in names:
        return 0
    return remove(
        Attachment.objects.filter(subject_type=subject_type, subject_id=subject_id, erased_at=None)
    )


def remove(found: QuerySet[Attachment]) -> int:
    """Erase names and files of these attachments, inside a transaction; how many there were."""
    rows = list(found.select_for_update())
    for row in rows:
        transaction.on_commit(partial(row.path.unlink, missing_ok=True))
    Attachment.objects.filter(pk__in=[row.pk for row in rows]).update(
        name="", erased_at=timezone.now()
    )
    return len(rows)


def sweep(now: datetime.datetime | None = None) -> int:
    """Remove files that nobody can reach, and return how many there were.

    That is: uploads broken off an hour ago, files whose row was rolled back or erased, and
    attachments that no entry took up within a day.
    """
    now = now or timezone.now()
    unbound = Attachment.objects.filter(entry=None, stored_at__lt=now - UNBOUND_FOR)
    unbound.exclude(subject_type__in=KEPT_ELSEWHERE).delete()
    before = (now - UNFINISHED_FOR).timestamp()
    removed = 0
    for path in _unreachable(before):
        path.unlink(missing_ok=True)
        removed += 1
    for workplace in (folder() / "incoming").glob("*"):
        if workplace.stat().st_mtime < before and not any(workplace.iterdir()):
            workplace.rmdir()
    return removed


def _unreachable(before: float) -> Iterator[Path]:
    for inner in sorted(path for path in folder().glob("*") if path.is_dir()):
        old = [
            path for path in inner.rglob("*") if path.is_file() and path.stat().st_mtime < before
        ]
        if inner.name == "incoming":
            yield from old
            continue
        kept = Attachment.objects.filter(
            id__in=[path.stem for path in old if _is_id(path.stem)], erased_at=None
        )
        reachable = {row.path for row in kept}
        yield from (path for path in old if path not in reachable)


def _is_id(stem: str) -> bool:
    try:
        uuid.UUID(stem)
    except ValueError:
        return False
    return True
