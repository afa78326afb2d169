"""One customer is erased: every table, the search and the attachments hold nothing of them [PIPL]."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django import Settings
from tests.complaints.conftest import Centre

from shouwen.complaints import one_customer, projection, search_text
from shouwen.complaints.models import Complaint
from shouwen.operations.postgres import binaries_for
from shouwen.operations.service_user import service_account
from shouwen.organization import customer_ledger, homes
from shouwen.organization.customers import enrol
from shouwen.organization.models import Customer
from shouwen.records import attachments, enciphered, verification
from shouwen.records.models import Access

NAME, NUMBER, OTHER = "欧阳测试人", "13800771234", "13900775678"
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
    """As whoever has the keys reads them: what lies encrypted says nothing by itself."""
    told = []
    for path in (home / "var").rglob("*"):
        if path.is_file():
            with enciphered.opened(path) as file:
                told.append(file.read())
    return b"".join(told)


def _dump() -> str:
    """What the wheel's own pg_dump writes of the database, as of a backup."""
    account, settings = service_account(), connection.settings_dict
    done = subprocess.run(
        [
            *(binaries_for(account) / "pg_dump", "--data-only", "--dbname"),
            f"host={settings['HOST']} port={settings['PORT'] or 5432} "
            f"user={settings['USER']} dbname={settings['NAME']}",
        ],
        cwd="/",
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def _without(dump: str, table: str) -> str:
    """The dump without the rows of one table."""
    head, copy, rest = dump.partition(f"COPY public.{table} (")
    assert copy
    return head + rest.partition("\n\\.\n")[2]


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


@pytest.mark.django_db(transaction=True)
def test_a_dump_of_the_database_holds_nothing_of_whoever_was_erased(
    centre: Centre, settings: Settings, tmp_path: Path
) -> None:
    settings.SHOUWEN_HOME = tmp_path
    customer = _held(centre)
    label = "9栋1单元1801"
    complaint = Complaint.objects.get()
    home = customer.home_id
    Complaint.objects.filter(pk=complaint.pk).update(home=home)
    search_text.rewrite(Complaint.objects.get())
    customer_ledger.correct(customer, {"telephone": OTHER}, actor_id=None)
    before = _dump()
    for clear in (WORDS, CALL, label):
        assert clear in _without(before, "organization_home")
    for hidden in (NAME, NUMBER, OTHER):
        assert hidden not in before

    one_customer.erase(customer, by=None, reason="本人申请", everything=True, open_too=True)
    after = _dump()
    for gone in (NAME, NUMBER, OTHER, WORDS, CALL, WORDS[:4]):
        assert gone not in after
    # That there is such a home is said by the list of homes alone, and nothing leads to it.
    assert label in after and label not in _without(after, "organization_home")
    assert "9栋" not in _without(after, "organization_home")
    assert Complaint.objects.get().home is None
    assert WORDS.encode() not in _everything_in_the_files(tmp_path)
    assert verification.verify() == []


@pytest.mark.parametrize("everything", [True, False])
def test_the_row_written_anew_from_the_ledger_has_no_home_either(
    centre: Centre, everything: bool
) -> None:
    home = homes.ensure(centre.project, "9", "1", "1801")
    customer = enrol(project=centre.project, home=home, name=NAME, telephone=NUMBER)
    complaint = centre.receive(telephone=NUMBER, content=WORDS, home=home.pk, customer=customer.pk)
    assert Complaint.objects.get().home == home and "1801" in _everything_in_the_tables()
    one_customer.erase(customer, by=None, reason="本人申请", everything=everything, open_too=True)
    assert Complaint.objects.get().home is None
    projection.rebuild(complaint.pk)
    assert Complaint.objects.get().home is None
    assert projection.differences(complaint.pk) == []


def test_whoever_erases_leaves_alone_what_was_said_about_themselves(centre: Centre) -> None:
    customer = _held(centre)
    head = centre.staff["centre_head"]
    Complaint.objects.update(about=head)
    done = one_customer.erase(customer, by=head, reason="本人申请", everything=True, open_too=True)
    assert done.complaints == () and Complaint.objects.get().content == WORDS
    assert one_customer.held(customer, head)["complaints"] == []
    assert Access.objects.get(action="customer_erased").facts["left_out"] == 1
