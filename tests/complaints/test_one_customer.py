"""One customer is erased: every table, the search and the attachments hold nothing of them [PIPL]."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django import Settings
from tests.complaints.conftest import Centre

from shouwen.complaints.models import Complaint
from shouwen.organization import homes
from shouwen.organization.customers import enrol
from shouwen.organization.models import Customer
from shouwen.records import attachments, verification
from shouwen.records.models import Access

NAME, NUMBER = "欧阳测试人", "13800771234"
WORDS, CALL = "紫藤花架旁渗水特别厉害", "回电时说想换成鹅卵石"


def _held(centre: Centre) -> Customer:
    home = homes.ensure(centre.project, "9", "1", "1801")
    customer = enrol(project=centre.project, home=home, name=NAME, telephone=NUMBER)
    complaint = centre.receive(name=NAME, telephone=NUMBER, content=WORDS, customer=customer.pk)
    centre.take("front_desk", "note", text=CALL)
    with transaction.atomic():
        attachments.store(
            subject_type="complaint",
            subject_id=complaint.pk,
            project_id=centre.project.pk,
            upload=io.BytesIO(WORDS.encode()),
            name="talk.txt",
            actor_id=None,
        )
    return customer


def _everything_in_the_tables() -> str:
    told = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT every::text FROM "{table}" AS every')
            told += [str(row[0]) for row in cursor.fetchall()]
    return "\n".join(told)


def _everything_in_the_files(home: Path) -> bytes:
    return b"".join(p.read_bytes() for p in (home / "var").rglob("*") if p.is_file())


def test_after_erasure_nothing_of_the_customer_is_left(
    centre: Centre,
    settings: Settings,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    settings.SHOUWEN_HOME = tmp_path
    customer = _held(centre)
    before = _everything_in_the_tables()
    assert (
        WORDS in before and CALL in before and WORDS.encode() in _everything_in_the_files(tmp_path)
    )
    with pytest.raises(CommandError, match="open-too"):
        call_command("personal", "erase", "--customer", customer.pk, "--reason", "本人申请")

    with django_capture_on_commit_callbacks(execute=True):
        call_command(
            *("personal", "erase", "--telephone", NUMBER, "--reason", "本人申请"),
            *("--everything", "--open-too"),
        )
    attachments.sweep()
    left = _everything_in_the_tables()
    for gone in (NAME, NUMBER, WORDS, CALL, WORDS[:4]):
        assert gone not in left
    assert WORDS.encode() not in _everything_in_the_files(tmp_path)
    card = Customer.objects.get(pk=customer.pk)
    assert (card.name, card.telephone, card.telephone_index, card.home) == ("", "", "", None)
    assert (Complaint.objects.get().name, Complaint.objects.get().telephone) == ("", "")
    assert verification.verify() == []
    assert Access.objects.filter(action="customer_erased", subject_id=customer.pk).exists()


def test_only_who_it_was_can_be_erased_and_the_words_stay(centre: Centre) -> None:
    customer = _held(centre)
    call_command(
        "personal", "erase", "--customer", customer.pk, "--reason", "本人申请", "--open-too"
    )
    assert WORDS in _everything_in_the_tables()
    assert Complaint.objects.get().name == ""
    assert verification.verify() == []


def test_what_is_held_is_handed_over_and_the_tables_have_no_number_in_clear(
    centre: Centre, capsys: pytest.CaptureFixture[str]
) -> None:
    customer = _held(centre)
    assert NUMBER not in _everything_in_the_tables()
    call_command("personal", "export", "--customer", customer.pk)
    told = json.loads(capsys.readouterr().out)
    assert NUMBER in json.dumps(told["customer"])
    assert WORDS in json.dumps(told["complaints"], ensure_ascii=False)
    assert Access.objects.filter(action="customer_exported").count() == 1
