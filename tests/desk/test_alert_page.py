"""The page of an alert: opening it changes nothing, one tap acts, a link acts once for one person."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.complaints.conftest import Centre, centre  # noqa: F401 (a fixture)

from shouwen.notices import escalating, following, passes
from shouwen.notices.models import Escalation, Notice, Pass
from shouwen.organization.models import Staff
from shouwen.records.models import Access, Entry


@pytest.fixture
def desk(centre: Centre) -> Centre:  # noqa: F811
    centre.now = timezone.now() - timedelta(minutes=2)
    return centre


def look(centre: Centre) -> None:  # noqa: F811
    following.take(list(Entry.objects.order_by("pk")))
    escalating.fire()


def called(centre: Centre, who: str) -> Notice:  # noqa: F811
    return Notice.objects.filter(person=centre.staff[who], kind="alert").order_by("-pk")[0]


def kinds() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("kind", flat=True))


def at_the_site_manager(centre: Centre) -> Notice:  # noqa: F811
    centre.receive(severity="emergency", place="B1 东侧")
    centre.take("front_desk", "alert", departments=["jx-engineering"], site_manager=True)
    look(centre)
    return called(centre, "site_manager")


def test_one_tap_takes_charge_and_the_calls_end(desk: Centre, client: Client) -> None:
    notice = at_the_site_manager(desk)
    client.force_login(desk.person("site_manager"))
    page = client.get(f"/notices/{notice.pk}/").content.decode()
    for shown in ("我来处置", "上报公司主管领导", "B1 东侧", "第六条", "无人处置时"):
        assert shown in page
    response = client.post(f"/notices/{notice.pk}/", {"act": "take_charge"})
    assert response.status_code == 200
    assert "taken_in_charge" in kinds()
    look(desk)
    assert not Escalation.objects.exclude(state="over").exists()


def test_opening_changes_nothing_and_uses_nothing_up(desk: Centre) -> None:
    notice = at_the_site_manager(desk)
    token = passes.issue(notice)
    before = kinds()
    for _previewed in range(3):
        assert Client().get(f"/n/{token}/").status_code == 200
    assert kinds() == before
    assert Pass.objects.get().used_at is None
    assert Escalation.objects.get(stage="R6.escalate").state == "calling"


def test_the_link_acts_once_without_signing_in_and_then_asks_to_sign_in(desk: Centre) -> None:
    notice = at_the_site_manager(desk)
    token = passes.issue(notice)
    phone = Client(enforce_csrf_checks=True)
    page = phone.get(f"/n/{token}/").content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found is not None
    told = {"act": "escalate_to_company", "csrfmiddlewaretoken": found[1]}
    assert phone.post(f"/n/{token}/", {"act": "escalate_to_company"}).status_code == 403
    assert phone.post(f"/n/{token}/", told).status_code == 200
    entry = Entry.objects.get(kind="escalated_to_company")
    assert entry.actor_id == desk.staff["site_manager"].pk
    again = phone.get(f"/n/{token}/")
    assert again.status_code == 302 and again.headers["Location"].startswith("/accounts/login/")
    assert phone.post(f"/n/{token}/", told).status_code == 302
    assert kinds().count("escalated_to_company") == 1


def test_an_old_link_asks_to_sign_in_and_an_unknown_one_is_nothing(desk: Centre) -> None:
    notice = at_the_site_manager(desk)
    old = passes.issue(notice, timezone.now() - timedelta(hours=1))
    assert Client().get(f"/n/{old}/").status_code == 302
    assert Client().get("/n/guessed/").status_code == 404


def test_a_link_stops_working_when_its_person_leaves(desk: Centre) -> None:
    notice = at_the_site_manager(desk)
    token = passes.issue(notice)
    Staff.objects.filter(pk=notice.person_id).update(is_active=False)
    assert Client().get(f"/n/{token}/").status_code == 302


def test_the_desk_alerts_a_department_in_one_tap(desk: Centre, client: Client) -> None:
    desk.receive(severity="emergency")
    look(desk)
    notice = called(desk, "front_desk")
    client.force_login(desk.person("front_desk"))
    assert "已知会jx engineering" in client.get(f"/notices/{notice.pk}/").content.decode()
    client.post(f"/notices/{notice.pk}/", {"act": "alert", "departments": "jx-engineering"})
    entry = Entry.objects.get(kind="alerted")
    assert entry.facts["departments"] == ["jx-engineering"]


def test_the_company_leader_reaches_the_board_by_phone_with_the_number_ready_and_noted(
    desk: Centre, client: Client
) -> None:
    board = desk.staff["board_leader"]
    Staff.objects.filter(pk=board.pk).update(telephone=board.telephone)
    board.telephone = "13800000009"
    board.save(update_fields=["telephone"])
    at_the_site_manager(desk)
    desk.take("site_manager", "escalate_to_company", spoke_to="公司主管领导", reason="需停梯。")
    look(desk)
    notice = called(desk, "company_leader")
    client.force_login(desk.person("company_leader"))
    page = client.get(f"/notices/{notice.pk}/").content.decode()
    assert "13800000009" not in page and "打给董事领导" in page
    shown = client.post(f"/notices/{notice.pk}/", {"dial": str(board.pk)}).content.decode()
    assert 'href="tel:13800000009"' in shown
    assert Access.objects.filter(action="staff_called", subject_id=board.pk).count() == 1
    client.post(f"/notices/{notice.pk}/", {"act": "escalate_to_board", "spoke_to": "董事领导"})
    entry = Entry.objects.get(kind="escalated_to_board")
    assert entry.facts["by"] == "phone"
    assert entry.actor_id == desk.staff["company_leader"].pk


def test_downgrading_needs_a_reason_and_ends_the_calls(desk: Centre, client: Client) -> None:
    desk.receive(severity="emergency")
    look(desk)
    notice = called(desk, "front_desk")
    client.force_login(desk.person("front_desk"))
    address = f"/notices/{notice.pk}/"
    assert client.post(address, {"act": "downgrade", "reason": " "}).status_code == 422
    assert "assessed" not in kinds()
    client.post(address, {"act": "downgrade", "reason": "误报，只是滴水。"})
    look(desk)
    found = Escalation.objects.get()
    assert (found.state, found.disposition) == ("over", "downgraded")


def test_nobody_elses_notice_opens(desk: Centre, client: Client) -> None:
    notice = at_the_site_manager(desk)
    client.force_login(desk.person("centre_head"))
    assert client.get(f"/notices/{notice.pk}/").status_code == 404
    assert client.post(f"/notices/{notice.pk}/", {"act": "taken"}).status_code == 404


def test_a_notice_that_is_no_alert_leads_straight_to_its_step(desk: Centre, client: Client) -> None:
    desk.receive()
    due = (timezone.now() + timedelta(hours=8)).isoformat()
    desk.take("front_desk", "dispatch", department="jx-engineering", due_at=due)
    look(desk)
    notice = Notice.objects.get(kind="dispatched", person=desk.staff["engineering_member"])
    client.force_login(desk.person("engineering_member"))
    number = desk.complaint.number  # type: ignore[union-attr]
    response = client.get(f"/notices/{notice.pk}/")
    assert response.headers["Location"] == f"/complaints/{number}/steps/accept/"


def test_a_confidential_sources_words_are_not_on_the_page(desk: Centre, client: Client) -> None:
    desk.receive(severity="emergency", confidential=True, content="隔壁王家漏水淹了我家。")
    look(desk)
    notice = called(desk, "front_desk")
    token = passes.issue(notice)
    assert "淹了我家" not in Client().get(f"/n/{token}/").content.decode()


def test_the_bell_counts_and_brings_up_each_notice_once(desk: Centre, client: Client) -> None:
    at_the_site_manager(desk)
    client.force_login(desk.person("site_manager"))
    first = client.get("/notices/bell/", headers={"HX-Request": "true"}).content.decode()
    assert "data-toast" in first and 'role="alert"' in first
    second = client.get("/notices/bell/", headers={"HX-Request": "true"}).content.decode()
    assert "data-toast" not in second
    assert "bell-count" in second


def test_marking_all_as_read_leaves_the_call_that_waits_for_an_answer(
    desk: Centre, client: Client
) -> None:
    notice = at_the_site_manager(desk)
    client.force_login(desk.person("site_manager"))
    client.post("/notices/read/")
    unread = Notice.objects.filter(person=desk.staff["site_manager"], read_at=None)
    assert [each.pk for each in unread] == [notice.pk]
    page = client.get("/notices/").content.decode()
    assert "等您应答" in page


def test_the_complaint_page_tells_what_became_of_every_notice(desk: Centre, client: Client) -> None:
    at_the_site_manager(desk)
    client.force_login(desk.person("centre_head"))
    number = desk.complaint.number  # type: ignore[union-attr]
    page = client.get(f"/complaints/{number}/").content.decode()
    assert "条通知的送达情况" in page
    assert "通知管理处负责人" in page
    assert "已放入通知，还没看到" in page


def test_the_policy_page_previews_keeps_and_refuses(desk: Centre, client: Client) -> None:
    client.force_login(desk.person("centre_head"))
    address = f"/settings/escalation/{desk.project.code}/"
    page = client.get(address).content.decode()
    assert "如果没人应答" in page and "公司主管领导" in page
    typed = {
        "severity": "emergency",
        "minutes": ["0", "4"],
        "position": ["front_desk", "company_leader"],
        "whole": ["0", "0"],
        "act_within": "3",
    }
    assert "公司主管领导" in client.post(address + "preview/", typed).content.decode()
    assert (
        client.post(address, typed | {"position": ["front_desk", "centre_head"]}).status_code == 422
    )
    assert client.post(address, typed).status_code == 302
    assert "按公司默认" not in client.get(address).content.decode()
    client.post(address + "rehearse/", {"severity": "emergency"})
    escalating.fire()
    assert "没有应答" in client.get(address).content.decode()
