"""Orders of an outside hotline: both deadlines kept, answered in its terms, the answer on its way."""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from tests import horizon
from tests.desk.conftest import Office, at_desk

from shouwen.channels import hotline_replies
from shouwen.channels.hotline_orders import genuine, new_secret
from shouwen.channels.models import Hotline, HotlineReply
from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.words import Channel, Severity
from shouwen.notices.sending.gateway import signature
from shouwen.records import followers, ledger

__all__ = ["at_desk"]
pytestmark = pytest.mark.django_db(transaction=True)

DUE = (timezone.now() + datetime.timedelta(days=3)).replace(microsecond=0)
ORDER = {
    "number": "HZ2026112900815",
    "due_at": DUE.isoformat(),
    "content": "小区路灯不亮，晚上看不见路。",
    "asked": "请三日内办结并回复来电人。",
    "place": "北门",
    "telephone": "13812345678",
}


class Receiver:
    """A hotline's server: it checks the signature and keeps what it was sent."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.genuine: list[bool] = []
        self.answers: list[int] = []
        self.hotline: Hotline | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append(json.loads(body))
                stamp, signed = (
                    self.headers["X-Shouwen-Timestamp"],
                    self.headers["X-Shouwen-Signature"],
                )
                assert outer.hotline is not None
                outer.genuine.append(genuine(outer.hotline, stamp, signed, body))
                self.send_response(outer.answers.pop(0) if outer.answers else 204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/replies"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def hotline(office: Office, receiver: Receiver) -> Hotline:
    followers.begin(hotline_replies.NAME)
    made = Hotline.objects.create(
        project=office.project, name="12345", secret=new_secret(), reply_url=receiver.url
    )
    receiver.hotline = made
    return made


def pass_on(server: LiveServer, hotline: Hotline, order: dict[str, Any], **headers: str) -> Any:
    body = json.dumps(order).encode()
    stamp = headers.pop("stamp", str(int(timezone.now().timestamp())))
    signed = signature(str.__str__(hotline.secret), stamp, body)
    sent = {"X-Shouwen-Timestamp": stamp, "X-Shouwen-Signature": headers.pop("signed", signed)}
    return requests.post(
        f"{server.url}/hotline/{hotline.pk}/orders", data=body, headers=sent, timeout=20
    )


def test_an_order_is_a_complaint_with_the_hotlines_deadline_as_one_clock_more(
    office: Office, hotline: Hotline, live_server: LiveServer, at_desk: Any
) -> None:
    answer = pass_on(live_server, hotline, ORDER)
    assert answer.status_code == 201
    complaint = Complaint.objects.get(number=answer.json()["complaint"])
    assert complaint.channel == Channel.HOTLINE and complaint.front_desk
    clock = ClockRow.objects.get(subject_id=complaint.pk, rule="H.hotline")
    assert clock.due_at == DUE and clock.holder == "front_desk" and not clock.article
    assert ClockRow.objects.filter(subject_id=complaint.pk, rule="R2.dispatch").exists()
    office.dispatch(complaint)
    page = at_desk("front-desk-1").get(f"/complaints/{complaint.number}/").content.decode()
    assert ORDER["number"] in page and "热线时限" in page and "本公司时限" in page
    assert "请三日内办结并回复来电人。" in page


def test_passed_on_twice_it_is_one_complaint(
    hotline: Hotline, live_server: LiveServer, office: Office
) -> None:
    first = pass_on(live_server, hotline, ORDER)
    again = pass_on(live_server, hotline, ORDER)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["complaint"] == again.json()["complaint"]
    complaint = Complaint.objects.get()
    for _each in range(2):
        anew = pass_on(live_server, hotline, ORDER | {"content": "来电人催问，路灯还是不亮"})
        assert anew.status_code == 200
    notes = [
        each
        for each in ledger.entries(SUBJECT, complaint.pk, with_said=True)
        if each.kind == "noted"
    ]
    assert len(notes) == 1 and "路灯还是不亮" in str(notes[0].said)


def test_danger_is_an_emergency_here_too(
    hotline: Hotline, live_server: LiveServer, office: Office
) -> None:
    answer = pass_on(live_server, hotline, ORDER | {"content": "电梯里困着人"})
    found = Complaint.objects.get(number=answer.json()["complaint"])
    assert found.severity == Severity.EMERGENCY


@pytest.mark.parametrize("bad", ["unsigned", "old", "stopped", "unknown"])
def test_only_the_hotline_passes_orders_on(
    bad: str, hotline: Hotline, live_server: LiveServer, office: Office
) -> None:
    headers: dict[str, str] = {}
    if bad == "unsigned":
        headers["signed"] = "v1=00"
    elif bad == "old":
        headers["stamp"] = str(int(timezone.now().timestamp()) - 600)
    elif bad == "stopped":
        Hotline.objects.update(is_active=False)
    else:
        hotline.pk = "00000000-0000-0000-0000-000000000000"
    answer = pass_on(live_server, hotline, ORDER, **headers)
    assert answer.status_code == 401 and answer.json()["what_to_do"]
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": ""},
        {"content": ""},
        {"due_at": "2026-01-01"},
        {"severity": "huge"},
        {"more": 1},
    ],
)
def test_what_is_wrong_is_said_field_by_field_and_nothing_is_written(
    wrong: dict[str, Any], hotline: Hotline, live_server: LiveServer, office: Office
) -> None:
    answer = pass_on(live_server, hotline, ORDER | wrong)
    assert answer.status_code == 422 and set(answer.json()["errors"]) == set(wrong)
    assert not Complaint.objects.exists()


def test_its_reply_and_result_go_out_in_the_documented_form(
    office: Office, hotline: Hotline, live_server: LiveServer, receiver: Receiver, at_desk: Any
) -> None:
    complaint = Complaint.objects.get(
        number=pass_on(live_server, hotline, ORDER).json()["complaint"]
    )
    office.take(
        "front-desk-1",
        "answer_hotline",
        complaint,
        reply="已更换灯具，来电人确认。",
        response="reached",
        resolution="solved",
        satisfaction="satisfied",
    )
    clock = ClockRow.objects.get(subject_id=complaint.pk, rule="H.hotline")
    assert clock.state == ClockRow.State.MET
    horizon.reached()
    while followers.advance(hotline_replies.NAME, hotline_replies.handle):
        pass
    (reply,) = HotlineReply.objects.all()
    receiver.answers = [503]
    hotline_replies.deliver(str(reply.pk))
    hotline_replies.deliver(str(reply.pk))
    assert receiver.genuine == [True, True]
    assert receiver.got[0] == receiver.got[1]
    told = receiver.got[0]
    assert {name: told[name] for name in ("order", "response", "resolution", "satisfaction")} == {
        "order": ORDER["number"],
        "response": "reached",
        "resolution": "solved",
        "satisfaction": "satisfied",
    }
    assert told["reply"] == "已更换灯具，来电人确认。" and told["in_time"] is True
    assert told["complaint"] == complaint.number
    reply.refresh_from_db()
    assert reply.state == HotlineReply.State.SENT and reply.attempts == 2
    hotline_replies.deliver(str(reply.pk))
    assert len(receiver.got) == 2
    page = at_desk("front-desk-1").get(f"/complaints/{complaint.number}/").content.decode()
    assert "已送达热线" in page and "在热线时限内" in page


def test_what_was_given_up_is_shown_and_sent_again_by_the_desk(
    office: Office, hotline: Hotline, live_server: LiveServer, receiver: Receiver, at_desk: Any
) -> None:
    complaint = Complaint.objects.get(
        number=pass_on(live_server, hotline, ORDER).json()["complaint"]
    )
    office.take("front-desk-1", "answer_hotline", complaint, reply="已办。")
    horizon.reached()
    followers.advance(hotline_replies.NAME, hotline_replies.handle)
    reply = HotlineReply.objects.get()
    receiver.answers = [404]
    hotline_replies.deliver(str(reply.pk))
    desk = at_desk("front-desk-1")
    page = desk.get(f"/complaints/{complaint.number}/").content.decode()
    again = f"/complaints/{complaint.number}/hotline/{reply.pk}/again/"
    assert again in page and "没有送到热线" in page
    assert at_desk("engineering-1").post(again).status_code in (403, 404)
    assert desk.post(again).status_code == 302
    hotline_replies.deliver(str(reply.pk))
    reply.refresh_from_db()
    assert reply.state == HotlineReply.State.SENT


def test_the_deadline_outlives_the_complaint_and_an_order_can_be_registered_by_hand(
    office: Office, hotline: Hotline, receiver: Receiver
) -> None:
    complaint = office.receive(channel="hotline")
    office.take("front-desk-1", "register_hotline", complaint, order="A-1", due_at=DUE)
    office.take("front-desk-1", "withdraw", complaint, reason="客户不再追究。")
    clock = ClockRow.objects.get(subject_id=complaint.pk, rule="H.hotline")
    assert clock.state == ClockRow.State.RUNNING
    office.take("front-desk-1", "answer_hotline", complaint, reply="来电人撤回。")
    clock.refresh_from_db()
    assert clock.state == ClockRow.State.MET


def test_hotlines_are_kept_by_those_who_answer_for_the_project(
    office: Office, at_desk: Any
) -> None:
    head = at_desk("centre-head")
    page = head.post(
        "/settings/hotlines/",
        {"action": "add", "project": office.project.pk, "name": "12345", "reply_url": ""},
    )
    made = Hotline.objects.get()
    assert str.__str__(made.secret) in page.content.decode()
    assert str.__str__(made.secret) not in head.get("/settings/hotlines/").content.decode()
    before = str.__str__(made.secret)
    head.post("/settings/hotlines/", {"action": "rotate", "hotline": made.pk})
    head.post("/settings/hotlines/", {"action": "stop", "hotline": made.pk})
    made.refresh_from_db()
    assert str.__str__(made.secret) != before and not made.is_active
    assert at_desk("engineering-1").get("/settings/hotlines/").status_code == 403
