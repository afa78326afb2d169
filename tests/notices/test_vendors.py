"""What WeCom, DingTalk and Feishu receive, checked as they check it, through a real proxy and TLS."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apprise
import pytest
from tests.notices import vendors as v
from tests.notices.receivers import Authority, Receiver, proxying, receiving
from tests.notices.vendors import Vendors

from shouwen.notices import gateways, sending, targets
from shouwen.notices.address import Address, Gateway
from shouwen.notices.gateways import WecomApp
from shouwen.notices.message import Message
from shouwen.notices.sending import Failed, wecom
from shouwen.organization.models import Staff

MESSAGE = Message(
    title="JX-20261001-001 电梯困人",
    lines=("3 栋 1 单元电梯停在 12 层", "请在 10:03 前报警并赶到现场（第六条）"),
    link="https://complaints.example.cn/complaints/JX-20261001-001/",
    language="zh-hans",
    urgent=True,
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def vendors() -> Vendors:
    return Vendors()


@pytest.fixture
def arrived(
    authority: Authority, vendors: Vendors, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Receiver]:
    """The vendors' servers behind a proxy; no name is looked up outside."""
    wecom._tokens.clear()
    with (
        receiving(vendors, authority.context(*v.HOSTS)) as receiver,
        proxying(receiver.port) as proxy,
    ):
        for name in ("NO_PROXY", "no_proxy", "https_proxy", "http_proxy", "HTTP_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
        yield receiver


def _address(staff: Staff, kind: str, text: str, secret: str = "") -> Address:
    found = targets.understand(kind, text, secret=secret, of_person=True)
    return Address.objects.create(
        staff=staff, kind=found.kind, target=found.kept, reaches_one=found.reaches_one
    )


ROBOTS: dict[str, tuple[str, str, str]] = {
    "wecom": (f"https://{v.WECOM}/cgi-bin/webhook/send?key={v.ROBOT_KEY}", "", v.WECOM),
    "dingtalk": (
        f"https://{v.DINGTALK}/robot/send?access_token={v.TOKEN}",
        v.DINGTALK_SECRET,
        v.DINGTALK,
    ),
    "feishu": (
        f"https://{v.FEISHU}/open-apis/bot/v2/hook/{v.HOOK}",
        v.FEISHU_SECRET,
        v.FEISHU,
    ),
}


def _robot(staff: Staff, kind: str, secret: str | None = None) -> Address:
    url, own, _host = ROBOTS[kind]
    return _address(staff, kind, url, own if secret is None else secret)


def _text(kind: str, body: Any) -> str:
    return str(body["content"]["text"] if kind == "feishu" else body["text"]["content"])


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_robot_receives_what_its_vendor_documents(
    kind: str, front_desk: Staff, arrived: Receiver
) -> None:
    address = _robot(front_desk, kind)
    sending.send(address, MESSAGE)
    [request] = arrived.requests
    assert request.host.partition(":")[0] == ROBOTS[kind][2]
    text = _text(kind, request.json)
    assert "【紧急】JX-20261001-001 电梯困人" in text
    assert all(line in text for line in MESSAGE.lines) and text.endswith(MESSAGE.link)
    address.refresh_from_db()
    assert address.last_ok_at and not address.fails


def _calls_all(kind: str, body: Any) -> bool:
    if kind == "wecom":
        return bool(body["text"].get("mentioned_list") == ["@all"])
    if kind == "dingtalk":
        return bool(body["at"]["isAtAll"])
    return '<at user_id="all">' in body["content"]["text"]


@pytest.mark.parametrize("kind", ROBOTS)
def test_everybody_in_the_group_is_called_only_in_an_emergency(
    kind: str, front_desk: Staff, arrived: Receiver
) -> None:
    address = _robot(front_desk, kind)
    calm = Message(MESSAGE.title, MESSAGE.lines, MESSAGE.link, "zh-hans")
    drill = Message(MESSAGE.title, MESSAGE.lines, "", "zh-hans", urgent=True, rehearsal=True)
    for message in (MESSAGE, calm, drill):
        sending.send(address, message)
    urgent, routine, rehearsed = (each.json for each in arrived.requests)
    assert _calls_all(kind, urgent)
    assert not _calls_all(kind, routine) and not _calls_all(kind, rehearsed)
    assert "【演练】" in _text(kind, rehearsed) and "演练，没有真实投诉" in _text(kind, rehearsed)


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
@pytest.mark.parametrize("secret", ["", "SEC-another-secret-0123"])
def test_a_missing_or_wrong_secret_is_a_failure_that_says_so(
    kind: str, secret: str, front_desk: Staff, arrived: Receiver
) -> None:
    address = _robot(front_desk, kind, secret)
    with pytest.raises(Failed) as failed:
        sending.send(address, MESSAGE)
    assert (failed.value.code, failed.value.temporary) == ("sign_wrong", False)
    address.refresh_from_db()
    assert address.fails and address.last_error == "sign_wrong"


REFUSALS: list[tuple[str, int, dict[str, Any], str, bool]] = [
    ("wecom", 200, {"errcode": 93000, "errmsg": "invalid webhook url"}, "key_wrong", False),
    ("wecom", 200, {"errcode": 45009, "errmsg": "api freq out of limit"}, "too_often", True),
    ("wecom", 200, {"errcode": -1, "errmsg": "system busy"}, "busy", True),
    ("wecom", 200, {"errcode": 99999, "errmsg": "?"}, "refused", False),
    ("wecom", 200, {}, "bad_answer", True),
    ("wecom", 502, {}, "busy", True),
    ("dingtalk", 200, {"errcode": 310000, "errmsg": "keywords not in content"}, "keyword", False),
    (
        "dingtalk",
        200,
        {"errcode": 310000, "errmsg": "ip 192.0.2.1 not in whitelist"},
        "not_allowed_from_here",
        False,
    ),
    ("dingtalk", 200, {"errcode": 130101, "errmsg": "send too fast"}, "too_often", True),
    ("dingtalk", 200, {"errcode": 300001, "errmsg": "token is not exist"}, "key_wrong", False),
    ("feishu", 200, {"code": 19024, "msg": "Key Words Not Found"}, "keyword", False),
    ("feishu", 200, {"code": 19022, "msg": "Ip Not Allowed"}, "not_allowed_from_here", False),
    ("feishu", 400, {"code": 19001, "msg": "param invalid"}, "key_wrong", False),
    ("feishu", 200, {"code": 11232, "msg": "frequency limited"}, "too_often", True),
    ("feishu", 200, {"code": 9499, "msg": "Bad Request"}, "refused", False),
]


@pytest.mark.parametrize(("kind", "status", "answer", "code", "temporary"), REFUSALS)
def test_a_refusal_counts_as_one_whatever_the_http_status(
    kind: str,
    status: int,
    answer: dict[str, Any],
    code: str,
    temporary: bool,
    front_desk: Staff,
    arrived: Receiver,
    vendors: Vendors,
) -> None:
    vendors.refuse_with = (status, answer)
    with pytest.raises(Failed) as failed:
        sending.send(_robot(front_desk, kind), MESSAGE)
    assert (failed.value.code, failed.value.temporary) == (code, temporary)


# -- the company's application in WeCom


def _app(secret: str = v.CORP_SECRET) -> None:
    gateways.save(
        Gateway.Kind.WECOM_APP,
        WecomApp(corp_id=v.CORP_ID, agent_id=v.AGENT_ID, secret=secret),
    )


def test_one_person_gets_a_card_through_the_application(
    front_desk: Staff, arrived: Receiver, vendors: Vendors
) -> None:
    _app()
    address = _address(front_desk, "wecom", f"@{v.USER}")
    assert address.reaches_one
    sending.send(address, MESSAGE)
    sending.send(address, MESSAGE)
    card = arrived.requests[-1].json["textcard"]
    assert card["url"] == MESSAGE.link and card["title"].startswith("【紧急】")
    assert vendors.tokens_given == 1  # asked for once, used for both
    assert Gateway.objects.get().last_ok_at


def test_without_a_public_address_the_person_is_told_where_to_look(
    front_desk: Staff, arrived: Receiver
) -> None:
    _app()
    sending.send(
        _address(front_desk, "wecom", f"@{v.USER}"),
        Message(MESSAGE.title, MESSAGE.lines, "", "en"),
    )
    assert arrived.requests[-1].json["msgtype"] == "text"
    assert len(arrived.requests[-1].json["text"]["content"].splitlines()) == 4


def test_an_access_token_that_ran_out_is_asked_for_anew(
    front_desk: Staff, arrived: Receiver, vendors: Vendors
) -> None:
    _app()
    address = _address(front_desk, "wecom", f"@{v.USER}")
    sending.send(address, MESSAGE)
    vendors.token_stale = True
    sending.send(address, MESSAGE)
    assert vendors.tokens_given == 2


def test_whom_wecom_does_not_know_is_a_failure_of_the_address_not_of_the_application(
    front_desk: Staff, arrived: Receiver, vendors: Vendors
) -> None:
    _app()
    stranger = _address(front_desk, "wecom", "@somebody-else")
    with pytest.raises(Failed) as failed:
        sending.send(stranger, MESSAGE)
    assert failed.value.code == "nobody_there"
    assert stranger.fails and not Gateway.objects.get().fails
    vendors.refuse_with = (200, {"errcode": 0, "errmsg": "ok", "invaliduser": v.USER})
    with pytest.raises(Failed):
        sending.send(_address(front_desk, "wecom", f"@{v.USER}"), MESSAGE)


def test_a_wrong_secret_of_the_application_is_told_to_the_administrator(
    front_desk: Staff, arrived: Receiver
) -> None:
    _app(secret="not-the-secret")
    with pytest.raises(Failed) as failed:
        sending.send(_address(front_desk, "wecom", f"@{v.USER}"), MESSAGE)
    assert (failed.value.code, failed.value.temporary) == ("credentials", False)
    assert Gateway.objects.get().last_error == "credentials"


# -- what must never happen


@pytest.mark.parametrize("kind", ROBOTS)
def test_keys_and_texts_are_in_no_log_and_no_exception(
    kind: str,
    front_desk: Staff,
    arrived: Receiver,
    vendors: Vendors,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO)
    address = _robot(front_desk, kind)
    sending.send(address, MESSAGE)
    vendors.refuse_with = (200, {"errcode": -1, "code": -1, "errmsg": v.TOKEN})
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nothing listens there
    with pytest.raises(Failed) as failed:
        sending.send(address, MESSAGE)
    assert (failed.value.code, failed.value.temporary) == ("unreachable", True)
    told = caplog.text + repr(failed.value)
    for secret in (v.ROBOT_KEY, v.TOKEN, v.DINGTALK_SECRET, v.HOOK, v.FEISHU_SECRET, "电梯"):
        assert secret not in told
    assert failed.value.__suppress_context__


def test_a_server_with_another_certificate_gets_nothing(
    front_desk: Staff, arrived: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(Authority(tmp_path).bundle))
    with pytest.raises(Failed) as failed:
        sending.send(_robot(front_desk, "wecom"), MESSAGE)
    assert (failed.value.code, failed.value.temporary) == ("certificate", False)
    assert not arrived.requests


def test_why_dingtalk_and_wecom_are_not_sent_to_by_apprise(
    db: None, arrived: Receiver, vendors: Vendors
) -> None:
    """If this fails, the library has learnt it, and our own senders can go."""
    asked = f"dingtalk://{v.DINGTALK_SECRET}@{v.TOKEN}", f"wecombot://{v.ROBOT_KEY}"
    signed = apprise.Apprise.instantiate(asked[0])
    signed.notify(body="投诉")
    assert "%" in arrived.requests[-1].query["sign"]  # encoded twice: the vendor refuses it
    vendors.refuse_with = (200, {"errcode": 93000, "errmsg": "invalid webhook url"})
    assert apprise.Apprise.instantiate(asked[1]).notify(body="投诉") is True
