"""Shifts on the roster: one, its series, a repeating plan, the hours that shifts have."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwen.clocks import calendars
from shouwen.desk.duty_calendar import WEEKDAYS, hours
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.roster import project_for
from shouwen.desk.views.roster_forms import PlanForm, SeriesForm, ShiftForm, TimesForm
from shouwen.organization import repeating, scheduling
from shouwen.organization.models import Project, Shift
from shouwen.organization.permissions import may

PREVIEWED = 60


def _back(project: Project, day: Any, saved: str = "1") -> HttpResponse:
    return redirect(
        f"{reverse('desk:roster', args=[project.code])}?day={day:%Y-%m-%d}&saved={saved}"
    )


def refuse(form: BaseForm, wrong: ValidationError) -> None:
    """Show beside the form's own fields what was refused."""
    told = wrong.message_dict if hasattr(wrong, "error_dict") else {"__all__": wrong.messages}
    for name, messages in told.items():
        for message in messages:
            form.add_error(name if name in form.fields else None, message)


def shift_for(request: StaffRequest, project: Project, pk: int) -> Shift:
    """A shift of the project."""
    found = Shift.objects.select_related("project", "department", "staff")
    return get_object_or_404(found, pk=pk, project=project)


def _across(form: ShiftForm, but: Shift | None = None) -> list[str]:
    """The other shifts of the person that lie across, in words."""
    given = form.cleaned_data
    tz = scheduling.zone(form.project)
    found = scheduling.overlapping(given["staff"], given["starts_at"], given["ends_at"], but=but)
    return [
        f"{timezone.localdate(each.starts_at, tz):%m-%d} {hours(each.starts_at, each.ends_at, tz)}"
        f" {each.get_position_display()}"
        for each in found[:5]
    ]


@require_http_methods(["GET", "POST"])
@staff_page("edit_roster")
def new(request: StaffRequest, code: str) -> HttpResponse:
    """A further shift; one that lies across another of the same person is asked about first."""
    project = project_for(request, code, "edit_roster")
    form = ShiftForm(project, request.POST or None, initial={"day": request.GET.get("day", "")})
    across: list[str] = []
    if request.method == "POST" and form.is_valid():
        across = _across(form)
        if not across or "anyway" in request.POST:
            given = form.cleaned_data
            try:
                scheduling.add(
                    given["place"],
                    given["staff"],
                    given["starts_at"],
                    given["ends_at"],
                    by=request.user,
                )
                return _back(project, given["day"])
            except ValidationError as wrong:
                refuse(form, wrong)
    context = {"here": "roster", "project": project, "form": form, "across": across}
    status = 422 if form.errors or across else 200
    return render(request, "desk/roster/shift.html", context, status=status)


@require_GET
@staff_page("see_roster")
def one(request: StaffRequest, code: str, pk: int) -> HttpResponse:
    """One shift: who keeps the roster changes it; whose it is asks a colleague to take it."""
    project = project_for(request, code)
    return _one(request, shift_for(request, project, pk))


@require_POST
@staff_page("edit_roster")
def change(request: StaffRequest, code: str, pk: int) -> HttpResponse:
    """Other hours, or somebody else; what lies across is asked about first."""
    project = project_for(request, code, "edit_roster")
    shift = shift_for(request, project, pk)
    form, across = ShiftForm(project, request.POST, shift=shift), list[str]()
    if form.is_valid():
        across, given = _across(form, shift), form.cleaned_data
        if not across or "anyway" in request.POST:
            try:
                scheduling.change(
                    shift, given["staff"], given["starts_at"], given["ends_at"], by=request.user
                )
                return _back(project, given["day"])
            except ValidationError as wrong:
                refuse(form, wrong)
    return _one(request, shift, form=form, across=across, status=422)


def _initial(shift: Shift) -> dict[str, Any]:
    tz = scheduling.zone(shift.project)
    department = f"/{shift.department.code}" if shift.department else ""
    return {
        "who": f"{shift.position}{department}:{shift.staff_id}",
        "day": timezone.localdate(shift.starts_at, tz),
        "begins": shift.starts_at.astimezone(tz).time(),
        "ends": shift.ends_at.astimezone(tz).time(),
    }


def _one(
    request: StaffRequest,
    shift: Shift,
    *,
    form: ShiftForm | None = None,
    series: SeriesForm | None = None,
    across: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    project = shift.project
    assert project is not None
    tz = scheduling.zone(project)
    day = timezone.localdate(shift.starts_at, tz)
    open_ = shift.ends_at > timezone.now()
    edits = bool(may(request.user, "edit_roster", project))
    left = scheduling.of_series(shift.series, shift.starts_at).count() if shift.series else 0
    if series is None and shift.series:
        series = SeriesForm(
            shift,
            initial={
                "since": day,
                "begins": shift.starts_at.astimezone(tz).time(),
                "ends": shift.ends_at.astimezone(tz).time(),
            },
        )
    context = {
        "here": "roster",
        "project": project,
        "shift": shift,
        "day": day,
        "weekday": WEEKDAYS[day.weekday()],
        "hours": hours(shift.starts_at, shift.ends_at, tz),
        "form": form or ShiftForm(project, shift=shift, initial=_initial(shift)),
        "series": series if left else None,
        "left": left,
        "across": across or [],
        "edits": edits and open_,
        "over": not open_,
        "swaps": shift.swaps.select_related("asked_by", "asked_of"),
        "may_ask": bool(may(request.user, "ask_swap", shift)) and shift.starts_at > timezone.now(),
    }
    return render(request, "desk/roster/shift.html", context, status=status)


@require_POST
@staff_page("edit_roster")
def remove(request: StaffRequest, code: str, pk: int) -> HttpResponse:
    """Take a shift out of the roster."""
    project = project_for(request, code, "edit_roster")
    shift = shift_for(request, project, pk)
    day = timezone.localdate(shift.starts_at, scheduling.zone(project))
    try:
        scheduling.remove(shift, by=request.user)
    except ValidationError as wrong:
        context = {"here": "roster", "project": project, "wrong": wrong.messages}
        return render(request, "desk/roster/refused.html", context, status=422)
    return _back(project, day)


@require_POST
@staff_page("edit_roster")
def series(request: StaffRequest, code: str, pk: int) -> HttpResponse:
    """Change or remove what is left of a series from a day on."""
    project = project_for(request, code, "edit_roster")
    shift = shift_for(request, project, pk)
    form = SeriesForm(shift, request.POST)
    removing = "remove" in request.POST
    valid = form.is_valid()
    if shift.series and "at" in form.cleaned_data and (valid or removing):
        at = form.cleaned_data["at"]
        try:
            if removing:
                scheduling.remove_series(shift.series, at, by=request.user)
            else:
                begins, ends = form.cleaned_data["hours"]
                scheduling.change_series(
                    shift.series,
                    at,
                    begins=begins,
                    ends=ends,
                    staff=form.people.get(form.cleaned_data["staff"]),
                    by=request.user,
                )
            return _back(project, form.cleaned_data["since"])
        except ValidationError as wrong:
            refuse(form, wrong)
    return _one(request, shift, series=form, status=422)


@require_http_methods(["GET", "POST"])
@staff_page("edit_roster")
def plan(request: StaffRequest, code: str) -> HttpResponse:
    """A repeating plan: first the position, then what is to be repeated, seen before it is made."""
    project = project_for(request, code, "edit_roster")
    people = scheduling.people(project)
    places = {each.key: each for each in people}
    asked = request.POST.get("place") or request.GET.get("place", "")
    place = places.get(asked) or next(iter(places.values()), None)
    context: dict[str, Any] = {
        "here": "roster",
        "project": project,
        "places": list(places.values()),
        "place": place,
    }
    if place is None:
        return render(request, "desk/roster/plan.html", context)
    initial = {"place": place.key, "first": timezone.localdate(), "weekdays": [*range(7)]}
    form = PlanForm(project, place, people[place], request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        calendar = calendars.current()
        try:
            if "make" in request.POST:
                number = repeating.make(form.cleaned_data["plan"], calendar, by=request.user)
                return _back(project, form.cleaned_data["first"], f"{number}")
            found = repeating.planned(form.cleaned_data["plan"], calendar)
            tz = scheduling.zone(project)
            context |= {
                "planned": [
                    (each, WEEKDAYS[each.day.weekday()], hours(each.starts_at, each.ends_at, tz))
                    for each in found[:PREVIEWED]
                ],
                "more": max(0, len(found) - PREVIEWED),
                "number": sum(each.made for each in found),
                "left_out": sum(not each.made for each in found),
                "overlaps": sum(each.problem == "overlap" for each in found),
            }
        except ValidationError as wrong:
            refuse(form, wrong)
    status = 422 if form.errors else 200
    return render(request, "desk/roster/plan.html", context | {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@staff_page("edit_roster")
def times(request: StaffRequest, code: str) -> HttpResponse:
    """The hours that the project's shifts have."""
    project = project_for(request, code, "edit_roster")
    form = TimesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            scheduling.name_times(project, **form.cleaned_data, by=request.user)
            return redirect("desk:roster-times", project.code)
        except ValidationError as wrong:
            refuse(form, wrong)
    context = {
        "here": "roster",
        "project": project,
        "times": scheduling.times_of(project),
        "own": project.shift_times.exists(),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "desk/roster/times.html", context, status=status)


@require_POST
@staff_page("edit_roster")
def remove_times(request: StaffRequest, code: str, pk: int) -> HttpResponse:
    """Hours that are not used any more; shifts that have them stay."""
    project = project_for(request, code, "edit_roster")
    get_object_or_404(project.shift_times, pk=pk).delete()
    return redirect("desk:roster-times", project.code)
