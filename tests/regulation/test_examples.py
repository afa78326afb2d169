"""The contract by example: each document of examples.json gives exactly its clocks."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from shouwen.regulation.__main__ import main

CASES = json.loads(Path(__file__).with_name("examples.json").read_text("utf-8"))["cases"]


def asked(document: Any) -> Any:
    out = io.StringIO()
    assert main(io.BytesIO(json.dumps(document).encode()), out) == 0
    return json.loads(out.getvalue())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_document_gives_exactly_its_clocks(case: dict[str, Any]) -> None:
    assert asked(case["document"])["clocks"] == case["clocks"]


def test_a_list_of_documents_is_answered_by_a_list_in_order() -> None:
    answers = asked([case["document"] for case in CASES])
    assert [answer["clocks"] for answer in answers] == [case["clocks"] for case in CASES]
    assert asked([]) == []


def test_times_are_written_in_the_time_zone_of_the_document() -> None:
    document = {**CASES[0]["document"], "timezone": "Europe/Berlin"}
    first = asked(document)["clocks"][0]
    assert first["started_at"] == "2026-03-02T02:00:00+01:00"


def test_a_missing_data_is_an_empty_one_and_a_null_a_missing_field() -> None:
    document = CASES[0]["document"]
    first = dict(document["entries"][0])
    full = asked({**document, "entries": [first]})
    del first["data"]
    assert asked({**document, "entries": [{**first, "data": {"severity": None}}]}) == (
        asked({**document, "entries": [{**first, "data": None}]})
    )
    assert asked({**document, "entries": [first]}) == full


def test_other_data_is_allowed_and_ignored() -> None:
    document = CASES[0]["document"]
    entries = [
        {**e, "data": {**e["data"], "colour": 7, "level": 3, "by": None}}
        for e in document["entries"]
    ]
    assert asked({**document, "entries": entries})["clocks"] == CASES[0]["clocks"]
