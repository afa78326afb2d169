"""What holds of every complaint, whatever is entered in whatever order."""

from collections import Counter
from datetime import UTC, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.regulation.histories import (
    CALENDAR,
    MANY,
    MENTIONED,
    REGULATION,
    SHANGHAI,
    data_of,
    end_of,
    histories,
)

from shouwen.regulation.durations import WorkingCalendar
from shouwen.regulation.engine import Clock, Entry, Fold, clocks

ENDS = {"closed", "withdrawn", "merged"}


def at_once(history: list[Entry]) -> list[Clock]:
    return clocks(REGULATION, history, CALENDAR, end_of(history), SHANGHAI)


def one_by_one(history: list[Entry]) -> list[Fold]:
    """The fold after each entry."""
    fold = Fold(REGULATION, CALENDAR, SHANGHAI)
    found = []
    for entry in history:
        fold.feed(entry)
        found.append(fold.copy())
    return found


def ended(found: list[Clock]) -> Counter[Clock]:
    return Counter(clock for clock in found if clock.ended)


def identity(clock: Clock) -> tuple[object, ...]:
    return clock.rule, clock.key, clock.started_by, clock.started_at


@MANY
@given(histories())
def test_an_open_complaint_always_has_an_unstopped_clock_beside_the_total(
    history: list[Entry],
) -> None:
    is_open = True
    for entry, fold in zip(history, one_by_one(history), strict=True):
        is_open = entry.kind == "reopened" or (is_open and entry.kind not in ENDS)
        if is_open:
            running = [c for c in fold.clocks(entry.recorded_at) if not c.ended]
            assert any(clock.rule != "H.total" for clock in running)


@MANY
@given(histories())
def test_a_clock_that_has_stopped_or_is_void_never_changes_again(history: list[Entry]) -> None:
    before: Counter[Clock] = Counter()
    for fold in one_by_one(history):
        after = ended(fold.clocks(end_of(history)))
        assert before <= after
        before = after


@MANY
@given(histories())
def test_one_by_one_gives_what_at_once_gives(history: list[Entry]) -> None:
    for count, fold in enumerate(one_by_one(history), start=1):
        taken = history[:count]
        assert fold.clocks(end_of(taken)) == at_once(taken)


@MANY
@given(histories(), st.data())
def test_entries_recorded_after_now_are_not_known(
    history: list[Entry], data: st.DataObject
) -> None:
    now = data.draw(st.sampled_from(history)).recorded_at
    known = [entry for entry in history if entry.recorded_at <= now]
    asked = clocks(REGULATION, history, CALENDAR, now, SHANGHAI)
    assert asked == clocks(REGULATION, known, CALENDAR, now, SHANGHAI)


@MANY
@given(histories())
def test_nothing_that_voids_or_extends_turns_a_breach_into_a_kept_limit(
    history: list[Entry],
) -> None:
    folds = one_by_one(history)
    for at, entry in enumerate(history[1:], start=1):
        before = folds[at - 1].clocks(entry.recorded_at)
        after = {identity(c): c for c in folds[at].clocks(end_of(history))}
        for clock in before:
            if clock.ended or clock.due_at >= entry.occurred_at:
                continue
            then = after[identity(clock)]
            # [R4] asks an answer only of those who cannot be in time.
            answered = (clock.rule, entry.kind) == ("R4.respond", "completed")
            assert then.due_at == clock.due_at or clock.due_at >= entry.recorded_at
            assert then.state in {"overdue", "breached"} or (answered and then.state == "void")


@MANY
@given(histories())
def test_an_extension_moves_what_is_not_past_due_when_it_is_written(history: list[Entry]) -> None:
    folds = one_by_one(history)
    for at, entry in enumerate(history):
        if entry.kind != "extended":
            continue
        department, now = entry.data["department"], entry.recorded_at
        before = [
            c
            for c in folds[at - 1].clocks(now)
            if c.rule == "R2.handle" and c.key == department and not c.ended
        ]
        found = folds[at].clocks(now)
        after = {identity(c): c for c in found}
        for clock in before:
            then = after[identity(clock)]
            if clock.due_at < now:
                assert (then.state, then.stopped_at, then.due_at) == ("breached", now, clock.due_at)
            else:
                assert not then.ended
                assert then.due_at == entry.data["due_at"]
        begun = [c for c in found if c.rule == "R2.handle" and c.started_by == at]
        assert len(begun) == (bool(before) and all(c.due_at < now for c in before))
        for clock in begun:
            assert (clock.started_at, clock.due_at) == (now, entry.data["due_at"])


@MANY
@given(histories())
def test_times_verdicts_and_positions_agree(history: list[Entry]) -> None:
    now = end_of(history)
    for clock in at_once(history):
        assert clock.started_at.tzinfo is UTC
        assert (clock.rule.partition(".")[0] if clock.article else None) == clock.article
        if clock.stopped_at is not None:
            assert clock.stopped_at >= clock.started_at
            assert clock.state == ("met" if clock.stopped_at <= clock.due_at else "breached")
            assert clock.ended_by is not None
            ending = history[clock.ended_by]
            counted = {ending.occurred_at, ending.recorded_at, clock.started_at}
            assert clock.stopped_at in counted
        else:
            assert clock.state in {"running", "overdue", "void"}
            assert (clock.state == "void") == clock.ended
            if not clock.ended:
                assert clock.state == ("overdue" if now > clock.due_at else "running")
        if clock.ended_by is not None:
            assert clock.ended_by >= clock.started_by
        if clock.rule != "H.update" and clock.rule != "R2.handle":
            assert clock.due_at > clock.started_at


@MANY
@given(histories())
def test_clocks_come_by_start_then_rule_then_key_then_ledger(history: list[Entry]) -> None:
    order = [(c.started_at, c.rule, c.key or "", c.started_by) for c in at_once(history)]
    assert order == sorted(order)


@MANY
@given(histories())
def test_no_two_clocks_of_a_rule_and_key_run_at_once_but_those_of_a_dispatch(
    history: list[Entry],
) -> None:
    for fold in one_by_one(history):
        running = Counter((c.rule, c.key) for c in fold.clocks(end_of(history)) if not c.ended)
        twice = {rule for (rule, _), count in running.items() if count > 1}
        assert twice <= {"R2.handle", "R4.respond"}


@MANY
@given(histories())
def test_nothing_starts_from_the_end_of_a_round_until_it_is_reopened(history: list[Entry]) -> None:
    begun: dict[tuple[object, ...], tuple[int, str]] = {}
    for at, fold in enumerate(one_by_one(history)):
        for clock in fold.clocks(end_of(history)):
            begun.setdefault(identity(clock), (at, clock.rule))
    for at, rule in begun.values():
        past = [entry.kind for entry in history[: at + 1]]
        last = max((i for i, kind in enumerate(past) if kind == "reopened"), default=0)
        ends = [i for i, kind in enumerate(past) if kind in ENDS and i >= last]
        assert not ends or (ends == [at] and past[at] == "closed" and rule == "R8.inform")


@MANY
@given(histories())
def test_only_the_written_reports_outlive_the_end_and_the_first_contacts_word_a_closing(
    history: list[Entry],
) -> None:
    for entry, fold in zip(history, one_by_one(history), strict=True):
        left = {c.rule for c in fold.clocks(end_of(history)) if not c.ended}
        if entry.kind in ENDS:
            spared = {"R8.inform"} if entry.kind == "closed" else set()
            assert left <= {"R6.report", "R7.report"} | spared


@MANY
@given(histories(most=12), st.data())
def test_a_preview_is_what_then_happens_and_takes_nothing_in(
    history: list[Entry], data: st.DataObject
) -> None:
    fold = one_by_one(history)[-1]
    before = fold.clocks(end_of(history))
    kind = data.draw(st.sampled_from(MENTIONED))
    moment = end_of(history)
    extra = Entry(kind, moment, moment, data.draw(data_of(kind, moment)))
    shown = fold.preview(extra, moment)
    assert fold.clocks(end_of(history)) == before
    assert shown == clocks(REGULATION, [*history, extra], CALENDAR, moment, SHANGHAI)


@MANY
@given(histories())
def test_a_calendar_known_later_changes_no_verdict(history: list[Entry]) -> None:
    end = end_of(history)
    every_day_off = WorkingCalendar(
        free={(history[0].occurred_at + timedelta(days=n)).date(): "停业" for n in range(-5, 200)},
        worked={},
        first_year=2026,
        last_year=2026,
        known_since=end,
    )
    before = clocks(REGULATION, history, CALENDAR, end, SHANGHAI)
    after = clocks(REGULATION, history, [CALENDAR, every_day_off], end, SHANGHAI)
    assert ended(before) == ended(after)
    for old, new in zip(sorted(before, key=str_of), sorted(after, key=str_of), strict=True):
        limit = REGULATION.rule(old.rule).within
        in_working_days = limit is not None and limit.seconds is None
        assert (new.due_at > old.due_at) == (in_working_days and not old.ended)


def str_of(clock: Clock) -> str:
    return str(identity(clock))


@MANY
@given(histories())
def test_kinds_that_no_rule_names_start_and_stop_nothing(history: list[Entry]) -> None:
    def timed(found: list[Clock]) -> list[tuple[object, ...]]:
        return [
            (c.rule, c.key, c.holder, c.started_at, c.due_at, c.stopped_at, c.state) for c in found
        ]

    padded = [
        each
        for entry in history
        for each in (entry, Entry("warned", entry.occurred_at, entry.recorded_at, {"key": "x"}))
    ]
    end = end_of(history)
    assert timed(clocks(REGULATION, padded, CALENDAR, end, SHANGHAI)) == timed(at_once(history))
