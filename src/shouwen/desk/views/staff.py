"""Staff: the list, one person's account and posts."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.organization_forms import PostForm, StaffForm
from shouwen.organization import cards, changing, signing_in
from shouwen.organization.customers import mask
from shouwen.organization.holders import forget_positions
from shouwen.organization.models import Invitation, Post, Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.organization.positions import Position
from shouwen.organization.structure import appoint
from shouwen.records import audit

PAGE = 60


def staff_for(request: StaffRequest, pk: int) -> Staff:
    """Somebody whose account the person keeps."""
    found = get_object_or_404(visible_to(request.user, Staff), pk=pk)
    if not may(request.user, "edit_staff", found):
        raise PermissionDenied
    return found


def _open_on(day: datetime.date) -> Q:
    return Q(until=None) | Q(until__gte=day)


def _asked(request: StaffRequest) -> QuerySet[Staff]:
    """The staff that the list is asked for."""
    get, today = request.GET, timezone.localdate()
    found = visible_to(request.user, Staff)
    found = found.filter(is_active=not get.get("gone"))
    if words := get.get("q", "").strip()[:80]:
        found = found.filter(Q(name__icontains=words) | Q(username__icontains=words))
    posts = Post.objects.filter(_open_on(today)) if not get.get("gone") else Post.objects.all()
    project, position = get.get("project", ""), get.get("position", "")
    if project:
        posts = posts.filter(project__code=project)
    if position in Position.values:
        posts = posts.filter(position=position)
    if project or position:
        found = found.filter(pk__in=posts.values("staff"))
    return found


@require_http_methods(["GET"])
@staff_page("edit_staff")
def everybody(request: StaffRequest) -> HttpResponse:
    """The staff that the person sees, by username; those whom they keep lead to their page."""
    found = _asked(request)
    if after := request.GET.get("after", "")[:80]:
        found = found.filter(username__gt=after)
    posts = Post.objects.select_related("project", "department").order_by("since", "pk")
    rows = list(found.order_by("username").prefetch_related(Prefetch("posts", posts))[: PAGE + 1])
    today = timezone.localdate()
    shown = []
    for each in rows[:PAGE]:
        every = list(each.posts.all())
        each.__dict__["_posts"] = every
        now = [post for post in every if post.until is None or post.until >= today]
        shown.append((each, now, bool(may(request.user, "edit_staff", each))))
    asked = {name: value for name, value in request.GET.items() if name != "after" and value}
    context = {
        "here": "settings",
        "rows": shown,
        "after": urlencode(asked | {"after": rows[PAGE - 1].username}) if len(rows) > PAGE else "",
        "asked": asked,
        "positions": Position.choices,
        "may_import": bool(may(request.user, "import_organization")),
        "newcomers": found.filter(pk__in=changing.newcomers().values("pk")).count(),
    }
    return render(request, "desk/settings/staff.html", context)


@require_http_methods(["GET", "POST"])
@staff_page("edit_staff")
def new(request: StaffRequest) -> HttpResponse:
    """Somebody new, with their first post. There is no password yet: they are invited."""
    data = request.POST or None
    form, post = StaffForm(data), PostForm(request.user, data, prefix="post")
    if request.method == "POST" and form.is_valid() and post.is_valid():
        try:
            with transaction.atomic():
                staff = form.save(commit=False)
                staff.set_unusable_password()
                staff.save()
                audit.note(
                    "staff_added",
                    actor_id=request.user.pk,
                    subject_type="staff",
                    subject_id=staff.pk,
                )
                _appoint(request, staff, post)
            return redirect(f"{reverse('desk:staff-one', args=[staff.pk])}?saved=new")
        except ValidationError as wrong:
            _told(post, wrong)
    context = {"here": "settings", "form": form, "post": post}
    status = 422 if form.errors or post.errors else 200
    return render(request, "desk/settings/staff_new.html", context, status=status)


def _appoint(request: StaffRequest, staff: Staff, form: PostForm) -> None:
    made = appoint(staff, **form.cleaned_data)
    audit.note(
        "post_given",
        actor_id=request.user.pk,
        subject_type="staff",
        subject_id=staff.pk,
        project_id=made.project_id,
        position=made.position,
    )


def _told(form: PostForm, wrong: ValidationError) -> None:
    """Show beside the form's own fields what the post itself refused."""
    errors = wrong.message_dict if hasattr(wrong, "error_dict") else {"__all__": wrong.messages}
    for name, messages in errors.items():
        for message in messages:
            form.add_error(name if name in form.fields else None, message)


@require_http_methods(["GET", "POST"])
@staff_page("edit_staff")
def one(request: StaffRequest, pk: int) -> HttpResponse:
    """Somebody's account and posts."""
    staff = staff_for(request, pk)
    form = StaffForm(request.POST or None, instance=staff)
    if request.method == "POST" and form.is_valid():
        form.save()
        audit.note(
            "staff_changed",
            actor_id=request.user.pk,
            subject_type="staff",
            subject_id=pk,
            fields=sorted(form.changed_data),
        )
        return redirect(f"{reverse('desk:staff-one', args=[pk])}?saved=1")
    return _one(request, Staff.objects.get(pk=pk), form=form)


def _one(
    request: StaffRequest,
    staff: Staff,
    *,
    form: StaffForm | None = None,
    post: PostForm | None = None,
    wrong: str = "",
) -> HttpResponse:
    posts = staff.posts.select_related("project", "department").order_by("-since", "-pk")
    refused = bool(wrong or (form and form.errors) or (post and post.errors))
    context: dict[str, Any] = {
        "here": "settings",
        "staff": staff,
        "form": form or StaffForm(instance=staff),
        "telephone": mask(staff.telephone) if staff.telephone else "",
        "posts_held": [(each, bool(may(request.user, "give_post", each))) for each in posts],
        "today": timezone.localdate(),
        "post": post or PostForm(request.user, prefix="post"),
        "wrong": wrong,
        "saved": request.GET.get("saved", ""),
        "invited": not staff.password.startswith("!"),
        "pending": Invitation.objects.filter(staff=staff, expires_at__gt=timezone.now()).first(),
        "card": cards.printed(staff),
        "second_factor": signing_in.has_a_second_factor(staff),
        "may_lift": bool(may(request.user, "lift_second_factor", staff)),
    }
    return render(request, "desk/settings/staff_one.html", context, status=422 if refused else 200)


@require_POST
@staff_page("edit_staff")
def telephone(request: StaffRequest, pk: int) -> HttpResponse:
    """The whole telephone number, asked for by a click and written down."""
    staff = staff_for(request, pk)
    audit.note(
        "staff_telephone_seen",
        actor_id=request.user.pk,
        subject_type="staff",
        subject_id=pk,
    )
    return render(request, "desk/parts/telephone.html", {"complaint": staff})


@require_POST
@staff_page("edit_staff")
def give_post(request: StaffRequest, pk: int) -> HttpResponse:
    """A further post."""
    staff = staff_for(request, pk)
    form = PostForm(request.user, request.POST, prefix="post")
    if form.is_valid():
        given = form.cleaned_data
        same = staff.posts.filter(_open_on(given["since"])).filter(
            position=given["position"], project=given["project"], department=given["department"]
        )
        if same.exists():
            form.add_error("position", _("已经任这个岗位"))
        else:
            try:
                _appoint(request, staff, form)
                return redirect(f"{reverse('desk:staff-one', args=[pk])}?saved=1#posts")
            except ValidationError as wrong:
                _told(form, wrong)
    return _one(request, staff, post=form)


@require_POST
@staff_page("edit_staff")
def end_post(request: StaffRequest, pk: int, post: int) -> HttpResponse:
    """End a post with a day; without a day it goes on, which also undoes an end."""
    staff = staff_for(request, pk)
    kept = get_object_or_404(staff.posts.select_related("project"), pk=post)
    allowed = may(request.user, "give_post", kept)
    said = request.POST.get("until", "").strip()
    until = parse_date(said) if said else None
    wrong = ""
    if not allowed:
        raise PermissionDenied(str(allowed.rule))
    if said and until is None:
        wrong = _("请写日期，如 2026-11-30")
    elif until is not None and until < kept.since:
        wrong = _("结束日期不能早于任职日期")
    elif until is not None and not changing.keeps_an_administrator([kept]):
        wrong = _("这是最后一位系统管理员，请先任命另一位")
    if wrong:
        return _one(request, staff, wrong=wrong)
    kept.until = until
    kept.save(update_fields=["until"])
    forget_positions(staff)
    audit.note(
        "post_ended",
        actor_id=request.user.pk,
        subject_type="staff",
        subject_id=pk,
        project_id=kept.project_id,
        position=kept.position,
        until=until.isoformat() if until else "",
    )
    return redirect(f"{reverse('desk:staff-one', args=[pk])}?saved=1#posts")


@require_POST
@staff_page("edit_staff")
def back(request: StaffRequest, pk: int) -> HttpResponse:
    """Open the account of somebody who comes back."""
    staff = staff_for(request, pk)
    changing.bring_back(staff, by=request.user)
    return redirect(f"{reverse('desk:staff-one', args=[pk])}?saved=1")
