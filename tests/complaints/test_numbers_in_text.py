"""Telephone numbers in free text: found however people write them, and nothing else taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwen.complaints.numbers_in_text import found, masked

WIDE = str.maketrans("0123456789-()", "０１２３４５６７８９－（）")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请回电13800138000，谢谢", "请回电138****8000，谢谢"),
        ("业主说 138 0013 8000 才是他的", "业主说 138****8000 才是他的"),
        ("１３８００１３８０００联系", "138****8000联系"),
        ("打138-0013-8000或1390013 9000", "打138****8000或139****9000"),
        ("+86 13800138000；86-13800138000", "138****8000；138****8000"),
        ("（0755）2600 0001 白天", "0755****0001 白天"),
        ("0755-26000001转801", "0755****0001转**"),
        ("010-62000001 分机：12 找客服", "010****0001 分机:** 找客服"),
        ("座机 26000001 也可以", "座机 ****0001 也可以"),
        ("客服热线400-123-4567", "客服热线********4567"),
        ("香港号码+852 9123 4567", "香港号码*******4567"),
        ("3-1-802 13800138000 张", "3-1-802 138****8000 张"),
        ("两个：13800138000,13900139000", "两个：138****8000,139****9000"),
    ],
)
def test_numbers_are_masked_however_they_are_written(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23 09:10 到 2026-11-24 18:30 停水",
        "20261123091000",
        "2026年11月23日0点到2026.11.24",
        "编号 JX-20261123-001 与 JX-20261123-0012",
        "3-1-802、3-1-1802、12栋2单元1301室",
        "赔偿 13800138000 元，物业费¥13912345678",
        "身份证440301199001011234，卡号6222021380013800012",
        "用电 18000 度，面积138.00平，水表读数 00123456",
        "24小时内两次打12345、110、119",
        "2栋0101到0102漏水 2601 2602 2603",
        "",
    ],
)
def test_dates_amounts_complaint_numbers_rooms_and_cards_are_no_telephones(text: str) -> None:
    assert found(text) == []
    assert masked(text) == text


@st.composite
def telephones(draw: st.DrawFn) -> str:
    """A mobile or a landline number as people write it."""
    gap = draw(st.sampled_from(["", " ", "-", "  "]))
    rest = draw(st.text("0123456789", min_size=8, max_size=8))
    if draw(st.booleans()):
        first = draw(st.sampled_from(["138", "139", "150", "186", "199"]))
        number = draw(st.sampled_from(["", "", "+86 "])) + gap.join([first, rest[:4], rest[4:]])
    else:
        area = draw(st.sampled_from(["0755", "(0755)", "010", "021"]))
        number = area + gap + "2" + rest[1:4] + gap + rest[4:]
    number += draw(st.sampled_from(["", "", "转801", " 分机12"])) if number[0] in "(0" else ""
    return number.translate(WIDE) if draw(st.booleans()) else number


# What stands around numbers: words and marks, which join no digits to them.
words = st.text("楼道灯不亮请回电，。；：、\n", max_size=12)


@given(st.lists(st.tuples(words, telephones(), words), min_size=1, max_size=4))
def test_masked_text_holds_no_number_and_the_words_around_stay(
    parts: list[tuple[str, str, str]],
) -> None:
    text = "；".join(before + number + behind for before, number, behind in parts)
    assert len(found(text)) >= len(parts)
    told = masked(text)
    assert found(told) == []
    assert masked(told) == told
    for before, _number, behind in parts:
        assert before in told and behind in told


@given(st.text(alphabet=st.characters(exclude_categories=["Nd", "Cs"])))
def test_a_text_without_digits_comes_back_as_it_is(text: str) -> None:
    assert masked(text) == text


@given(
    st.dates(),
    st.integers(1, 999),
    st.integers(1, 40),
    st.integers(101, 3302),
    st.decimals(0, 9_999_999, places=2),
)
def test_dates_rooms_numbers_and_amounts_of_any_size_are_left_alone(
    day: object, serial: int, building: int, room: int, amount: object
) -> None:
    number = f"JX-{str(day).replace('-', '')}-{serial:03}"
    text = f"{day} {building}-1-{room} {number} {amount}元 {day} 08:30:00，{building}栋{room}"
    assert masked(text) == text


@given(st.text())
def test_any_text_can_be_looked_through_and_masking_ends(text: str) -> None:
    assert found(masked(text)) == []
