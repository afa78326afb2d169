"""Rotation of the field key leaves every number readable and findable, and the ledger verifying."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings
from tests.complaints.conftest import Centre

from shouwen.complaints.models import Complaint
from shouwen.organization.customers import enrol, find_by_telephone
from shouwen.records import attachments, keyring, rotation, verification
from shouwen.records.models import Attachment, ErasableFact

pytest_plugins = ["tests.complaints.conftest"]
NUMBER = "13800001001"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def key_file(settings: Settings, tmp_path: Path) -> Path:
    """A home's own file of keys, with one key."""
    file = tmp_path / "fields"
    file.write_text(Fernet.generate_key().decode() + "\n")
    file.chmod(0o600)
    settings.SHOUWEN_FIELD_KEY_FILE = file
    # Files of a home that other tests share lie under other keys.
    settings.SHOUWEN_HOME = tmp_path
    return file


def _status(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    call_command("keys", "status", "--json")
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_rotation_leaves_every_number_readable_and_findable(
    key_file: Path, centre: Centre, capsys: pytest.CaptureFixture[str]
) -> None:
    customer = enrol(project=centre.project, name="业主", telephone=NUMBER)
    complaint = centre.receive(telephone=NUMBER)
    old = keyring.in_use()[0]
    call_command("keys", "rotate")
    new = keyring.in_use()[0]
    assert keyring.in_use() == (new, old) and new != old
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert set(_status(capsys)["values"]) == {keyring.name(new)}

    call_command("keys", "retire", keyring.name(old))
    assert key_file.read_text().split() == [new]
    assert Complaint.objects.get(pk=complaint.pk).telephone == NUMBER
    assert list(find_by_telephone([centre.project.pk], NUMBER)) == [customer]
    assert list(find_by_telephone([centre.project.pk], "1001")) == [customer]
    assert verification.verify() == []


def _attached(centre: Centre, content: bytes) -> Attachment:
    complaint = centre.receive(telephone=NUMBER)
    return attachments.store(
        subject_type="complaint",
        subject_id=complaint.pk,
        project_id=centre.project.pk,
        upload=io.BytesIO(content),
        name="a.txt",
        actor_id=None,
    )


def test_files_are_counted_and_come_under_the_new_key(
    key_file: Path,
    centre: Centre,
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.SHOUWEN_HOME = tmp_path
    stored, plain = _attached(centre, b"one"), _attached(centre, b"two")
    plain.path.write_bytes(b"two")
    old = keyring.in_use()[0]
    before = _status(capsys)
    assert before["tables"]["var/attachments"] == {keyring.name(old): 1}
    assert before["files_in_clear"] == 1

    new = keyring.add()
    with pytest.raises(CommandError, match="rotate"):
        call_command("keys", "retire", keyring.name(old))
    list(rotation.rotate())
    call_command("keys", "retire", keyring.name(old))
    assert _status(capsys)["tables"]["var/attachments"] == {keyring.name(new): 1}
    call_command("keys", "encipher")
    after = _status(capsys)
    assert after["files_in_clear"] == 0
    assert after["tables"]["var/attachments"] == {keyring.name(new): 2}
    for attachment, content in ((stored, b"one"), (plain, b"two")):
        with attachments.opened(attachment) as file:
            assert file.read() == content


def test_a_rotation_killed_in_the_middle_goes_on_with_the_same_key(
    key_file: Path,
    centre: Centre,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for last in "123":
        centre.receive(telephone=NUMBER[:-1] + last)
    old = keyring.in_use()[0]
    new = keyring.add()
    monkeypatch.setattr(rotation, "BATCH", 1)
    broken_off = rotation.rotate()
    while not next(broken_off).changed:
        pass
    broken_off.close()
    assert set(_status(capsys)["values"]) == {keyring.name(new), keyring.name(old)}
    assert {each.telephone for each in Complaint.objects.all()} == {
        NUMBER[:-1] + last for last in "123"
    }
    with pytest.raises(CommandError):
        call_command("keys", "retire", keyring.name(old))

    call_command("keys", "rotate")
    assert keyring.in_use() == (new, old)
    assert set(_status(capsys)["values"]) == {keyring.name(new)}


def test_even_while_keys_rotate_nothing_but_a_ciphertext_can_change(
    key_file: Path, centre: Centre
) -> None:
    centre.receive(telephone=NUMBER)
    fact = ErasableFact.objects.filter(ciphertext__isnull=False).first()
    said = ErasableFact.objects.filter(text__isnull=False).first()
    assert fact is not None and said is not None
    for pk, change in [
        (said.pk, "text = 'other'"),
        (fact.pk, "salt = '\\x00'"),
        (fact.pk, "name = 'other'"),
        (fact.pk, "ciphertext = NULL, text = 'other'"),
    ]:
        with (
            pytest.raises(DatabaseError, match="only the ciphertext"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SET LOCAL shouwen.reenciphering = 'on'")
            cursor.execute(f"UPDATE records_erasablefact SET {change} WHERE id = %s", [pk])
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        ErasableFact.objects.filter(pk=fact.pk).update(ciphertext="other")


def test_the_web_role_cannot_change_a_ciphertext(key_file: Path, centre: Centre) -> None:
    centre.receive(telephone=NUMBER)
    with (
        pytest.raises(DatabaseError, match=r"is refused|permission denied for table"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET LOCAL ROLE shouwen_web")
        cursor.execute("SET LOCAL shouwen.reenciphering = 'on'")
        cursor.execute(
            "SELECT set_config('shouwen.projects', %s, true)", [f"{{{centre.project.pk}}}"]
        )
        cursor.execute("UPDATE records_erasablefact SET ciphertext = 'x' WHERE text IS NULL")


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_keys_rotate_loses_nothing_and_the_next_goes_on(
    key_file: Path,
    centre: Centre,
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.SHOUWEN_HOME = tmp_path
    stored = _attached(centre, b"one")
    for last in "234":
        centre.receive(telephone=NUMBER[:-1] + last)
    told = {each.telephone for each in Complaint.objects.all()}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.records.rotation_process"],
        cwd=ROOT,
        env=os.environ
        | {
            "ROTATED_DATABASE": str(connection.settings_dict["NAME"]),
            "ROTATED_KEYS": str(key_file),
            "ROTATED_HOME": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": os.pathsep.join(["src", ".", os.environ.get("PYTHONPATH", "")]),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    try:
        for line in process.stdout:
            if line.split() == ["complaints_complaint", "2"]:
                break
            process.stdin.write("\n")
            process.stdin.flush()
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
    new, old = keyring.in_use()
    assert set(_status(capsys)["values"]) == {keyring.name(new), keyring.name(old)}
    assert {each.telephone for each in Complaint.objects.all()} == told
    assert verification.verify() == []

    call_command("keys", "rotate")
    assert keyring.in_use() == (new, old)
    assert set(_status(capsys)["values"]) == {keyring.name(new)}
    call_command("keys", "retire", keyring.name(old))
    assert {each.telephone for each in Complaint.objects.all()} == told
    with attachments.opened(stored) as file:
        assert file.read() == b"one"
    assert verification.verify() == []
