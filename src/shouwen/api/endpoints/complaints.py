"""Complaints: taking them, finding them, reading them with their ledger and clocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Path, Router, Schema

from shouwen.api import bodies, problems, telling
from shouwen.api.authentication import ApiRequest
from shouwen.api.door import operation
from shouwen.api.reading import complaint_of, etag, idempotency_key, told
from shouwen.api.scopes import Scope
from shouwen.clocks import explaining, reading
from shouwen.clocks.models import ClockRow
from shouwen.complaints import lifecycle, listing, search
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import NotAllowed
from shouwen.complaints.state import fold
from shouwen.organization.models import Project
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit, ledger

router = Router(tags=["complaints"])

MOST_MATTERS = 5
MOST_ROWS = 200
READ, WRITE = Scope.COMPLAINTS_READ, Scope.COMPLAINTS_WRITE
_PAGING = ("q", "s", "sort", "after", "limit")


class Page(Schema):
    """A page of a list. `next` is the mark of the page behind it, null at the end."""

    items: list[telling.ComplaintRow]
    next: str | None
    next_href: str | None = None


class Search(Schema):
    """What to look for; words may be a telephone number, which is why they come in the body."""

    words: Annotated[str, Field(max_length=100)] = ""
    filters: dict[str, list[str]] = Field({}, examples=[{"is": ["open"], "project": ["JX"]}])
    sort: str = Field("newest", examples=list(listing.SORTS))
    after: str = ""
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50


class Received(Schema):
    """What was recorded."""

    number: str
    version: int
    href: str
    further: list[str] = Field([], description="numbers of the other matters of the same call")
    entries: list[telling.EntryOut]


class Contact(Schema):
    """Whom to call back, and when."""

    name: str
    telephone: str
    email: str
    reach_when: str


class Entries(Schema):
    items: list[telling.EntryOut]


class Clocks(Schema):
    items: list[telling.ClockOut]


class Duty(Schema):
    """A running clock that is mine to answer, and the complaint it is about."""

    complaint: str
    clock: telling.ClockOut


class Duties(Schema):
    items: list[Duty]


@operation(
    router,
    "POST",
    "/complaints",
    rule="receive",
    scope=WRITE,
    response=Received,
    status=201,
    refuses=(409,),
    summary="Record a complaint",
    openapi_extra=bodies.of_receive(),
)
def receive_complaint(request: ApiRequest, response: HttpResponse) -> Any:
    """[R1] Its number, clocks and first contact follow as on the page. `further` are other matters of
    the same call [P1]: each becomes a complaint of its own, linked with the first.
    """
    said = told(request, names=("project", "further"))
    person = request.auth.person
    project = visible_to(person, Project).filter(is_active=True, code=said.project).first()
    if project is None:
        raise problems.invalid({"project": [_("没有这一项，请从列表中选择")]})
    allowed = may(person, "receive", project)
    if not allowed:
        raise NotAllowed(allowed.rule)
    if len(said.further) >= MOST_MATTERS:
        raise problems.invalid({"further": [_("一次最多 5 件")]})
    data = {"channel": "api"} | said.data
    outcomes = lifecycle.receive(
        person=person,
        project=project,
        matters=[data, *({"channel": "api"} | each for each in said.further)],
        occurred_at=said.occurred_at,
        key=idempotency_key(request),
    )
    first = outcomes[0]
    entries = first.entries[:1]  # as a repeated request is answered
    href = f"/api/v1/complaints/{first.complaint.number}"
    response.headers["Location"] = href
    if first.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return {
        "number": first.complaint.number,
        "version": entries[-1].number,
        "href": href,
        "further": [each.complaint.number for each in outcomes[1:]],
        "entries": _told(entries, source=True, zone=project.timezone),
    }


def _told(entries: list[Any], *, source: bool, zone: str, among: Any = ()) -> list[dict[str, Any]]:
    ledger.attach_said(entries)
    return telling.entries(entries, source=source, zone=zone, among=among)


def _page(
    request: ApiRequest, asked: listing.Asked, after: str, limit: int
) -> tuple[list[dict[str, Any]], str]:
    if after and not listing.is_mark(after):
        raise problems.invalid({"after": [_("请使用上一页给出的 next")]})
    person = request.auth.person
    found = listing.find(person, asked, after=after, limit=limit)
    known = telling.knowing(person, [each.pk for each in found.rows])
    return [telling.row(each, source=each.pk in known) for each in found.rows], found.after


def _asked(filters: Mapping[str, list[str]], words: str, sort: str) -> listing.Asked:
    errors = {name: [_("没有这个筛选条件")] for name in filters if name not in listing.FILTERS}
    if sort not in listing.SORTS:
        errors["sort"] = [_("请从列表中选择")]
    if errors:
        raise problems.invalid(errors)
    return listing.asked({**filters, "q": [words], "sort": [sort]})


@operation(
    router,
    "GET",
    "/complaints",
    rule="see_complaint",
    scope=READ,
    response=Page,
    summary="List complaints",
    openapi_extra=bodies.of_list(),
)
def list_complaints(request: ApiRequest, response: HttpResponse) -> Any:
    """Those that the key's person may see, by the filters of the page; several values of one filter
    widen it. Follow `next_href` (or the `Link` header) until it is null: every complaint comes once,
    however many are recorded meanwhile.
    """
    query = request.GET
    errors: dict[str, list[str]] = {
        name: [_("没有这个筛选条件")]
        for name in query
        if name not in listing.FILTERS and name not in _PAGING
    }
    limit = query.get("limit", "50")
    if not (
        limit.isascii() and limit.isdigit() and len(limit) < 4 and 1 <= int(limit) <= MOST_ROWS
    ):
        errors["limit"] = [_("1 到 200 的整数")]
    words = query.get("q", "")
    if search.is_personal(words):
        errors["q"] = [_("电话号码不放在地址里，请用 POST /complaints/search")]
    if errors:
        raise problems.invalid(errors)
    filters = {name: query.getlist(name) for name in listing.FILTERS if name in query}
    asked = _asked(filters, words, query.get("sort", "newest"))
    items, after = _page(request, asked, query.get("after", ""), int(limit))
    href = None
    if after:
        onwards = urlencode([("after", after), ("limit", limit)])
        href = "/api/v1/complaints?" + "&".join(filter(None, (asked.query(), onwards)))
        response.headers["Link"] = f'<{href}>; rel="next"'
    return {"items": items, "next": after or None, "next_href": href}


@operation(
    router,
    "POST",
    "/complaints/search",
    rule="see_complaint",
    scope=READ,
    response=Page,
    summary="Search complaints",
)
def search_complaints(request: ApiRequest, body: Search) -> Any:
    """As the list, with words that may be personal: a telephone number, whole or its last four
    digits. Give `next` as `after` for the page behind.
    """
    asked = _asked(body.filters, body.words, body.sort)
    items, after = _page(request, asked, body.after, body.limit)
    return {"items": items, "next": after or None}


@operation(
    router,
    "GET",
    "/complaints/{number}",
    rule="see_complaint",
    scope=READ,
    response=telling.ComplaintOut,
    also={304: None},
    summary="Read a complaint",
    openapi_extra=bodies.conditional(),
)
def read_complaint(request: ApiRequest, response: HttpResponse, number: str) -> Any:
    """Where it stands, and the standard record. The ETag is its version: give it back as If-Match
    with a step, or as If-None-Match to learn whether anything is new.
    """
    person = request.auth.person
    found = complaint_of(person, number)
    tag = etag(found.version)
    if request.headers.get("If-None-Match", "") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    group: list[str] = []
    if found.group_id:
        others = visible_to(person, Complaint).filter(group=found.group_id).exclude(pk=found.pk)
        group = list(others.order_by("pk").values_list("number", flat=True))
    source = found.pk in telling.knowing(person, [found.pk])
    return telling.whole(found, source=source, group=group)


@operation(
    router,
    "GET",
    "/complaints/{number}/contact",
    rule="see_source",
    scope=Scope.PERSONAL_READ,
    response=Contact,
    summary="Name, telephone and e-mail address of the complainant",
)
def read_contact(request: ApiRequest, number: str) -> Any:
    """The whole number. Every reading is in the access log."""
    person = request.auth.person
    found = complaint_of(person, number)
    at = lifecycle.stand(person, found, fold(ledger.entries(SUBJECT, found.pk)))
    allowed = may(person, "see_source", at)
    if not allowed:
        raise NotAllowed(allowed.rule)
    audit.note(
        "api_contact_seen",
        actor_id=person.pk,
        subject_type=SUBJECT,
        subject_id=found.pk,
        project_id=found.project_id,
        key=request.auth.key.prefix,
    )
    return {
        "name": str.__str__(found.name),
        "telephone": str.__str__(found.telephone),
        "email": str.__str__(found.email),
        "reach_when": found.reach_when,
    }


@operation(
    router,
    "GET",
    "/complaints/{number}/entries",
    rule="see_complaint",
    scope=READ,
    response=Entries,
    summary="Ledger of a complaint",
)
def list_entries(request: ApiRequest, number: str) -> Any:
    """Every entry in ledger order. Names and telephones are never among them."""
    person = request.auth.person
    found = complaint_of(person, number)
    source = found.pk in telling.knowing(person, [found.pk])
    entries = ledger.entries(SUBJECT, found.pk)
    return {"items": _told(entries, source=source, zone=found.project.timezone)}


@operation(
    router,
    "GET",
    "/complaints/{number}/clocks",
    rule="see_complaint",
    scope=READ,
    response=Clocks,
    summary="Clocks of a complaint",
)
def list_clocks(request: ApiRequest, number: str) -> Any:
    """Running and ended, by start."""
    found = complaint_of(request.auth.person, number)
    rows = list(reading.of_subject(SUBJECT, found.pk))
    return {"items": telling.clocks(rows, found.project.timezone)}


@operation(
    router,
    "GET",
    "/complaints/{number}/clocks/{clock}",
    rule="see_complaint",
    scope=READ,
    response=dict[str, Any],
    summary="How a clock was counted",
)
def explain_clock(
    request: ApiRequest, number: str, clock: Annotated[int, Path(ge=1, le=2**53 - 1)]
) -> Any:
    """Stretch by stretch, with the version of regulation and calendar it was judged by; as
    `shouwen clocks explain --json` prints it.
    """
    found = complaint_of(request.auth.person, number)
    row = ClockRow.objects.filter(pk=clock, subject_type=SUBJECT, subject_id=found.pk).first()
    if row is None:
        raise problems.not_found()
    return explaining.as_json(explaining.explain(row))


@operation(
    router,
    "GET",
    "/duties",
    rule="see_desk",
    scope=READ,
    response=Duties,
    summary="What is mine to do",
)
def list_duties(request: ApiRequest) -> Any:
    """The running clocks that the key's person holds, soonest first: at most 200."""
    person, now = request.auth.person, timezone.now()
    rows = [
        each
        for each in reading.soonest_held_by(person, MOST_ROWS, now)
        if each.subject_type == SUBJECT
    ]
    seen = visible_to(person, Complaint).select_related("project")
    complaints = seen.in_bulk([each.subject_id for each in rows])
    kept = [each for each in rows if each.subject_id in complaints]
    items = []
    for each in kept:
        found = complaints[each.subject_id]
        (clock,) = telling.clocks([each], found.project.timezone)
        items.append({"complaint": found.number, "clock": clock})
    return {"items": items}
