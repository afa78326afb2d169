"""A step taken on an incident is taken for all its complaints that are open, each with its own entry.

Each is a step of its own, in a transaction of its own: one that is refused is told with the reason,
and the others stand. Whoever complained is still told and visited one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.complaints import incident_ledger, lifecycle
from shouwen.complaints.models import Complaint, Incident
from shouwen.complaints.refusals import InvalidData, Refused
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.table import Step
from shouwen.complaints.words import ENDED
from shouwen.organization.models import Staff
from shouwen.organization.permissions import visible_to

# Beside those that make sense for any several complaints: what is done once about one cause.
_OF_ONE_CAUSE = frozenset(
    {"alert", "take_charge", "arrive", "control", "investigate", "report_delay", "extend"}
    | {"complete", "recall", "explain"}
)
# Each complaint's own: whose desk it lies on, and to what it belongs.
_EACH_ALONE = frozenset({"claim", "give_back", "join_incident", "leave_incident"})


def steps() -> list[Step]:
    """The steps that may be taken for all complaints of an incident; a visit is not among them."""
    return [
        step
        for step in STEPS.values()
        if (step.bulk or step.name in _OF_ONE_CAUSE) and step.name not in _EACH_ALONE
    ]


def is_taken_together(name: str) -> bool:
    """Whether the step of that name may be taken for all."""
    return any(step.name == name for step in steps())


def complaints_of(incident: Incident, person: Staff) -> list[Complaint]:
    """The complaints of the incident that somebody may see and that are open, in order of receipt."""
    found = visible_to(person, Complaint).filter(incident=incident)
    found = found.exclude(status__in=sorted(ENDED)).order_by("received_at", "pk")
    return list(found.select_related("project", "category__parent"))


@dataclass(frozen=True)
class Result:
    """What became of one complaint: done (before, where `replayed`), or refused with the reason."""

    complaint: Complaint
    refused: Refused | None = None
    replayed: bool = False

    @property
    def done(self) -> bool:
        return self.refused is None

    @property
    def words(self) -> str:
        """Why it was refused, field by field where it was told what does not fit."""
        if isinstance(self.refused, InvalidData):
            said = [wrong for wrongs in self.refused.errors.values() for wrong in wrongs]
            return _("、").join(dict.fromkeys(said))
        return self.refused.words if self.refused else ""


def take(
    incident: Incident,
    name: str,
    *,
    person: Staff,
    data: Mapping[str, Any],
    key: str,
    among: Iterable[Complaint] | None = None,
    versions: Mapping[str, int | None] | None = None,
    occurred_at: datetime | None = None,
) -> list[Result]:
    """Take a step for all open complaints of the incident (or those `among` them).

    Every complaint gets its own entry, which names the incident. Repeated with the same `key`,
    whoever has had the step does not get it twice. With `versions` (by number) a complaint is
    refused where somebody else acted on it since. Raises LookupError for a step that is not taken
    together.
    """
    if not is_taken_together(name):
        raise LookupError(name)
    results = []
    chosen = complaints_of(incident, person) if among is None else among
    # In one order, so that requests that meet do not wait for each other crosswise.
    for complaint in sorted(chosen, key=lambda each: each.number):
        try:
            if complaint.incident_id != incident.pk:
                raise Refused(gettext_lazy("这件投诉已不在这件同因事项里"))
            outcome = lifecycle.take(
                name,
                person=person,
                complaint=complaint,
                data=data,
                occurred_at=occurred_at,
                expected_version=(versions or {}).get(complaint.number),
                key=f"{key}/{complaint.number}",
                incident=incident,
            )
        except Refused as refused:
            results.append(Result(complaint, refused))
        else:
            results.append(Result(outcome.complaint, replayed=outcome.replayed))
    _note(incident, name, person, results)
    return results


def _note(incident: Incident, name: str, person: Staff, results: list[Result]) -> None:
    """That it was done for all, in the incident's ledger; nothing where it had been done before."""
    done = [each.complaint.pk for each in results if each.done and not each.replayed]
    if not done:
        return
    now = timezone.now()
    with transaction.atomic():
        incident_ledger.write(
            incident,
            incident_ledger.chain_of(incident.pk),
            "step_taken",
            actor_id=person.pk,
            now=now,
            facts={
                "step": name,
                "complaints": sorted(done),
                "refused": sorted(each.complaint.pk for each in results if not each.done),
            },
        )
