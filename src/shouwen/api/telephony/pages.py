"""Settings › Telephone: lines of switchboards, their secrets, whose extension is whose."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from shouwen.api.telephony import keeping
from shouwen.api.telephony.forms import LineForm, NewLineForm, SeatForm
from shouwen.channels import ringing
from shouwen.channels.models import TelephoneLine
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization.permissions import may, visible_to


@require_http_methods(["GET", "POST"])
@staff_page("keep_telephony")
def lines(request: StaffRequest) -> HttpResponse:
    """All lines that the person keeps; a new one, whose secret is shown this once."""
    form = NewLineForm(ringing.projects_kept(request.user), request.POST or None)
    if request.method == "POST" and form.is_valid():
        line = keeping.make(
            form.cleaned_data["project"], form.cleaned_data["name"], by=request.user
        )
        return _page(request, line, secret=line.secret)
    found = visible_to(request.user, TelephoneLine).select_related("project")
    context = {"here": "settings", "form": form, "lines": found}
    return render(request, "api/telephony/lines.html", context, status=422 if form.errors else 200)


def _line(request: StaffRequest, pk: int) -> TelephoneLine:
    line = visible_to(request.user, TelephoneLine).select_related("project").filter(pk=pk).first()
    if line is None or not may(request.user, "keep_telephony", line.project):
        raise Http404
    return line


def _page(
    request: StaffRequest,
    line: TelephoneLine,
    *,
    form: LineForm | None = None,
    seat: SeatForm | None = None,
    secret: str = "",
) -> HttpResponse:
    form, seat = form or LineForm(instance=line), seat or SeatForm(line)
    context: dict[str, Any] = {
        "here": "settings",
        "line": line,
        "form": form,
        "seat": seat,
        "secret": secret,
        "seats": line.extensions.select_related("staff"),
        "address": request.build_absolute_uri(reverse("api:telephony-events", args=[line.token])),
        "overlaps": line.previous_until is not None and timezone.now() < line.previous_until,
        "done": request.GET.get("done", ""),
    }
    status = 422 if form.errors or seat.errors else 200
    return render(request, "api/telephony/line.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_page("keep_telephony")
def line(request: StaffRequest, pk: int) -> HttpResponse:
    """One line; keeping what is agreed with its switchboard."""
    found = _line(request, pk)
    if request.method != "POST":
        return _page(request, found)
    form = LineForm(request.POST, instance=found)
    if not form.is_valid():
        return _page(request, _line(request, pk), form=form)
    form.save()
    keeping.note(found, request.user, "changed")
    return _done(found, "saved")


@require_POST
@staff_page("keep_telephony")
def rotate(request: StaffRequest, pk: int) -> HttpResponse:
    """A new secret, shown this once."""
    found = _line(request, pk)
    keeping.rotate(found, by=request.user)
    return _page(request, found, secret=found.secret)


@require_POST
@staff_page("keep_telephony")
def switch(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop it, or take it into use again."""
    found = _line(request, pk)
    keeping.switch(found, request.POST.get("active") == "1", by=request.user)
    return _done(found, "switched")


@require_POST
@staff_page("keep_telephony")
def try_out(request: StaffRequest, pk: int) -> HttpResponse:
    """A trial call, on one's own screen alone."""
    found = _line(request, pk)
    return _done(found, "tried" if keeping.try_out(found, request.user) else "failed")


@require_POST
@staff_page("keep_telephony")
def seat(request: StaffRequest, pk: int) -> HttpResponse:
    """Say who sits at an extension, or that nobody does any more."""
    found = _line(request, pk)
    remove = request.POST.get("remove", "")
    if remove:
        found.extensions.filter(number=remove).delete()
    else:
        form = SeatForm(found, request.POST)
        if not form.is_valid():
            return _page(request, found, seat=form)
        form.keep()
    keeping.note(found, request.user, "seats")
    return _done(found, "saved")


def _done(line: TelephoneLine, what: str) -> HttpResponse:
    return redirect(f"{reverse('api:telephone-line', args=[line.pk])}?done={what}")
