"""A message as text: within what a channel takes, its link whole, and marked once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwen.notices import targets
from shouwen.notices.message import Message
from shouwen.notices.sending import texts

WORDS = st.text("漏水电梯 abc。🔥\n", min_size=1, max_size=400)


@given(WORDS, st.lists(WORDS, max_size=8), st.integers(200, 2048), st.booleans())
def test_a_text_is_never_longer_than_the_channel_takes_and_ends_with_the_link(
    title: str, lines: list[str], limit: int, urgent: bool
) -> None:
    link = "https://complaints.example.cn/n/0123456789abcdef/"
    message = Message(title, tuple(lines), link, "zh-hans", urgent=urgent)
    text = texts.plain(message, limit=limit)
    assert len(text.encode()) <= limit and text.endswith("\n" + link)


@given(WORDS, WORDS)
def test_html_repeats_nothing_that_a_browser_would_run(title: str, line: str) -> None:
    evil = f"<script>{title}</script>"
    said = texts.html(
        Message(evil, (f"<img src=x>{line}",), "https://complaints.example.cn/", "zh-hans")
    )
    assert "<script" not in said and "<img" not in said


def test_a_rehearsal_is_marked_once_and_first_even_in_an_emergency() -> None:
    for written in ("请立即处置", "【演练】请立即处置"):
        message = Message(written, (), "", "zh-hans", urgent=True, rehearsal=True)
        assert texts.title(message) == "【演练】请立即处置"
        assert texts.plain(message).splitlines()[1].startswith("这是演练")


def test_without_a_link_the_text_says_where_to_look() -> None:
    assert "请登录首问系统" in texts.plain(Message("投诉", (), "", "zh-hans"))


@pytest.mark.parametrize(
    ("kind", "kept", "shown"),
    [
        ("email", "front-desk@example.cn", "f***@example.cn"),
        ("webhook_sms", "+8613800001234", "138****1234"),
        ("wecom", "wecombot://693a0000-aa5a", "wecombot://…aa5a"),
        ("wecom", "wecom://operations", "o***"),
        ("dingtalk", "dingtalk://SEC0123456789@0123456789abcdef", "dingtalk://…cdef"),
        ("feishu", "feishu://@8f1c0d2e3b4a", "feishu://…3b4a"),
        ("apprise", "ntfys://user:pass@ntfy.example.cn/topic", "ntfys://…"),
    ],
)
def test_what_is_shown_of_an_address_tells_two_apart_and_no_more(
    kind: str, kept: str, shown: str
) -> None:
    assert targets.masked(kind, kept) == shown
