"""Incidents over HTTP: opened, listed, worded, joined by the step, a step for all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from tests.api.conftest import Caller
from tests.desk.conftest import Office

from shouwen.complaints.models import Complaint
from shouwen.records import ledger

Call = Callable[..., Caller]


def dry(office: Office, room: str, minutes: int = 30) -> Complaint:
    return office.receive(
        home=office.home(f"6-1-{room}"),
        content="家里没水了",
        category="water",
        occurred_at=timezone.now() - timedelta(minutes=minutes),
    )


def test_an_incident_is_opened_read_worded_and_ended(office: Office, caller: Call) -> None:
    complaint = dry(office, "302")
    call = caller("front-desk-1")
    told = {"project": "JX", "title": "6栋1单元停水", "place": "6栋1单元", "category": "water"}
    made = call.post("/incidents", told | {"complaints": [complaint.number]})
    assert made.status == 201, made.content
    number = made.json["number"]
    assert made.headers["Location"] == f"/api/v1/incidents/{number}"
    assert made.json["complaints"] == [complaint.number]
    assert call.get(f"/complaints/{complaint.number}").json["incident"] == number
    assert [each["number"] for each in call.get("/incidents").json["items"]] == [number]
    changed = call("PATCH", f"/incidents/{number}", {"title": "停水", "status": "ended"})
    assert (changed.json["title"], changed.json["status"]["code"]) == ("停水", "ended")
    assert call.get("/incidents").json["items"] == []
    assert len(call.get("/incidents?status=all").json["items"]) == 1


def test_a_title_that_names_a_home_is_refused_with_what_to_do(office: Office, caller: Call) -> None:
    refused = caller("front-desk-1").post(
        "/incidents", {"project": "JX", "title": "6栋1单元302停水"}
    )
    assert refused.status == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json["errors"]["title"] and refused.json["what_to_do"]


def test_joining_and_leaving_are_steps_of_the_complaint(office: Office, caller: Call) -> None:
    complaint = dry(office, "302")
    call = caller("front-desk-1")
    made = call.post("/incidents", {"project": "JX", "title": "停水"}).json
    steps = f"/complaints/{complaint.number}/steps"
    joined = call.post(f"{steps}/join_incident", {"data": {"incident": made["id"]}})
    assert joined.status == 200, joined.content
    assert call.get(f"/incidents/{made['number']}").json["complaints"] == [complaint.number]
    assert call.post(f"{steps}/leave_incident").status == 200
    assert call.get(f"/incidents/{made['number']}").json["complaints"] == []


def test_a_step_for_all_is_taken_once_however_often_it_is_sent(
    office: Office, caller: Call
) -> None:
    complaints = [dry(office, room) for room in ("302", "502")]
    call = caller("front-desk-1")
    numbers = [each.number for each in complaints]
    made = call.post("/incidents", {"project": "JX", "title": "停水", "complaints": numbers}).json
    path = f"/incidents/{made['number']}/together/inform_customer"
    told = {"data": {"told": "正在抢修供水主阀。"}}
    first = call.post(path, told, Idempotency_Key="b1")
    assert [(each["done"], each["replayed"]) for each in first.json["items"]] == [(True, False)] * 2
    again = call.post(path, told, Idempotency_Key="b1")
    assert [(each["done"], each["replayed"]) for each in again.json["items"]] == [(True, True)] * 2
    for each in complaints:
        kinds = [entry.kind for entry in ledger.entries("complaint", each.pk)]
        assert kinds.count("customer_informed") == 1
    wrong = call.post(path, {"data": {}})
    assert wrong.status == 422 and wrong.json["errors"]["told"]
    assert call.post(f"/incidents/{made['number']}/together/visit", told).status == 404


def test_waves_are_listed_with_their_reasons(office: Office, caller: Call) -> None:
    numbers = [
        dry(office, room, 60 - 20 * n).number for n, room in enumerate(("302", "502", "802"))
    ]
    [wave] = caller("centre-head").get("/waves").json["items"]
    assert (wave["place"], wave["complaints"]) == ("6栋1单元", numbers)
    assert wave["reasons"] and wave["incident"] is None


def test_another_project_has_no_such_incident(office: Office, caller: Call) -> None:
    made = caller("front-desk-1").post("/incidents", {"project": "JX", "title": "停水"}).json
    other = caller("yh-front-desk-1")
    assert other.get(f"/incidents/{made['number']}").status == 404
    assert other.get("/incidents").json["items"] == []


def test_a_key_without_the_scope_opens_nothing(office: Office, caller: Call) -> None:
    call = caller("front-desk-1", "complaints:read")
    assert call.post("/incidents", {"project": "JX", "title": "停水"}).status == 403
    assert call.get("/incidents").status == 200
