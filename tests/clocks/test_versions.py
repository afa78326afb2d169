"""Regulation and calendar are versions: a verdict stands whatever is decided later."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from tests.clocks.matters import HOUR, MONDAY, SHANGHAI, happens, kinds, receive, row

from shouwen.clocks import calendars, regulations, timekeeper, upkeep
from shouwen.clocks.models import ClockRow, StoredCalendar, StoredRegulation
from shouwen.clocks.rebuild import rebuild
from shouwen.clocks.versions import ALWAYS, SETTLING
from shouwen.regulation import model
from shouwen.regulation.durations import Decision

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUSE = """
[within]
"H.contact" = "6 h"
"""


def closing(at: datetime) -> int:
    """A matter explained: H.close runs, two working days."""
    matter = receive(at, front_desk=True)
    happens(matter, "explained", at)
    return matter


def test_the_shipped_regulation_is_stored_at_its_first_use() -> None:
    assert not StoredRegulation.objects.exists()
    assert regulations.in_force(date(2026, 3, 2)).id == "2004-08-15"
    (stored,) = StoredRegulation.objects.all()
    assert (stored.in_force_from, stored.known_since) == (date(2004, 8, 15), ALWAYS)
    regulations.in_force(date(2026, 3, 2))
    assert StoredRegulation.objects.count() == 1


def test_a_matter_keeps_the_house_rules_that_were_in_force_when_it_was_received() -> None:
    old = receive()
    regulations.adopt("2004-08-15", HOUSE, date(2026, 3, 3), now=MONDAY)
    same_day = receive(MONDAY + HOUR)
    after = receive(MONDAY + DAY)
    assert row(old, "H.contact").due_at == MONDAY + 24 * HOUR
    assert row(same_day, "H.contact").due_at == MONDAY + 25 * HOUR
    assert row(after, "H.contact").due_at == MONDAY + DAY + 6 * HOUR
    happens(old, "relayed", MONDAY + 2 * DAY)
    assert row(old, "H.contact").regulation_id != row(after, "H.contact").regulation_id
    assert not list(rebuild(now=MONDAY + 3 * DAY))


def test_house_rules_written_later_alter_nothing_recorded_before() -> None:
    matter = receive()
    regulations.adopt("2004-08-15", HOUSE, date(2026, 1, 1), now=MONDAY + HOUR)
    happens(matter, "relayed", MONDAY + 2 * HOUR)
    assert row(matter, "H.contact").due_at == MONDAY + 24 * HOUR
    assert not list(rebuild(now=MONDAY + 3 * HOUR))
    # Received before the rules were written, but recorded after: they were known by then.
    late = receive(MONDAY, recorded=MONDAY + 3 * HOUR)
    assert row(late, "H.contact").due_at == MONDAY + 6 * HOUR


def test_wrong_house_rules_are_refused_with_their_place() -> None:
    with pytest.raises(model.RegulationError, match=r"H\.nothing"):
        regulations.adopt("2004-08-15", '[within]\n"H.nothing" = "6 h"', date(2026, 3, 3))
    assert not StoredRegulation.objects.exclude(house_text="").exists()


def test_an_updated_file_becomes_a_version_beside_the_house_rules(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matter = receive()
    regulations.adopt("2004-08-15", HOUSE, date(2026, 3, 1), now=MONDAY - HOUR)
    text = regulations._shipped_text("2004-08-15")
    monkeypatch.setattr(regulations, "_shipped_text", lambda identifier: text + "\n# corrected\n")
    regulations._shipped.cache_clear()
    with time_machine.travel(MONDAY + 2 * HOUR, tick=False):
        later = receive(MONDAY + 2 * HOUR + SETTLING)
    regulations._shipped.cache_clear()
    newest = StoredRegulation.objects.get(pk=row(later, "H.contact").regulation_id)
    assert newest.text.endswith("# corrected\n")
    assert row(later, "H.contact").due_at == MONDAY + 8 * HOUR + SETTLING
    assert row(matter, "R1.relay").regulation_id != newest.pk


def test_the_first_calendar_has_always_been_known() -> None:
    calendar = calendars.current(datetime(2005, 1, 1, tzinfo=UTC))
    assert not calendar.is_working_day(date(2026, 10, 1))
    assert StoredCalendar.objects.get().known_since == ALWAYS


def test_a_calendar_learned_later_changes_no_verdict() -> None:
    ended, unstopped = closing(MONDAY), closing(MONDAY)
    due = datetime(2026, 3, 4, 16, tzinfo=UTC)  # Wednesday 24:00 in Shanghai
    assert row(ended, "H.close").due_at == due
    happens(ended, "closed", due + HOUR)
    assert row(ended, "H.close").state == "breached"

    holiday = {date(2026, 3, 4): Decision(False, "停电检修")}
    learned = calendars.decide(holiday, now=due + 2 * HOUR)
    assert learned is not None
    later = due + 2 * HOUR + SETTLING
    while upkeep.follow_calendar(later):
        pass

    assert (row(ended, "H.close").state, row(ended, "H.close").due_at) == ("breached", due)
    assert row(ended, "H.close").calendar_id != learned.pk
    assert row(unstopped, "H.close").due_at == due + DAY
    assert row(unstopped, "H.close").calendar_id == learned.pk
    assert not list(rebuild(now=later))


def test_what_a_new_calendar_puts_off_is_not_announced_by_the_old_one() -> None:
    matter = closing(MONDAY)
    timekeeper.tick(MONDAY + DAY)
    due = row(matter, "H.close").due_at
    calendars.decide({date(2026, 3, 4): Decision(False, "停电检修")}, now=due - HOUR)
    timekeeper.tick(due)
    assert not [each for each in kinds(matter, "breached") if each["rule"] == "H.close"]
    assert row(matter, "H.close").due_at == due + DAY
    timekeeper.tick(due + DAY)
    assert [each for each in kinds(matter, "breached") if each["rule"] == "H.close"]


def test_nothing_is_known_since_before_it_was_written() -> None:
    now = datetime.now(UTC)
    days = calendars.library({date(2026, 3, 4): Decision(False, "停电检修")})
    with pytest.raises(ValueError, match="known since"):
        calendars.learn(days, now - DAY, "test")
    assert calendars.learn(days, now + DAY, "test") is not None
    assert calendars.learn(days, now + 2 * DAY, "test") is None, "it says nothing new"


def test_the_library_is_followed_and_the_organizations_own_days_are_kept() -> None:
    calendars.decide({date(2026, 3, 4): Decision(False, "停电检修")}, now=MONDAY)
    assert calendars.follow_library(MONDAY + HOUR) is None
    # A year on, the library is asked for one year more.
    learned = calendars.follow_library(MONDAY + 366 * DAY)
    assert learned is not None
    assert learned.source.startswith("holidays ")
    assert not calendars.current(learned.known_since).is_working_day(date(2026, 3, 4))


def test_a_year_not_announced_yet_is_warned_of_before_it_begins() -> None:
    last = calendars.current().last_year
    summer = datetime(last, 7, 1, tzinfo=SHANGHAI)
    december = datetime(last, 12, 1, tzinfo=SHANGHAI)
    assert calendars.warnings(summer) == []
    (warning,) = calendars.warnings(december)
    assert str(last + 1) in warning


def test_house_rules_and_days_from_the_command_line(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path_factory.mktemp("house") / "house.toml"
    file.write_text(HOUSE, "utf-8")
    call_command("clocks", "regulation", house=file)
    call_command("clocks", "regulation", house=file)
    assert StoredRegulation.objects.filter(house_text=HOUSE).count() == 1
    file.write_text("[within]\n'R1.relay' = '6 h'\n", "utf-8")
    with pytest.raises(CommandError, match=r"R1\.relay"):
        call_command("clocks", "regulation", house=file)
    call_command("clocks", "calendar", "--free", "2031-03-04", "--name", "停电检修")
    at = datetime.now(UTC) + SETTLING
    assert not calendars.current(at).is_working_day(date(2031, 3, 4))
    assert ClockRow.objects.count() == 0


def test_a_company_begins_with_a_clock_for_whatever_waits_for_a_second_person() -> None:
    rules = {rule.id for rule in regulations.in_force(MONDAY.date()).rules}
    assert {"H.confirm", "H.approve", "H.lead", "H.urge", "H.manager", "H.hotline"} <= rules
