"""Incidents on the staff pages: proposed, opened, joined at intake, a step for all, what is left to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.desk.conftest import Office

from shouwen.complaints import incidents
from shouwen.complaints.models import Category, Complaint, Incident, RejectedWave
from shouwen.records import ledger

AtDesk = Callable[[str], Client]
SitDown = Callable[[str], Page]


def dry(office: Office, room: str, minutes: int = 30, **further: str) -> Complaint:
    """A home of the riser without water."""
    return office.receive(
        home=office.home(f"6-1-{room}"),
        content=f"{room}家里没水了",
        category="water",
        occurred_at=timezone.now() - timedelta(minutes=minutes),
        **further,
    )


def wave(office: Office) -> list[Complaint]:
    return [dry(office, room, 90 - 20 * n) for n, room in enumerate(("102", "302", "502"))]


def opened(office: Office, *complaints: Complaint, title: str = "6栋1单元停水") -> Incident:
    return incidents.begin(
        office.project,
        person=office.person("front-desk-1"),
        title=title,
        place="6栋1单元",
        category=Category.objects.get(code="water"),
        complaints=complaints,
    )


def kinds(complaint: Complaint) -> list[str]:
    return [entry.kind for entry in ledger.entries("complaint", complaint.pk)]


def test_a_wave_is_proposed_on_my_desk_with_its_reasons_and_accepted_as_one(
    office: Office, at_desk: AtDesk
) -> None:
    complaints = wave(office)
    client = at_desk("front-desk-1")
    assert reverse("desk:waves") in client.get("/desk/").content.decode()
    shown = client.get(reverse("desk:waves")).content.decode()
    assert "3 件，40 分钟内，同一立管" in shown
    answer = client.post(
        reverse("desk:wave-answer"),
        {
            "at": [each.number for each in complaints],
            "title": "6栋1单元停水",
            "place": "6栋1单元",
            "cause": "water",
        },
    )
    incident = Incident.objects.get()
    assert answer.headers["Location"] == reverse("desk:incident", args=[incident.number])
    assert set(incident.complaints.all()) == set(complaints)
    assert incident.category == Category.objects.get(code="water")
    assert "没水" not in client.get(reverse("desk:waves")).content.decode()


def test_a_rejected_wave_is_not_proposed_again(office: Office, at_desk: AtDesk) -> None:
    complaints = wave(office)
    client = at_desk("centre-head")
    told = {"at": [each.number for each in complaints], "reject": "1"}
    told |= {"spot": "riser:6:1", "cause": "water"}
    client.post(reverse("desk:wave-answer"), told)
    assert RejectedWave.objects.get().complaints == [each.pk for each in complaints]
    assert "同一立管" not in client.get(reverse("desk:waves")).content.decode()


def test_who_calls_later_is_proposed_for_the_incident_that_is_open(
    office: Office, at_desk: AtDesk
) -> None:
    incident = opened(office, *wave(office))
    late = dry(office, "802", 5)
    client = at_desk("front-desk-1")
    assert "又有人反映“6栋1单元停水”" in client.get(reverse("desk:incidents")).content.decode()
    told = {"at": [late.number], "incident": incident.number}
    client.post(reverse("desk:wave-answer"), told)
    assert Complaint.objects.get(pk=late.pk).incident == incident


def test_several_are_chosen_in_the_list_and_become_one(office: Office, at_desk: AtDesk) -> None:
    complaints = wave(office)
    client = at_desk("front-desk-1")
    chosen = "&".join(f"at={each.number}@{each.version}" for each in complaints)
    bar = client.get(f"/lists/complaints/bulk/?{chosen}").content.decode()
    assert "归为同因事项" in bar
    form = client.get(f"{reverse('desk:incident-new')}?{chosen}").content.decode()
    assert 'value="6栋1单元没水"' in form
    numbers = [each.number for each in complaints]
    refused = client.post(
        reverse("desk:incident-new"), {"at": numbers, "title": "6栋1单元302停水", "place": ""}
    )
    assert refused.status_code == 422
    assert "不要写到哪一户" in refused.content.decode()
    client.post(reverse("desk:incident-new"), {"at": numbers, "title": "停水", "place": "6栋1单元"})
    assert Incident.objects.get().complaints.count() == 3


def test_on_its_page_a_complaint_joins_and_leaves(office: Office, at_desk: AtDesk) -> None:
    incident, complaint = opened(office), dry(office, "802")
    client = at_desk("front-desk-1")
    page = client.get(f"/complaints/{complaint.number}/").content.decode()
    assert "是这一件吗？" in page and incident.title in page
    step = f"/complaints/{complaint.number}/steps/"
    client.post(step + "join_incident/", {"incident": incident.pk, "key": "a"})
    assert Complaint.objects.get(pk=complaint.pk).incident == incident
    assert "移出同因事项" in client.get(f"/complaints/{complaint.number}/").content.decode()
    client.post(step + "leave_incident/", {"key": "b"})
    assert Complaint.objects.get(pk=complaint.pk).incident is None


def test_a_step_for_all_gives_each_its_entry_and_the_page_says_who_is_left(
    office: Office, at_desk: AtDesk
) -> None:
    complaints = wave(office)
    incident = opened(office, *complaints)
    client = at_desk("front-desk-1")
    address = reverse("desk:incident", args=[incident.number])
    assert "还有 3 户没有告知，3 户没有回访" in client.get(address).content.decode()
    step = reverse("desk:incident-step", args=[incident.number, "inform_customer"])
    form = client.get(step).content.decode()
    assert form.count('name="at"') == 3
    tokens = [f"{each.number}@{each.version + 1}" for each in complaints]
    said = {"told": "正在抢修供水主阀，预计两小时来水。", "medium": "phone", "key": "k1"}
    results = client.post(step, {"at": tokens, **said}, headers={"HX-Request": "true"})
    assert results.content.decode().count('data-done="1"') == 3
    again = client.post(step, {"at": tokens, **said}, headers={"HX-Request": "true"})
    assert again.content.decode().count('data-done="1"') == 3
    assert all(kinds(each).count("customer_informed") == 1 for each in complaints)
    page = client.get(address).content.decode()
    assert "3 户没有回访" in page and "没有告知" not in page
    assert "一起办理 3 件：告知客户" in page


def test_one_on_which_somebody_acted_meanwhile_is_refused_with_the_reason(
    office: Office, at_desk: AtDesk
) -> None:
    complaints = wave(office)
    incident = opened(office, *complaints)
    office.dispatch(complaints[0])
    client = at_desk("front-desk-1")
    step = reverse("desk:incident-step", args=[incident.number, "dispatch"])
    tokens = [f"{each.number}@{each.version + 1}" for each in complaints]
    due = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    said = {"department": "jx-engineering", "due_at": due, "key": "k"}
    results = client.post(step, {"at": tokens, **said}, headers={"HX-Request": "true"})
    text = results.content.decode()
    assert (text.count('data-done="1"'), text.count('data-done="0"')) == (2, 1)
    assert "已有新的记录" in text


def test_a_visit_is_not_taken_for_all(office: Office, at_desk: AtDesk) -> None:
    incident = opened(office, *wave(office))
    step = reverse("desk:incident-step", args=[incident.number, "visit"])
    assert at_desk("front-desk-1").get(step).status_code == 404


def test_a_department_sees_of_an_incident_what_was_sent_to_it(
    office: Office, at_desk: AtDesk
) -> None:
    complaints = wave(office)
    incident = opened(office, *complaints)
    office.dispatch(complaints[0])
    client = at_desk("engineering-1")
    page = client.get(reverse("desk:incident", args=[incident.number])).content.decode()
    assert complaints[0].number in page and complaints[1].number not in page
    assert "另有 2 件不在您的查看范围内。" in page
    assert client.post(reverse("desk:incident-end", args=[incident.number])).status_code == 403


def test_it_is_worded_ended_and_resumed(office: Office, at_desk: AtDesk) -> None:
    incident = opened(office)
    client = at_desk("centre-head")
    address = reverse("desk:incident", args=[incident.number])
    client.post(address + "change/", {"title": "6栋1单元主阀更换停水", "place": "6栋1单元"})
    client.post(address + "end/")
    incident.refresh_from_db()
    assert (incident.title, incident.ended) == ("6栋1单元主阀更换停水", True)
    client.post(address + "end/", {"ended": "0"})
    incident.refresh_from_db()
    assert not incident.ended
    written = [entry.kind for entry in ledger.entries("incident", incident.pk)]
    assert written == ["opened", "changed", "ended", "resumed"]


def test_of_two_merged_each_page_shows_the_other_with_its_history(
    office: Office, at_desk: AtDesk
) -> None:
    first, second = dry(office, "302"), dry(office, "502")
    office.take("front-desk-1", "note", second, text="业主电话里很着急")
    office.take("front-desk-1", "merge", second, into=first.number)
    client = at_desk("front-desk-1")
    on = client.get(f"/complaints/{first.number}/").content.decode()
    assert "并入这一件" in on and "业主电话里很着急" in on and "这一户还没有告知" in on
    off = client.get(f"/complaints/{second.number}/").content.decode()
    assert "已并入" in off and first.number in off
    told = {"told": "与邻居反映的是同一处，已在抢修。", "medium": "phone", "key": "m"}
    client.post(f"/complaints/{second.number}/steps/inform_customer/", told)
    assert "告知过客户" in client.get(f"/complaints/{first.number}/").content.decode()


def test_nothing_of_another_project_is_seen(office: Office, at_desk: AtDesk) -> None:
    incident = opened(office)
    client = at_desk("yh-front-desk-1")
    assert client.get(reverse("desk:incident", args=[incident.number])).status_code == 404
    assert incident.title not in client.get(reverse("desk:incidents")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_while_it_is_written_down_one_key_joins_at_saving(
    office: Office, sit_down: SitDown
) -> None:
    incident = opened(office, *wave(office))
    page = sit_down("front-desk-1")
    page.goto("/intake/")
    page.locator("#intake-home_text").fill("6-1-802")
    page.locator("#intake-home_text").press("Tab")
    page.locator("#intake-content").fill("家里突然没有水了，什么时候来？")
    line = page.locator("[data-alike]")
    expect(line).to_contain_text("是这一件吗？")
    expect(line).to_contain_text("6栋1单元停水")
    expect(line).to_contain_text("已有 3 件反映")
    page.keyboard.press("Alt+j")
    expect(line.locator("[data-join]")).to_be_checked()
    # Writing on does not untick it.
    page.locator("#intake-content").press_sequentially("孩子要洗澡。")
    expect(page.locator("[data-alike] [data-join]")).to_be_checked()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/complaints/**")
    expect(page.locator(".incident-card")).to_contain_text("6栋1单元停水")
    made = Complaint.objects.order_by("-pk").first()
    assert made is not None and made.incident == incident
    assert kinds(made) == ["received", "relayed", "joined_incident"]


@pytest.mark.django_db(transaction=True)
def test_one_broadcast_by_keyboard_and_everybody_on_the_page_is_told(
    office: Office, sit_down: SitDown
) -> None:
    incident = opened(office, *wave(office))
    page = sit_down("front-desk-1")
    page.goto(reverse("desk:incident", args=[incident.number]))
    assert Axe().run(page).violations_count == 0
    page.keyboard.press("i")
    page.locator("#bulk-slot textarea").fill("正在抢修供水主阀，预计两小时来水。")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#bulk-slot")).to_contain_text("告知客户：办了 3 件，共选 3 件")
    expect(page.locator("#found .kept")).to_have_count(3)
    page.goto("/incidents/")
    assert Axe().run(page).violations_count == 0
