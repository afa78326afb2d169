"""A chat copied out of a group becomes words, times and speakers; no word is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwen.channels import pasted

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 29, 10, 0, tzinfo=ZONE)  # a Sunday


def said(text: str) -> list[tuple[str, str, str]]:
    return [
        (each.speaker, f"{each.at:%m-%d %H:%M}" if each.at else "", each.words)
        for each in pasted.messages(text, NOW, ZONE)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "张三 2026/11/28 21:03\n电梯停了\n有人困住\n李四 2026/11/28 21:05\n打电话了吗",
            [("张三", "11-28 21:03", "电梯停了\n有人困住"), ("李四", "11-28 21:05", "打电话了吗")],
        ),
        ("张三 21:03\n电梯停了", [("张三", "11-28 21:03", "电梯停了")]),  # yesterday: it is ten
        ("张三 9:30\n电梯停了", [("张三", "11-29 09:30", "电梯停了")]),
        ("张三: 2026-11-28 21:03:09\n停了", [("张三", "11-28 21:03", "停了")]),
        ("3-1-802 老周  昨天 晚上9:03\n停了", [("3-1-802 老周", "11-28 21:03", "停了")]),
        ("老周 星期五 08:00\n停了", [("老周", "11-27 08:00", "停了")]),
        ("老周 11月27日 下午3:05\n停了", [("老周", "11-27 15:05", "停了")]),
        # WeCom
        ("王芳@微信 11/28 21:03:22\n漏水", [("王芳", "11-28 21:03", "漏水")]),
        # QQ
        ("2026-11-28 21:03:12 老周(10001234)\n漏水", [("老周", "11-28 21:03", "漏水")]),
        (
            "【业主】老周<zhou@qq.com> 2026/11/28 21:03:12\n漏水",
            [("【业主】老周", "11-28 21:03", "漏水")],
        ),
        # All of it in one line
        ("[2026/11/28 21:03] 老周: 漏水了", [("老周", "11-28 21:03", "漏水了")]),
        # The day on a line of its own
        (
            "—————  2026-11-27  —————\n老周  21:03\n漏水\n—————  2026-11-28  —————\n老周  8:03\n还在漏",
            [("老周", "11-27 21:03", "漏水"), ("老周", "11-28 08:03", "还在漏")],
        ),
        # No names at all
        ("电梯又停了\n\n没人管", [("", "", "电梯又停了\n\n没人管")]),
        ("电梯停了\n张三 21:03\n是的", [("", "", "电梯停了"), ("张三", "11-28 21:03", "是的")]),
        # What looks like a time or a day and is somebody's word
        (
            "张三 21:03\n3-1\n昨天\n水，停到 18:00",
            [("张三", "11-28 21:03", "3-1\n昨天\n水，停到 18:00")],
        ),
        ("张三 31:88\n停了", [("", "", "张三 31:88\n停了")]),
        ("张三 2026/13/45 10:00\n停了", [("", "", "张三 2026/13/45 10:00\n停了")]),
        ("", []),
        (" \n\r\n", []),
    ],
)
def test_the_shapes_that_are_copied(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert said(text) == expected


def test_a_year_that_is_not_said_is_the_last_one() -> None:
    (message,) = pasted.messages("张三 12/30 10:00\n停了", NOW, ZONE)
    assert message.at == datetime(2025, 12, 30, 10, 0, tzinfo=ZONE)


def test_who_spoke_is_offered_with_all_their_words() -> None:
    text = "张三 2026/11/28 21:03\n停了\n[图片]\n李四 2026/11/28 21:04\n+1\n张三 2026/11/28 21:06\n有人"
    first, second = pasted.speakers(text, NOW, ZONE)
    assert (first.name, first.words, first.count, first.pictures) == (
        "张三", "停了\n[图片]\n有人", 2, 1,
    )  # fmt: skip
    assert first.occurred_at == datetime(2026, 11, 28, 21, 3, tzinfo=ZONE)
    assert (second.name, second.words) == ("李四", "+1")


def test_a_time_longer_ago_than_a_week_or_ahead_is_not_taken_over() -> None:
    (old,) = pasted.speakers("张三 2026/11/20 21:03\n停了", NOW, ZONE)
    assert old.at is not None and old.occurred_at is None
    (ahead,) = pasted.speakers("张三 2027/11/20 21:03\n停了", NOW, ZONE)
    assert ahead.occurred_at is None
    assert pasted.recent(NOW - timedelta(days=7), NOW) is not None


LINES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "张三 21:03", "张三 2026/11/28 21:03", "2026-11-28 21:03:12 老周(10001234)", "[图片]",
            "—— 2026-02-30 ——", "—— 昨天 ——", "[21:03] 李四: 好", "", "周三 8:00 王五", "24:00", "3-1",
        ]
    ),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(LINES, max_size=12), st.datetimes(min_value=datetime(2005, 1, 1)))
def test_whatever_is_pasted_is_read_and_no_word_is_lost(lines: list[str], now: datetime) -> None:
    text = "\n".join(lines)
    moment = now.replace(tzinfo=UTC)
    found = pasted.messages(text, moment, ZONE)
    kept = {line for each in found for line in each.lines}
    names = {each.speaker for each in found}
    for line in pasted.lines_of(text):
        bare = line.strip()
        if not bare or line in kept:
            continue
        # Then it was a line that names a speaker, or the day, and is told as such.
        named = any(name and name in bare for name in names)
        assert named or pasted.is_divider(bare), line
    for each in pasted.speakers(text, moment, ZONE):
        assert each.occurred_at is None or moment - pasted.RECENT <= each.occurred_at <= moment
