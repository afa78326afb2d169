"""Incidents (同因事项): what is going on, one of them with all its complaints, and opening one."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shouwen.complaints import incidents as of_incidents
from shouwen.complaints import lifecycle, places, together
from shouwen.complaints.incident_ledger import SUBJECT
from shouwen.complaints.models import Complaint, Incident
from shouwen.complaints.projection import SUBJECT as COMPLAINT
from shouwen.complaints.refusals import InvalidData, NotAllowed, Refused
from shouwen.complaints.state import State
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.order import by_need
from shouwen.complaints.steps.table import Step
from shouwen.complaints.words import ENDED
from shouwen.desk import telling
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.waves import proposed_to
from shouwen.desk.views.worklist import standing_of
from shouwen.organization.holders import works_for
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import ledger
from shouwen.records.models import Entry

MOST_ENDED = 20
MOST_CHOSEN = 50  # complaints of which one is opened
MOST_SHOWN = 200
MOST_ENTRIES = 30

# By which entries a customer has been told, and asked afterwards.
_TOLD = ("customer_informed", "explained")
_VISITED = ("visited",)

_TITLES = {
    "opened": gettext_lazy("建立同因事项"),
    "changed": gettext_lazy("修改标题、地点"),
    "joined_incident": gettext_lazy("归入"),
    "left_incident": gettext_lazy("移出"),
    "ended": gettext_lazy("结束"),
    "resumed": gettext_lazy("重新进行"),
    "erased": gettext_lazy("按请求删除个人信息"),
}


class IncidentForm(forms.Form):
    """What residents read of an incident."""

    title = forms.CharField(
        label=gettext_lazy("标题"),
        max_length=80,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
        help_text=gettext_lazy("住户看得到，请不要写人名和房号"),
    )
    place = forms.CharField(
        label=gettext_lazy("地点"),
        max_length=80,
        required=False,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
        help_text=gettext_lazy("写到楼栋、单元、电梯或车库"),
    )

    def refuse(self, errors: dict[str, list[str]]) -> None:
        """Show what was refused."""
        for name, said in errors.items():
            for wrong in said:
                self.add_error(name if name in self.fields else None, wrong)


@dataclass(frozen=True)
class Member:
    """One complaint of an incident: where it stands, whether its customer was told and visited."""

    complaint: Complaint
    told_at: datetime | None
    visited_at: datetime | None

    @property
    def open(self) -> bool:
        return self.complaint.status not in ENDED


@dataclass(frozen=True)
class Offered:
    """A step that may be taken for so many of the complaints."""

    step: Step
    count: int


@dataclass(frozen=True)
class Line:
    """One entry of the incident's own ledger, in words."""

    at: datetime
    who: str
    said: str


def incident_for(person: Staff, number: str) -> Incident:
    """The incident of that number. Http404 where it is not visible."""
    found = visible_to(person, Incident).filter(number=number)
    incident = found.select_related("project", "category__parent").first()
    if incident is None:
        raise Http404
    return incident


def _with_counts(person: Staff) -> QuerySet[Incident]:
    return (
        visible_to(person, Incident)
        .select_related("project", "category__parent")
        .annotate(
            many=Count("complaints"),
            running=Count("complaints", filter=~Q(complaints__status__in=sorted(ENDED))),
        )
        .order_by("-since", "-pk")
    )


@require_safe
@staff_page("see_incidents")
def incidents(request: StaffRequest) -> HttpResponse:
    """What goes on, what is proposed, and what ended lately."""
    found = _with_counts(request.user)
    context = {
        "here": "incidents",
        "open": found.filter(status=Incident.Status.OPEN)[:MOST_SHOWN],
        "ended": found.filter(status=Incident.Status.ENDED)[:MOST_ENDED],
        "proposals": proposed_to(request.user) if may(request.user, "edit_incident") else [],
        "several": len(works_for(request.user)) > 1,
    }
    return render(request, "desk/incidents/all.html", context)


@require_safe
@staff_page("see_incidents")
def incident(request: StaffRequest, number: str) -> HttpResponse:
    """One incident with all its complaints."""
    return page(request, incident_for(request.user, number))


def page(
    request: StaffRequest, found: Incident, form: IncidentForm | None = None, status: int = 200
) -> HttpResponse:
    """Render the page of an incident; times are those of its project."""
    person = request.user
    with timezone.override(zoneinfo.ZoneInfo(found.project.timezone)):
        seen = visible_to(person, Complaint).filter(incident=found)
        complaints = list(
            seen.select_related("project", "category__parent", "home").order_by(
                "received_at", "pk"
            )[:MOST_SHOWN]
        )
        members = _members(complaints)
        edits = bool(may(person, "edit_incident", found.project))
        context: dict[str, Any] = {
            "here": "incidents",
            "incident": found,
            "members": members,
            "hidden": found.complaints.count() - seen.count(),
            "sentence": _sentence(members),
            "all_over": bool(members) and not any(each.open for each in members),
            "offered": _offered(person, [each for each in complaints if not each.ended]),
            "lines": _lines(found, person),
            "edits": edits,
            "form": form or IncidentForm(initial={"title": found.title, "place": found.place}),
        }
        return render(request, "desk/incidents/one.html", context, status=status)


def _members(complaints: list[Complaint]) -> list[Member]:
    at: dict[tuple[int, str], datetime] = {}
    entries = Entry.objects.filter(
        subject_type=COMPLAINT,
        subject_id__in=[each.pk for each in complaints],
        kind__in=(*_TOLD, *_VISITED),
    )
    for pk, kind, occurred_at in entries.order_by("number").values_list(
        "subject_id", "kind", "occurred_at"
    ):
        at[pk, "told" if kind in _TOLD else "visited"] = occurred_at
    return [
        Member(each, at.get((each.pk, "told")), at.get((each.pk, "visited"))) for each in complaints
    ]


def _sentence(members: list[Member]) -> str:
    """What is still to do: who has not been told, who is to be visited."""
    running = [each for each in members if each.open]
    untold = sum(each.told_at is None for each in running)
    unvisited = sum(each.visited_at is None for each in running)
    if not members:
        return _("还没有投诉归入")
    if not running:
        return _("全部投诉都已办结")
    said = []
    if untold:
        said.append(ngettext("还有 {n} 户没有告知", "还有 {n} 户没有告知", untold).format(n=untold))
    said.append(
        ngettext("{n} 户没有回访", "{n} 户没有回访", unvisited).format(n=unvisited)
        if unvisited
        else _("都已回访")
    )
    return _("，").join(said)


def _offered(person: Staff, complaints: list[Complaint]) -> list[Offered]:
    counts: dict[str, int] = {}
    among = together.steps()
    for at in standing_of(person, complaints).values():
        for step in lifecycle.possible_at(at, among):
            counts[step.name] = counts.get(step.name, 0) + 1
    return [
        Offered(step, counts[step.name]) for step in by_need((STEPS[n] for n in counts), State())
    ]


def _lines(incident: Incident, person: Staff) -> list[Line]:
    entries = list(ledger.of_subject(SUBJECT, incident.pk).order_by("-number")[:MOST_ENTRIES])
    wanted = {pk for entry in entries if (pk := entry.facts.get("complaint"))}
    seen = visible_to(person, Complaint).filter(pk__in=wanted)
    numbers = dict(seen.values_list("pk", "number"))
    names = telling.Names(entries)
    return [
        Line(entry.occurred_at, names.person(entry.actor_id), _said(entry, numbers))
        for entry in entries
    ]


def _said(entry: Entry, numbers: dict[int, str]) -> str:
    if entry.kind == "step_taken":
        count = len(entry.facts["complaints"])
        said = ngettext("一起办理 {n} 件：{verb}", "一起办理 {n} 件：{verb}", count)
        verb = STEPS[entry.facts["step"]].verb
        refused = len(entry.facts["refused"])
        told = said.format(n=count, verb=verb)
        if refused:
            left = ngettext("{n} 件没有办", "{n} 件没有办", refused).format(n=refused)
            told = _("，").join([told, left])
        return told
    title = str(_TITLES.get(entry.kind, entry.kind))
    number = numbers.get(entry.facts.get("complaint", 0), "")
    return f"{title} {number}".strip()


@require_http_methods(["GET", "POST"])
@staff_page("edit_incident")
def new(request: StaffRequest) -> HttpResponse:
    """Opening an incident of the complaints that were chosen."""
    person = request.user
    tokens = (request.POST if request.method == "POST" else request.GET).getlist("at")
    chosen = _chosen(person, tokens)
    project = _project(request, chosen)
    if project is None:
        raise Http404
    if request.method == "GET":
        form = IncidentForm(initial=_initial(chosen))
        return _show_new(request, project, chosen, form)
    form = IncidentForm(request.POST)
    if not form.is_valid():
        return _show_new(request, project, chosen, form, status=422)
    try:
        made = of_incidents.begin(
            project,
            person=person,
            title=form.cleaned_data["title"],
            place=form.cleaned_data["place"],
            category=chosen[0].category if chosen else None,
            complaints=chosen,
        )
    except InvalidData as refused:
        form.refuse(refused.errors)
        return _show_new(request, project, chosen, form, status=422)
    except Refused as refused:
        form.add_error(None, refused.words)
        return _show_new(request, project, chosen, form, status=409)
    return redirect("desk:incident", made.number)


def _show_new(
    request: StaffRequest,
    project: Project,
    chosen: list[Complaint],
    form: IncidentForm,
    status: int = 200,
) -> HttpResponse:
    own = [each for each in works_for(request.user) if may(request.user, "edit_incident", each)]
    context = {
        "here": "incidents",
        "form": form,
        "project": project,
        "projects": own if not chosen else [],
        "chosen": chosen,
    }
    return render(request, "desk/incidents/new.html", context, status=status)


def _chosen(person: Staff, tokens: Iterable[str]) -> list[Complaint]:
    """The visible complaints of these, of one project: that of the first."""
    numbers = [token.partition("@")[0][:32] for token in list(dict.fromkeys(tokens))[:MOST_CHOSEN]]
    found = list(
        visible_to(person, Complaint)
        .filter(number__in=numbers)
        .select_related("project", "category__parent", "home")
        .order_by("received_at", "pk")
    )
    return [each for each in found if each.project_id == found[0].project_id]


def _project(request: StaffRequest, chosen: list[Complaint]) -> Project | None:
    if chosen:
        return chosen[0].project
    asked = (request.POST if request.method == "POST" else request.GET).get("project", "")
    own = [each for each in works_for(request.user) if may(request.user, "edit_incident", each)]
    return next((each for each in own if each.code == asked), own[0] if own else None)


def _initial(chosen: list[Complaint]) -> dict[str, str]:
    """A place and a title that name no home, from the first of them that says where."""
    for each in chosen:
        building, unit = (each.home.building, each.home.unit) if each.home else ("", "")
        place = places.public(each.place, building, unit)
        if place:
            return {
                "place": place,
                "title": of_incidents.proposed_title(place, each.category, chosen),
            }
    return {"title": of_incidents.proposed_title("", chosen[0].category)} if chosen else {}


@require_POST
@staff_page("edit_incident")
def change(request: StaffRequest, number: str) -> HttpResponse:
    """Saying better what it is and where."""
    found = incident_for(request.user, number)
    form = IncidentForm(request.POST)
    if not form.is_valid():
        return page(request, found, form, status=422)
    try:
        of_incidents.change(found, person=request.user, **form.cleaned_data)
    except NotAllowed:
        return HttpResponse(status=403)
    except InvalidData as refused:
        form.refuse(refused.errors)
        return page(request, found, form, status=422)
    return redirect("desk:incident", number)


@require_POST
@staff_page("edit_incident")
def end(request: StaffRequest, number: str) -> HttpResponse:
    """Nobody joins any more; or it goes on after all."""
    found = incident_for(request.user, number)
    try:
        of_incidents.end(found, person=request.user, ended=request.POST.get("ended") != "0")
    except NotAllowed:
        return HttpResponse(status=403)
    return redirect("desk:incident", number)
