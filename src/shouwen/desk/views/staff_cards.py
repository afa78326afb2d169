"""Staff cards: issued and printed, or stopped, by whoever keeps the account."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from shouwen.desk import words
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.link import absolute
from shouwen.desk.views.staff import staff_for
from shouwen.organization import cards
from shouwen.records.rendering import qr_svg


@require_POST
@staff_page("edit_staff")
def issue(request: StaffRequest, pk: int) -> HttpResponse:
    """A new card, to be printed now: its code is shown once."""
    staff = staff_for(request, pk)
    if not staff.is_active:
        return redirect("desk:staff-one", pk)
    token = cards.issue(staff, by=request.user)
    address = absolute(request, reverse("portal:card", args=[token]))
    projects = {post.project.name for post in staff.posts.select_related("project") if post.project}
    context = {
        "here": "settings",
        "staff": staff,
        "projects": words.listed(sorted(projects)),
        "address": address,
        "qr": qr_svg(address),
    }
    return render(request, "desk/settings/staff_card.html", context)


@require_POST
@staff_page("edit_staff")
def stop(request: StaffRequest, pk: int) -> HttpResponse:
    """A card was lost."""
    cards.stop(staff_for(request, pk), by=request.user)
    return redirect(f"{reverse('desk:staff-one', args=[pk])}?saved=1")
