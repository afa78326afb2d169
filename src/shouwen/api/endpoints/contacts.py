"""Contacts: what is no complaint, its answer, and becoming a complaint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from pydantic import AwareDatetime

from shouwen.api import bodies, problems, telling
from shouwen.api.authentication import ApiRequest
from shouwen.api.door import operation
from shouwen.api.reading import etag, expected_version, idempotency_key, told
from shouwen.api.scopes import Scope
from shouwen.clocks import reading
from shouwen.complaints.contacts import door, listing
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.projection import SUBJECT
from shouwen.complaints.contacts.steps import STEPS, ContactStep
from shouwen.complaints.refusals import NotAllowed
from shouwen.organization.customers import mask
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import ledger

router = Router(tags=["contacts"])

READ, WRITE = Scope.CONTACTS_READ, Scope.CONTACTS_WRITE
MOST_ROWS = 200
_PAGING = ("sort", "after", "limit")


class ContactRow(Schema):
    """A contact as the list tells it."""

    number: str = Field(examples=["JX-20260301-C17"])
    project: str = Field(examples=["JX"])
    version: int = Field(description="number of the newest entry of the ledger; the ETag")
    nature: telling.Labelled
    status: telling.Labelled
    channel: str
    content: str
    place: str
    received_at: AwareDatetime
    taken_by: telling.Person
    praised: telling.Person | None
    to: str | None = Field(
        description="whose it is: `department:CODE` or `position:WORD`",
        examples=["department:jx-engineering"],
    )
    next_due_at: AwareDatetime | None
    next_reply_at: AwareDatetime | None
    settled_at: AwareDatetime | None
    complaint: str | None = Field(description="the complaint that it has become")


class ContactOut(ContactRow):
    """A contact whole, with its clocks; all of them are house rules."""

    recorded_at: AwareDatetime
    answer: str
    home: int | None
    home_label: str | None
    customer: int | None
    relation: str | None
    telephone: str | None = Field(description="masked")
    reach_when: str
    clocks: list[telling.ClockOut]
    possible: list[str] = Field(description="the steps that this person can take now")


class ContactPage(Schema):
    """A page of the list. `next` is the mark of the page behind it, null at the end."""

    items: list[ContactRow]
    next: str | None
    next_href: str | None = None


class ContactEntries(Schema):
    items: list[telling.EntryOut]


class ContactTaken(Schema):
    """What was written. `complaint` is what the contact has become by it."""

    number: str
    version: int
    href: str
    complaint: str | None = None
    entries: list[telling.EntryOut]


def _contact_of(person: Staff, number: str) -> Contact:
    related = ("project", "home", "taken_by", "about", "complaint")
    found = visible_to(person, Contact).select_related(*related).filter(number=number).first()
    if found is None:
        raise problems.not_found()
    return found


def _row(found: Contact) -> dict[str, Any]:
    zone = found.project.timezone
    word = f"department:{found.department}" if found.department else f"position:{found.holder}"
    return {
        "number": found.number,
        "project": found.project.code,
        "version": found.version,
        "nature": {"code": found.nature, "label": found.get_nature_display()},
        "status": {"code": found.status, "label": found.get_status_display()},
        "channel": found.channel,
        "content": found.content,
        "place": found.place,
        "received_at": telling.local(found.received_at, zone),
        "taken_by": {"id": found.taken_by.pk, "name": found.taken_by.name},
        "praised": {"id": found.about.pk, "name": found.about.name} if found.about else None,
        "to": word if found.holder else None,
        "next_due_at": telling.local(found.next_due_at, zone),
        "next_reply_at": telling.local(found.next_reply_at, zone),
        "settled_at": telling.local(found.settled_at, zone),
        "complaint": found.complaint.number if found.complaint else None,
    }


def _href(number: str) -> str:
    return f"/api/v1/contacts/{number}"


def _told(outcome: door.Outcome, response: HttpResponse) -> dict[str, Any]:
    if outcome.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    entries, contact = outcome.entries, outcome.contact
    ledger.attach_said(entries)
    version = entries[-1].number
    response.headers["ETag"] = etag(version)
    return {
        "number": contact.number,
        "version": version,
        "href": _href(contact.number),
        "complaint": outcome.complaint.number if outcome.complaint else None,
        "entries": telling.entries(entries, source=True, zone=contact.project.timezone),
    }


@operation(
    router,
    "POST",
    "/contacts",
    rule="receive",
    scope=WRITE,
    response=ContactTaken,
    status=201,
    refuses=(409,),
    summary="Record a contact",
    openapi_extra=bodies.of_contact(),
)
def record_contact(request: ApiRequest, response: HttpResponse) -> Any:
    """A repair request, an enquiry, praise or a suggestion. With `answer` it is settled at once; with
    `to` it is handed to a department or position, which has to answer; with neither a repair request
    or an enquiry is the front desk's, praise and suggestions are kept. No article applies to it.
    """
    said = told(request, names=("project",))
    person = request.auth.person
    project = visible_to(person, Project).filter(is_active=True, code=said.project).first()
    if project is None:
        raise problems.invalid({"project": [_("没有这一项，请从列表中选择")]})
    allowed = may(person, "receive", project)
    if not allowed:
        raise NotAllowed(allowed.rule)
    outcome = door.receive(
        person=person,
        project=project,
        data={"channel": "api"} | said.data,
        occurred_at=said.occurred_at,
        key=idempotency_key(request),
    )
    response.headers["Location"] = _href(outcome.contact.number)
    return _told(outcome, response)


@operation(
    router,
    "GET",
    "/contacts",
    rule="see_contacts",
    scope=READ,
    response=ContactPage,
    summary="List contacts",
    openapi_extra=bodies.of_contacts_list(),
)
def list_contacts(request: ApiRequest, response: HttpResponse) -> Any:
    """Those that the key's person may see, by the filters of the page; several values of one filter
    widen it. Follow `next_href` (or the `Link` header) until it is null.
    """
    query = request.GET
    known = (*listing.FILTERS, *_PAGING)
    errors = {name: [_("没有这个筛选条件")] for name in query if name not in known}
    limit, after = query.get("limit", "50"), query.get("after", "")
    if not (
        limit.isascii() and limit.isdigit() and len(limit) < 4 and 1 <= int(limit) <= MOST_ROWS
    ):
        errors["limit"] = [_("1 到 200 的整数")]
    if query.get("sort", "newest") not in listing.SORTS:
        errors["sort"] = [_("请从列表中选择")]
    if after and not listing.is_mark(after):
        errors["after"] = [_("请使用上一页给出的 next")]
    if errors:
        raise problems.invalid(errors)
    asked = listing.asked(query)
    found = listing.find(request.auth.person, asked, after=after, limit=int(limit))
    href = None
    if found.after:
        onwards = urlencode([("after", found.after), ("limit", limit)])
        href = "/api/v1/contacts?" + "&".join(filter(None, (asked.query(), onwards)))
        response.headers["Link"] = f'<{href}>; rel="next"'
    return {
        "items": [_row(each) for each in found.rows],
        "next": found.after or None,
        "next_href": href,
    }


@operation(
    router,
    "GET",
    "/contacts/{contact}",
    rule="see_contacts",
    scope=READ,
    response=ContactOut,
    summary="Read a contact",
)
def read_contact_whole(request: ApiRequest, response: HttpResponse, contact: str) -> Any:
    """Where it stands, its answer and its clocks. The ETag is its version: give it back as If-Match
    with a step.
    """
    person = request.auth.person
    found = _contact_of(person, contact)
    response.headers["ETag"] = etag(found.version)
    zone = found.project.timezone
    return _row(found) | {
        "recorded_at": telling.local(found.recorded_at, zone),
        "answer": found.answer,
        "home": found.home_id,
        "home_label": found.home.label if found.home else None,
        "customer": found.customer_id,
        "relation": found.relation or None,
        "telephone": mask(found.telephone) if found.telephone else None,
        "reach_when": found.reach_when,
        "clocks": telling.clocks(list(reading.of_subject(SUBJECT, found.pk)), zone),
        "possible": [step.name for step in door.possible(person, found)],
    }


@operation(
    router,
    "GET",
    "/contacts/{contact}/entries",
    rule="see_contacts",
    scope=READ,
    response=ContactEntries,
    summary="Ledger of a contact",
)
def list_contact_entries(request: ApiRequest, contact: str) -> Any:
    """Every entry in ledger order. Names and telephones are never among them."""
    found = _contact_of(request.auth.person, contact)
    entries = ledger.entries(SUBJECT, found.pk, with_said=True)
    return {"items": telling.entries(entries, source=True, zone=found.project.timezone)}


def _take(step: ContactStep) -> Callable[..., Any]:
    def taken(request: ApiRequest, response: HttpResponse, contact: str) -> Any:
        person = request.auth.person
        outcome = door.take(
            step.name,
            person=person,
            contact=_contact_of(person, contact),
            data=told(request).data,
            expected_version=expected_version(request),
            key=idempotency_key(request),
        )
        return _told(outcome, response)

    return taken


_DOES = {
    "answer": "The customer was told. Without `next_reply_at` the contact is settled by it; with it, "
    "a clock runs until the time that was promised.",
    "hand-on": "It is another department's or position's from now on, with a first reply to give; a "
    "reply that was promised goes along.",
    "settle": "It needs no answer any more; says why.",
    "become-complaint": "It is a complaint, received now from what the contact says; its clocks start "
    "now by the regulation. Both know of each other.",
}


def _declare(step: ContactStep) -> None:
    operation(
        router, "POST", f"/contacts/{{contact}}/steps/{step.name}", rule="take_contact_step",
        scope=WRITE, response=ContactTaken, refuses=(409, 412),
        summary=f"Contact: {step.name}", description=_DOES[step.name],
        operation_id=f"contact_{step.name.replace('-', '_')}",
        openapi_extra=bodies.of_contact_step(step), url_name=f"contact-{step.name}",
    )(_take(step))  # fmt: skip


for _step in STEPS.values():
    _declare(_step)
