"""Words to customers: what may be said, in every language, and what never is."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.complaints.conftest import Centre, centre  # noqa: F401 (a fixture)
from tests.complaints.samples import walk

from shouwen.notices.customers import composing, guarding, templates
from shouwen.notices.customers.sayable import Known, Sayable, occasion, sayable
from shouwen.notices.customers.templates import LANGUAGES, NEEDED, Occasion, Wrong
from shouwen.records import ledger
from shouwen.records.models import Entry

ZONE = ZoneInfo("Asia/Shanghai")
OTHER = "欧阳修竹"
NOTE = "内部备注：客户情绪激动，疑似拖欠物业费"
WORDS = ("非合理投诉", "无责", "無責", "unjustified")


def entries_of(centre: Centre) -> list[Entry]:  # noqa: F811
    assert centre.complaint is not None
    return ledger.entries("complaint", centre.complaint.pk, with_said=True)


def words_for(
    centre: Centre,  # noqa: F811
    what: str,
    language: str = "zh-hans",
    text: str = "",
    entries: list[Entry] | None = None,
) -> composing.Words:
    assert centre.complaint is not None
    known = Known(
        centre.complaint.number,
        categories={"power": "照明用电"},
        departments={"jx-engineering": "工程部", "jx-order": "秩序部"},
        first_reply=centre.now + timedelta(hours=3),
        others=(OTHER,),
    )
    said = sayable(entries or entries_of(centre), known, centre.now)
    text = text or templates.shipped(what, language)
    return composing.compose(what, text, said, language=language, zone=ZONE, now=centre.now)


def dispatch(centre: Centre) -> None:  # noqa: F811
    due = (centre.now + timedelta(hours=8)).isoformat()
    centre.take("front_desk", "dispatch", department="jx-engineering", due_at=due)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", Occasion.values)
def test_what_ships_keeps_the_rules_that_a_projects_own_templates_must_keep(
    what: str, language: str
) -> None:
    text = templates.shipped(what, language)
    assert templates.checked(what, text) == text


def test_the_customer_hears_number_department_date_and_when_they_hear_next(
    centre: Centre,  # noqa: F811
) -> None:
    centre.receive(name="陈先生")
    received = words_for(centre, "received")
    assert received.whole and received.next_at == centre.now + timedelta(hours=3)
    assert received.text.startswith("陈先生，您好。已受理您反映的照明用电")
    assert "下次答复：今天 12:00 前。" in received.text
    dispatch(centre)
    assert occasion(entries_of(centre)) == Occasion.ARRANGED
    arranged = words_for(centre, "arranged").text
    assert "由工程部负责" in arranged and "预计今天 17:00 前处理完毕" in arranged


def test_a_delay_is_told_with_its_reason_and_the_new_date(centre: Centre) -> None:  # noqa: F811
    centre.receive()
    dispatch(centre)
    later = (centre.now + timedelta(days=1)).isoformat()
    centre.take(
        "engineering_member",
        "report_delay",
        department="jx-engineering",
        reason="配件明天到货。",
        new_due_at=later,
    )
    assert occasion(entries_of(centre)) == Occasion.DELAYED
    delayed = words_for(centre, "delayed")
    assert delayed.whole
    assert "原因：配件明天到货。新的完成时间：明天 09:01 前" in delayed.text


@pytest.mark.parametrize(
    "reason",
    [
        f"等{OTHER}开门。",
        "等301室王先生开门。",
        "3-1-802 不让进。",
        "联系 138 0000 1002。",
        "属非 合理投诉，不急。",
        "判为无责。",
        "The claim is Unjustified.",
        "客户情绪激动，疑似拖欠物业费",
    ],
)
def test_a_reason_that_must_not_leave_the_house_is_held_back_and_not_sent_unread(
    centre: Centre,  # noqa: F811
    reason: str,
) -> None:
    centre.receive()
    centre.take("front_desk", "note", text=NOTE)
    dispatch(centre)
    later = (centre.now + timedelta(days=1)).isoformat()
    centre.take(
        "engineering_member",
        "report_delay",
        department="jx-engineering",
        reason=reason,
        new_due_at=later,
    )
    found = words_for(centre, "delayed")
    assert not found.whole
    assert "原因：现场情况需要更多时间。" in found.text
    assert reason.strip("。") not in found.text


def test_the_result_is_told_and_nothing_once_the_matter_was_explained(
    centre: Centre,  # noqa: F811
) -> None:
    centre.receive()
    dispatch(centre)
    centre.take(
        "engineering_member", "complete", department="jx-engineering", result="灯管已更换。"
    )
    assert occasion(entries_of(centre)) == Occasion.RESULT
    assert "已处理：灯管已更换。由未参与处理的客服人员回访您" in words_for(centre, "result").text
    centre.take("front_desk", "verify", how="看过。")
    told = words_for(centre, "first_contact").text
    assert "工程部已于今天 09:02 处理：灯管已更换。客户中心已核查" in told


@pytest.mark.parametrize(
    ("what", "text", "why"),
    [
        ("received", "", "填写"),
        ("received", "编号 {number}，{next}，{secret}", "{secret}"),
        ("received", "编号 {number}", "{next}"),
        ("delayed", "新时间 {date}", "{reason}"),
        ("received", "编号 {number} {next} [[x]]", "方括号"),
        ("received", "编号 {number} {next} {", "花括号"),
        ("received", "{name}您好，{number}，{next}", "方括号"),
        ("received", "您的非合理投诉 {number} {next}", "非合理"),
        ("received", "{number} {next}" + "长" * 500, "500"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_in_words(what: str, text: str, why: str) -> None:
    with pytest.raises(Wrong, match=why.replace("{", r"\{").replace("}", r"\}")):
        templates.checked(what, text)


# -- whatever happens

HOSTILE = st.sampled_from(
    [*WORDS, NOTE, f"{OTHER}家漏水", "3栋802李女士不让进", "无 责", "配件明天到", "已换", ""]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    what=st.sampled_from(Occasion.values),
    language=st.sampled_from(LANGUAGES),
    reason=HOSTILE,
    results=st.lists(HOSTILE, max_size=3),
    found=st.lists(HOSTILE, max_size=2),
    category=HOSTILE,
    visited=st.booleans(),
    date=st.none() | st.datetimes(timezones=st.just(ZONE)),
)
def test_no_template_says_what_must_not_be_said(**drawn: object) -> None:
    what, language = str(drawn.pop("what")), str(drawn.pop("language"))
    drawn["results"], drawn["found"] = tuple(drawn["results"]), tuple(drawn["found"])  # type: ignore[arg-type]
    if any(part in str(drawn["category"]) for part in (OTHER, NOTE, "李女士")):
        drawn["category"] = ""  # what the company calls a category is no note and no customer
    said = Sayable(number="JX-1", notes=(NOTE,), others=(OTHER,), **drawn)  # type: ignore[arg-type]
    now = drawn["date"] or datetime(2026, 3, 2, tzinfo=ZONE)
    made = composing.compose(
        what,
        templates.shipped(what, language),
        said,
        language=language,
        zone=ZONE,
        now=now,  # type: ignore[arg-type]
    )
    assert not guarding.forbidden(made.text)
    for never in (OTHER, NOTE, "李女士", "3栋802"):
        assert never not in made.text
    assert "{" not in made.text and "[" not in made.text


SPITEFUL = (*WORDS, NOTE, f"{OTHER}家漏水", "3栋802李女士不让进", "配件明天到", "已换")


def spoilt(entries: list[Entry], rng: random.Random) -> list[Entry]:
    """The ledger as if staff had written what they never should wherever they may write freely."""
    for entry in entries:
        if entry.kind not in ("received", "amended", "noted"):
            entry.said = {name: rng.choice(SPITEFUL) for name in entry.said}
    return entries


@pytest.mark.parametrize("seed", range(3))
def test_over_random_ledgers_no_internal_note_no_other_customer_no_blame(
    centre: Centre,  # noqa: F811
    seed: int,
) -> None:
    """Every template in every language along a walk, whatever the staff wrote into their words."""
    rng = random.Random(seed)
    centre.receive(name="陈先生")
    centre.take("front_desk", "note", text=NOTE)
    composed = 0
    for _turn in range(6):
        walk(centre, rng, 2)
        with transaction.atomic():
            entries = spoilt(entries_of(centre), rng)
        secrets = [NOTE, OTHER, "看过", "太贵", "街道办事处", "李女士", "还有一件事"]
        for what in (*Occasion.values, occasion(entries)):
            for language in LANGUAGES:
                if what is None:
                    continue
                text = words_for(centre, str(what), language, entries=entries).text
                composed += bool(text)
                assert not guarding.forbidden(text)
                assert not [secret for secret in secrets if secret in text], what
    assert composed > 60
    assert set(NEEDED) == set(Occasion.values)
