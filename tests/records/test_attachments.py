"""Attachments are known by their content, say nothing of where they were made, and last [A2]."""

import datetime
import hashlib
import io
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import transaction
from PIL import Image, ImageSequence
from pytest_django import Settings
from tests.records import files
from tests.records.ledgers import NOW, continued, written

from shouwen.records import attachments, enciphered, erasure, ledger, personal
from shouwen.records.attachments import AttachmentRefused
from shouwen.records.models import Attachment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    settings.SHOUWEN_HOME = tmp_path
    yield tmp_path


def _store(content: bytes, name: str = "电梯.jpg") -> Attachment:
    return attachments.store(
        subject_type="complaint",
        subject_id=1,
        project_id=1,
        upload=io.BytesIO(content),
        name=name,
        actor_id=7,
        now=NOW,
    )


def _content(stored: Attachment) -> bytes:
    with attachments.opened(stored) as file:
        return file.read()


def _files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


@pytest.mark.parametrize("extension", files.ACCEPTED)
def test_each_accepted_kind_is_known_by_its_content(extension: str, home: Path) -> None:
    stored = _store(files.ACCEPTED[extension], "something")
    content = _content(stored)
    assert stored.extension == extension and stored.name == f"something.{extension}"
    assert stored.size == len(content)
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert _files(home) == [stored.path]
    assert stat.S_IMODE(stored.path.stat().st_mode) == 0o600
    with attachments.opened(Attachment.objects.get()) as file:
        assert file.read() == content


@pytest.mark.parametrize("extension", files.REFUSED)
def test_any_other_kind_is_refused_whatever_its_name_says(extension: str, home: Path) -> None:
    with pytest.raises(AttachmentRefused, match=r"JPEG.*PDF"):
        _store(files.REFUSED[extension], "电梯.jpg")
    assert _files(home) == [] and not Attachment.objects.exists()


def test_old_brands_of_telephones_are_known() -> None:
    for brand in (b"isom", b"iso6", b"avc1", b"MSNV", b"M4V "):
        assert _store(files.film(brand)).content_type == "video/mp4"


def test_sound_with_a_title_before_it_and_other_layers_are_told_apart() -> None:
    title = b"ID3\x03\0\0\0\0\0\x0a" + bytes(10)
    assert _store(title + files.ACCEPTED["mp3"]).content_type == "audio/mpeg"
    assert _store(b"\xff\xf3\x90\x64" + bytes(500)).content_type == "audio/mpeg"
    with pytest.raises(AttachmentRefused):
        _store(b"\xff\xf1\x50\x80" + bytes(200))


def _right_half_is_red(picture: Image.Image) -> bool:
    red, _, blue = picture.convert("RGB").crop((11, 0, 20, 40)).split()
    return min(red.tobytes()) > 200 and max(blue.tobytes()) < 60


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_a_picture_loses_its_place_and_stands_upright(extension: str) -> None:
    stored = _store(files.ACCEPTED[extension])
    content = _content(stored)
    for trace in (files.PLACE.encode(), b"Exif", b"camera maker", b"xmp", b"eXIf", b"tEXt"):
        assert trace not in content
    with Image.open(attachments.opened(stored)) as picture:
        assert dict(picture.getexif()) == {}
        assert picture.size == (20, 40)
        assert _right_half_is_red(picture)


@pytest.mark.parametrize(("form", "extension"), [("GIF", "gif"), ("WEBP", "webp"), ("PNG", "png")])
def test_a_moving_picture_keeps_moving_without_its_comment(form: str, extension: str) -> None:
    stored = _store(files.image(form, frames=4))
    assert files.PLACE.encode() not in _content(stored)
    with Image.open(attachments.opened(stored)) as picture:
        assert stored.extension == extension
        assert len(list(ImageSequence.Iterator(picture))) == 4
        picture.seek(1)
        picture.load()
        assert picture.info["duration"] == 80


def test_transparency_stays() -> None:
    clear = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(clear, "PNG")
    with Image.open(attachments.opened(_store(clear.getvalue()))) as picture:
        assert picture.convert("RGBA").getchannel("A").getextrema() == (0, 0)


@pytest.mark.parametrize("extension", ["mp4", "mov", "m4a"])
def test_a_film_loses_its_place_and_nothing_moves_within_it(extension: str) -> None:
    before = files.ACCEPTED[extension]
    after = _content(_store(before))
    assert files.PLACE.encode() not in after and b"location" not in after
    assert len(after) == len(before)
    for kept in (b"M" * 12, b"T" * 20, b"H" * 20):
        assert after.index(kept) == before.index(kept)


def test_a_film_cut_short_in_its_pictures_is_taken_as_it_is() -> None:
    cut = files.box(b"ftyp", b"mp42\0\0\0\0mp42") + files.box(b"mdat", b"M" * 90)[:50]
    assert _content(_store(cut)) == cut


@pytest.mark.parametrize(
    "damaged",
    [
        files.ACCEPTED["jpg"][:300],
        files.ACCEPTED["png"][:60],
        b"GIF89a/*" + b" " * 40,
        files.box(b"ftyp", b"mp42\0\0\0\0mp42") + files.box(b"moov", b"\0\0\0\x03udta"),
        files.box(b"ftyp", b"mp42\0\0\0\0mp42") + files.box(b"moov", b"\0\0\0\xffudta"),
    ],
)
def test_what_is_damaged_is_refused(damaged: bytes, home: Path) -> None:
    with pytest.raises(AttachmentRefused, match="损坏"):
        _store(damaged)
    assert _files(home) == []


def test_a_small_file_that_unfolds_too_far_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shouwen.records.stripping.MOST_PIXELS", 799)
    with pytest.raises(AttachmentRefused, match="像素"):
        _store(files.ACCEPTED["png"])


def test_what_is_empty_or_too_large_is_refused(settings: Settings, home: Path) -> None:
    with pytest.raises(AttachmentRefused, match="空"):
        _store(b"")
    settings.SHOUWEN_ATTACHMENT_LIMIT = 1 << 20
    assert _store(b"a" * (1 << 20)).size == 1 << 20
    with pytest.raises(AttachmentRefused, match="1 MB"):
        _store(b"a" * ((1 << 20) + 1))
    assert len(_files(home)) == 1


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("C:\\照片\\门口.PNG", "门口.png"),
        ("门口.jpg", "门口.jpg.png"),
        ("门口\u202egnp.exe", "门口gnp.exe.png"),
        ("a\r\nb\0.png", "ab.png"),
        (" ..", "附件.png"),
        ("", "附件.png"),
        ("长" * 300 + ".png", "长" * 196 + ".png"),
    ],
)
def test_a_name_is_words_only(name: str, safe: str, home: Path) -> None:
    stored = _store(files.ACCEPTED["png"], name)
    assert stored.name == safe
    assert _files(home) == [stored.path] and stored.path.stem == str(stored.id)


def test_sweeping_removes_what_nobody_can_reach_and_nothing_else(home: Path) -> None:
    written(1)
    bound = _store(files.ACCEPTED["pdf"])
    Attachment.objects.filter(pk=bound.pk).update(entry=continued(1, "attached"))
    fresh = _store(files.ACCEPTED["txt"])
    with pytest.raises(RuntimeError), transaction.atomic():
        rolled_back = _store(files.ACCEPTED["wav"])
        raise RuntimeError
    broken_off = home / "var/attachments/incoming/tmpx/received"
    broken_off.parent.mkdir(parents=True)
    broken_off.write_bytes(b"half")

    assert attachments.sweep(NOW) == 0
    long_ago = time.time() - 7 * 24 * 3600
    for path in _files(home):
        os.utime(path, (long_ago, long_ago))
    now = datetime.datetime.now(datetime.UTC)
    Attachment.objects.filter(pk=fresh.pk).update(stored_at=now - datetime.timedelta(hours=20))
    assert attachments.sweep(now) == 2
    assert set(_files(home)) == {bound.path, fresh.path}
    assert not rolled_back.path.exists()
    assert attachments.sweep(now + datetime.timedelta(hours=5)) == 1
    assert _files(home) == [bound.path]
    assert list(Attachment.objects.all()) == [bound]


def test_erasing_takes_name_and_file_and_the_ledger_still_verifies(
    home: Path, django_capture_on_commit_callbacks: object
) -> None:
    written(1)
    stored = _store(files.ACCEPTED["jpg"], "3栋1单元802.jpg")
    with transaction.atomic():
        chain = ledger.lock("complaint", 1)
        assert chain is not None
        entry = ledger.append(
            chain=chain,
            kind="attached",
            actor_id=7,
            occurred_at=NOW,
            facts={"attachment": stored.id, "sha256": stored.sha256, "size": stored.size},
            texts={"name": stored.name},
            now=NOW,
        )
    Attachment.objects.filter(pk=stored.pk).update(entry=entry)
    held = [found for kind in personal.export("complaint", 1) for found in kind["held"]]
    assert [found["name"] for found in held] == ["name", "3栋1单元802.jpg"]

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        erasure.erase("complaint", 1, actor_id=9, reason="本人申请", now=NOW)
    stored.refresh_from_db()
    assert stored.name == "" and stored.erased_at is not None
    assert _files(home) == []
    assert ledger.entries("complaint", 1)[-1].facts["erased"] == {"records": 2}
    assert ledger.verify() == []


def test_attachments_stay_where_only_a_telephone_is_erased(home: Path) -> None:
    written(1, personal={"telephone": "13800000000"})
    _store(files.ACCEPTED["jpg"])
    erasure.erase("complaint", 1, ["telephone"], actor_id=9, reason="本人申请", now=NOW)
    assert len(_files(home)) == 1


def test_no_file_holds_anything_of_what_was_said(home: Path) -> None:
    stored = _store("紫藤花架旁渗水。".encode(), "记录.txt")
    assert all("渗水".encode() not in path.read_bytes() for path in _files(home))
    assert _content(stored) == "紫藤花架旁渗水。".encode()
    assert stored.sha256 == hashlib.sha256(_content(stored)).hexdigest()
    assert stored.size == len(_content(stored)) < stored.path.stat().st_size


def test_files_of_before_are_read_and_encrypted_one_by_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [_store(f"从前的第{number}份".encode(), "a.txt") for number in range(3)]
    for number, stored in enumerate(old):
        stored.path.write_bytes(f"从前的第{number}份".encode())
    Attachment.objects.filter(pk=old[2].pk).update(erased_at=NOW)
    erased = old[2].path.read_bytes()
    assert _content(old[0]) == "从前的第0份".encode()

    whole = enciphered.encipher
    monkeypatch.setattr(enciphered, "encipher", _breaks_off_after_one(whole))
    with pytest.raises(KeyboardInterrupt):
        attachments.encipher_old()
    assert sum(map(enciphered.is_enciphered, attachments.files())) == 1
    monkeypatch.setattr(enciphered, "encipher", whole)
    assert attachments.encipher_old() == 1 and attachments.encipher_old() == 0
    assert [_content(stored) for stored in old[:2]] == [
        f"从前的第{number}份".encode() for number in range(2)
    ]
    assert old[2].path.read_bytes() == erased
    assert len(_files(home)) == 3


def _breaks_off_after_one(whole: Callable[..., None]) -> Callable[..., None]:
    done = []

    def encipher(*files: Path, **rest: Path) -> None:
        if done:
            raise KeyboardInterrupt
        whole(*files, **rest)
        done.append(files)

    return encipher
