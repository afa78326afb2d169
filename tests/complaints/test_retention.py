"""What of closed complaints goes when its period is over, what stays, and what is held."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django import Settings
from tests.complaints.conftest import Centre
from tests.complaints.test_one_customer import _everything_in_the_tables

from shouwen.complaints import one_customer, projection
from shouwen.complaints.lifecycle import Outcome
from shouwen.complaints.models import Complaint
from shouwen.organization import homes
from shouwen.organization.customers import enrol
from shouwen.records import attachments, retention, verification
from shouwen.records.models import Attachment, Entry

NAME, NUMBER = "欧阳测试人", "13800771234"
WORDS, CALL = "紫藤花架旁渗水特别厉害", "回电时说想换成鹅卵石"
WHY = "业主已起诉，等待法院"


@pytest.fixture
def closed(centre: Centre, settings: Settings, tmp_path: Path) -> Complaint:
    """A complaint with everything in it, withdrawn in March."""
    settings.SHOUWEN_HOME = tmp_path
    home = homes.ensure(centre.project, "9", "1", "1801")
    customer = enrol(project=centre.project, home=home, name=NAME, telephone=NUMBER)
    complaint = centre.receive(name=NAME, telephone=NUMBER, content=WORDS, customer=customer.pk)
    centre.take("front_desk", "note", text=CALL)
    with transaction.atomic():
        stored = attachments.store(
            subject_type="complaint",
            subject_id=complaint.pk,
            project_id=centre.project.pk,
            upload=io.BytesIO(b"talk"),
            name="talk.txt",
            actor_id=None,
        )
    Attachment.objects.filter(pk=stored.pk).update(entry=Entry.objects.first())
    centre.take("centre_head", "withdraw", reason="已解决")
    return Complaint.objects.get(pk=complaint.pk)


def periods(**days: int | None) -> None:
    for name in ("complaint_people", "complaint_words", "attachments"):
        retention.change(name, days.get(name), actor_id=None)


def numbers(found: list[retention.Over]) -> dict[str, int]:
    return {each.kind.name: each.number for each in found if each.number}


def test_nothing_goes_before_the_company_has_set_a_period(closed: Complaint) -> None:
    Complaint.objects.update(closed_at="2001-01-01T00:00Z")
    assert numbers(retention.preview()) == {} == numbers(retention.apply())
    assert Complaint.objects.get().name == NAME


def test_who_it_was_goes_the_words_stay_and_the_ledger_verifies(
    centre: Centre, closed: Complaint
) -> None:
    periods(complaint_people=10)
    assert closed.closed_at is not None
    soon, later = (closed.closed_at + days * _day() for days in (9, 11))
    assert numbers(retention.apply(soon)) == {}
    assert numbers(retention.preview(later)) == {"complaint_people": 1}
    assert numbers(retention.apply(later)) == {"complaint_people": 1}
    row = Complaint.objects.get()
    assert (row.name, row.telephone, row.telephone_index, row.customer) == ("", "", "", None)
    assert (row.content, row.home) != ("", None)
    assert projection.differences(row.pk) == []
    assert verification.verify() == []
    assert numbers(retention.apply(later)) == {}
    entry = Entry.objects.get(kind="erased")
    assert (entry.actor_id, entry.facts["names"]) == (
        None,
        ["customer", "email", "home", "name", "telephone"],
    )


def test_words_and_files_go_by_their_own_periods(centre: Centre, closed: Complaint) -> None:
    periods(complaint_words=1, attachments=1)
    assert closed.closed_at is not None
    later = closed.closed_at + 2 * _day()
    assert numbers(retention.apply(later)) == {"complaint_words": 1, "attachments": 1}
    left = _everything_in_the_tables()
    assert WORDS not in left and CALL not in left and WORDS[:4] not in left
    row = Complaint.objects.get()
    assert (row.name, row.content) == (NAME, "")
    assert Attachment.objects.get().erased_at is not None
    assert projection.differences(row.pk) == []
    assert verification.verify() == []
    assert numbers(retention.preview(later)) == {}


def _day() -> Any:
    from datetime import timedelta

    return timedelta(days=1)


def take(centre: Centre, who: str, step: str) -> Outcome:
    return centre.take(who, step, reason=WHY)


def test_a_held_complaint_keeps_everything_until_it_is_released(
    centre: Centre, closed: Complaint
) -> None:
    periods(complaint_people=1, complaint_words=1, attachments=1)
    assert closed.closed_at is not None
    later = closed.closed_at + 2 * _day()
    take(centre, "quality", "hold")
    assert Complaint.objects.get().held
    assert projection.differences(closed.pk) == []
    assert numbers(retention.preview(later)) == {} == numbers(retention.apply(later))
    with pytest.raises(one_customer.OnHold):
        customer = Complaint.objects.get().customer
        assert customer is not None
        one_customer.erase(customer, by=None, reason="本人申请", everything=True)
    assert Complaint.objects.get().name == NAME
    take(centre, "centre_head", "release")
    assert numbers(retention.apply(later)) == {
        "complaint_people": 1,
        "complaint_words": 1,
        "attachments": 1,
    }
    assert verification.verify() == []


def test_an_open_complaint_keeps_everything(centre: Centre) -> None:
    centre.receive(name=NAME, telephone=NUMBER, content=WORDS)
    periods(complaint_people=1, complaint_words=1)
    assert numbers(retention.apply(centre.now + 999 * _day())) == {}
    assert Complaint.objects.get().name == NAME


def test_the_command_tells_what_would_go_and_changes_nothing(
    closed: Complaint, capsys: pytest.CaptureFixture[str]
) -> None:
    periods(complaint_people=1)
    call_command("personal", "retention", "--preview", "--json")
    told = {each["kind"]: each for each in json.loads(capsys.readouterr().out)}
    assert (told["complaint_people"]["days"], told["complaint_people"]["number"]) == (1, 1)
    assert told["complaint_words"] | {"label": ""} == {
        "kind": "complaint_words",
        "label": "",
        "days": None,
        "before": None,
        "number": 0,
    }
    assert Complaint.objects.get().name == NAME
    call_command("personal", "retention")
    assert Complaint.objects.get().name == ""
    assert "complaint_people" not in capsys.readouterr().out
