"""``shouwen ledger``: passes on what is whole, fails and names what is not."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from tests.records.ledgers import continued, unguarded, written

from shouwen.records.models import Entry, Seal, SealLeaf

pytestmark = pytest.mark.django_db


def _ledger(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("ledger", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        raise CommandError(f"{err.getvalue()}{error}", returncode=error.returncode) from error
    return out.getvalue(), err.getvalue()


def test_it_works() -> None:
    written(1)
    _ledger("seal")
    out, err = _ledger("verify")
    assert "2 条记录" in out and "1 个封存叶" in out and err == ""


def test_an_altered_entry_ends_with_status_1_and_its_name() -> None:
    written(12)
    with unguarded():
        Entry.objects.filter(number=2).update(kind="closed")
    row = Entry.objects.get(number=2).pk
    with pytest.raises(CommandError, match=rf"complaint 12 第 2 条 （行号 {row}）") as failed:
        _ledger("verify")
    assert failed.value.returncode == 1
    with pytest.raises(CommandError, match="complaint 12"):
        _ledger("verify", "--subject", "complaint:12")
    assert "台账无误" in _ledger("verify", "--subject", "complaint:13")[0]


def test_a_subject_is_written_as_type_and_number() -> None:
    with pytest.raises(CommandError, match="complaint:12"):
        _ledger("verify", "--subject", "complaint")


def test_sealing_says_what_it_made() -> None:
    assert "没有变化" in _ledger("seal")[0]
    written(1)
    line = _ledger("seal")[0]
    assert line.startswith("1 ") and bytes(Seal.objects.get().hash).hex() in line
    assert _ledger("seals")[0] == line


def test_an_exported_file_convicts_a_database_that_lost_a_seal(tmp_path: Path) -> None:
    written(1)
    _ledger("seal")
    continued(1)
    _ledger("seal")
    file = str(tmp_path / "seals.jsonl")
    _ledger("seals", "--export", file)
    assert "相符" in _ledger("seals", "--check", file)[0]
    with unguarded():
        SealLeaf.objects.filter(seal__number=2).delete()
        Seal.objects.filter(number=2).delete()
    with pytest.raises(CommandError, match="seal 2") as failed:
        _ledger("seals", "--check", file)
    assert failed.value.returncode == 1


def test_a_file_that_is_not_there_or_no_export_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="无法读取"):
        _ledger("seals", "--check", str(tmp_path / "none"))
    with pytest.raises(CommandError, match="无法写入"):
        _ledger("seals", "--export", str(tmp_path / "none" / "file"))
    other = tmp_path / "other"
    other.write_text("投诉\n", encoding="utf-8")
    with pytest.raises(CommandError, match="line 1"):
        _ledger("seals", "--check", str(other))
    other.write_bytes(b"\xff\xfe")
    with pytest.raises(CommandError, match="无法读取"):
        _ledger("seals", "--check", str(other))
