"""The words to customers on the pages: kept and previewed, ready in the step; notes look like notes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from tests.desk.conftest import Office

from shouwen.notices.customers import keeping
from shouwen.notices.watching import Watch

PAGE = "/settings/customer-words/JX/"


def test_a_projects_words_are_previewed_on_a_real_complaint_kept_and_taken_back(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    complaint = office.receive(name="陈先生")
    desk = at_desk("centre-head")
    page = desk.get(PAGE).content.decode()
    assert f"编号 {complaint.number}" in page
    own = {"of": "received", "language": "zh-hans", "text": "[{name}：]已记下 {number}，{next}。"}
    previewed = desk.post(f"{PAGE}preview/", own).content.decode()
    assert f"陈先生：已记下 {complaint.number}" in previewed
    assert keeping.own(office.project.pk, "received", "zh-hans") is None  # a preview keeps nothing
    assert desk.post(PAGE, own).status_code == 302
    assert keeping.text_for(office.project.pk, "received", "zh-hans") == own["text"]
    refused = desk.post(PAGE, own | {"text": "非合理投诉 {number} {next}"})
    assert refused.status_code == 422 and "非合理" in refused.content.decode()
    assert desk.post(PAGE, own | {"shipped": "1"}).status_code == 302
    assert keeping.own(office.project.pk, "received", "zh-hans") is None
    assert "恢复出厂模板" in desk.get(PAGE).content.decode()


def test_what_goes_by_itself_is_switched_on_for_one_project(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    assert not keeping.telling(office.project.pk).received
    at_desk("centre-head").post(f"{PAGE}automatic/", {"received": "1", "language": "zh-hant"})
    kept = keeping.telling(office.project.pk)
    assert (kept.received, kept.delayed, kept.result, kept.language) == (
        True,
        False,
        False,
        "zh-hant",
    )


def test_of_another_projects_complaint_there_is_no_preview(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    there = Office(type(office.project).objects.get(code="YH")).receive("yh-front-desk-1")
    said = {"of": "received", "language": "en", "text": "{number} {next}", "number": there.number}
    answer = at_desk("centre-head").post(f"{PAGE}preview/", said).content.decode()
    assert "不在您的查看范围内" in answer and there.number not in answer


def test_the_step_opens_with_the_ready_words_and_the_next_reply(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    complaint = office.dispatch(office.receive(name="陈先生"))
    office.take("front-desk-1", "note", complaint, text="内部：客户情绪激动")
    form = at_desk("front-desk-1").get(f"/complaints/{complaint.number}/steps/inform_customer/")
    page = form.content.decode()
    assert "陈先生，您好。您反映的" in page and "由工程部负责处理" in page
    due = timezone.localtime(timezone.now() + timedelta(days=1))
    assert f'name="next_update_at" value="{due:%Y-%m-%dT}' in page
    ready = page.split("<textarea", 1)[1].split("</textarea>", 1)[0]
    assert "情绪" not in ready
    office.take("engineering-1", "complete", complaint, department="jx-engineering", result="已换")
    assert (
        "已处理：已换。"
        in at_desk("front-desk-1")
        .get(f"/complaints/{complaint.number}/steps/inform_customer/")
        .content.decode()
    )


def test_notes_and_words_to_the_customer_are_told_apart_by_word_and_colour(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    complaint = office.receive()
    office.take("front-desk-1", "note", complaint, text="内部说明")
    office.take("front-desk-1", "inform_customer", complaint, told="马上安排")
    page = at_desk("front-desk-1").get(f"/complaints/{complaint.number}/").content.decode()
    note = page.split(">内部说明<")[0].rsplit("<li", 1)[1]
    said = page.split(">马上安排<")[0].rsplit('<li class="', 1)[1]
    assert "internal" in note and "内部，客户看不到" in note
    assert said.strip().startswith("customer") and "对客户说" in said


def test_watching_is_one_button_and_everybody_sees_who_watches(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    complaint = office.receive()
    page = f"/complaints/{complaint.number}/"
    head = at_desk("centre-head")
    assert head.post(f"{page}watch/", {"on": "1"}).status_code == 302
    name = office.person("centre-head").name
    seen = at_desk("front-desk-1").get(page).content.decode()
    assert f"关注的人 {escape(name)}" in seen
    head.post(f"{page}watch/", {"on": "0"})
    assert not Watch.objects.exists()
    assert at_desk("yh-front-desk-1").post(f"{page}watch/", {"on": "1"}).status_code == 404


def test_the_ready_words_tell_nobody_who_a_secret_source_is(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    complaint = office.dispatch(office.receive(name="陈先生", confidential=True))
    page = f"/complaints/{complaint.number}/steps/inform_customer/"
    assert "陈先生" in at_desk("front-desk-1").get(page).content.decode()
    seen = at_desk("engineering-1").get(page)
    assert seen.status_code == 200 and "您好" in seen.content.decode()
    assert "陈先生" not in seen.content.decode()
