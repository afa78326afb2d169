"""Pictures and voices are fetched from the vendor's hosts alone, by a job, and put with the complaint."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.channels.conftest import Archive
from tests.notices.receivers import Authority, Receiver, Request, proxying, receiving
from tests.records.files import image

from shouwen.channels.wechat import accounts, fetching, vendor
from shouwen.channels.wechat import receiving as taking
from shouwen.channels.wechat.messages import Kind, Message
from shouwen.channels.wechat.models import WechatAccount, WechatMessage
from shouwen.complaints.models import Complaint
from shouwen.records import attachments, ledger
from shouwen.records.models import Attachment

API, PICTURES = "api.weixin.qq.com", "mmbiz.qpic.cn"
APP, SECRET = "wxb11529c136998cb6", "the-app-secret"
TOKEN = "ACCESS-TOKEN-0123456789"
AMR = b"#!AMR\n" + b"\x3c" + bytes(31)


class Vendor:
    """The two hosts as the vendor documents them. `says` is the next answer instead of a file."""

    def __init__(self) -> None:
        self.says: tuple[int, Any] | None = None
        self.stale = 0
        self.tokens_given = 0

    def __call__(self, request: Request) -> tuple[int, Any]:
        host = request.host.partition(":")[0]
        if host == PICTURES:
            return self.says or (200, image("JPEG"))
        assert host == API
        if request.path == "/cgi-bin/stable_token":
            assert request.method == "POST"
            if (request.json["appid"], request.json["secret"]) != (APP, SECRET):
                return 200, {"errcode": 40125, "errmsg": "invalid appsecret"}
            self.tokens_given += 1
            return 200, {"access_token": f"{TOKEN}{self.tokens_given}", "expires_in": 7200}
        assert request.path == "/cgi-bin/media/get"
        if request.query["access_token"] != f"{TOKEN}{self.tokens_given}" or self.stale:
            self.stale -= 1
            return 200, {"errcode": 42001, "errmsg": "access_token expired"}
        if request.query["media_id"] == "gone":
            return 200, {"errcode": 40007, "errmsg": "invalid media_id"}
        return self.says or (200, AMR)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def hosts() -> Vendor:
    return Vendor()


@pytest.fixture
def arrived(
    authority: Authority, hosts: Vendor, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Receiver]:
    """The vendor's hosts behind a proxy; no name is looked up outside."""
    vendor._tokens.clear()
    with (
        receiving(hosts, authority.context(API, PICTURES)) as receiver,
        proxying(receiver.port) as proxy,
    ):
        receiver.content_types = {PICTURES: "image/jpeg", "/cgi-bin/media/get": "audio/amr"}
        for name in ("NO_PROXY", "no_proxy", "https_proxy", "http_proxy", "HTTP_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
        yield receiver


@pytest.fixture
def account(archive: Archive, settings: Any, tmp_path: Path) -> WechatAccount:
    settings.SHOUWEN_HOME = tmp_path
    return accounts.add(
        archive.project,
        name="小区物业",
        app_id=APP,
        mode="safe",
        secret=SECRET,
        by=archive.staff["front_desk"],
    )


def sent(account: WechatAccount, kind: Kind, **said: Any) -> WechatMessage:
    """Somebody sends it; as it waits to be fetched."""
    number = str(WechatMessage.objects.count() + 1)
    message = Message(number, "oNeighbour01", "gh_1", kind, **said)
    assert taking.receive(account, message, lambda path: path)
    return WechatMessage.objects.latest("pk")


def test_a_picture_is_attached_by_nobodys_hand_and_once(
    account: WechatAccount, arrived: Receiver
) -> None:
    kept = sent(
        account, Kind.PICTURE, picture=f"http://{PICTURES}/mmbiz_jpg/abc/0?x=1", media_id="p"
    )
    job = ProcrastinateJob.objects.filter(
        task_name="shouwen.channels.wechat.tasks.fetch_wechat_media"
    ).latest("id")
    assert job.args == {"message": kept.pk}
    for _twice in range(2):
        fetching.fetch(kept.pk)
    kept.refresh_from_db()
    assert (kept.media, kept.picture, kept.media_id) == ("fetched", "", "")
    stored = Attachment.objects.get()
    assert stored.content_type == "image/jpeg"
    assert stored.actor_id is None
    complaint = Complaint.objects.get()
    kinds = [entry.kind for entry in ledger.entries("complaint", complaint.pk)]
    assert kinds.count("attached") == 1
    # By https, whatever was written.
    assert [request.path for request in arrived.requests] == ["/mmbiz_jpg/abc/0"]


def test_a_worker_that_has_just_begun_knows_the_job() -> None:
    asked = (
        "import django; django.setup()\n"
        "from procrastinate.contrib.django import app\n"
        "app.perform_import_paths()\n"
        "print('shouwen.channels.wechat.tasks.fetch_wechat_media' in app.tasks)"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    said = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, env=environment, check=True
    )
    assert said.stdout.strip() == "True"


def test_a_voice_is_asked_for_with_an_access_token_that_serves_for_both(
    account: WechatAccount, arrived: Receiver, hosts: Vendor
) -> None:
    first = sent(account, Kind.VOICE, media_id="v1", text="单元门锁坏了关不上")
    second = sent(account, Kind.VOICE, media_id="v2")
    for kept in (first, second):
        fetching.fetch(kept.pk)
    assert hosts.tokens_given == 1
    assert set(Attachment.objects.values_list("content_type", flat=True)) == {"audio/amr"}
    with attachments.opened(Attachment.objects.latest("stored_at")) as file:
        assert file.read() == AMR


def test_an_access_token_that_ran_out_is_asked_for_anew(
    account: WechatAccount, arrived: Receiver, hosts: Vendor
) -> None:
    hosts.stale = 1
    kept = sent(account, Kind.VOICE, media_id="v1")
    fetching.fetch(kept.pk)
    kept.refresh_from_db()
    assert (kept.media, hosts.tokens_given) == ("fetched", 2)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:5432/",
        "https://169.254.169.254/latest/meta-data/",
        "https://mmbiz.qpic.cn.example.org/a",
        "https://example.org/mmbiz.qpic.cn",
        "https://user@localhost/.qpic.cn",
        "file:///etc/passwd",
        "ftp://mmbiz.qpic.cn/a",
        "https://[::1",
        "nonsense",
    ],
)
def test_nothing_but_the_vendors_hosts_is_asked_for_a_picture(
    address: str, account: WechatAccount, arrived: Receiver
) -> None:
    account.secret = ""
    account.save()
    kept = sent(account, Kind.PICTURE, picture=address)
    fetching.fetch(kept.pk)
    kept.refresh_from_db()
    assert kept.media == "failed"
    assert not arrived.requests


def test_what_cannot_be_fetched_is_said_to_whoever_follows_the_complaint(
    account: WechatAccount, arrived: Receiver
) -> None:
    kept = sent(account, Kind.VOICE, media_id="gone")
    fetching.fetch(kept.pk)
    complaint = Complaint.objects.get()
    noted = ledger.entries("complaint", complaint.pk, with_said=True)[-1]
    assert noted.kind == "noted"
    assert "没有取到" in noted.said["text"]


def test_a_busy_vendor_is_asked_again_later_and_at_last_given_up(
    account: WechatAccount, arrived: Receiver, hosts: Vendor
) -> None:
    kept = sent(account, Kind.VOICE, media_id="v")
    hosts.says = (503, {})
    with pytest.raises(fetching.Again):
        fetching.fetch(kept.pk)
    kept.refresh_from_db()
    assert kept.media == "waiting"
    fetching.fetch(kept.pk, last=True)
    kept.refresh_from_db()
    assert kept.media == "failed"


def test_a_wrong_or_missing_secret_is_said_in_the_settings(
    account: WechatAccount, arrived: Receiver
) -> None:
    for secret, problem in (("", "no_secret"), ("another", "credentials")):
        account.secret = secret
        account.save()
        fetching.fetch(sent(account, Kind.VOICE, media_id="v").pk)
        account.refresh_from_db()
        assert account.last_problem == problem


def test_a_file_that_is_no_picture_is_not_taken_in(
    account: WechatAccount, arrived: Receiver, hosts: Vendor
) -> None:
    hosts.says = (200, b"MZ\x90\0 not a picture")
    kept = sent(account, Kind.PICTURE, picture=f"https://{PICTURES}/a/0")
    fetching.fetch(kept.pk)
    kept.refresh_from_db()
    assert kept.media == "failed"
    assert not Attachment.objects.exists()


def test_what_is_too_large_or_leads_elsewhere_is_left(
    account: WechatAccount, arrived: Receiver, hosts: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vendor, "LARGEST", 1_000)
    hosts.says = (200, bytes(2_000))
    first = sent(account, Kind.PICTURE, picture=f"https://{PICTURES}/a/0")
    fetching.fetch(first.pk)
    hosts.says = (302, {})
    second = sent(account, Kind.PICTURE, picture=f"https://{PICTURES}/b/0")
    fetching.fetch(second.pk)
    assert set(WechatMessage.objects.values_list("media", flat=True)) == {"failed"}


def test_tokens_and_secrets_are_in_no_log_and_no_exception(
    account: WechatAccount,
    arrived: Receiver,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO)
    fetching.fetch(sent(account, Kind.VOICE, media_id="v").pk)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nothing listens there
    with pytest.raises(fetching.Again) as again:
        fetching.fetch(sent(account, Kind.VOICE, media_id="w").pk)
    told = caplog.text + repr(again.value)
    for secret in (TOKEN, SECRET, "oNeighbour01"):
        assert secret not in told
