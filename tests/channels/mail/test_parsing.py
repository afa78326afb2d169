"""Reading messages: every encoding, every broken and hostile shape, and never an exception."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.channels.mail.letters import Sample, samples, tnef

from shouwen.channels.mail import html, quoting
from shouwen.channels.mail import tnef as winmail
from shouwen.channels.mail.parsing import LONGEST, Letter, parse

SAMPLES = samples()
READ = [each for each in SAMPLES if each.becomes == "complaint"]


def storable(letter: Letter) -> None:
    """Nothing that a database or a page would refuse."""
    said = (letter.content, letter.subject, letter.sender, letter.sender_name, letter.message_id)
    for each in (*said, letter.quoted, letter.signature, *(file.name for file in letter.files)):
        each.encode()
        assert "\0" not in each
    json.dumps(letter.references)
    assert len(letter.content) <= LONGEST and len(letter.subject) <= 200


def test_there_are_more_than_forty_kinds_of_messages() -> None:
    assert len({each.raw for each in SAMPLES}) == len(SAMPLES) >= 80


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_what_a_message_says_is_read(sample: Sample) -> None:
    letter = parse(sample.raw)
    storable(letter)
    if sample.becomes != "complaint":
        return
    said = letter.content or letter.subject or "只有附件"
    assert sample.says in said
    assert not sample.lacks or sample.lacks not in letter.content
    assert sample.subject is None or letter.subject == sample.subject
    assert sample.sender is None or letter.sender == sample.sender
    assert set(sample.notes) <= set(letter.notes)
    for name in sample.files:
        assert any(each.name.endswith(name) for each in letter.files)


def test_what_was_folded_is_kept_beside_it() -> None:
    found = {each.name: parse(each.raw) for each in SAMPLES}
    assert "上一封信" in found["quote-outlook"].quoted
    assert "上一封信" in found["quote-html"].quoted
    assert found["signature"].signature == "-- \n一位住户\n13800001001".replace("-- ", "--")
    assert found["sent-from-phone"].signature == "发自我的iPhone"


@pytest.mark.parametrize(
    "text",
    [
        "发件人说他明天来。\n请安排。",
        "From the third floor water drips.\nPlease come.",
        "在 2026年写道：",
        "我在5号楼\n写了好几次意见都没人理\n谢谢",
        "楼道---很暗---请修",
    ],
)
def test_ordinary_words_are_not_taken_for_a_quotation(text: str) -> None:
    assert quoting.fold(text).new == text


def test_html_shows_what_a_reader_sees() -> None:
    assert html.to_text("<p>a&nbsp;&lt;b&gt;</p>\n<br>1 < 2 and 3 > 2<ul><li>x<li>y</ul>") == (
        "a <b>\n\n1 < 2 and 3 > 2\n\nx\ny"
    )
    assert html.to_text("<script>x</SCRIPT>a<style>p{}</style>b<!-- c -->d<?php e ?>f") == "abdf"
    assert html.to_text("<textarea>x") == ""


def test_reading_takes_time_that_grows_with_the_length_alone() -> None:
    begun = time.process_time()
    for raw in (b"<" * 500_000, b"<!--" * 200_000, b"<a " * 300_000, b"</script" * 100_000):
        html.to_text(raw.decode())
        parse(b"Content-Type: text/html\r\n\r\n" + raw)
    winmail.read(tnef() + b"\0" * 2_000_000)
    parse(b"References: " + b"<" * 300_000 + b"\r\n\r\n" + b"On 2026\n" * 50_000)
    # No measure of speed: what is quadratic takes hours here.
    assert time.process_time() - begun < 60


BYTES = [each.raw for each in SAMPLES if len(each.raw) < 20_000]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A message with bytes changed, taken out, put in, cut off, or spliced with another."""
    raw = bytearray(draw(st.sampled_from(BYTES)))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, max(len(raw) - 1, 0)))
        kind = draw(st.sampled_from(("change", "cut", "insert", "drop", "splice", "repeat")))
        if kind == "change" and raw:
            raw[place] = draw(st.integers(0, 255))
        elif kind == "cut":
            del raw[place:]
        elif kind == "insert":
            raw[place:place] = draw(st.binary(max_size=12))
        elif kind == "drop":
            del raw[place : place + draw(st.integers(1, 80))]
        elif kind == "splice":
            raw[place:] = draw(st.sampled_from(BYTES))[place:]
        else:
            raw[place:place] = raw[place : place + 60] * draw(st.integers(1, 20))
    return bytes(raw)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_no_mutation_of_a_message_makes_the_parser_raise(raw: bytes) -> None:
    storable(parse(raw))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2000))
def test_no_bytes_make_the_parser_raise(raw: bytes) -> None:
    storable(parse(raw))
    winmail.read(b"\x78\x9f\x3e\x22" + raw)
