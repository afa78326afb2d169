"""Places with a QR code, by which residents report without an account: kept and printed here."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.organization_forms import look
from shouwen.desk.views.organization_projects import project_for
from shouwen.notices import links
from shouwen.organization import places
from shouwen.organization.models import Place, Project
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit
from shouwen.records.rendering import qr_svg


class PlaceForm(forms.Form):
    """One place more."""

    kind = forms.ChoiceField(
        label=gettext_lazy("种类"),
        choices=[each for each in Place.Kind.choices if each[0] != Place.Kind.PROJECT],
    )
    label = forms.CharField(
        label=gettext_lazy("位置"),
        max_length=80,
        help_text=gettext_lazy("客户扫码后看到的，如“地下车库 B2 东侧”"),
    )

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        look(self)


@require_safe
@staff_page("edit_organization")
def projects(request: StaffRequest) -> HttpResponse:
    """The projects whose places somebody keeps, with how many codes each has."""
    found = visible_to(request.user, Project).filter(is_active=True)
    counted = found.annotate(
        codes=Count("places", filter=Q(places__is_active=True) & ~Q(places__kind="project"))
    )
    kept = [
        each for each in counted.order_by("code") if may(request.user, "edit_organization", each)
    ]
    return render(request, "desk/settings/places_projects.html", {"here": "settings", "kept": kept})


@require_http_methods(["GET", "POST"])
@staff_page("edit_organization")
def of_project(request: StaffRequest, code: str) -> HttpResponse:
    """The places of a project; one more, or those of all buildings at once."""
    found = project_for(request, code)
    act = request.POST.get("act", "")
    form = PlaceForm(request.POST if act == "one" else None)
    if act == "buildings":
        made = places.add_for_buildings(found, request.POST.getlist("of"))
        return _noted(request, found, made)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            places.add(found, given["kind"], given["label"])
        except ValidationError as wrong:
            form.add_error("label", wrong.messages[0])
        else:
            return _noted(request, found, 1)
    kept = list(found.places.exclude(kind=Place.Kind.PROJECT).filter(is_active=True))
    context = {
        "here": "settings",
        "project": found,
        "form": form,
        "places": sorted(kept, key=_in_order),
        "entry": links.absolute(_path(places.entry(found)))
        or request.build_absolute_uri(_path(places.entry(found))),
        "kiosk": reverse("portal:kiosk", args=[places.entry(found).token]),
        "public": bool(settings.SHOUWEN_PUBLIC_ADDRESS),
        "made": request.GET.get("made", ""),
    }
    status = 422 if form.errors else 200
    return render(request, "desk/settings/places.html", context, status=status)


def _in_order(place: Place) -> tuple[object, ...]:
    number = int(place.building) if place.building.isdigit() else 0
    kinds = list(Place.Kind.values)
    return (
        kinds.index(place.kind),
        not place.building,
        number,
        place.building,
        place.unit,
        place.label,
    )


def _noted(request: StaffRequest, found: Project, number: int) -> HttpResponse:
    if number:
        audit.note("project_changed", actor_id=request.user.pk, project_id=found.pk, places=number)
    return redirect(f"{reverse('desk:places-of', args=[found.code])}?made={number}")


def _path(place: Place) -> str:
    return reverse("portal:report", args=[place.token])


@require_POST
@staff_page("edit_organization")
def retire(request: StaffRequest, code: str, pk: int) -> HttpResponse:
    """Take a code out of use: who scans it is told to call."""
    found = project_for(request, code)
    place = get_object_or_404(Place, pk=pk, project=found)
    if place.whole_project:
        # The project's own entry gets another code: the printed one leads nowhere from now on.
        places.renew(place)
    else:
        places.take_out_of_use(place)
    audit.note("project_changed", actor_id=request.user.pk, project_id=found.pk, places=1)
    return redirect("desk:places-of", found.code)


@require_safe
@staff_page("edit_organization")
def sheet(request: StaffRequest, code: str) -> HttpResponse:
    """The codes on A4, to be cut out: of the project, and of each place or one of them."""
    found = project_for(request, code)
    kept = sorted(
        found.places.filter(is_active=True).exclude(kind=Place.Kind.PROJECT), key=_in_order
    )
    wanted = request.GET.get("place", "")
    if wanted:
        kept = [each for each in kept if str(each.pk) == wanted]
    else:
        kept = [places.entry(found), *kept]
    context = {
        "here": "settings",
        "project": found,
        "public": bool(settings.SHOUWEN_PUBLIC_ADDRESS),
        "codes": [
            (each, qr_svg(links.absolute(_path(each)) or request.build_absolute_uri(_path(each))))
            for each in kept
        ],
    }
    return render(request, "desk/settings/places_sheet.html", context)
