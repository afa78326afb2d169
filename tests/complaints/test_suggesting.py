"""What words suggest [A3][R6]: rules that are data, danger first, and a reason for each."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from tests.complaints.conftest import Centre

from shouwen.complaints import categories, own_words
from shouwen.complaints.models import Category
from shouwen.complaints.own_words import WrongWords
from shouwen.complaints.suggesting import Suggestion, suggest
from shouwen.complaints.suggestion_rules import ADVICE, WrongRules, read, shipped
from shouwen.records import ledger

MESSAGES = Path(__file__).parents[3] / "shared" / "data" / "citizen-messages.csv"

# What people say → category, severity (None: the words say nothing of it).
SENTENCES = [
    ("我妈在电梯里出不来了，按铃没人应", "lift", "emergency"),
    ("3栋电梯停在七层与八层之间，有人被困", "lift", "emergency"),
    ("電梯裡困了兩個人，快派人來", "lift", "emergency"),
    ("Two kids are trapped in the lift of block 3", "lift", "emergency"),
    ("电梯突然往下掉了两层，吓死人了", "lift", "emergency"),
    ("地下车库配电箱在冒烟", "fire", "emergency"),
    ("6 楼有人家里着火了，好大的烟", "fire", "emergency"),
    ("樓道裡冒煙，聞到燒焦味", "fire", "emergency"),
    ("There is smoke coming from the basement", "fire", "emergency"),
    ("厨房里闻到很重的煤气味", "fire", "emergency"),
    ("天然气管子好像漏了，有味道", "fire", "emergency"),
    ("I can smell gas in the stairwell", "fire", "emergency"),
    ("有人摸路灯杆触电了", "power", "emergency"),
    ("单元门口有根电线断了垂在地上", "power", "emergency"),
    ("地下室水管爆了，水往配电房那边流", "water", "emergency"),
    ("自來水爆管，車庫被淹了", "water", "emergency"),
    ("A pipe has burst and the lobby is flooding", "water", "emergency"),
    ("楼上掉下来的花盆差点砸到小孩", "falling", "emergency"),
    ("有老人晕倒在花园里", "safety", "emergency"),
    ("大门口两个人打架，有一个拿刀", "theft", "emergency"),
    ("围墙塌了一段，旁边还有小孩在玩", "public-parts", "emergency"),
    ("5栋外墙的瓷砖老是脱落", "falling", "major"),
    ("楼上总有人往下扔烟头", "falling", "major"),
    ("楼下井盖不见了，晚上看不清", "public-parts", "major"),
    ("小区停电两个小时了，什么时候来电", "power", "major"),
    ("楼道灯不亮，晚上看不见", "power", None),
    ("The street light near gate 2 is out", "power", None),
    ("电梯按钮失灵，按几次才亮", "lift", None),
    ("楼道里三天没人打扫，地上很脏", "cleaning", None),
    ("垃圾桶满了，两天没清运，夏天很臭", "garbage", None),
    ("垃圾房旁邊好多老鼠，還有蟑螂", "pests", None),
    ("Rats are running around the garbage room", "pests", None),
    ("洗手间地漏返味，下水道堵了", "water", None),
    ("我家天花板漏水，楼上不承认", "leak", None),
    ("顶楼漏雨，墙都发霉了", "leak", None),
    ("儿童乐园的滑梯坏了，边上有尖角", "public-parts", None),
    ("单元门门禁坏了一个月，谁都能进", "access", None),
    ("电动车在门口被偷了，监控说坏了", "theft", None),
    ("前台态度很差，话没说完就挂我电话", "manner", None),
    ("报修五天了一直没人来", "slow", None),
    ("物业费涨价没有公示，发票也不给开", "property-fee", None),
    ("这个月水费比上个月多三倍，水表是不是有问题", "utilities", None),
    ("我的车位又被别人占了", "occupied", None),
    ("Someone parked in my spot again and is blocking me", "occupied", None),
    ("地库的道闸不抬杆，后面堵了一排车", "gate", None),
    ("楼上半夜一直拖椅子，小孩跑来跑去", "neighbour", None),
    ("水泵房整夜嗡嗡响，根本没法睡", "equipment", None),
    ("窗前的树枝长得太密，挡光，请修剪", "greening", None),
    ("隔壁装修中午也在电钻，午休不了", "works-noise", None),
    ("102 的业主在装修，把承重墙砸了", "illegal-works", None),
]


def said(text: str, place: str = "") -> Suggestion:
    return suggest(text, place, shipped())


def test_of_fifty_sentences_no_emergency_is_missed_and_forty_five_are_right() -> None:
    assert len(SENTENCES) == 50
    found = [(text, said(text), category, severity) for text, category, severity in SENTENCES]
    wrong = [
        (text, given.category, given.severity)
        for text, given, category, severity in found
        if (given.category, given.severity) != (category, severity)
    ]
    missed = [
        text
        for text, given, _category, severity in found
        if severity == "emergency" and given.severity != "emergency"
    ]
    assert not missed
    assert len(wrong) <= 5, wrong


@pytest.mark.parametrize(
    "text",
    [
        "没有冒烟，没有着火",
        "无人受伤",
        "没有人员受伤",
        "并未起火",
        "未发现煤气泄漏",
        "no smoke at all",
        "不冒烟了",
    ],
)
def test_a_danger_word_that_is_denied_does_not_count(text: str) -> None:
    assert said(text).severity is None


@pytest.mark.parametrize(
    "text",
    ["不知道有没有着火", "是不是煤气泄漏", "差点没触电", "没人管，配电箱冒烟", "piano smoke"],
)
def test_a_question_or_another_words_no_denies_nothing(text: str) -> None:
    assert said(text).severity == "emergency"


@pytest.mark.parametrize(
    "text",
    [
        "电梯坏了，老人上下楼困难",
        "他一下发起火来",
        "大家一起火锅",
        "火灾报警器的电池",
        "被电梯广告吵",
    ],
)
def test_what_only_looks_like_danger_is_none(text: str) -> None:
    assert said(text).severity is None


def test_a_longer_word_beats_the_shorter_ones_inside_it() -> None:
    assert said("装修垃圾").category == "garbage"
    assert said("装修").category == "decoration"
    assert [word for word, _rule in said("装修垃圾").reasons] == ["装修垃圾"]


def test_the_parts_of_a_word_stand_in_one_sentence() -> None:
    assert said("电梯里困了一个人").severity == "emergency"
    assert said("电梯到了。我困了").severity is None


def test_width_case_and_script_do_not_matter_and_the_reason_is_as_it_was_written() -> None:
    assert [word for word, _rule in said("ＬＩＦＴ is Ｓｔｕｃｋ").reasons] == ["ＬＩＦＴ"]
    assert [word for word, _rule in said("電梯裡好髒").reasons] == ["電梯"]


def test_danger_comes_with_an_advice_and_other_candidates_are_few() -> None:
    found = said("电梯里困了人，道闸也坏了，垃圾没人倒，停车费乱收，树也枯死了")
    assert found.category == "lift"
    assert "扒门" in found.advice
    assert len(found.others) == 3
    assert "lift" not in found.others


def test_the_place_counts_less_than_the_words() -> None:
    assert said("这里很脏，有狗屎", "电梯厅").category == "cleaning"
    assert said("坏了", "电梯").category == "lift"


def test_the_developers_part_is_suggested_beside_the_category() -> None:
    found = said("交房才三个月，客厅天花板就漏水，开发商还在保修期")
    assert (found.category, found.needs_developer) == ("leak", True)


@pytest.mark.parametrize("text", ["", "您好", "我想问一下", "hello", "😀\x00\ud800"])
def test_of_what_is_unknown_nothing_is_suggested(text: str) -> None:
    assert not said(text)
    assert said(text) == Suggestion()


def test_every_shipped_advice_can_be_translated() -> None:
    advice = {rule.advice for rule in shipped().rules if rule.advice}
    assert advice == set(ADVICE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rule]]\nname = 'a'\ncategory = 'lift'\nwords = []", "rule a.words"),
        (
            "[[rule]]\nname = 'a'\ncategory = 'moon'\nwords = ['x']",
            "a: there is no category 'moon'",
        ),
        (
            "[[rule]]\nname = 'a'\ncategory = 'lift'\nwords = ['x']\ndanger = true",
            "a: danger needs",
        ),
        ("[[rule]]\nname = 'a'\ncategory = 'lift'\nwords = ['x…']", "a: 'x…' needs words"),
        (
            "[[rule]]\nname = 'a'\ncategory = 'lift'\nwords = ['x']\nseverity = 'soon'",
            "rule a.severity",
        ),
        ("[[rule]]\nname = 'a'\ncategory = 'lift'\nwords = ['x']\nwards = 1", "rule a.wards"),
        (
            "[[rule]]\nname = 'a'\ncategory = 'lift'\nwords = ['X', 'ｘ', 'X']",
            "is also a word of a",
        ),
        ("[[rule]]\ncategory = 'lift'\nwords = ['x']", "rule 1.name"),
        ("[[rule", "suggestions.toml"),
    ],
)
def test_wrong_rules_are_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "suggestions.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(WrongRules, match=re.escape(message)):
        read(path)


def change(centre: Centre, code: str, **changed: Any) -> bool:
    """The centre head changes a category."""
    category = Category.objects.get(code=code)
    given = {"name": category.label, "hours": category.hours, "is_active": True} | changed
    return categories.change(category, person=centre.person("centre_head"), **given)


def test_a_company_adds_words_of_its_own_and_they_come_first(centre: Centre) -> None:
    words = own_words.parse("水景池：紧急抢险\n绿道…积水\n电梯厅：重大，需要开发商解决\n")
    assert change(centre, "greening", words=words)
    rules = own_words.in_use()
    assert suggest("水景池有问题", "", rules).severity == "emergency"
    assert suggest("绿道上又积水了", "", rules).category == "greening"
    hall = suggest("电梯厅的事", "", rules)
    assert (hall.category, hall.severity, hall.needs_developer) == ("greening", "major", True)
    (entry,) = ledger.entries(categories.LEDGER, Category.objects.get(code="greening").pk)
    assert entry.facts["words"] == words
    assert not change(centre, "greening", words=words)
    assert own_words.parse(own_words.written(words)) == words


def test_a_word_of_ones_own_takes_the_place_of_the_shipped_one(centre: Centre) -> None:
    change(centre, "noise", words=own_words.parse("钢琴"))
    assert suggest("弹琴，钢琴", "", own_words.in_use()).category == "noise"


def test_a_rule_is_switched_off_and_a_retired_category_is_not_suggested(centre: Centre) -> None:
    change(centre, "lift", rules_off=["lift-trapped"])
    assert suggest("电梯里困了人", "", own_words.in_use()).severity is None
    change(centre, "facility", is_active=False)
    assert suggest("电梯按钮不亮", "", own_words.in_use()).category is None
    with pytest.raises(ValueError, match="its own rules"):
        change(centre, "lift", rules_off=["gas"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("水", "第 1 行：“水”须有 2 至 30 个字"),
        ("水箱漏\n水箱漏：急", "第 2 行：不认识“急”"),
        ("水箱漏\n\n水箱漏", "第 3 行：“水箱漏”写了两次"),
        ("……水箱", "“…”不能在两头"),
        ("\n".join(f"词语{n}" for n in range(61)), "最多 60 个词"),
    ],
)
def test_what_is_no_word_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(WrongWords, match=message):
        own_words.parse(text)


def test_a_word_belongs_to_one_category(centre: Centre) -> None:
    change(centre, "noise", words=own_words.parse("风铃"))
    with pytest.raises(WrongWords, match="“风铃”已经是“噪声”的词"):
        change(centre, "greening", words=own_words.parse("风铃"))


@pytest.mark.skipif(
    not MESSAGES.is_file(), reason="the real records (../shared/data) are not beside this checkout"
)
def test_whatever_citizens_write_it_is_taken() -> None:
    with MESSAGES.open(encoding="utf-8", newline="") as file:
        found = [said(row["content"], row["subject"]) for row in csv.DictReader(file)]
    assert len(found) == 644
    assert 100 < sum(map(bool, found)) <= 644
