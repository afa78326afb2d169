"""What the customer sees and does by the private link."""

from __future__ import annotations

import io
import logging
import re
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image
from tests.desk.conftest import Office

from shouwen.clocks.models import ClockRow
from shouwen.complaints import lifecycle, tracking
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import NotAllowed
from shouwen.complaints.steps import STEPS
from shouwen.config.secret_addresses import WithoutTokens
from shouwen.notices import following
from shouwen.notices.notice import Notice
from shouwen.records import ledger
from shouwen.records.models import Attachment, Entry

pytestmark = pytest.mark.django_db(transaction=True)


def picture(colour: str = "red") -> SimpleUploadedFile:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(made, "JPEG")
    return SimpleUploadedFile("现场.jpg", made.getvalue(), content_type="image/jpeg")


def link_of(complaint: Complaint) -> str:
    return f"/t/{tracking.token_of(complaint)}/"


def page(complaint: Complaint) -> str:
    response = Client().get(link_of(complaint))
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def act(complaint: Complaint, name: str, *, key: str = "", **said: object) -> int:
    """The customer does something, as the form sends it."""
    data = {"key": key or str(uuid.uuid4()), "words": ""} | said
    return Client(enforce_csrf_checks=True).post(f"{link_of(complaint)}{name}/", data).status_code


def kinds(complaint: Complaint) -> list[str]:
    return [entry.kind for entry in ledger.entries(SUBJECT, complaint.pk)]


def last(complaint: Complaint) -> Entry:
    return ledger.entries(SUBJECT, complaint.pk, with_said=True)[-1]


def done(office: Office) -> Complaint:
    """A complaint whose department has reported it as done."""
    complaint = office.dispatch(office.receive())
    office.take("engineering-1", "accept", complaint, department="jx-engineering")
    return office.take(
        "engineering-1", "complete", complaint, department="jx-engineering", result="已换灯。"
    )


def closed(office: Office) -> Complaint:
    complaint = done(office)
    office.take("front-desk-1", "verify", complaint, how="看过。")
    office.take("front-desk-1", "visit", complaint, outcome="solved")
    return office.take("front-desk-1", "close", complaint)


def test_the_page_says_what_now_by_when_and_where_it_stands(office: Office) -> None:
    complaint = office.receive()
    later = timezone.now() + timedelta(hours=3)
    office.take(
        "front-desk-1",
        "inform_customer",
        complaint,
        told="明天上午换灯。",
        next_update_at=later.isoformat(),
    )
    text = page(office.dispatch(complaint))
    assert f"编号尾号 {complaint.number[-3:]}" in text and complaint.number not in text
    assert "工程部正在处理" in text and "下次答复：" in text and "处理完毕，如有变化" in text
    assert "已受理您反映的问题" in text and "已转工程部" in text and "现场处理" in text
    assert "由未参与处理的客服人员回访您" in text
    assert "我们答复您" in text and "明天上午换灯。" in text


def test_no_name_of_staff_no_note_and_no_article_is_on_the_page(office: Office) -> None:
    complaint = done(office)
    office.take("front-desk-1", "note", complaint, text="客户很难缠。")
    office.take("front-desk-1", "inform_customer", complaint, told="经核实属于不合理诉求。")
    text = page(complaint)
    for never in ("已换灯", "难缠", "不合理", "首问", "第二条", "内规", "前台一号岗"):
        assert never not in text
    assert "我们答复您" in text


def test_promises_whose_time_is_over_are_told_kept_or_late(office: Office) -> None:
    long_ago = timezone.now() - timedelta(days=3)
    late = office.receive(occurred_at=long_ago)
    office.take("front-desk-1", "inform_customer", late, told="正在安排。")
    assert "首次答复您" in page(late) and "晚了，很抱歉" in page(late)
    kept = office.receive()
    office.take("front-desk-1", "inform_customer", kept, told="正在安排。")
    assert "按时做到" in page(kept) and "晚了" not in page(kept)


def test_what_the_customer_adds_is_on_the_desk_at_once_and_an_answer_is_owed(
    office: Office,
) -> None:
    complaint = office.receive()
    sent = {"words": "三楼也不亮。", "photos": picture()}
    assert act(complaint, "add", **sent) == 303
    added, photo = ledger.entries(SUBJECT, complaint.pk, with_said=True)[-2:]
    assert (added.kind, photo.kind) == ("customer_added", "attached")
    for entry in (added, photo):
        assert entry.actor_id is None and entry.facts["by"] == "customer"
    assert added.said["words"] == "三楼也不亮。"
    assert ClockRow.objects.filter(
        subject_id=complaint.pk, rule="H.reply", state="running"
    ).exists()
    assert "三楼也不亮。" in page(complaint)
    # Somebody has read it: the clock is answered, and the customer sees that.
    office.take("front-desk-1", "hear_customer", complaint, reply="一起修。")
    assert ClockRow.objects.get(subject_id=complaint.pk, rule="H.reply").state == "met"
    assert "我们已看到您的留言" in page(complaint) and "一起修。" in page(complaint)


def test_a_form_sent_twice_is_written_once_with_its_photograph(office: Office) -> None:
    complaint = office.receive()
    for _again in range(2):
        assert act(complaint, "add", key="one", words="还有。", photos=picture()) == 303
    assert kinds(complaint).count("customer_added") == 1
    assert kinds(complaint).count("attached") == 1
    assert Attachment.objects.filter(subject_id=complaint.pk).count() == 1


def test_the_customer_sees_their_own_photographs_only(office: Office) -> None:
    complaint = office.receive()
    act(complaint, "add", photos=picture())
    mine = Attachment.objects.get(subject_id=complaint.pk)
    office_client = Client()
    office_client.force_login(
        office.person("front-desk-1"), backend="django.contrib.auth.backends.ModelBackend"
    )
    office_client.post(
        f"/complaints/{complaint.number}/attach/", {"files": picture("blue")}, follow=True
    )
    theirs = Attachment.objects.filter(subject_id=complaint.pk).exclude(pk=mine.pk).get()
    response = Client().get(f"{link_of(complaint)}photo/{mine.pk}/")
    assert response.status_code == 200 and response["Content-Type"] == "image/jpeg"
    assert "sandbox" in response["Content-Security-Policy"]
    assert Client().get(f"{link_of(complaint)}photo/{theirs.pk}/").status_code == 404
    other = office.receive()
    assert Client().get(f"{link_of(other)}photo/{mine.pk}/").status_code == 404


def test_the_front_desk_asks_and_the_customer_answers_on_the_page(office: Office) -> None:
    complaint = office.receive()
    office.take("front-desk-1", "ask_customer", complaint, question="是几楼的灯？")
    assert "是几楼的灯？" in page(complaint)
    assert act(complaint, "answer", words="三楼。") == 303
    assert last(complaint).kind == "customer_answered"
    assert act(complaint, "answer", words="三楼。") == 409
    assert "回答" in page(complaint)


def test_urging_counts_once_an_hour_and_the_third_time_the_supervisor_hears(office: Office) -> None:
    complaint = office.receive()
    assert act(complaint, "urge", words="快点。") == 303
    assert act(complaint, "urge") == 409
    assert Complaint.objects.get(pk=complaint.pk).urged == 1
    later = timezone.now()
    for _time in range(2):
        later += timedelta(hours=2)
        lifecycle.take_by_customer(
            "customer_urge", complaint=Complaint.objects.get(pk=complaint.pk), now=later
        )
    assert kinds(complaint)[-1] == "supervisor_called"


def test_confirming_is_told_and_never_stands_for_the_return_visit(office: Office) -> None:
    complaint = done(office)
    assert act(complaint, "confirm") == 303
    assert last(complaint).kind == "customer_confirmed"
    assert ClockRow.objects.get(subject_id=complaint.pk, rule="R5.visit").state == "running"
    assert Complaint.objects.get(pk=complaint.pk).status == "finished"
    assert act(complaint, "dispute", words="又灭了。") == 303
    assert ClockRow.objects.filter(
        subject_id=complaint.pk, rule="H.reply", state="running"
    ).exists()


def test_after_closing_it_can_be_rated_and_reopened_under_the_same_number(office: Office) -> None:
    complaint = closed(office)
    assert "这件事已经办结" in page(complaint)
    assert act(complaint, "rate") == 422
    assert act(complaint, "rate", satisfaction="2", words="慢。") == 303
    assert last(complaint).facts["satisfaction"] == "2"
    assert act(complaint, "reopen", words="又坏了。") == 303
    fresh = Complaint.objects.get(pk=complaint.pk)
    assert (fresh.status, fresh.round, fresh.number) == ("relayed", 2, complaint.number)
    assert "已重新受理" in page(complaint)


def test_the_customer_can_withdraw_but_not_what_is_dangerous(office: Office) -> None:
    complaint = office.receive()
    assert act(complaint, "withdraw") == 303
    assert Complaint.objects.get(pk=complaint.pk).status == "withdrawn"
    assert "已按您的意思撤回" in page(complaint)
    grave = office.receive(severity="emergency")
    assert "先离开危险的地方" in page(grave) and "撤回" not in page(grave)
    assert act(grave, "withdraw") == 409


def test_a_merged_complaint_shows_how_far_the_other_is_and_nothing_said_there(
    office: Office,
) -> None:
    other = office.receive(content="三栋的王先生说灯不亮。", subject="别家的灯")
    one = office.receive()
    office.take("front-desk-1", "merge", one, into=other.number)
    office.take("front-desk-1", "inform_customer", other, told="给别人的话。")
    office.dispatch(other)
    text = page(one)
    assert "与同样的问题一起处理" in text and "已转工程部" in text
    assert "给别人的话" not in text and "别家" not in text and other.number not in text


def test_an_explained_complaint_is_told_as_explained(office: Office) -> None:
    complaint = office.receive()
    office.take("front-desk-1", "assess", complaint, facts="已核实。")
    office.take(
        "front-desk-1",
        "explain",
        complaint,
        explanation="收费有依据。",
        accepted="no",
        department="jx-engineering",
    )
    text = page(complaint)
    assert "部门负责人" in text and "已向您说明" in text and "无责" not in text


def test_a_stopped_link_shows_nothing_but_whom_to_call(office: Office) -> None:
    complaint = office.receive()
    link = link_of(complaint)
    assert "确定停用" in Client().get(f"{link}stop/").content.decode()
    assert Client().get(link).status_code == 200  # asked once, nothing has happened
    assert Client().post(f"{link}stop/").status_code == 200
    for address in (link, f"{link}add/", f"{link}stop/"):
        response = Client().get(address)
        assert response.status_code == 404
        assert "不能用了" in response.content.decode()
        assert complaint.subject not in response.content.decode()
    assert Client().post(f"{link}add/", {"words": "还有"}).status_code == 404
    assert kinds(complaint)[-1] != "customer_added"


def test_too_many_acts_by_one_link_are_refused_for_a_while(office: Office) -> None:
    complaint = office.receive()
    answers = [act(complaint, "add", words=f"{n}") for n in range(31)]
    assert set(answers[:30]) == {303} and answers[30] == 429


def test_the_customers_steps_are_no_ones_of_the_staff(office: Office) -> None:
    complaint = office.receive()
    for name, step in STEPS.items():
        if step.by_customer:
            with pytest.raises(NotAllowed):
                lifecycle.take(name, person=office.person("front-desk-1"), complaint=complaint, data=_told(name))  # fmt: skip
    with pytest.raises(NotAllowed):
        lifecycle.take_by_customer("close", complaint=complaint)


def _told(name: str) -> dict[str, str]:
    if name in ("customer_add", "customer_answer", "customer_dispute"):
        return {"words": "话。"}
    if name == "customer_attach":
        return {"attachment": str(uuid.uuid4()), "sha256": "0" * 64}
    return {"customer_reopen": {"reason": "话。"}, "customer_rate": {"satisfaction": "5"}}.get(
        name, {}
    )


def test_the_page_is_kept_nowhere_and_indexed_by_nobody(office: Office) -> None:
    response = Client().get(link_of(office.receive()))
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "same-origin"


def test_whoever_follows_it_hears_that_the_customer_wrote(office: Office) -> None:
    complaint = office.receive("steward-1")
    act(complaint, "add", words="还有。")
    following.take(list(Entry.objects.filter(subject_id=complaint.pk).order_by("pk")))
    told = Notice.objects.filter(complaint=complaint, kind="customer_wrote")
    heard = set(told.values_list("person__username", flat=True))
    assert {"steward-1", "front-desk-1"} <= heard
    assert {(each.rule, each.step) for each in told} == {("H.reply", "hear_customer")}


def test_no_link_is_written_to_a_log(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    handler = logging.StreamHandler()
    handler.addFilter(WithoutTokens())
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        complaint = office.receive()
        token = tracking.token_of(complaint)
        act(complaint, "rate")
        Client().get(f"/t/{token}/nothing/")
        Client().get(f"/card/{'a' * 26}/")
    finally:
        logger.removeHandler(handler)
    said = capfd.readouterr().err
    assert "/t/…/nothing/" in said and "/card/…/" in said and token not in said
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["secrets"]
