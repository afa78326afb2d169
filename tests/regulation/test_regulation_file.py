"""The regulation file: what it holds, and errors that name the file, the rule and the field."""

import re
from datetime import date
from pathlib import Path

import pytest
from tests.regulation.histories import REGULATION

from shouwen.regulation import model
from shouwen.regulation.model import RegulationError, in_force, load, load_shipped, parse

TEXT = (model.SHIPPED / "2004-08-15.toml").read_text("utf-8")


def test_the_shipped_regulation_is_that_of_2004() -> None:
    assert model.shipped() == ["2004-08-15"]
    assert REGULATION.in_force_from == date(2004, 8, 15)
    assert [article.number for article in REGULATION.articles] == [f"R{n}" for n in range(11)]
    assert REGULATION.clause("R8").startswith("首问人")


def test_its_rules_are_those_of_the_articles_and_seven_of_the_house() -> None:
    articles = [rule.id for rule in REGULATION.rules if not rule.house]
    assert articles == [
        "R1.relay",
        "R2.dispatch",
        "R2.handle",
        "R4.respond",
        "R5.feedback",
        "R5.visit",
        "R6.alert",
        "R6.escalate",
        "R6.report",
        "R7.escalate",
        "R7.report",
        "R7.verify",
        "R7.visit",
        "R8.inform",
        "R9.weekly",
        "R9.monthly",
    ]
    house = [rule.id for rule in REGULATION.rules if rule.house]
    assert len(house) == 7
    assert all(rule.id.startswith("H.") and rule.article is None for rule in REGULATION.rules[-7:])


def test_warnings_and_hearers_are_those_of_the_house_where_a_rule_names_none() -> None:
    rule = REGULATION.rule("R2.dispatch")
    assert rule.warnings == (0.5, 0.8)
    assert (rule.hears.warning, rule.hears.breach) == (("holder",), ("holder", "head"))


def test_periodic_rules_say_whom_they_report_to() -> None:
    periods = {r.id: (r.period, r.holder) for r in REGULATION.rules if r.period}
    assert periods == {"R9.weekly": ("week", "centre_head"), "R9.monthly": ("month", "centre_head")}
    assert REGULATION.rule("R9.weekly").reports_to == (
        "board_office",
        "general_managers_office",
        "developer_service",
    )


def test_the_version_in_force_is_the_latest_begun_on_the_day() -> None:
    later = REGULATION.model_copy(update={"id": "2030", "in_force_from": date(2030, 1, 1)})
    assert in_force([later, REGULATION], date(2029, 12, 31)) is REGULATION
    assert in_force([later, REGULATION], date(2030, 1, 1)) is later
    with pytest.raises(LookupError):
        in_force([later, REGULATION], date(2004, 8, 14))


def test_an_unknown_regulation_is_not_looked_for_elsewhere() -> None:
    for name in ("2004", "../regulations/2004-08-15", "", "2004-08-15.toml"):
        with pytest.raises(KeyError):
            load_shipped(name)


def broken(old: str, new: str) -> tuple[str | None, str | None, str]:
    assert re.search(old, TEXT), "the test no longer fits the file"
    with pytest.raises(RegulationError) as wrong:
        parse(re.sub(old, new, TEXT, count=1), file="our.toml")
    assert str(wrong.value).startswith("our.toml")
    assert wrong.value.file == "our.toml"
    return wrong.value.rule, wrong.value.field, wrong.value.why


@pytest.mark.parametrize(
    ("old", "new", "rule", "field"),
    [
        ('id = "2004-08-15"', "id = ", None, None),
        ('title = "物业', 'titel = "物业', None, "title"),
        ("in_force_from = 2004-08-15", 'in_force_from = "soon"', None, "in_force_from"),
        ('within = "24 h"', 'within = "24 hours"', "R1.relay", "within"),
        ('within = "24 h"', "within = 24", "R1.relay", "within"),
        ('within = "24 h"\n', "", "R1.relay", "within"),
        ('until = "due_at"', 'until = "due_at"\nwithin = "4 h"', "R2.handle", "within"),
        ('id = "R1.relay"', 'id = "R1.relay"\ncolour = "red"', "R1.relay", "colour"),
        ('id = "R1.relay"', 'id = "R1-relay"', "R1-relay", "id"),
        ('id = "R1.relay"', 'id = "R11.relay"', "R11.relay", "id"),
        ('id = "R1.relay"', 'id = "R1.relay"\nhouse = true', "R1.relay", "house"),
        ('id = "H.total"\nhouse = true', 'id = "H.total"', "H.total", "house"),
        ('id = "H.total"', 'id = "H.close"', "H.close", "id"),
        ('holder = "first_contact"', "", "R1.relay", "holder"),
        ('holder = "first_contact"', 'holder = "First Contact"', "R1.relay", "holder"),
        (r"\{ kinds = \[\"received\"\] \}", '{ kinds = ["recieved"] }', "R1.relay", "kinds"),
        (r"\{ kinds = \[\"received\"\] \}", "{ finish = 3 }", "R1.relay", "starts.0.finish"),
        (r"\{ kinds = \[\"received\"\] \}", "{}", "R1.relay", "starts.kinds"),
        ("same_entry = true, ", "", "R5.feedback", "stops.kinds"),
        (r"starts = \[\{ kinds = \[\"received\"\] \}\]", "", "R1.relay", "starts"),
        ('stopping = "R1.relay"', 'stopping = "R1.rely"', "R2.dispatch", "starts.stopping"),
        ('stopping = "R1.relay"', "late = true", "R2.dispatch", "starts.late"),
        ("work_ended = true", "work_stopped = true", "R2.dispatch", "starts.when"),
        ("at_work = true", 'severity = "grave"', "R2.dispatch", "voids.when"),
        ("board = false", "boards = false", "R5.visit", "applies"),
        ("board = false", "work_finished = false", "R5.visit", "applies"),
        ("board = false", 'board = "no"', "R5.visit", "applies"),
        ('period = "week"', 'period = "year"', "R9.weekly", "period"),
        ('period = "week"', 'period = "week"\nwarnings = [1.5]', "R9.weekly", "warnings.0"),
        ('rule = "R2.handle"', 'rule = "R2.handel"', None, "work.rule"),
        ('default = "routine"', 'default = "small"', None, "facts.severity.default"),
        ('emergency = "4 h"\n', "", None, "limits.default.emergency"),
        ('emergency = "4 h"', 'emergency = "soon"', None, "limits.default.emergency"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, rule: str | None, field: str | None) -> None:
    assert broken(old, new)[:2] == (rule, field)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegulationError, match="cannot be read"):
        load(tmp_path / "none.toml")
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"title = '\xff'")
    with pytest.raises(RegulationError, match="cannot be read"):
        load(latin)


def test_a_file_of_ones_own_is_read_as_the_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(TEXT, "utf-8")
    assert load(path) == REGULATION
