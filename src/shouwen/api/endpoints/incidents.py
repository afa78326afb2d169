"""Incidents (同因事项): one cause, many complaints; joining and leaving are steps of the complaint."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Path, Router, Schema

from shouwen.api import bodies, problems, telling
from shouwen.api.authentication import ApiRequest
from shouwen.api.door import operation
from shouwen.api.reading import idempotency_key, told
from shouwen.api.scopes import Scope
from shouwen.complaints import incidents, together, waves
from shouwen.complaints.models import Category, Complaint, Incident
from shouwen.complaints.refusals import InvalidData, NotAllowed
from shouwen.organization.holders import works_for
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import may, visible_to

router = Router(tags=["incidents"])

READ, WRITE = Scope.COMPLAINTS_READ, Scope.COMPLAINTS_WRITE
MOST_ROWS = 200
MOST_COMPLAINTS = 200

Title = Annotated[str, Field(min_length=1, max_length=80, examples=["6栋1单元停水"])]
Place = Annotated[str, Field(max_length=80, examples=["6栋1单元"])]
Number = Annotated[str, Field(max_length=32, examples=["JX-20260301-001"])]


class IncidentRow(Schema):
    """An incident as lists tell it. `title` and `place` may be read by residents."""

    id: int = Field(description="what the step join_incident is told")
    number: str = Field(examples=["JX-T20260301-01"])
    project: str = Field(examples=["JX"])
    title: str
    place: str
    category: str | None
    status: telling.Labelled
    since: telling.AwareDatetime
    ended_at: telling.AwareDatetime | None
    many: int = Field(description="how many complaints belong to it, seen or not")


class IncidentOut(IncidentRow):
    """An incident with those of its complaints that the key's person may see."""

    complaints: list[str]


class IncidentPage(Schema):
    """A page of incidents, the newest first. `next` is given back as `after`; null at the end."""

    items: list[IncidentRow]
    next: int | None


class NewIncident(Schema):
    """What is to be opened; the complaints join it, all or none."""

    project: Annotated[str, Field(max_length=20, examples=["JX"])]
    title: Title
    place: Place = ""
    category: Annotated[str, Field(max_length=40, examples=["water"])] | None = None
    complaints: Annotated[list[Number], Field(max_length=MOST_COMPLAINTS)] = []


class ChangedIncident(Schema):
    """What is to be said better, or whether it is over; what is left out stays."""

    title: Title | None = None
    place: Place | None = None
    status: Literal["open", "ended"] | None = None


class ResultOut(Schema):
    """What became of one complaint: done (before, where `replayed`), or why not."""

    number: str
    done: bool
    replayed: bool
    reason: str | None


class Results(Schema):
    """What became of each. `left` are open complaints beyond the 200 of one call."""

    items: list[ResultOut]
    left: int


class WaveOut(Schema):
    """Complaints that may have one cause, with the reasons; `incident` where it is open already."""

    project: str
    where: str = Field(examples=["lift", "riser", "garage"])
    place: str
    cause: str
    complaints: list[str]
    first_at: telling.AwareDatetime
    last_at: telling.AwareDatetime
    reasons: list[str]
    incident: str | None


class Waves(Schema):
    items: list[WaveOut]


def _incidents(person: Staff) -> QuerySet[Incident]:
    return (
        visible_to(person, Incident)
        .select_related("project", "category")
        .annotate(many=Count("complaints"))
    )


def incident_of(person: Staff, number: str) -> Incident:
    """The incident of that number. Raises Problem (404) where it is not there, or not to be seen."""
    found = _incidents(person).filter(number=number).first()
    if found is None:
        raise problems.not_found()
    return found


def _row(incident: Incident) -> dict[str, Any]:
    zone = incident.project.timezone
    return {
        "id": incident.pk,
        "number": incident.number,
        "project": incident.project.code,
        "title": incident.title,
        "place": incident.place,
        "category": incident.category.code if incident.category else None,
        "status": {"code": incident.status, "label": incident.get_status_display()},
        "since": telling.local(incident.since, zone),
        "ended_at": telling.local(incident.ended_at, zone) if incident.ended_at else None,
        "many": incident.many,  # type: ignore[attr-defined]
    }


def _whole(person: Staff, number: str) -> dict[str, Any]:
    incident = incident_of(person, number)
    seen = visible_to(person, Complaint).filter(incident=incident)
    numbers = seen.order_by("received_at", "pk").values_list("number", flat=True)
    return _row(incident) | {"complaints": list(numbers)}


@operation(
    router,
    "GET",
    "/incidents",
    rule="see_incidents",
    scope=READ,
    response=IncidentPage,
    summary="List incidents",
)
def list_incidents(
    request: ApiRequest,
    status: Literal["open", "ended", "all"] = "open",
    project: str = "",
    after: Annotated[int | None, Field(ge=1, le=2**53 - 1)] = None,
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50,
) -> Any:
    """Those of the projects that the key's person works for, the newest first."""
    found = _incidents(request.auth.person).order_by("-pk")
    if status != "all":
        found = found.filter(status=status)
    if project:
        found = found.filter(project__code=project)
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = list(found[: limit + 1])
    more = len(rows) > limit
    return {
        "items": [_row(each) for each in rows[:limit]],
        "next": rows[limit - 1].pk if more else None,
    }


@operation(
    router,
    "POST",
    "/incidents",
    rule="edit_incident",
    scope=WRITE,
    response=IncidentOut,
    status=201,
    refuses=(409,),
    summary="Open an incident",
)
def open_incident(request: ApiRequest, response: HttpResponse, body: NewIncident) -> Any:
    """Its title and place are read by residents: they name no person and no home. Each complaint
    that joins keeps its own ledger, clocks and visit.
    """
    person = request.auth.person
    project = visible_to(person, Project).filter(is_active=True, code=body.project).first()
    errors: dict[str, list[str]] = {}
    if project is None:
        errors["project"] = [_("没有这一项，请从列表中选择")]
    category = Category.objects.filter(code=body.category or "").first()
    if body.category and category is None:
        errors["category"] = [_("没有这一项，请从列表中选择")]
    numbers = set(body.complaints)
    chosen = list(
        visible_to(person, Complaint)
        .filter(number__in=numbers, project=project)
        .select_related("project", "first_contact")
    )
    if len(chosen) != len(numbers):
        errors["complaints"] = [_("没有这一项，请从列表中选择")]
    if errors or project is None:
        raise problems.invalid(errors)
    made = incidents.begin(
        project,
        person=person,
        title=body.title,
        place=body.place,
        category=category,
        complaints=chosen,
    )
    response.headers["Location"] = f"/api/v1/incidents/{made.number}"
    return _whole(person, made.number)


@operation(
    router,
    "GET",
    "/incidents/{incident}",
    rule="see_incidents",
    scope=READ,
    response=IncidentOut,
    summary="Read an incident",
)
def read_incident(request: ApiRequest, incident: str) -> Any:
    """What it is, since when, and its complaints in order of receipt."""
    return _whole(request.auth.person, incident)


@operation(
    router,
    "PATCH",
    "/incidents/{incident}",
    rule="edit_incident",
    scope=WRITE,
    response=IncidentOut,
    summary="Word or end an incident",
)
def change_incident(request: ApiRequest, incident: str, body: ChangedIncident) -> Any:
    """Ended, nobody joins any more; its complaints go on with their own clocks."""
    person = request.auth.person
    found = incident_of(person, incident)
    allowed = may(person, "edit_incident", found.project)
    if not allowed:
        raise NotAllowed(allowed.rule)
    title = found.title if body.title is None else body.title
    place = found.place if body.place is None else body.place
    incidents.change(found, person=person, title=title, place=place)
    if body.status is not None:
        incidents.end(found, person=person, ended=body.status == "ended")
    return _whole(person, incident)


@operation(
    router,
    "POST",
    "/incidents/{incident}/together/{step}",
    rule="take_step",
    scope=WRITE,
    response=Results,
    refuses=(409,),
    summary="Take a step for all complaints of an incident",
    openapi_extra=bodies.of_together(),
)
def take_together(
    request: ApiRequest,
    incident: str,
    step: Annotated[str, Path(examples=bodies.together_names())],
) -> Any:
    """One form, and an entry of its own for each open complaint; one that is refused is told with the
    reason, and the others stand. Sent again with the same Idempotency-Key, nobody has it twice.
    Visits are each complaint's own.
    """
    person = request.auth.person
    found = incident_of(person, incident)
    if not together.is_taken_together(step):
        raise problems.not_found()
    said = told(request, names=("complaints",))
    among = said.complaints
    complaints = together.complaints_of(found, person)
    if among is not None:
        complaints = [each for each in complaints if each.number in among]
    chosen = complaints[:MOST_COMPLAINTS]
    results = together.take(
        found,
        step,
        person=person,
        data=said.data,
        occurred_at=said.occurred_at,
        key=idempotency_key(request) or f"api:{uuid.uuid4()}",
        among=chosen,
    )
    invalid = [each.refused for each in results if isinstance(each.refused, InvalidData)]
    if invalid and len(invalid) == len(results):
        raise invalid[0]
    return {
        "items": [
            {
                "number": each.complaint.number,
                "done": each.done,
                "replayed": each.replayed,
                "reason": each.words or None,
            }
            for each in results
        ],
        "left": len(complaints) - len(chosen),
    }


@operation(
    router,
    "GET",
    "/waves",
    rule="edit_incident",
    scope=READ,
    response=Waves,
    summary="Complaints that may have one cause",
)
def list_waves(request: ApiRequest) -> Any:
    """What is proposed as one incident now: the same cause at one lift, riser or garage within hours."""
    person, now = request.auth.person, timezone.now()
    found = [
        (project, wave)
        for project in works_for(person)
        if project.is_active and may(person, "edit_incident", project)
        for wave in waves.proposals(project, person=person, now=now)
    ]
    known = Incident.objects.in_bulk({wave.incident_id for _p, wave in found if wave.incident_id})
    return {
        "items": [
            {
                "project": project.code,
                "where": wave.spot.kind,
                "place": wave.spot.place,
                "cause": wave.cause,
                "complaints": [each.number for each in wave.reports],
                "first_at": telling.local(wave.first_at, project.timezone),
                "last_at": telling.local(wave.last_at, project.timezone),
                "reasons": wave.reasons,
                "incident": known[wave.incident_id].number if wave.incident_id else None,
            }
            for project, wave in found
        ]
    }
