"""Steps: what may be done to a complaint now, and doing it. One operation a step of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema

from shouwen.api import bodies, telling
from shouwen.api.authentication import ApiRequest
from shouwen.api.door import operation
from shouwen.api.reading import complaint_of, etag, expected_version, idempotency_key, told
from shouwen.api.scopes import Scope
from shouwen.clocks.projection import Changes
from shouwen.complaints import choices, lifecycle
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import NotAllowed
from shouwen.complaints.state import fold
from shouwen.complaints.steps.order import by_need
from shouwen.complaints.steps.table import At, Step
from shouwen.organization.permissions import may
from shouwen.records import ledger

router = Router(tags=["steps"])
READ, WRITE = Scope.COMPLAINTS_READ, Scope.COMPLAINTS_WRITE


class Choice(Schema):
    value: str | int
    label: str


class FieldOut(Schema):
    """A field of what a step is told."""

    name: str
    label: str
    widget: str
    required: bool
    help: str
    choices: list[Choice] | None


class StepRow(Schema):
    """A step, and whether this person can take it now; else why not."""

    name: str
    title: str
    clause: str | None
    possible: bool
    reason: str | None
    answers: list[str]


class StepOut(StepRow):
    """A step with the fields of its data, and what may be chosen in them now."""

    fields: list[FieldOut]


class Steps(Schema):
    items: list[StepRow]


class Taken(Schema):
    """What was written. The same answer comes again for the same idempotency key."""

    number: str
    version: int
    entries: list[telling.EntryOut]


class ClockPreview(Schema):
    rule: str
    department: str | None
    holder: str
    started_at: telling.AwareDatetime
    due_at: telling.AwareDatetime


class Preview(Schema):
    """Which clocks the step would start, stop, void and move. Nothing was written."""

    started: list[ClockPreview]
    stopped: list[ClockPreview]
    voided: list[ClockPreview]
    moved: list[ClockPreview]


def _at(request: ApiRequest, number: str) -> At:
    person = request.auth.person
    complaint = complaint_of(person, number)
    return lifecycle.stand(person, complaint, fold(ledger.entries(SUBJECT, complaint.pk)))


def _row(step: Step, at: At) -> dict[str, Any]:
    allowed = may(at.person, f"step:{step.name}", at)
    reason = None
    if not allowed:
        reason = str(allowed.rule)
    elif at.state.status not in step.statuses:
        reason = _("这件投诉现在是“{status}”").format(status=at.state.status.label)
    elif not step.open_at(at):
        reason = _("这件投诉现在没有要这样办的事项")
    return {
        "name": step.name,
        "title": str(step.verb),
        "clause": step.clause,
        "possible": reason is None,
        "reason": reason,
        "answers": list(step.answers),
    }


def _fields(step: Step, at: At) -> list[dict[str, Any]]:
    found = []
    for name, shown in step.data.shown().items():
        offered: list[dict[str, Any]] | None = None
        if shown.choices:
            offered = [{"value": value, "label": str(label)} for value, label in shown.choices]
        elif shown.widget in choices.OFFERED:
            offered = [
                {"value": value, "label": str(label)}
                for value, label in choices.offered(shown.widget, at)
            ]
        found.append(
            {
                "name": name,
                "label": str(shown.label),
                "widget": shown.widget,
                "required": step.data.model_fields[name].is_required(),
                "help": str(shown.help),
                "choices": offered,
            }
        )
    return found


@operation(
    router,
    "GET",
    "/complaints/{number}/steps",
    rule="take_step",
    scope=READ,
    response=Steps,
    summary="Steps, and which are possible",
)
def list_steps(request: ApiRequest, number: str) -> Any:
    """All steps, those that the complaint needs first; what is not possible says why."""
    at = _at(request, number)
    steps = bodies.steps()
    rows = {step.name: _row(step, at) for step in steps}
    possible = by_need([step for step in steps if rows[step.name]["possible"]], at.state)
    others = [step for step in steps if not rows[step.name]["possible"]]
    return {"items": [rows[step.name] for step in (*possible, *others)]}


def _describe(step: Step) -> Callable[..., Any]:
    def described(request: ApiRequest, number: str) -> Any:
        at = _at(request, number)
        return _row(step, at) | {"fields": _fields(step, at)}

    return described


def _take(step: Step) -> Callable[..., Any]:
    def taken(request: ApiRequest, response: HttpResponse, number: str) -> Any:
        person = request.auth.person
        complaint = complaint_of(person, number)
        outcome = lifecycle.take(
            step.name,
            person=person,
            complaint=complaint,
            data=(said := told(request)).data,
            occurred_at=said.occurred_at,
            expected_version=expected_version(request),
            key=idempotency_key(request),
        )
        if outcome.replayed:
            response.headers["Idempotent-Replayed"] = "true"
        version = outcome.entries[-1].number if outcome.entries else outcome.complaint.version
        response.headers["ETag"] = etag(version)
        ledger.attach_said(outcome.entries)
        source = complaint.pk in telling.knowing(person, [complaint.pk])
        zone = complaint.project.timezone
        return {
            "number": complaint.number,
            "version": version,
            "entries": telling.entries(outcome.entries, source=source, zone=zone),
        }

    return taken


def _foresee(step: Step) -> Callable[..., Any]:
    def foreseen(request: ApiRequest, number: str) -> Any:
        at = _at(request, number)
        allowed = may(at.person, f"step:{step.name}", at)
        if not allowed:
            raise NotAllowed(allowed.rule)
        said = told(request)
        changes = lifecycle.preview(
            step.name,
            person=at.person,
            complaint=at.complaint,
            data=said.data,
            occurred_at=said.occurred_at,
        )
        return preview_of(changes, at.project.timezone)

    return foreseen


def preview_of(changes: Changes, zone: str) -> dict[str, Any]:
    """What would become of the clocks."""
    return {
        name: [
            {
                "rule": row.rule,
                "department": row.department or row.key or None,
                "holder": row.holder,
                "started_at": telling.local(row.started_at, zone),
                "due_at": telling.local(row.due_at, zone),
            }
            for row in getattr(changes, name)
        ]
        for name in ("started", "stopped", "voided", "moved")
    }


def _declare(step: Step) -> None:
    path = f"/complaints/{{number}}/steps/{step.name}"
    told_of = (step.write.__doc__ or step.name).strip()
    operation(
        router, "GET", path, rule="take_step", scope=READ, response=StepOut,
        summary=f"Fields of {step.name}", description=told_of, operation_id=f"describe_{step.name}",
        url_name=f"step-{step.name}",
    )(_describe(step))  # fmt: skip
    operation(
        router, "POST", path, rule="take_step", scope=WRITE, response=Taken, refuses=(409, 412),
        summary=f"Take the step {step.name}", description=told_of,
        operation_id=f"take_{step.name}", openapi_extra=bodies.of_step(step, writes=True),
        url_name=f"step-{step.name}",
    )(_take(step))  # fmt: skip
    operation(
        router, "POST", f"{path}/preview", rule="take_step", scope=READ, response=Preview,
        refuses=(409,), summary=f"Preview of {step.name}", description=told_of,
        operation_id=f"preview_{step.name}", openapi_extra=bodies.of_step(step, writes=False),
        url_name=f"step-{step.name}-preview",
    )(_foresee(step))  # fmt: skip


for _step in bodies.steps():
    _declare(_step)
