"""A document that cannot be answered is refused in one line that names the entry and the field."""

import copy
import io
import json
import subprocess
import sys
from typing import Any

import pytest

from shouwen.regulation.__main__ import main
from shouwen.regulation.checks import DocumentError, read

NINE = "2026-03-02T09:00:00+08:00"
TEN = "2026-03-02T10:00:00+08:00"
LATER = "2026-03-03T10:00:00+08:00"
GOOD: dict[str, Any] = {
    "regulation": "2004-08-15",
    "timezone": "Asia/Shanghai",
    "now": LATER,
    "entries": [
        {"kind": "received", "occurred_at": NINE, "recorded_at": NINE, "data": {}},
        {
            "kind": "dispatched",
            "occurred_at": TEN,
            "recorded_at": TEN,
            "data": {"department": "engineering", "due_at": LATER},
        },
    ],
}


def with_second(kind: str, **data: Any) -> dict[str, Any]:
    document = copy.deepcopy(GOOD)
    document["entries"][1] = {"kind": kind, "occurred_at": TEN, "recorded_at": TEN, "data": data}
    return document


def with_change(*place: Any, to: Any) -> dict[str, Any]:
    document = copy.deepcopy(GOOD)
    inner: Any = document
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = to
    return document


def without(*place: Any) -> dict[str, Any]:
    document = copy.deepcopy(GOOD)
    inner: Any = document
    for step in place[:-1]:
        inner = inner[step]
    del inner[place[-1]]
    return document


REFUSED: dict[str, tuple[Any, int | None, str]] = {
    "not an object": ("received", None, "document"),
    "no regulation": (without("regulation"), None, "regulation"),
    "no timezone": (without("timezone"), None, "timezone"),
    "no now": (without("now"), None, "now"),
    "no entries": (without("entries"), None, "entries"),
    "now null": (with_change("now", to=None), None, "now"),
    "unknown regulation": (with_change("regulation", to="2004-08-16"), None, "regulation"),
    "a path for a regulation": (with_change("regulation", to="../x"), None, "regulation"),
    "a number for a regulation": (with_change("regulation", to=2004), None, "regulation"),
    "unknown time zone": (with_change("timezone", to="Asia/Atlantis"), None, "timezone"),
    "a folder for a time zone": (with_change("timezone", to="Asia"), None, "timezone"),
    "a path for a time zone": (with_change("timezone", to="../etc"), None, "timezone"),
    "an empty time zone": (with_change("timezone", to=""), None, "timezone"),
    "a number for a time zone": (with_change("timezone", to=8), None, "timezone"),
    "naive now": (with_change("now", to="2026-03-02T09:00:00"), None, "now"),
    "now is no time": (with_change("now", to="yesterday"), None, "now"),
    "entries no list": (with_change("entries", to={}), None, "entries"),
    "no entry": (with_change("entries", to=[]), None, "entries"),
    "entry no object": (with_change("entries", 1, to=7), 1, "entry"),
    "no kind": (without("entries", 1, "kind"), 1, "kind"),
    "kind a number": (with_change("entries", 1, "kind", to=3), 1, "kind"),
    "unknown kind": (with_second("warned"), 1, "kind"),
    "first not received": (with_change("entries", 0, "kind", to="relayed"), 0, "kind"),
    "a second received": (with_second("received"), 1, "kind"),
    "no occurred_at": (without("entries", 1, "occurred_at"), 1, "occurred_at"),
    "no recorded_at": (without("entries", 1, "recorded_at"), 1, "recorded_at"),
    "recorded_at null": (with_change("entries", 1, "recorded_at", to=None), 1, "recorded_at"),
    "occurred_at a number": (with_change("entries", 0, "occurred_at", to=1.5), 0, "occurred_at"),
    "occurred_at a day": (
        with_change("entries", 0, "occurred_at", to="2026-03-02"),
        0,
        "occurred_at",
    ),
    "naive occurred_at": (
        with_change("entries", 0, "occurred_at", to="2026-03-02T09:00:00"),
        0,
        "occurred_at",
    ),
    "naive recorded_at": (
        with_change("entries", 1, "recorded_at", to="2026-03-02T10:00:00"),
        1,
        "recorded_at",
    ),
    "out of range": (
        with_change("entries", 1, "data", "due_at", to="9999-12-31T23:59:59-12:00"),
        1,
        "due_at",
    ),
    "occurred later than recorded": (
        with_change("entries", 0, "occurred_at", to="2026-03-02T09:00:01+08:00"),
        0,
        "occurred_at",
    ),
    "recorded before the entry before": (
        with_change(
            "entries",
            1,
            to={
                **GOOD["entries"][1],
                "occurred_at": "2026-03-01T09:00:00Z",
                "recorded_at": "2026-03-02T00:59:59Z",
            },
        ),
        1,
        "recorded_at",
    ),
    "data no object": (with_change("entries", 0, "data", to=[]), 0, "data"),
    "unknown severity": (with_change("entries", 0, "data", to={"severity": "bad"}), 0, "severity"),
    "severity a flag": (with_second("assessed", severity=True), 1, "severity"),
    "unknown severity when reopened": (with_second("reopened", severity="Major"), 1, "severity"),
    "needs_developer text": (with_second("assessed", needs_developer="yes"), 1, "needs_developer"),
    "needs_developer a number": (with_second("reopened", needs_developer=1), 1, "needs_developer"),
    "front_desk a number": (
        with_change("entries", 0, "data", to={"front_desk": 0}),
        0,
        "front_desk",
    ),
    "accepted text": (with_second("explained", accepted="no"), 1, "accepted"),
    "next_update_at naive": (
        with_second("customer_informed", next_update_at="2026-03-02T10:00:00"),
        1,
        "next_update_at",
    ),
    "no level": (with_second("report_filed"), 1, "level"),
    "unknown level": (with_second("report_filed", level="city"), 1, "level"),
    "dispatched without due_at": (with_second("dispatched", department="x"), 1, "due_at"),
    "dispatched without department": (with_second("dispatched", due_at=LATER), 1, "department"),
    "extended without due_at": (with_second("extended", department="x"), 1, "due_at"),
    "extended without department": (with_second("extended", due_at=LATER), 1, "department"),
    "due_at no time": (with_second("extended", department="x", due_at="soon"), 1, "due_at"),
    "department a number": (with_second("completed", department=4), 1, "department"),
    **{
        f"{kind} without department": (with_second(kind), 1, "department")
        for kind in ("recalled", "accepted", "declined", "delay_reported", "completed")
    },
    "department null": (with_second("completed", department=None), 1, "department"),
}


@pytest.mark.parametrize(("document", "at", "field"), REFUSED.values(), ids=REFUSED)
def test_it_names_the_entry_and_the_field(document: Any, at: int | None, field: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read(document)
    assert (refused.value.entry, refused.value.field) == (at, field)
    place = field if at is None else f"entry {at}: {field}"
    assert str(refused.value).startswith(f"{place}: ")
    assert "\n" not in str(refused.value)


def test_the_good_document_is_read() -> None:
    assert [entry.kind for entry in read(GOOD).entries] == ["received", "dispatched"]


def test_entries_recorded_at_the_same_moment_are_in_order() -> None:
    document = with_change("entries", 1, "recorded_at", to="2026-03-02T01:00:00Z")
    document["entries"][1]["occurred_at"] = NINE
    assert len(read(document).entries) == 2


def test_entries_recorded_after_now_are_checked_all_the_same() -> None:
    document = with_second("dispatched", department="x")
    document["now"] = NINE
    with pytest.raises(DocumentError, match=r"^entry 1: due_at: "):
        read(document)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{", "not JSON"),
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"now": NaN}', "not JSON"),
        (json.dumps(with_second("warned")), "entry 1: kind: is unknown"),
        (json.dumps([GOOD, with_second("warned")]), "document 1: entry 1: kind: is unknown"),
        (json.dumps([GOOD, []]), "document 1: document: must be an object"),
    ],
)
def test_a_refusal_is_one_line_on_standard_error_and_nothing_on_standard_output(
    text: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(io.BytesIO(text.encode())) == 2
    assert capsys.readouterr() == ("", f"{line}\n")


def command(text: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "shouwen.regulation"], input=text, capture_output=True, text=True
    )
    return done.returncode, done.stdout, done.stderr


def test_the_command_exits_with_2_when_it_refuses() -> None:
    assert command("{") == (2, "", "not JSON\n")


def test_the_command_answers_on_standard_output() -> None:
    status, out, err = command(json.dumps(GOOD))
    assert (status, err) == (0, "")
    rules = [clock["rule"] for clock in json.loads(out)["clocks"]]
    assert rules == ["H.contact", "H.total", "R1.relay", "R2.handle", "R4.respond"]
