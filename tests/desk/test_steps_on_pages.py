"""Steps taken from a page: the buttons are what the call accepts, and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.desk.conftest import Office

from shouwen.complaints import incidents, lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.state import fold
from shouwen.complaints.steps import STEPS
from shouwen.desk.forms import form_class
from shouwen.desk.views.complaint import page_steps
from shouwen.records import ledger

AtDesk = Callable[[str], Client]
HTMX = {"HX-Request": "true"}

STAFF = (
    "front-desk-1",
    "engineering-1",
    "engineering-head",
    "site-manager",
    "steward-1",
    "auditor",
)


def kinds(complaint: Complaint) -> list[str]:
    return [entry.kind for entry in ledger.entries(SUBJECT, complaint.pk)]


@pytest.mark.parametrize("username", STAFF)
def test_the_buttons_are_exactly_what_the_call_accepts(
    office: Office, at_desk: AtDesk, username: str
) -> None:
    complaint = office.dispatch(office.receive("steward-1", severity="emergency"))
    incidents.begin(office.project, person=office.person("front-desk-1"), title="6栋停电")
    response = at_desk(username).get(f"/complaints/{complaint.number}/")
    accepted = {step.name for step in lifecycle.possible(office.person(username), complaint)}
    if response.status_code == 404:
        assert not accepted
        return
    buttons = set(re.findall(r"/steps/([a-z_]+)/", response.content.decode()))
    files = {"attach"} if "/attach/" in response.content.decode() else set()
    assert buttons | files == accepted


def test_every_step_has_a_form_with_a_label_for_each_field(office: Office) -> None:
    complaint = office.dispatch(office.receive())
    state = fold(ledger.entries(SUBJECT, complaint.pk))
    at = lifecycle.stand(office.person("front-desk-1"), complaint, state)
    for step in page_steps(list(STEPS.values())):
        form = form_class(step, at)()
        assert tuple(form.own) == tuple(step.data.model_fields), step.name
        assert all(field.label for field in form.shown()), step.name
        assert form.as_p(), step.name


def test_no_step_takes_a_key_that_moves_or_records() -> None:
    taken = {step.letter.lower() for step in STEPS.values() if step.name != "receive"}
    assert not taken & {"j", "k", "c", "g", "x", "/", "?", "[", "]"}


def test_what_does_not_fit_is_told_at_its_field_and_what_was_typed_is_kept(
    office: Office, at_desk: AtDesk
) -> None:
    complaint = office.receive()
    response = at_desk("front-desk-1").post(
        f"/complaints/{complaint.number}/steps/dispatch/",
        {"instructions": "请带梯子", "due_at": "2020-01-01T08:00"},
        headers=HTMX,
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert "请带梯子" in page
    assert 'class="field-error' in page
    assert "dispatched" not in kinds(complaint)


def test_who_was_overtaken_sees_what_changed_and_keeps_what_was_typed(
    office: Office, at_desk: AtDesk
) -> None:
    complaint = office.receive()
    client = at_desk("front-desk-1")
    address = f"/complaints/{complaint.number}/steps/inform_customer/"
    typed = {"told": "今天下午安排人查看", "medium": "phone", "key": "k1"}
    office.take("centre-head", "note", complaint, text="已电话问过值班电工")
    response = client.post(address, typed | {"version": complaint.version}, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 409
    assert "今天下午安排人查看" in page
    assert "已电话问过值班电工" in page
    assert "customer_informed" not in kinds(complaint)

    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    again = client.post(address, typed | {"version": version[1]}, headers=HTMX)
    assert again.status_code == 204
    assert kinds(complaint)[-1] == "customer_informed"


def test_a_form_sent_twice_is_one_entry(office: Office, at_desk: AtDesk) -> None:
    complaint = office.receive()
    client = at_desk("front-desk-1")
    address = f"/complaints/{complaint.number}/steps/note/"
    for _ in range(2):
        client.post(address, {"text": "已看过现场", "key": "the-same"}, headers=HTMX)
    assert kinds(complaint).count("noted") == 1


def test_without_scripts_a_step_leads_back_to_its_complaint(
    office: Office, at_desk: AtDesk
) -> None:
    complaint = office.receive()
    client = at_desk("front-desk-1")
    address = f"/complaints/{complaint.number}/steps/note/"
    assert client.get(address).status_code == 200
    response = client.post(address, {"text": "已看过现场"})
    assert response.status_code == 302
    assert response.headers["Location"] == f"/complaints/{complaint.number}/"


def test_the_effect_is_told_before_the_click_and_nothing_is_written(
    office: Office, at_desk: AtDesk
) -> None:
    complaint = office.receive()
    before = kinds(complaint)
    due = timezone.localtime(timezone.now() + timedelta(days=1))
    response = at_desk("front-desk-1").post(
        f"/complaints/{complaint.number}/steps/dispatch/preview/",
        {"department": "jx-engineering", "due_at": f"{due:%Y-%m-%dT%H:%M}"},
        headers=HTMX,
    )
    page = response.content.decode()
    assert "处理完毕" in page
    assert "工程部" in page
    assert "核实、派单" in page
    assert kinds(complaint) == before


def test_a_step_that_is_not_mine_has_no_form_and_writes_nothing(
    office: Office, at_desk: AtDesk
) -> None:
    complaint = office.dispatch(office.receive())
    client = at_desk("engineering-1")
    address = f"/complaints/{complaint.number}/steps/dispatch/"
    assert client.get(address, headers=HTMX).status_code == 409
    response = client.post(address, {"department": "jx-engineering"}, headers=HTMX)
    assert response.status_code in (409, 422)
    assert kinds(complaint).count("dispatched") == 1


def test_whose_head_would_mediate_is_named(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    complaint = office.receive()
    office.take("front-desk-1", "assess", complaint, facts="查看过", justified="yes")
    said = {"explanation": "…", "accepted": "no", "department": "jx-engineering"}
    address = f"/complaints/{complaint.number}/steps/explain/preview/"
    assert "工程部负责人" in at_desk("front-desk-1").post(address, said).content.decode()


def test_satisfaction_that_was_clicked_can_be_taken_back(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    complaint = office.dispatch(office.receive())
    office.take(
        "engineering-1", "complete", complaint, department="jx-engineering", result="灯管已换"
    )
    address = f"/complaints/{complaint.number}/steps/visit/"
    client = at_desk("front-desk-1")
    assert "未表示" in client.get(address).content.decode()
    client.post(address, {"outcome": "solved", "satisfaction": "", "medium": "phone"})
    complaint.refresh_from_db()
    assert (complaint.status, complaint.satisfaction) == ("visited", None)
