"""The canonical form is the same for the same facts, whoever writes it and however."""

import datetime
import enum
import hashlib
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwen.records import canonical

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
keys = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=8)
numbers = st.integers(-canonical.LARGEST_INTEGER, canonical.LARGEST_INTEGER)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
)
facts = st.dictionaries(keys, values, max_size=4)


@given(facts)
def test_what_is_read_back_has_the_same_form(value: dict) -> None:
    form = canonical.encode(canonical.facts(value))
    assert canonical.encode(json.loads(form)) == form
    assert canonical.encode(json.loads(json.dumps(value, indent=2))) == form


@given(facts)
def test_the_order_in_which_facts_were_named_does_not_matter(value: dict) -> None:
    turned = dict(reversed(value.items()))
    assert canonical.encode(canonical.facts(turned)) == canonical.encode(canonical.facts(value))


@given(facts)
def test_facts_that_are_plain_already_stay_as_they_are(value: dict) -> None:
    assert canonical.facts(canonical.facts(value)) == canonical.facts(value)


@given(st.datetimes(timezones=st.timezones()))
def test_an_instant_is_written_alike_in_every_time_zone(moment: datetime.datetime) -> None:
    try:
        utc = moment.astimezone(datetime.UTC)
    except OverflowError:
        return
    assert canonical.instant(moment) == canonical.instant(utc)
    assert datetime.datetime.fromisoformat(canonical.instant(moment)) == utc


def test_the_form_as_documented() -> None:
    form = canonical.entry_form(
        subject_type="complaint",
        subject_id=12,
        project_id=1,
        number=1,
        kind="received",
        occurred_at=datetime.datetime.fromisoformat("2026-11-23T09:00:00+08:00"),
        recorded_at=datetime.datetime.fromisoformat("2026-11-23T09:01:30.5+08:00"),
        actor_id=7,
        acting_for_id=None,
        facts=canonical.facts({"severity": "routine", "home": "3栋"}),
        digests={},
        previous_hash=canonical.GENESIS,
    )
    assert form.decode() == (
        '{"acting_for":null,"actor":7,"digests":{},"facts":{"home":"3栋","severity":"routine"},'
        '"form":1,"kind":"received","number":1,"occurred_at":"2026-11-23T01:00:00.000000Z",'
        '"previous":"' + "0" * 64 + '","project":1,"recorded_at":"2026-11-23T01:01:30.500000Z",'
        '"subject_id":12,"subject_type":"complaint"}'
    )
    assert canonical.sha256(form) == hashlib.sha256(form).digest()


def test_dates_numbers_of_rows_and_words_of_lists_become_plain() -> None:
    class Severity(enum.StrEnum):
        MAJOR = "major"

    identifier = uuid.UUID(int=5)
    due = datetime.datetime.fromisoformat("2026-11-24T18:00:00+08:00")
    assert canonical.facts(
        {"severity": Severity.MAJOR, "due_at": due, "day": due.date(), "of": (identifier,)}
    ) == {
        "severity": "major",
        "due_at": "2026-11-24T18:00:00+08:00",
        "day": "2026-11-24",
        "of": [str(identifier)],
    }


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"cost": 1.5}, "facts.cost"),
        ({"due_at": datetime.datetime(2026, 11, 23)}, "facts.due_at"),
        ({"n": 2**53}, "facts.n"),
        ({"list": [1, {"inner": b"x"}]}, r"facts.list\[1\].inner"),
        ({"text": "a\0b"}, "facts.text"),
        ({"text": "\ud800"}, "facts.text"),
        ({"姓名": 1}, "facts"),
        ({1: 1}, "facts"),
    ],
)
def test_what_has_no_one_form_is_refused_by_name_of_its_place(value: dict, place: str) -> None:
    with pytest.raises(ValueError, match=place):
        canonical.facts(value)


def test_a_digest_tells_name_and_value_apart() -> None:
    salt = canonical.new_salt()
    assert canonical.digest(salt, "a", "bc") != canonical.digest(salt, "ab", "c")
    assert canonical.digest(salt, "a", "b") != canonical.digest(canonical.new_salt(), "a", "b")
