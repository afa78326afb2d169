"""What the customer may know: never a name, a note or an internal word, whatever happened."""

from __future__ import annotations

import random
import re
from datetime import timedelta

import pytest
from tests.complaints.conftest import Centre
from tests.complaints.samples import told, walk

from shouwen.clocks import regulations
from shouwen.complaints import lifecycle
from shouwen.complaints.follow import Following, follow, glance
from shouwen.complaints.models import Complaint
from shouwen.complaints.state import fold
from shouwen.complaints.steps import STEPS
from shouwen.complaints.words import Status
from shouwen.organization.models import Staff
from shouwen.records import ledger

# What the samples say inside the house, and words of the trade that no resident is told.
INTERNAL = (
    "首问", "承办", "主办", "协办", "派单", "退单", "内规", "超时", "时限", "无责", "有责", "非合理",
    "董事", "主管领导", "不归我", "客户很着急", "老化", "等配件", "太贵", "仍不亮", "看过。", "谈过",
    "需停梯", "需厂家", "更换主机", "换班", "已换。", "已解释。", "街道办事处", "业主已起诉",
)  # fmt: skip
ARTICLE = re.compile(r"第[一二三四五六七八九十]+条|\b[RHPA]\d*\.[a-z]|\b[RAP]\d\b")


def said(found: Following) -> str:
    """Every word that the page could show."""
    parts = [found.headline, *found.lines, *found.questions]
    parts += [f"{each.label} {each.said}" for each in found.stations]
    parts += [f"{each.what} {each.by}" for each in found.kept]
    parts += [f"{each.at} {each.title} {each.text}" for each in found.said]
    return "\n".join(parts)


def seen(centre: Centre, complaint: Complaint | None = None) -> Following:
    found = complaint or centre.complaint
    assert found is not None
    fresh = Complaint.objects.select_related("project").get(pk=found.pk)
    return follow(fresh, centre.now, fit=lambda text, entries: True)


def by_customer(centre: Centre, rng: random.Random) -> None:
    """The customer does one of the things they can do now."""
    complaint = Complaint.objects.select_related("project", "first_contact").get(
        pk=centre.complaint.pk if centre.complaint else None
    )
    state = fold(ledger.entries("complaint", complaint.pk))
    can = lifecycle.possible_for_customer(complaint, state, centre.now) - {"customer_attach"}
    if can:
        name = rng.choice(sorted(can))
        data = told(name, centre, centre.person("front_desk"), state)
        outcome = lifecycle.take_by_customer(name, complaint=complaint, data=data, now=centre.now)
        centre.complaint = outcome.complaint


@pytest.mark.parametrize("seed", range(8))
def test_no_internal_word_and_no_name_whatever_happens(centre: Centre, seed: int) -> None:
    rng = random.Random(seed)
    centre.receive(subject="别家的灯", content="别家的灯不亮。")
    severity = rng.choice(["routine", "complex", "major", "emergency"])
    centre.receive(severity=severity, about=centre.staff["steward"].pk)
    names = set(Staff.objects.values_list("name", flat=True))
    for _turn in range(12):
        walk(centre, rng, 3)
        by_customer(centre, rng)
        found = seen(centre)
        text = said(found)
        for word in (*INTERNAL, *names, "别家"):
            assert word not in text, (word, text)
        assert not ARTICLE.search(text), text
        assert found.headline and found.stations
        at = [each for each in found.stations if each.passed == "now"]
        assert len(at) <= 1
        assert centre.complaint is not None
        assert glance(Complaint.objects.get(pk=centre.complaint.pk))


def test_every_status_has_its_sentence(centre: Centre) -> None:
    complaint = centre.receive("steward")
    assert "正在转到客服中心" in seen(centre).headline
    for status in Status:
        complaint.status = status
        assert glance(complaint)


def test_the_stations_follow_the_work_and_begin_anew_where_it_was_not_done(centre: Centre) -> None:
    centre.receive()
    part = {"department": "jx-engineering"}
    assert [each.passed for each in seen(centre).stations] == ["done", "now", *["ahead"] * 3]
    centre.take("front_desk", "dispatch", **part)
    centre.take("engineering_member", "accept", **part)
    stations = seen(centre).stations
    assert stations[1].label == "已转jx engineering"
    assert "已有工作人员接手" in stations[2].said
    assert [each.passed for each in stations] == ["done", "done", "now", "ahead", "ahead"]
    centre.take("engineering_member", "complete", **part, result="已修。")
    assert [each.passed for each in seen(centre).stations] == [*["done"] * 3, "now", "ahead"]
    centre.take("front_desk", "fail_verification", reason="仍不亮。")
    assert [each.passed for each in seen(centre).stations] == ["done", "now", *["ahead"] * 3]


def test_the_visit_is_told_as_the_regulation_gives_it_until_its_clock_runs(centre: Centre) -> None:
    centre.receive()
    centre.take("front_desk", "dispatch", department="jx-engineering")
    limit = regulations.in_force(centre.now.date()).rule("R5.visit").within
    assert limit is not None
    last = seen(centre).stations[-1]
    assert f"{limit.amount} 个工作日内" in last.said
    centre.take("engineering_member", "complete", department="jx-engineering", result="已修。")
    assert "前，由未参与处理的客服人员回访您" in seen(centre).stations[-1].said


def test_late_is_said_and_regretted(centre: Centre) -> None:
    centre.receive()
    due = centre.now + timedelta(hours=2)
    centre.take("front_desk", "inform_customer", told="再查。", next_update_at=due.isoformat())
    centre.take("front_desk", "dispatch", department="jx-engineering", due_at=due.isoformat())
    assert any(line.startswith("下次答复：") for line in seen(centre).lines)
    centre.wait(hours=5)
    lines = "\n".join(seen(centre).lines)
    assert "我们晚了，很抱歉" in lines and "现在晚了，很抱歉" in lines
    centre.take("front_desk", "inform_customer", told="久等了。")
    kept = {(each.what, each.kept) for each in seen(centre).kept}
    assert ("答复您", False) in kept and ("首次答复您", True) in kept


def test_two_departments_with_one_time_are_one_promise(centre: Centre) -> None:
    centre.receive()
    due = (centre.now + timedelta(hours=8)).isoformat()
    for code in ("jx-engineering", "jx-order"):
        centre.take("front_desk", "dispatch", department=code, due_at=due)
    centre.take("engineering_member", "complete", department="jx-engineering", result="好。")
    centre.wait(hours=9)
    centre.take("order_member", "complete", department="jx-order", result="好。")
    assert [(each.what, each.kept) for each in seen(centre).kept if each.what == "处理完毕"] == [
        ("处理完毕", False)
    ]


def test_words_that_are_not_fit_are_told_as_an_answer_without_them(centre: Centre) -> None:
    centre.receive()
    centre.take("front_desk", "inform_customer", told="属于不合理诉求。")
    assert centre.complaint is not None
    found = follow(centre.complaint, centre.now, fit=lambda text, entries: "不合理" not in text)
    (answer,) = found.said
    assert (answer.title, answer.text) == ("我们答复您", "")


def test_what_was_erased_is_told_no_more(centre: Centre) -> None:
    from shouwen.records import erasure

    complaint = centre.receive()
    lifecycle.take_by_customer(
        "customer_add", complaint=complaint, data={"words": "三楼。"}, now=centre.now
    )
    assert "三楼。" in said(seen(centre))
    erasure.erase("complaint", complaint.pk, actor_id=None, reason="request", names=None)
    assert "三楼。" not in said(seen(centre))


def test_every_step_of_the_customer_says_that_it_was_theirs(centre: Centre) -> None:
    names = {name for name, step in STEPS.items() if step.by_customer}
    assert names == {
        *("customer_add", "customer_attach", "customer_answer", "customer_urge"),
        *("customer_confirm", "customer_dispute", "customer_reopen", "customer_rate"),
        "customer_withdraw",
    }
    complaint = centre.receive()
    outcome = lifecycle.take_by_customer("customer_withdraw", complaint=complaint, now=centre.now)
    (entry,) = outcome.entries
    assert (entry.kind, entry.actor_id, entry.facts["by"]) == ("withdrawn", None, "customer")
    assert entry.acting_for_id is None
