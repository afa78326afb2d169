"""Two people who act in the same second: one is first, the other is told, nothing is doubled."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from tests.complaints.conftest import Centre

from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.refusals import Changed
from shouwen.records import ledger

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Any) -> list[Any]:
    """Run the calls side by side; what each gave or raised."""
    results: list[Any] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(place: int) -> None:
        try:
            gate.wait()
            results[place] = calls[place]()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_clerks_dispatch_the_same_complaint(transactional_db: None, centre: Centre) -> None:
    complaint = centre.receive()
    seen = complaint.version

    def dispatch(who: str, department: str) -> Any:
        person = centre.person(who)
        return lambda: lifecycle.take(
            "dispatch",
            person=person,
            complaint=complaint,
            data={"department": department},
            expected_version=seen,
            now=centre.now,
        )

    results = at_once(
        dispatch("front_desk", "jx-engineering"), dispatch("second_clerk", "jx-order")
    )
    assert sum(isinstance(result, Changed) for result in results) == 1
    assert sum(isinstance(result, lifecycle.Outcome) for result in results) == 1
    kinds = [entry.kind for entry in ledger.entries("complaint", complaint.pk)]
    assert kinds.count("dispatched") == 1


def test_the_same_request_sent_twice_at_once_is_recorded_once(
    transactional_db: None, centre: Centre
) -> None:
    person = centre.person("front_desk")

    def send() -> list[lifecycle.Outcome]:
        return lifecycle.receive(
            person=person,
            project=centre.project,
            matters=[{"content": "灯不亮。"}],
            key="call-1",
            now=centre.now,
        )

    results = at_once(send, send, send)
    numbers = {outcome.complaint.number for result in results for outcome in result}
    assert len(numbers) == 1
    assert Complaint.objects.count() == 1


def test_two_people_merge_each_others_complaints_without_deadlock(
    transactional_db: None, centre: Centre
) -> None:
    first, second = centre.receive(), centre.receive()
    clerks = [centre.person("front_desk"), centre.person("second_clerk")]

    def merge(person: Any, this: Complaint, into: Complaint) -> Any:
        return lambda: lifecycle.take(
            "merge", person=person, complaint=this, data={"into": into.number}, now=centre.now
        )

    at_once(merge(clerks[0], first, second), merge(clerks[1], second, first))
    assert sorted(Complaint.objects.values_list("status", flat=True)) == ["merged", "relayed"]
    assert ledger.verify() == []
