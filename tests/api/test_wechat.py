"""A resident writes to the company's official account in WeChat, and is answered at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from tests.api.wechat_server import PATIENCE, WechatServer, sha1
from tests.desk.conftest import Office

from shouwen.channels.wechat import accounts
from shouwen.channels.wechat.models import WechatAccount, WechatFollower, WechatMessage
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.records import ledger

TELEPHONE = "400-000-0110"
LIGHTS = "5栋楼道的灯不亮，晚上看不见路。"
At = Callable[..., WechatServer]


@pytest.fixture
def account(office: Office) -> Callable[[str], WechatAccount]:
    """An official account of the demo company's project."""

    def made(mode: str) -> WechatAccount:
        office.project.public_telephone = TELEPHONE
        office.project.save()
        return accounts.add(
            office.project,
            name="小区物业",
            app_id="wxb11529c136998cb6",
            mode=mode,
            secret="app-secret",
            by=office.person("administrator"),
        )

    return made


def _server(account: WechatAccount, root: str = "", **more: Any) -> WechatServer:
    return WechatServer(
        f"{root}/wechat/{account.address}/",
        account.token,
        account.aes_key,
        account.app_id,
        encrypts=account.mode == "safe",
        **more,
    )


@pytest.fixture
def wechat(account: Callable[[str], WechatAccount]) -> WechatServer:
    """The vendor's servers, in this process, in safe mode."""
    return _server(account("safe"), client=Client())


def kinds(complaint: Complaint) -> list[str]:
    return [entry.kind for entry in ledger.entries(SUBJECT, complaint.pk)]


def later(**delta: float) -> None:
    """Let time pass since somebody last wrote."""
    for follower in WechatFollower.objects.exclude(heard_at=None):
        assert follower.heard_at is not None
        follower.heard_at -= timedelta(**delta)
        follower.save()


# -- over real HTTP


@pytest.mark.parametrize("mode", ["plain", "safe"])
def test_text_picture_and_location_are_answered_within_the_vendors_five_seconds(
    mode: str, account: Callable[[str], WechatAccount], live_server: LiveServer
) -> None:
    server = _server(account(mode), live_server.url)
    assert server.verify().body == b"4075181314397890557"
    said = [
        server.message("text", Content=LIGHTS),
        server.message("image", PicUrl="https://mmbiz.qpic.cn/a/0", MediaId="m1"),
        server.message("location", Location_X="22.54", Location_Y="114.06", Label="5栋北门"),
    ]
    answers = [server.send(each) for each in said]
    assert all(answer.status == 200 for answer in answers)
    assert max(answer.seconds for answer in answers) < PATIENCE
    complaint = Complaint.objects.get()
    assert complaint.channel == "chat"
    assert complaint.content == LIGHTS
    assert complaint.place == "5栋北门 (22.54000, 114.06000)"
    assert all(complaint.number in answer.text for answer in answers)
    assert all(answer.to == "oNeighbour01" for answer in answers)
    link = re.search(rf"{re.escape(live_server.url)}(/t/[a-z2-7]{{26}}/)", answers[0].text)
    assert link is not None
    page = Client().get(link[1])
    assert page.status_code == 200
    assert "已受理您反映的问题" in page.content.decode()
    assert "下次答复" in answers[0].text
    if mode == "safe":
        assert complaint.number.encode() not in answers[0].body


# -- what becomes of it


def test_the_same_message_sent_again_is_given_the_same_reply_and_nothing_more(
    wechat: WechatServer,
) -> None:
    message = wechat.message("text", Content=LIGHTS)
    first, *again = [wechat.send(message) for _attempt in range(4)]
    assert {each.text for each in again} == {first.text}
    assert Complaint.objects.count() == WechatMessage.objects.count() == 1
    more = wechat.message("text", Content="三楼的也不亮了。")
    assert wechat.send(more).text == wechat.send(more).text
    assert kinds(Complaint.objects.get()).count("customer_added") == 1


def test_danger_is_an_emergency_also_right_after_something_else(wechat: WechatServer) -> None:
    wechat.send(wechat.message("text", Content=LIGHTS))
    answer = wechat.send(wechat.message("text", Content="电梯里困着人，快来！"))
    grave = Complaint.objects.latest("pk")
    assert Complaint.objects.count() == 2
    assert grave.severity == "emergency"
    assert TELEPHONE in answer.text
    assert "不要扒门" in answer.text
    # What follows belongs to it.
    wechat.send(wechat.message("text", Content="在3栋，还是困着人，出不来"))
    assert Complaint.objects.count() == 2
    assert kinds(grave)[-1] == "customer_added"


def test_after_half_an_hour_a_text_is_another_matter_and_a_picture_still_belongs(
    wechat: WechatServer,
) -> None:
    wechat.send(wechat.message("text", Content=LIGHTS))
    first = Complaint.objects.get()
    later(minutes=31)
    wechat.send(wechat.message("image", PicUrl="https://mmbiz.qpic.cn/a/0", MediaId="m"))
    assert WechatMessage.objects.latest("pk").complaint == first
    # Long after the report somebody owes an answer to it.
    assert "customer_added" in kinds(first)
    later(minutes=31)
    wechat.send(wechat.message("text", Content="地库有车乱停，堵住了出口。"))
    assert Complaint.objects.count() == 2


def test_a_voice_says_what_was_understood_of_it_and_asks_for_words_where_nothing_was(
    wechat: WechatServer,
) -> None:
    spoken = wechat.message("voice", MediaId="v", Format="amr", Recognition="单元门锁坏了关不上")
    wechat.send(spoken)
    assert Complaint.objects.get().content == "单元门锁坏了关不上"
    answer = wechat.send(wechat.message("voice", MediaId="w", Format="amr"))
    assert "再用文字说一下" in answer.text
    assert Complaint.objects.count() == 1
    assert WechatMessage.objects.filter(media="waiting").count() == 2


def test_greetings_questions_and_thanks_are_no_complaints(wechat: WechatServer) -> None:
    def say(text: str) -> str:
        return wechat.send(wechat.message("text", Content=text)).text

    assert "直接发文字" in say("你好")
    assert "直接发文字" in say("嗯？")
    assert "还没有在这里反映过问题" in say("查询")
    assert TELEPHONE in say("人工")
    assert not Complaint.objects.exists()
    say(LIGHTS)
    number = Complaint.objects.get().number
    progress = say("查询")
    assert number in progress
    assert "客服中心正在核实" in progress
    assert "/t/" in progress
    assert "不客气" in say("谢谢！")
    assert Complaint.objects.count() == 1
    # Short words of danger are never taken for a greeting.
    say("着火")
    assert Complaint.objects.latest("pk").severity == "emergency"


def test_a_telephone_that_was_told_is_kept_for_the_next_time(wechat: WechatServer) -> None:
    first = wechat.send(wechat.message("text", Content=LIGHTS))
    assert "手机号" in first.text
    wechat.send(wechat.message("text", Content="13800001234，5-1-301"))
    later(hours=2)
    second = wechat.send(wechat.message("text", Content="楼上一直滴水下来。"))
    assert "手机号" not in second.text
    assert Complaint.objects.latest("pk").telephone == "13800001234"


def test_whoever_begins_to_follow_is_welcomed_and_other_events_say_nothing(
    wechat: WechatServer,
) -> None:
    assert "您好" in wechat.send(wechat.message("event", Event="subscribe")).text
    assert wechat.send(wechat.message("event", Event="VIEW", EventKey="x")).body == b"success"
    assert "收不了" in wechat.send(wechat.message("video", MediaId="m")).text
    assert not Complaint.objects.exists()


def test_a_closed_complaint_is_joined_by_nothing(wechat: WechatServer, office: Office) -> None:
    wechat.send(wechat.message("text", Content=LIGHTS))
    office.take("front-desk-1", "withdraw", Complaint.objects.get(), reason="客户说已经好了")
    wechat.send(wechat.message("text", Content="又坏了，还是那盏灯。"))
    assert Complaint.objects.count() == 2


def test_a_stopped_account_says_whom_to_call(wechat: WechatServer, office: Office) -> None:
    account = WechatAccount.objects.get()
    accounts.switch(account, active=False, by=office.person("administrator"))
    assert TELEPHONE in wechat.send(wechat.message("text", Content=LIGHTS)).text
    assert not Complaint.objects.exists()


# -- what is turned away

_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><xml><MsgType>text</MsgType><Content>&c;</Content></xml>'
)
_OUTSIDE = (
    b'<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    b"<xml><MsgType>text</MsgType><Content>&f;</Content></xml>"
)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (_LAUGHS, 400),
        (_OUTSIDE, 400),
        (b"", 400),
        (b"<xml><MsgType>text", 400),
        (b'{"MsgType": "text"}', 400),
        (b"<xml>" + b"<a>" * 50_000, 413),
        (b"<xml><a><b><c><d><e>x</e></d></c></b></a></xml>", 400),
        (b"<xml><MsgType>text</MsgType><Content>x</Content></xml>", 400),
        (b"\xff\xfe<xml/>", 400),
        (b"<xml><Content>\x00</Content></xml>", 400),
    ],
)
def test_hostile_xml_is_turned_away_and_nothing_is_read_or_grows(
    body: bytes, status: int, account: Callable[[str], WechatAccount]
) -> None:
    server = _server(account("plain"), client=Client())
    answer = server.raw(body)
    assert answer.status == status
    assert answer.body == b""
    assert not WechatFollower.objects.exists()


def test_what_is_not_the_accounts_own_is_turned_away(
    wechat: WechatServer, account: Callable[[str], WechatAccount]
) -> None:
    message = wechat.message("text", Content=LIGHTS)
    assert wechat.verify(signature="0" * 40).status == 403
    assert wechat.send(message, msg_signature="0" * 40).status == 403
    assert wechat.send(message, msg_signature="号").status == 403
    assert wechat.raw(message.encode()).status == 403
    assert WechatAccount.objects.get().last_problem == "not_safe"
    own = wechat.app_id
    wechat.app_id = "wx0000000000000000"
    assert wechat.send(message).status == 403
    assert WechatAccount.objects.get().last_problem == "app id"
    wechat.app_id, url = own, wechat.url
    wechat.url = "/wechat/unknown/"
    assert wechat.send(message).status == wechat.verify().status == 404
    assert not WechatFollower.objects.exists()
    wechat.url = url
    assert wechat.send(message).status == 200
    assert WechatAccount.objects.get().last_problem == ""


def test_in_plain_mode_an_old_signature_opens_nothing(
    account: Callable[[str], WechatAccount],
) -> None:
    server = _server(account("plain"), client=Client())
    old = str(int((timezone.now() - timedelta(hours=2)).timestamp()))
    signed = {"timestamp": old, "nonce": "n", "signature": sha1(server.token, old, "n")}
    assert server.send(server.message("text", Content=LIGHTS), **signed).status == 403
    assert not Complaint.objects.exists()


def test_in_compatible_mode_both_are_taken(account: Callable[[str], WechatAccount]) -> None:
    server = _server(account("compatible"), client=Client())
    assert server.send(server.message("text", Content=LIGHTS)).text
    server.encrypts = True
    assert server.send(server.message("text", Content="三楼的也不亮了。")).text
    assert Complaint.objects.count() == 1


def test_after_a_rotation_only_the_new_secrets_open(wechat: WechatServer, office: Office) -> None:
    account = WechatAccount.objects.get()
    accounts.rotate(account, by=office.person("administrator"))
    message = wechat.message("text", Content=LIGHTS)
    assert wechat.send(message).status == 404
    wechat.url = f"/wechat/{account.address}/"
    assert wechat.send(message).status == 403
    wechat.token, wechat.aes_key = account.token, account.aes_key
    assert wechat.send(message).status == 200
