"""Somebody leaves or moves: what moves is shown, then handed over by one action."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods

from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.staff import staff_for
from shouwen.organization import changing
from shouwen.organization.changing import Change, Held, Refused
from shouwen.organization.models import Post, Staff

#: Whoever takes all that nobody else is named for.
ALL = "all"


@require_http_methods(["GET", "POST"])
@staff_page("edit_staff")
def leave(request: StaffRequest, pk: int) -> HttpResponse:
    """What will move (GET, and each time something is chosen); all of it moved (POST with `do`)."""
    staff = staff_for(request, pk)
    if not staff.is_active:
        return redirect("desk:staff-one", pk)
    offered = {each.pk: each for each in changing.successors(staff)}
    posts = list(changing.open_posts(staff))
    asked = request.POST if request.method == "POST" else request.GET
    change = _change(request.user, staff, posts, asked, offered)
    refused: Refused | None = None
    if request.method == "POST" and "do" in request.POST:
        try:
            changing.carry_out(change)
            return redirect(f"{reverse('desk:staff-one', args=[pk])}?saved=moved")
        except Refused as reason:
            refused = reason
    return _page(request, change, posts, list(offered.values()), asked, refused)


def _change(
    by: Staff, staff: Staff, posts: list[Post], asked: QueryDict, offered: dict[int, Staff]
) -> Change:
    leaving = asked.get("what", "leave") != "move"
    chosen = set(asked.getlist("post"))
    ending = posts if leaving else [post for post in posts if str(post.pk) in chosen]
    change = Change(
        person=staff,
        by=by,
        posts=ending,
        last_day=_day(asked.get("last_day", "")),
        leaving=leaving,
        reason=asked.get("reason", "").strip()[:500],
    )
    everything = _who(asked, ALL, offered)
    takers = {name: _who(asked, f"to-{name}", offered) or everything for name in changing.KINDS}
    change.successors = {name: who for name, who in takers.items() if who is not None}
    taking = set(asked.getlist("take"))
    change.taking_posts = {
        post.pk: everything for post in ending if everything is not None and str(post.pk) in taking
    }
    return change


def _who(asked: QueryDict, name: str, offered: dict[int, Staff]) -> Staff | None:
    said = asked.get(name, "")
    return offered.get(int(said)) if said.isdecimal() else None


def _day(said: str) -> datetime.date:
    try:
        return parse_date(said) or timezone.localdate()
    except ValueError:
        return timezone.localdate()


def _page(
    request: StaffRequest,
    change: Change,
    posts: list[Post],
    offered: list[Staff],
    asked: QueryDict,
    refused: Refused | None,
) -> HttpResponse:
    held = changing.held(change)
    ending = {post.pk for post in change.posts}
    taken = set(asked.getlist("take"))
    context: dict[str, Any] = {
        "here": "settings",
        "staff": change.person,
        "change": change,
        "posts_open": [(post, post.pk in ending, str(post.pk) in taken) for post in posts],
        "held": [(each, asked.get(f"to-{each.kind.name}", "")) for each in held],
        "offered": offered,
        "all": asked.get(ALL, ""),
        "refused": refused,
        "nothing": not held,
        "needed": _needed(held),
    }
    if request.htmx:
        return render(request, "desk/settings/leaving_moves.html", context)
    status = 422 if refused else 200
    return render(request, "desk/settings/leaving.html", context, status=status)


def _needed(held: list[Held]) -> bool:
    return any(each.kind.needed for each in held)
