"""Stand-ins (代理): who acts for whom and until when; naming one, ending it early."""

from __future__ import annotations

import contextlib

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shouwen.clocks import reading
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.roster_forms import DelegationForm
from shouwen.desk.views.roster_shifts import refuse
from shouwen.organization import standing_in
from shouwen.organization.models import Delegation, Staff
from shouwen.organization.permissions import may, visible_to

PAST_SHOWN = 30


@require_http_methods(["GET", "POST"])
@staff_page("delegate")
def delegations(request: StaffRequest) -> HttpResponse:
    """Those in force, those to come and the last that are over (GET); a further one (POST)."""
    person = request.user
    colleagues = list(
        visible_to(person, Staff)
        .filter(is_active=True)
        .order_by("username")
        .prefetch_related("posts__project", "posts__department")
    )
    for each in colleagues:
        each.__dict__["_posts"] = list(each.posts.all())
    persons = [each for each in colleagues if each.pk == person.pk]
    persons += [
        each for each in colleagues if each.pk != person.pk and may(person, "delegate", each)
    ]
    form = DelegationForm(
        persons,
        [each for each in colleagues if each.posts.all()],
        request.POST or None,
        initial={"person": request.GET.get("person", person.pk)},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        away, stand_in = form.known[given["person"]], form.known[given["stand_in"]]
        try:
            if (
                reading.held_by(Staff.objects.get(pk=away.pk))
                .filter(barred_id=stand_in.pk)
                .exists()
            ):
                # Said no further: that a complaint is about somebody is for who handles it.
                raise ValidationError({"stand_in": _("这位同事现在不能代理，请选择别人")})
            standing_in.name_stand_in(
                away,
                stand_in,
                given["since"],
                given["until"],
                reason=given["reason"],
                by=person,
            )
            return redirect("desk:delegations")
        except ValidationError as wrong:
            refuse(form, wrong)
    now = timezone.now()
    found = visible_to(person, Delegation).select_related("person", "stand_in", "made_by")
    rows = [(each, _ends(person, each)) for each in found.filter(until__gt=now)]
    context = {
        "here": "roster",
        "at": "delegations",
        "form": form,
        "now_away": [each for each in rows if each[0].since <= now],
        "to_come": [each for each in rows if each[0].since > now],
        "past": found.filter(until__lte=now)[:PAST_SHOWN],
    }
    status = 422 if form.errors else 200
    return render(request, "desk/roster/delegations.html", context, status=status)


def _ends(person: Staff, delegation: Delegation) -> bool:
    return bool(may(person, "delegate", delegation.person))


@require_POST
@staff_page("delegate")
def end(request: StaffRequest, pk: int) -> HttpResponse:
    """End it now; one that has not begun is taken back."""
    found = visible_to(request.user, Delegation).select_related("person")
    delegation = get_object_or_404(found, pk=pk)
    allowed = may(request.user, "delegate", delegation.person)
    if not allowed:
        raise PermissionDenied(str(allowed.rule))
    # Over meanwhile: the list says so.
    with contextlib.suppress(ValidationError):
        standing_in.end(delegation, by=request.user)
    return redirect("desk:delegations")
