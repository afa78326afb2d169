"""The company's own gateway for text messages and calls: what docs/notices-channels.md promises."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.notices.receivers import Receiver, Request, receiving

from shouwen.notices import gateways, sending
from shouwen.notices.address import Address, Gateway
from shouwen.notices.gateways import Webhook
from shouwen.notices.message import Message
from shouwen.notices.sending import Failed
from shouwen.organization.models import Staff

SECRET = "a secret of both sides, 32 bytes"
DOCUMENT = Path(__file__).parents[2] / "docs" / "notices-channels.md"
MESSAGE = Message(
    title="JX-20261001-001 电梯困人",
    lines=("3 栋 1 单元",),
    link="https://complaints.example.cn/n/1/",
    language="zh-hans",
    urgent=True,
)
Verify = Callable[..., bool]


@pytest.fixture(scope="module")
def verify() -> Verify:
    """The verifier that the document gives to those who write gateways, run as it stands there."""
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.S)
    names: dict[str, Any] = {}
    exec(compile(code, str(DOCUMENT), "exec"), names)
    found: Verify = names["verified"]
    return found


@pytest.fixture
def answer() -> dict[str, Any]:
    """How the gateway answers, for the test to change."""
    return {"status": 202, "body": {"accepted": True}}


@pytest.fixture
def gateway(db: None, verify: Verify, answer: dict[str, Any]) -> Iterator[Receiver]:
    def take(request: Request) -> tuple[int, Any]:
        headers = request.headers
        if not verify(
            SECRET, headers["X-Shouwen-Timestamp"], headers["X-Shouwen-Signature"], request.body
        ):
            return 401, {}
        return answer["status"], answer["body"]

    with receiving(take) as receiver:
        url = f"http://127.0.0.1:{receiver.port}/shouwen"
        for kind in (Gateway.Kind.SMS, Gateway.Kind.CALL):
            gateways.save(kind, Webhook(url=url, secret=SECRET))
        yield receiver


def _telephone(staff: Staff, kind: str) -> Address:
    return Address.objects.create(staff=staff, kind=kind, target="+8613800000001", reaches_one=True)


@pytest.mark.parametrize(("kind", "said"), [("webhook_sms", "sms"), ("webhook_call", "call")])
def test_a_gateway_receives_what_is_documented_and_can_verify_it(
    kind: str, said: str, front_desk: Staff, gateway: Receiver
) -> None:
    sending.send(_telephone(front_desk, kind), MESSAGE, delivery="5b1f")
    [request] = gateway.requests
    assert request.json == {
        "version": 1,
        "id": "5b1f",
        "kind": said,
        "to": "+8613800000001",
        "title": "【紧急】JX-20261001-001 电梯困人",
        "text": "【紧急】JX-20261001-001 电梯困人\n3 栋 1 单元\nhttps://complaints.example.cn/n/1/",
        "link": MESSAGE.link,
        "language": "zh-hans",
        "urgent": True,
        "rehearsal": False,
    }
    assert request.headers["X-Shouwen-Delivery"] == "5b1f"


def test_another_secret_is_refused(front_desk: Staff, gateway: Receiver) -> None:
    url = f"http://127.0.0.1:{gateway.port}/shouwen"
    gateways.save(Gateway.Kind.SMS, Webhook(url=url, secret=SECRET[::-1]))
    with pytest.raises(Failed) as failed:
        sending.send(_telephone(front_desk, "webhook_sms"), MESSAGE)
    assert (failed.value.code, failed.value.temporary) == ("credentials", False)
    assert Gateway.objects.get(kind="sms").last_error == "credentials"


def test_the_documented_verifier_refuses_what_is_old_or_altered(
    front_desk: Staff, gateway: Receiver, verify: Verify
) -> None:
    sending.send(_telephone(front_desk, "webhook_sms"), MESSAGE)
    [request] = gateway.requests
    stamp = request.headers["X-Shouwen-Timestamp"]
    sign = request.headers["X-Shouwen-Signature"]
    now = time.time()
    assert verify(SECRET, stamp, sign, request.body, now=now)
    assert not verify(SECRET, stamp, sign, request.body + b" ", now=now)
    assert not verify(SECRET, str(int(stamp) + 1), sign, request.body, now=now)
    assert not verify(SECRET, stamp, sign, request.body, now=now + 301)
    assert not verify(SECRET, stamp, sign, request.body, now=now - 301)
    assert not verify(SECRET, "soon", sign, request.body, now=now)


@pytest.mark.parametrize(
    ("status", "body", "code", "temporary"),
    [
        (200, {"accepted": False, "code": "nobody_there"}, "nobody_there", False),
        (200, {"accepted": False, "code": "too_often", "retry": True}, "too_often", True),
        (200, {"accepted": False, "code": "whatever"}, "refused", False),
        (410, {}, "nobody_there", False),
        (404, {}, "not_set_up", False),
        (400, {}, "refused", False),
        (302, {}, "refused", False),
        (429, {}, "too_often", True),
        (503, {}, "busy", True),
    ],
)
def test_the_gateways_answers_are_told_apart(
    status: int,
    body: Any,
    code: str,
    temporary: bool,
    front_desk: Staff,
    gateway: Receiver,
    answer: dict[str, Any],
) -> None:
    answer.update(status=status, body=body)
    with pytest.raises(Failed) as failed:
        sending.send(_telephone(front_desk, "webhook_sms"), MESSAGE)
    assert (failed.value.code, failed.value.temporary) == (code, temporary)


def test_an_answer_without_a_body_counts_as_taken(
    front_desk: Staff, gateway: Receiver, answer: dict[str, Any]
) -> None:
    answer.update(status=204, body=b"")
    sending.send(_telephone(front_desk, "webhook_call"), MESSAGE)


def test_without_a_gateway_the_failure_says_so(front_desk: Staff) -> None:
    with pytest.raises(Failed) as failed:
        sending.send(_telephone(front_desk, "webhook_sms"), MESSAGE)
    assert (failed.value.code, failed.value.temporary) == ("not_set_up", False)


# -- any other service, by Apprise


def _other(staff: Staff, url: str) -> Address:
    return Address.objects.create(staff=staff, kind="apprise", target=url)


def test_any_apprise_address_is_served(front_desk: Staff, answer: dict[str, Any]) -> None:
    with receiving(lambda request: (200, {"ok": True})) as receiver:
        sending.send(_other(front_desk, f"json://127.0.0.1:{receiver.port}/hook"), MESSAGE)
    said = receiver.requests[0].json
    assert said["title"] == "【紧急】JX-20261001-001 电梯困人"
    assert said["message"] == "3 栋 1 单元\nhttps://complaints.example.cn/n/1/"


@pytest.mark.parametrize(
    ("status", "code", "temporary"),
    [(503, "busy", True), (401, "credentials", False), (307, "refused", False)],
)
def test_what_apprise_only_logs_is_told_apart_and_logged_nowhere(
    status: int,
    code: str,
    temporary: bool,
    front_desk: Staff,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with receiving(lambda request: (status, {})) as receiver:
        url = f"json://user:pass-word@127.0.0.1:{receiver.port}/hook-with-a-key"
        with pytest.raises(Failed) as failed:
            sending.send(_other(front_desk, url), MESSAGE)
    assert (failed.value.code, failed.value.temporary) == (code, temporary)
    told = caplog.text + "".join(capfd.readouterr())
    assert "pass-word" not in told and "hook-with-a-key" not in told and "电梯" not in told
    assert len(receiver.requests) == 1
