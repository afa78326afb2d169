"""A switchboard's events: signed, once, in any order, and nothing that is hostile gets further."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from tests.api.test_webhooks import Receiver, receiver
from tests.desk.conftest import Office, at_desk
from tests.desk.telephone import event, line_of, post, signed

from shouwen.api.telephony import dialling as asking
from shouwen.api.telephony import keeping
from shouwen.api.webhooks import signing
from shouwen.channels import call_backs, call_records, dialling, ringing, telephony
from shouwen.channels.models import Call, CallEvent, Extension, TelephoneLine
from shouwen.complaints import one_customer
from shouwen.complaints.projection import SUBJECT
from shouwen.notices.notice import Notice
from shouwen.organization.customers import enrol, telephone_indexes
from shouwen.records import erasure, isolation, personal, retention
from shouwen.records.models import Access

__all__ = ["at_desk", "receiver"]

AtDesk = Callable[[str], Client]
NUMBER = "13800139999"


def told(client: Client, line: TelephoneLine, said: dict[str, Any], **given: Any) -> Any:
    """Post an event as its line would, with whatever is to be wrong about it."""
    body: bytes = given.pop("body", json.dumps(said).encode())
    secret = given.pop("secret", line.secret)
    headers = signed(secret, body, said["id"], timestamp=given.pop("timestamp", None))
    headers |= given.pop("headers", {})
    token = given.pop("token", line.token)
    return client.post(
        f"/telephony/{token}/events", body, content_type="application/json", headers=headers
    )


@pytest.fixture
def line(office: Office) -> TelephoneLine:
    return line_of(office.project, recordings="https://pbx.example.cn/recordings/")


# -- who may tell


def test_an_event_is_taken_once_however_often_it_comes(client: Client, line: TelephoneLine) -> None:
    said = event("ringing", "c1", caller=NUMBER)
    assert told(client, line, said).json() == {"taken": True, "again": False}
    later = int(time.time()) + 60  # sent again, it is signed anew
    assert told(client, line, said, timestamp=later).json() == {"taken": True, "again": True}
    assert Call.objects.count() == 1
    assert CallEvent.objects.count() == 1
    # Another line's event of the same id is another.
    other = line_of(line.project)
    assert told(client, other, said).json() == {"taken": True, "again": False}


def test_nothing_is_taken_that_the_line_did_not_sign_now(
    client: Client, line: TelephoneLine
) -> None:
    said = event("ringing", "c1", caller=NUMBER)
    body, now = json.dumps(said).encode(), int(time.time())
    good = signed(line.secret, body, said["id"])
    wrong: list[dict[str, Any]] = [
        {"secret": signing.new_secret()},
        {"timestamp": now - 301},
        {"timestamp": now + 301},
        {"headers": {"webhook-signature": ""}},
        {"headers": {"webhook-signature": good["webhook-signature"].replace("v1,", "v2,")}},
        {"headers": {"webhook-signature": "v1," + "é" * 40}},
        {"headers": {"webhook-timestamp": "now"}},
        {"headers": {"webhook-timestamp": "١٢٣"}},
        {"headers": {"webhook-timestamp": "9" * 400}},
        {"headers": {"webhook-id": "another"}},
        {"headers": {"webhook-id": ""}},
    ]
    for each in wrong:
        assert told(client, line, said, **each).status_code == 401, each
    # Signed, but of other words.
    answer = client.post(
        f"/telephony/{line.token}/events",
        body.replace(b"ringing", b"missed"),
        content_type="application/json",
        headers=good,
    )
    assert answer.status_code == 401
    assert not Call.objects.exists()
    # One good signature among several is enough.
    among = {"webhook-signature": f"v1,AAAA {good['webhook-signature']}"}
    assert told(client, line, said, headers=good | among).status_code == 200


def test_a_line_that_is_unknown_or_stopped_takes_nothing(
    client: Client, office: Office, line: TelephoneLine
) -> None:
    said = event("ringing", "c1")
    assert told(client, line, said, token="nobody").status_code == 404
    keeping.switch(line, False, by=office.person("administrator"))
    assert told(client, line, said).status_code == 404
    assert client.get(f"/telephony/{line.token}/events").status_code == 405


def test_the_old_secret_is_good_for_a_day_beside_the_new_one(
    client: Client, office: Office, line: TelephoneLine
) -> None:
    old = line.secret
    keeping.rotate(line, by=office.person("administrator"))
    line.refresh_from_db()
    assert line.secret != old
    for secret in (old, line.secret):
        assert told(client, line, event("ringing", "c1"), secret=secret).status_code == 200
    TelephoneLine.objects.update(previous_until=timezone.now())
    assert told(client, line, event("ringing", "c1"), secret=old).status_code == 401


# -- hostile


HOSTILE: list[bytes] = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"ringing"',
    b"\xff\xfe",
    b"[" * 5_000,
    json.dumps({"version": 1}).encode(),
]
WRONG: list[dict[str, Any]] = [
    {"version": 2},
    {"version": True},
    {"event": "danced"},
    {"call": ""},
    {"call": "x" * 121},
    {"call": "a\x00b"},
    {"call": ["c1"]},
    {"from": "1" * 81},
    {"from": {"number": NUMBER}},
    {"extension": "8\n01"},
    {"agent": "a" * 151},
    {"at": "yesterday"},
    {"at": "2026-11-29T10:00:00"},
    {"at": 1e30},
    {"duration": -1},
    {"duration": 1e9},
    {"direction": "up"},
    {"id": "another"},
]


@pytest.mark.parametrize("body", HOSTILE)
def test_what_is_no_event_is_refused_in_words(
    client: Client, line: TelephoneLine, body: bytes
) -> None:
    answer = told(client, line, event("ringing", "c1"), body=body)
    assert answer.status_code == 422
    assert answer.json()["error"] == "invalid"
    assert not CallEvent.objects.exists()


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_an_event_with_something_wrong_leaves_nothing_and_repeats_nothing(
    client: Client, line: TelephoneLine, wrong: dict[str, Any]
) -> None:
    said = event("ringing", "c1", caller=NUMBER)
    sent = json.dumps(said | wrong).encode()
    answer = told(client, line, said, body=sent)
    assert answer.status_code == 422
    assert [each["code"] for each in answer.json()["fields"]]
    assert NUMBER not in answer.content.decode()
    assert not CallEvent.objects.exists()
    assert not Call.objects.exists()


def test_a_surrogate_or_a_huge_body_breaks_nothing(client: Client, line: TelephoneLine) -> None:
    said = event("ringing", "c1")
    body = json.dumps(said).replace('"c1"', '"\\ud800"').encode()
    assert told(client, line, said, body=body).status_code == 422
    huge = json.dumps(said | {"more": "x" * 70_000}).encode()
    assert told(client, line, said, body=huge).status_code == 413


@pytest.mark.django_db(transaction=True)
def test_a_length_that_lies_is_no_way_in(
    office: Office, line: TelephoneLine, live_server: LiveServer
) -> None:
    said = event("ringing", "c1")
    body = json.dumps(said).encode()
    for length in ("-1", "many", "0"):
        link = http.client.HTTPConnection(
            live_server.thread.host, live_server.thread.port, timeout=20
        )
        link.putrequest("POST", f"/telephony/{line.token}/events")
        for name, value in signed(line.secret, body, said["id"]).items():
            link.putheader(name, value)
        link.putheader("Content-Length", length)
        link.endheaders()
        try:
            assert 400 <= link.getresponse().status < 500
        except (http.client.HTTPException, ConnectionError):
            pass  # the server hung up
        finally:
            link.close()
    assert not Call.objects.exists()
    assert post(live_server.url, line, said)[0] == 200


# -- what becomes of a call


def test_events_may_come_in_any_order(client: Client, line: TelephoneLine) -> None:
    now = timezone.now()
    at = {
        name: (now - timedelta(seconds=seconds)).isoformat()
        for name, seconds in (("ringing", 60), ("answered", 50), ("ended", 10))
    }
    for name in ("ended", "answered", "ringing"):
        assert told(client, line, event(name, "c1", caller=NUMBER) | {"at": at[name]}).json()[
            "taken"
        ]
    call = Call.objects.get()
    assert call.state == Call.State.ENDED
    assert call.answered_at is not None and call.ended_at is not None
    assert call.started_at < call.answered_at < call.ended_at
    assert not call_backs.waiting().exists()


def test_a_clock_that_is_ahead_says_nothing_of_the_future(
    client: Client, line: TelephoneLine
) -> None:
    ahead = (timezone.now() + timedelta(hours=3)).isoformat()
    told(client, line, event("answered", "c1", caller=NUMBER) | {"at": ahead})
    answered = Call.objects.get().answered_at
    assert answered is not None
    assert answered <= timezone.now()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("13800139999", "13800139999"),
        ("sip:02088880000@pbx.example.cn;user=phone", "02088880000"),
        ("tel:+86-138-0013-9999", "+86-138-0013-9999"),
        ("anonymous", ""),
        ("sip:anonymous@anonymous.invalid", ""),
        ("Unknown 42", ""),
        ("", ""),
        ("<script>1</script>", ""),
    ],
)
def test_a_caller_is_a_number_or_withheld(said: str, kept: str) -> None:
    assert telephony.number_of(said) == kept


def test_numbers_and_recordings_lie_encrypted(client: Client, line: TelephoneLine) -> None:
    told(client, line, event("ringing", "c1", caller=NUMBER))
    url = f"https://pbx.example.cn/recordings/{NUMBER}.mp3"
    told(client, line, event("recording", "c1", recording_url=url))
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM channels_call c")
        (row,) = cursor.fetchone()
    assert NUMBER not in row
    assert Call.objects.get().recording == url


def test_one_extension_ringing_another_is_no_call(
    client: Client, office: Office, line: TelephoneLine
) -> None:
    Extension.objects.create(line=line, number="801", staff=office.person("front-desk-1"))
    assert told(client, line, event("ringing", "c1", caller="801", called="802")).status_code == 200
    assert not Call.objects.exists()


def test_a_call_is_for_whose_extension_it_is_and_while_it_rings_at_several_for_all(
    client: Client, office: Office, line: TelephoneLine
) -> None:
    first, second = office.person("front-desk-1"), office.person("front-desk-2")
    Extension.objects.create(line=line, number="801", staff=first)
    Extension.objects.create(line=line, number="802", staff=second)

    def screens() -> list[int]:
        now = timezone.now()
        return [len(ringing.cards_for(each, now)) for each in (first, second)]

    told(client, line, event("ringing", "c1", caller=NUMBER, extension="801"))
    assert screens() == [1, 0]
    told(client, line, event("ringing", "c1", caller=NUMBER, extension="802"))
    assert screens() == [1, 1]
    told(client, line, event("answered", "c1", extension="802"))
    assert screens() == [0, 1]
    # By user name, of those who work for the project.
    told(client, line, event("ringing", "c2", agent="front-desk-1"))
    assert screens() == [1, 1]
    told(client, line, event("ringing", "c3", agent="yh-front-desk-1"))
    assert screens() == [2, 2]
    assert not ringing.cards_for(office.person("yh-front-desk-1"), timezone.now())


# -- call-backs


def test_missed_calls_of_a_number_are_one_call_back_and_one_notice(
    client: Client, line: TelephoneLine
) -> None:
    for turn in range(3):
        told(client, line, event("ringing", f"c{turn}", caller=NUMBER))
        told(client, line, event("missed", f"c{turn}", caller=NUMBER))
    told(client, line, event("ended", "other", caller="+8613800138888"))
    found = call_backs.to_make(call_backs.waiting())
    assert [(len(each.calls), each.often) for each in found] == [(3, 3), (1, 0)]
    notices = Notice.objects.filter(kind=call_backs.KIND)
    people = set(notices.values_list("person", flat=True))
    assert people
    assert notices.count() == 2 * len(people)
    assert NUMBER not in str(list(notices.values()))


def test_a_number_that_is_reached_needs_no_call_back(client: Client, line: TelephoneLine) -> None:
    told(client, line, event("missed", "c1", caller=NUMBER))
    assert call_backs.waiting().count() == 1
    told(client, line, event("answered", "c2", caller="+86" + NUMBER))
    missed = Call.objects.get(external_id="c1")
    assert missed.settled == Call.Settled.REACHED
    # Called out, too; and where the word of the missed call comes late.
    told(client, line, event("missed", "c3", caller=NUMBER))
    told(client, line, event("answered", "c4", direction="out", called=NUMBER))
    early = (timezone.now() - timedelta(minutes=1)).isoformat()
    told(client, line, event("missed", "c5", caller=NUMBER) | {"at": early})
    assert not call_backs.waiting().exists()


def test_withheld_numbers_are_not_taken_for_one_another_when_one_is_reached(
    client: Client, line: TelephoneLine
) -> None:
    told(client, line, event("missed", "c1", caller="anonymous"))
    told(client, line, event("answered", "c2", caller="anonymous"))
    assert call_backs.waiting().count() == 1


def test_the_list_is_the_front_desks_and_says_no_number_before_it_is_asked_for(
    client: Client, office: Office, line: TelephoneLine, at_desk: AtDesk
) -> None:
    told(client, line, event("missed", "c1", caller=NUMBER))
    call = Call.objects.get()
    desk = at_desk("front-desk-1")
    page = desk.get("/calls/missed/").content.decode()
    assert NUMBER not in page
    assert "138****9999" in page
    assert NUMBER in desk.post(f"/calls/{call.pk}/number/").content.decode()
    note = Access.objects.get(action="call_number_seen")
    assert (note.subject_id, note.project_id) == (call.pk, line.project_id)
    assert at_desk("engineering-1").get("/calls/missed/").status_code == 403
    assert at_desk("yh-front-desk-1").post(f"/calls/{call.pk}/number/").status_code == 404
    assert at_desk("yh-front-desk-1").post(f"/calls/{call.pk}/called-back/").status_code == 404
    assert desk.post(f"/calls/{call.pk}/called-back/").status_code == 302
    call.refresh_from_db()
    assert (call.settled, call.settled_by) == ("called_back", office.person("front-desk-1"))


def test_the_form_filled_from_a_missed_call_counts_from_now_and_settles_it(
    client: Client, office: Office, line: TelephoneLine, at_desk: AtDesk
) -> None:
    early = timezone.now() - timedelta(hours=2)
    told(client, line, event("missed", "c1", caller=NUMBER) | {"at": early.isoformat()})
    call = Call.objects.get()
    desk = at_desk("front-desk-1")
    page = desk.get(f"/intake/?call={call.pk}").content.decode()
    assert f'value="{NUMBER}"' in page
    assert Access.objects.filter(action="call_number_seen", subject_id=call.pk).exists()
    given = {"content": "楼道灯不亮", "telephone": NUMBER, "call": call.pk, "channel": "phone"}
    assert desk.post("/intake/", given).status_code == 302
    call.refresh_from_db()
    assert call.complaint is not None
    assert call.complaint.received_at > early + timedelta(hours=1)
    assert call.settled == Call.Settled.RECORDED
    # Somebody else's call is nothing to begin with.
    other = at_desk("yh-front-desk-1").get(f"/intake/?call={call.pk}")
    assert other.status_code == 200
    assert NUMBER not in other.content.decode()


# -- recordings


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://pbx.example.cn/recordings/1.mp3",
        "https://pbx.example.cn:8443/recordings/1.mp3",
        "https://evil.example/recordings/1.mp3",
        "https://pbx.example.cn.evil.example/recordings/1.mp3",
        "https://pbx.example.cn@evil.example/recordings/1.mp3",
        "https://me:secret@pbx.example.cn/recordings/1.mp3",
        "https://pbx.example.cn/recordings/../secret",
        "https://pbx.example.cn/recordings/%2e%2e/secret",
        "https://pbx.example.cn/recordings/%252e%252e/secret",
        "https://pbx.example.cn/recordings/..%5csecret",
        "https://pbx.example.cn/recordings-of-others/1.mp3",
        "javascript:alert(1)",
        "//pbx.example.cn/recordings/1.mp3",
        "https://[::1/recordings/1.mp3",
    ],
)
def test_a_recording_that_lies_elsewhere_is_refused(
    client: Client, line: TelephoneLine, url: str
) -> None:
    told(client, line, event("ringing", "c1", caller=NUMBER))
    answer = told(client, line, event("recording", "c1", recording_url=url))
    assert answer.status_code == 422
    assert answer.json()["fields"] == [{"field": "recording_url", "code": "elsewhere"}]
    assert Call.objects.get().recording == ""


def test_without_an_agreed_place_no_recording_is_taken(client: Client, office: Office) -> None:
    line = line_of(office.project)
    url = "https://pbx.example.cn/recordings/1.mp3"
    assert told(client, line, event("recording", "c1", recording_url=url)).status_code == 422


def test_a_recording_is_opened_by_who_knows_the_source_and_that_is_written_down(
    client: Client, office: Office, line: TelephoneLine, at_desk: AtDesk
) -> None:
    url = "https://pbx.example.cn/recordings/1.mp3"
    told(client, line, event("answered", "c1", caller=NUMBER))
    told(client, line, event("recording", "c1", recording_url=url))
    call = Call.objects.get()
    complaint = office.dispatch(office.receive(confidential=True, telephone=NUMBER))
    ringing.recorded(call, complaint, office.person("front-desk-1"))
    desk = at_desk("front-desk-1")
    page = f"/complaints/{complaint.number}/"
    assert f"/calls/{call.pk}/recording/" in desk.get(page).content.decode()
    assert url not in desk.get(page).content.decode()
    answer = desk.get(f"/calls/{call.pk}/recording/")
    assert (answer.status_code, answer.headers["Location"]) == (302, url)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    note = Access.objects.get(action="recording_opened")
    assert (note.subject_type, note.subject_id) == (SUBJECT, complaint.pk)
    # The department handles it and does not know from whom it came.
    other = at_desk("engineering-1")
    assert f"/calls/{call.pk}/" not in other.get(page).content.decode()
    for stranger in (other, at_desk("yh-front-desk-1")):
        assert stranger.get(f"/calls/{call.pk}/recording/").status_code == 404


# -- dialling


def test_a_number_that_was_shown_is_dialled_from_ones_own_extension(
    office: Office, at_desk: AtDesk, receiver: Receiver
) -> None:
    line = line_of(office.project, dial_url=receiver.url)
    person = office.person("front-desk-1")
    complaint = office.receive(telephone=NUMBER)
    desk = at_desk("front-desk-1")
    shown = f"/complaints/{complaint.number}/telephone/"
    # Without an extension there is the number alone.
    page = desk.post(shown).content.decode()
    assert f'href="tel:{NUMBER}"' in page
    assert "/calls/dial/" not in page
    Extension.objects.create(line=line, number="801", staff=person)
    assert "/calls/dial/" in desk.post(shown).content.decode()
    given = dialling.ticket(person, NUMBER, complaint)
    assert desk.post("/calls/dial/", {"ticket": given}).status_code == 200
    call = Call.objects.get()
    assert (call.complaint, call.state) == (complaint, Call.State.DIALLING)
    asking.dial(call.pk)
    asking.dial(call.pk)  # a worker that comes late rings nobody again
    ((headers, body),) = receiver.got
    assert json.loads(body) == {
        "version": 1,
        "id": call.external_id,
        "call": call.external_id,
        "from": "801",
        "to": NUMBER,
    }
    assert signing.verified(
        [line.secret],
        headers["webhook-id"],
        headers["webhook-timestamp"],
        body,
        headers["webhook-signature"],
        now=time.time(),
    )
    assert "已拨出" in desk.get(f"/calls/{call.pk}/dialled/").content.decode()
    assert Access.objects.filter(action="number_dialled", subject_id=call.pk).exists()
    # The switchboard tells of it under the same name.
    told(Client(), line, event("answered", call.external_id, direction="out", called=NUMBER))
    call.refresh_from_db()
    assert call.state == Call.State.ANSWERED
    assert not ringing.cards_for(person, timezone.now())


def test_what_was_not_shown_to_somebody_is_not_dialled(
    office: Office, at_desk: AtDesk, receiver: Receiver
) -> None:
    line = line_of(office.project, dial_url=receiver.url)
    for number, username in (("801", "front-desk-1"), ("802", "front-desk-2")):
        Extension.objects.create(line=line, number=number, staff=office.person(username))
    given = dialling.ticket(office.person("front-desk-2"), NUMBER)
    desk = at_desk("front-desk-1")
    for ticket in (given, given + "x", NUMBER, ""):
        assert "拨不出" in desk.post("/calls/dial/", {"ticket": ticket}).content.decode()
    assert not Call.objects.exists()


def test_a_switchboard_that_refuses_or_is_not_to_be_reached_is_told_of(
    office: Office, at_desk: AtDesk, receiver: Receiver, settings: Any
) -> None:
    line = line_of(office.project, dial_url=receiver.url)
    person = office.person("front-desk-1")
    Extension.objects.create(line=line, number="801", staff=person)
    receiver.answers = [500]
    for networks in (["127.0.0.0/8"], []):
        settings.SHOUWEN_WEBHOOK_NETWORKS = networks
        call = dialling.ask(person, dialling.ticket(person, NUMBER), timezone.now())
        asking.dial(call.pk)
        page = at_desk("front-desk-1").get(f"/calls/{call.pk}/dialled/").content.decode()
        assert "没有拨出" in page
    assert len(receiver.got) == 1


# -- the settings


def test_a_line_is_kept_by_the_administrator_and_its_secret_shown_once(
    office: Office, at_desk: AtDesk
) -> None:
    desk = at_desk("administrator")
    made = desk.post("/settings/telephony/", {"project": office.project.pk, "name": "前台热线"})
    line = TelephoneLine.objects.get()
    assert line.secret in made.content.decode()
    one = f"/settings/telephony/{line.pk}/"
    assert line.secret not in desk.get(one).content.decode()
    assert f"/telephony/{line.token}/events" in desk.get(one).content.decode()
    given = {
        "name": "前台热线",
        "number": "0755-26000001",
        "recordings": "https://pbx.example.cn/r/",
        "dial_url": "ftp://pbx.example.cn/",
    }
    assert desk.post(one, given).status_code == 422
    assert desk.post(one, given | {"dial_url": ""}).status_code == 302
    seat = {"number": "801", "staff": office.person("front-desk-1").pk}
    assert desk.post(one + "seat/", seat).status_code == 302
    assert desk.post(one + "seat/", seat | {"number": "8 01"}).status_code == 422
    stranger = seat | {"staff": office.person("yh-front-desk-1").pk}
    assert desk.post(one + "seat/", stranger).status_code == 422
    assert Extension.objects.get().staff.username == "front-desk-1"
    assert desk.post(one + "seat/", {"remove": "801"}).status_code == 302
    assert not Extension.objects.exists()
    rotated = desk.post(one + "rotate/").content.decode()
    assert line.secret not in rotated
    line.refresh_from_db()
    assert line.secret in rotated
    acts = [
        each.facts["act"]
        for each in Access.objects.filter(action="telephone_line_changed").order_by("pk")
    ]
    assert acts == ["made", "changed", "seats", "seats", "rotated"]
    # Another project's head does not keep it, nor does the front desk.
    assert at_desk("front-desk-1").get(one).status_code == 403
    assert at_desk("yh-centre-head").get(one).status_code in (403, 404)


def test_a_trial_call_is_on_ones_own_screen_alone(office: Office, at_desk: AtDesk) -> None:
    line = line_of(office.project)
    head, clerk = at_desk("centre-head"), at_desk("front-desk-1")
    assert head.post(f"/settings/telephony/{line.pk}/try/").status_code == 302
    assert "call-card" in head.get("/calls/").content.decode()
    assert "call-card" not in clerk.get("/calls/").content.decode()


# -- personal data


def test_calls_are_handed_over_and_erased_with_whom_they_tell_of(
    client: Client, office: Office, line: TelephoneLine
) -> None:
    customer = enrol(project=office.project, name="甲女士", telephone=NUMBER)
    told(client, line, event("answered", "c1", caller=NUMBER))
    url = "https://pbx.example.cn/recordings/1.mp3"
    told(client, line, event("recording", "c1", recording_url=url))
    told(client, line, event("missed", "c2", caller=NUMBER))
    call = Call.objects.get(external_id="c1")
    assert call.customer == customer
    complaint = office.receive(telephone=NUMBER, customer=customer.pk)
    ringing.recorded(call, complaint, office.person("front-desk-1"))
    held = [each for each in personal.export(SUBJECT, complaint.pk) if each["room"] == "channels"]
    assert held[0]["held"][0]["recording"] == url
    erasure.erase(SUBJECT, complaint.pk, ["telephone"], actor_id=None, reason="客户要求")
    call.refresh_from_db()
    assert (call.number, call.number_index, call.recording) == ("", "", "")
    one_customer.erase(
        customer,
        by=office.person("centre-head"),
        reason="客户要求",
        everything=False,
        open_too=True,
    )
    assert not Call.objects.exclude(number_index="").exists()


def test_calls_that_led_to_nothing_go_after_their_period(
    client: Client, office: Office, line: TelephoneLine
) -> None:
    for name in ("c1", "c2"):
        told(client, line, event("answered", name, caller=NUMBER))
    old = timezone.now() - timedelta(days=400)
    Call.objects.update(started_at=old)
    ringing.recorded(
        Call.objects.get(external_id="c2"), office.receive(), office.person("front-desk-1")
    )
    retention.apply()
    assert [each.external_id for each in Call.objects.all()] == ["c2"]


def test_what_a_line_tells_stays_in_its_project(
    client: Client, office: Office, line: TelephoneLine
) -> None:
    told(client, line, event("missed", "c1", caller=NUMBER))
    assert telephone_indexes(NUMBER)[0] == Call.objects.get().number_index
    with isolation.transaction_of({line.project_id + 1}):
        assert not Call.objects.exists()
        assert not TelephoneLine.objects.exists()


def test_the_ids_of_events_are_forgotten_after_a_week(client: Client, line: TelephoneLine) -> None:
    told(client, line, event("ringing", "c1"))
    CallEvent.objects.update(received_at=timezone.now() - timedelta(days=8))
    assert call_records.sweep() == 1


# -- docs/telephony.md


@pytest.mark.django_db(transaction=True)
def test_the_documented_example_tells_and_verifies(
    office: Office, live_server: LiveServer, receiver: Receiver
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "telephony.md").read_text()
    documented: dict[str, Any] = {}
    exec(page.split("```python\n")[1].split("```")[0], documented)
    line = line_of(office.project, dial_url=receiver.url)
    address, secret = f"{live_server.url}/telephony/{line.token}/events", str.__str__(line.secret)
    said = {"event": "ringing", "call": "c-1", "from": "13800001001", "extension": "801"}
    assert documented["tell"](address, secret, **said) == {"taken": True, "again": False}
    assert Call.objects.get().number == "13800001001"
    person = office.person("front-desk-1")
    Extension.objects.create(line=line, number="801", staff=person)
    call = dialling.ask(person, dialling.ticket(person, NUMBER), timezone.now())
    asking.dial(call.pk)
    ((headers, body),) = receiver.got
    assert documented["verify"](secret, headers, body)
    assert not documented["verify"](secret, headers, body + b" ")
