"""The program in docs/ledger.md, by which an outsider checks an export, does what it says."""

import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from tests.records.ledgers import NOW, continued, written

from shouwen.records import seals

DOCUMENT = Path(__file__).parents[2] / "docs" / "ledger.md"

pytestmark = pytest.mark.django_db


@pytest.fixture
def export() -> list[str]:
    for subject_id in range(1, 6):
        written(subject_id)
    seals.seal(NOW)
    continued(3)
    seals.seal(NOW)
    return list(seals.export())


def _run(lines: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    found = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    file = folder / "seals.jsonl"
    file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", "-c", found[1], str(file)], capture_output=True, text=True
    )


def test_a_whole_export_holds(export: list[str], tmp_path: Path) -> None:
    said = _run(export, tmp_path)
    assert said.returncode == 0
    assert said.stdout.startswith("2 seals hold")


@pytest.mark.parametrize("line", range(8))
def test_no_line_can_be_left_out(export: list[str], tmp_path: Path, line: int) -> None:
    said = _run(export[:line] + export[line + 1 :], tmp_path)
    assert said.returncode != 0


@pytest.mark.parametrize("line", range(8))
def test_no_line_can_be_altered(export: list[str], tmp_path: Path, line: int) -> None:
    if '"seal"' in export[line]:
        export[line] = export[line].replace('"form":1', '"form":2')
    else:
        export[line] = export[line].replace('"number":', '"number":1')
    assert "altered" in _run(export, tmp_path).stderr


def test_the_entries_of_a_subject_lead_to_its_leaf(export: list[str]) -> None:
    out = io.StringIO()
    call_command("ledger", "entries", "complaint:3", stdout=out)
    previous = "0" * 64
    for line in out.getvalue().splitlines():
        assert json.loads(line)["previous"] == previous
        previous = hashlib.sha256(line.encode()).hexdigest()
    assert f'"hash":"{previous}","number":3,"subject_id":3' in export[-1]
