"""A company's own house file: rules and limits beside the regulation, never in its articles."""

from pathlib import Path

import pytest
from tests.regulation.histories import CALENDAR, REGULATION, SHANGHAI, at, dispatched, entry

from shouwen.regulation.durations import Limit
from shouwen.regulation.engine import Clock, Entry, clocks
from shouwen.regulation.model import RegulationError, with_house

FILE = Path(__file__).with_name("house.toml")
OWN = with_house(REGULATION, FILE)
RECEIVED = entry("received", "03-02 09:00")


def of(rule: str, *entries: Entry) -> list[Clock]:
    given = clocks(OWN, (RECEIVED, *entries), CALENDAR, at("03-20 00:00"), SHANGHAI)
    return [clock for clock in given if clock.rule == rule]


def test_it_reads_the_same_from_a_path_and_from_text() -> None:
    assert with_house(REGULATION, FILE.read_text("utf-8")) == OWN


def test_the_regulation_itself_stays_as_it_was() -> None:
    assert OWN.rules[: len(REGULATION.rules)] != REGULATION.rules
    changed = [old.id for old, new in zip(REGULATION.rules, OWN.rules, strict=False) if old != new]
    assert changed == ["H.contact"]
    assert OWN.articles == REGULATION.articles
    assert str(REGULATION.rule("H.contact").within) == "24 h"
    assert str(OWN.rule("H.contact").within) == "4 h"


def test_a_rule_on_further_kinds_starts_and_stops() -> None:
    asked = entry("confirmation_asked", "03-02 10:00")
    [clock] = of("H.confirm", asked)
    assert (clock.holder, clock.article, clock.state) == ("centre_head", None, "overdue")
    assert clock.due_at == at("03-04 00:00")
    [clock] = of("H.confirm", asked, entry("confirmed", "03-03 10:00"))
    assert clock.state == "met"


def test_an_entry_stops_only_the_clock_of_the_key_it_carries() -> None:
    asked = [
        entry("approval_asked", "03-02 10:00", approval="1"),
        entry("approval_asked", "03-02 11:00", approval="2"),
    ]
    states = [(c.key, c.state) for c in of("H.approve", *asked)]
    assert states == [("1", "overdue"), ("2", "overdue")]
    refused = entry("refused", "03-02 12:00", approval="2")
    states = [(c.key, c.state) for c in of("H.approve", *asked, refused)]
    assert states == [("1", "overdue"), ("2", "met")]


def test_an_entry_without_the_key_stops_them_all() -> None:
    asked = [
        entry("approval_asked", "03-02 10:00", approval=1),
        entry("approval_asked", "03-02 11:00", approval=2),
    ]
    approved = entry("approved", "03-02 12:00")
    assert [c.state for c in of("H.approve", *asked, approved)] == ["met", "met"]


def test_the_holder_can_be_named_by_the_entry_that_starts_the_clock() -> None:
    named = entry("approval_asked", "03-02 10:00", approval="1", approver="company_leader")
    assert [c.holder for c in of("H.approve", named)] == ["company_leader"]
    unnamed = entry("approval_asked", "03-02 10:00", approval="1")
    assert [c.holder for c in of("H.approve", unnamed)] == ["department_head"]


def test_a_rule_may_start_only_where_a_field_says_so() -> None:
    assert of("H.urge", entry("supervisor_called", "03-02 10:00", reason="other")) == []
    called = entry("supervisor_called", "03-02 10:00", reason="urged")
    [clock] = of("H.urge", called, entry("customer_informed", "03-02 13:00"))
    assert clock.state == "breached"


def test_a_house_rule_may_be_stopped_by_an_entry_of_the_regulation() -> None:
    asked = entry("lead_asked", "03-02 10:00")
    assert [c.state for c in of("H.lead", asked, dispatched("03-02 11:00", "03-03 18:00"))] == [
        "met"
    ]


def test_limits_are_by_category_where_one_is_set_else_by_severity() -> None:
    assert OWN.handle_limit("routine", "parking") == Limit(8, "h")
    assert OWN.handle_limit("routine", "noise", "parking") == Limit(8, "h")
    assert OWN.handle_limit("routine", "noise") == Limit(24, "h")
    assert OWN.handle_limit("emergency", "parking") == Limit(4, "h")
    assert REGULATION.handle_limit("routine") == Limit(48, "h")


RULE = """
[[rules]]
id = "{id}"
house = {house}
title = "x"
verb = "x"
holder = "front_desk"
within = "{within}"
starts = [{{ kinds = ["asked"] }}]
stops = [{{ kinds = ["answered"], stopping = "{stopping}" }}]
"""


def rule(
    id: str = "H.x", house: str = "true", within: str = "1 h", stopping: str = "R2.handle"
) -> str:
    return RULE.format(id=id, house=house, within=within, stopping=stopping)


@pytest.mark.parametrize(
    ("text", "named", "field"),
    [
        ("[[rules]", None, None),
        ("articles = []", None, "articles"),
        (rule(id="R1.x", house="false"), "R1.x", "id"),
        (rule(id="H.close"), "H.close", "id"),
        (rule(within="soon"), "H.x", "within"),
        (rule(house="false"), "H.x", "house"),
        (rule(stopping="H.nobody"), "H.x", "stops.stopping"),
        (rule() + rule(), "H.x", "id"),
        ('within = {"R1.relay" = "48 h"}', "R1.relay", "within"),
        ('within = {"H.update" = "48 h"}', "H.update", "within"),
        ('within = {"H.nobody" = "48 h"}', "H.nobody", "within"),
        ('limits = {default = {routine = "2"}}', None, "limits.default.routine"),
        ('limits = {default = {small = "2 h"}}', None, "limits.default.small.[key]"),
    ],
)
def test_what_is_wrong_is_named_by_file_rule_and_field(
    tmp_path: Path, text: str, named: str | None, field: str | None
) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(RegulationError) as wrong:
        with_house(REGULATION, path)
    assert (wrong.value.file, wrong.value.rule, wrong.value.field) == ("ours.toml", named, field)


def test_a_house_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegulationError, match=r"^none\.toml: cannot be read"):
        with_house(REGULATION, tmp_path / "none.toml")
