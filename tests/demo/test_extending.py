"""The demo made larger: copies that are as true as what they are copies of."""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from shouwen.clocks.models import ClockRow
from shouwen.clocks.rebuild import rebuild
from shouwen.complaints.models import Complaint
from shouwen.complaints.words import ENDED
from shouwen.demo import company, complaints, details, extending
from shouwen.demo.shapes import COPY_OF, shape, templates
from shouwen.demo.stencils import Holes
from shouwen.demo.stories.ended import ENDED as ENDED_STORIES
from shouwen.demo.stories.waiting import WAITING
from shouwen.organization.models import Customer, Staff
from shouwen.records import canonical, ledger
from shouwen.records.models import Entry

pytestmark = pytest.mark.django_db

TOLD = (*ENDED_STORIES, *WAITING[:4])
WANTED = 100


@pytest.fixture(scope="module", autouse=True)
def extended(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[tuple[int, int]]]:
    """A few of the demo's complaints and their copies, made once for all tests of this file."""
    said: list[tuple[int, int]] = []
    now = timezone.now()
    with django_db_blocker.unblock(), transaction.atomic():
        company.found()
        stage = complaints.Stage(TOLD, {})
        for scene in complaints.scenes(now, TOLD):
            stage.enact(scene)
        complaints.fire_until(now)
        written = extending.extend(
            WANTED, lambda done, of: said.append((done, of)), projects=4, now=now
        )
        assert written == WANTED - len(TOLD)
        yield said
        transaction.set_rollback(True)


def _copies() -> list[Complaint]:
    first = Entry.objects.filter(subject_type="complaint", number=1, facts__has_key=COPY_OF)
    found = Complaint.objects.filter(pk__in=first.values("subject_id")).order_by("pk")
    return list(found.select_related("project", "home", "customer"))


def test_there_are_as_many_as_were_asked_for(extended: list[tuple[int, int]]) -> None:
    assert Complaint.objects.count() == WANTED
    assert len(_copies()) == WANTED - len(TOLD)
    assert extended[-1] == (WANTED, WANTED)
    assert [done for done, _of in extended] == sorted({done for done, _of in extended})
    assert extending.extend(WANTED, lambda done, of: None) == 0


def test_their_ledgers_verify_and_their_rows_are_what_they_amount_to() -> None:
    assert ledger.verify() == []
    assert list(rebuild()) == []


def test_most_are_closed_and_lie_in_the_past_the_rest_runs_on() -> None:
    now = timezone.now()
    standing = Counter(each.status in ENDED for each in _copies())
    assert standing[False] == (WANTED - len(TOLD)) // extending.OPEN
    received = [each.received_at for each in _copies() if each.ended]
    assert max(received) < now - timedelta(days=5)
    assert min(received) < now - timedelta(weeks=5)
    assert len(set(received)) == len(received)
    still_open = [each.pk for each in _copies() if not each.ended]
    running = ClockRow.objects.filter(subject_id__in=still_open, state=ClockRow.State.RUNNING)
    assert set(running.values_list("subject_id", flat=True)) == set(still_open)
    assert not running.filter(next_fire_at__lt=now - timedelta(minutes=2)).exists()


def test_further_projects_have_people_departments_and_callers_of_their_own() -> None:
    per_project = Counter(each.project.code for each in _copies())
    assert {"JX", "JX4"} <= per_project.keys()
    for each in _copies():
        code = each.project.code.lower()
        assert all(department.startswith(f"{code}-") for department in each.departments)
        assert each.home is None or each.home.project_id == each.project_id
        assert each.customer is None or each.customer.project_id == each.project_id
        assert each.number.startswith(f"{each.project.code}-")
    assert len({each.home_id for each in _copies()}) > 30


def test_the_seed_decides_everything_but_the_ids() -> None:
    now = timezone.now()

    def told(seed: int) -> list[tuple[object, ...]]:
        with transaction.atomic():
            extending.extend(WANTED + 6, lambda done, of: None, seed=seed, now=now)
            newest = Complaint.objects.order_by("-pk")[:6]
            found = [(c.content, c.received_at, c.home_id, c.departments) for c in newest]
            transaction.set_rollback(True)
        return found

    assert told(7) == told(7) != told(8)


def test_a_ledger_that_would_not_be_true_is_not_copied() -> None:
    """What a timekeeper would have written there and then must be in it, and nothing else."""
    now = timezone.now()
    template = next(
        each
        for each in templates()
        if each.complaint.ended and any(entry.kind == "warned" for entry in each.entries)
    )
    assert shape(template, 9, now) is not None
    warned = next(entry for entry in template.entries if entry.kind == "warned")
    late = copy.copy(warned)
    late.occurred_at = late.recorded_at = warned.recorded_at + timedelta(minutes=5)
    for entries in (
        [entry for entry in template.entries if entry is not warned],
        [late if entry is warned else entry for entry in template.entries],
    ):
        assert shape(replace(template, entries=entries), 9, now) is None


def test_pages_of_copies_open_and_words_find_them(client: Client) -> None:
    client.force_login(Staff.objects.get(username="company-leader"))
    some = random.Random(1).sample(_copies(), 2)
    for each in some:
        page = client.get(f"/complaints/{each.number}/")
        assert page.status_code == 200
        assert each.content in page.content.decode()
    with_home = next(each for each in _copies() if each.home and not each.confidential)
    assert with_home.home is not None
    found = client.get("/complaints/", {"q": with_home.content[-12:]}).content.decode()
    assert with_home.number in found
    callers = Customer.objects.filter(project=with_home.project)
    assert callers.get(pk=with_home.customer_id).telephone == with_home.telephone


def test_sentences_are_of_common_and_rare_words() -> None:
    chance = random.Random(3)
    said = Counter(words for _ in range(4000) for words in [details.sentence(chance)[:6]])
    assert max(said.values()) > 50 * min(said.values())


def test_a_text_with_holes_is_filled_in() -> None:
    holes = Holes()
    form = canonical.encode(
        {
            "n": holes.number("id"),
            "t": holes.text("said"),
            "p": holes.hash("previous").hex(),
            "at": canonical.instant(holes.moment("at")),
            "share": "50 %",
        }
    ).decode()
    values = {"id": "7", "said": "水管", "previous": "00" * 32, "at": "2026-01-01T00:00:00.000000Z"}
    assert holes.among(form)
    assert (
        holes.stencil(form) % values
        == canonical.encode(
            {
                "n": 7,
                "t": "水管",
                "p": "00" * 32,
                "at": "2026-01-01T00:00:00.000000Z",
                "share": "50 %",
            }
        ).decode()
    )
