"""The address at which an outside hotline passes on its orders, and the page where hotlines are kept."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from pydantic import ValidationError

from shouwen.api import problems
from shouwen.api.authentication import speak
from shouwen.channels.hotline_orders import Order, genuine, new_secret, pass_on
from shouwen.channels.models import Hotline
from shouwen.complaints.refusals import InvalidData
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.organization_forms import look
from shouwen.organization.models import Project
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit, isolation

MOST_BYTES = 256 << 10
CHANGES = ("rotate", "start", "stop")


@csrf_exempt
@require_POST
def orders(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an order: signed, and once however often it is sent."""
    speak(request, None)
    try:
        if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
            raise problems.Problem(
                413, "too-large", _("内容太大"), what_to_do=_("附件请另行提供。")
            )
        with isolation.transaction_of(None):
            hotline = (
                Hotline.objects.select_related("project").filter(pk=pk, is_active=True).first()
            )
        timestamp, signed = (
            request.headers.get(f"X-Shouwen-{name}", "") for name in ("Timestamp", "Signature")
        )
        if hotline is None or not genuine(hotline, timestamp, signed, request.body):
            raise problems.Problem(
                401,
                "not-signed",
                _("签名不对，或时间相差超过五分钟"),
                what_to_do=_("按文档用共同的密钥签名后再发。"),
            )
        try:
            order = Order.model_validate_json(request.body)
        except ValidationError as wrong:
            raise problems.invalid(
                {
                    ".".join(map(str, each["loc"])) or "body": [each["msg"]]
                    for each in wrong.errors()
                }
            ) from None
        project = hotline.project
        with isolation.transaction_of({project.pk}):
            try:
                outcome = pass_on(project, hotline, order)
            except InvalidData as wrong:
                raise problems.invalid(wrong.errors) from None
    except problems.Problem as problem:
        return problem.response()
    found = outcome.complaint
    told = {
        "order": order.number,
        "complaint": found.number,
        "received_at": found.received_at.isoformat(),
        "due_at": order.due_at.isoformat(),
    }
    return JsonResponse(told, status=200 if outcome.replayed else 201)


class HotlineForm(forms.Form):
    """A new hotline."""

    project = forms.ModelChoiceField(Project.objects.none(), label=gettext_lazy("项目"))
    name = forms.CharField(label=gettext_lazy("热线"), max_length=40, initial="12345")
    reply_url = forms.URLField(
        label=gettext_lazy("回复地址"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("热线接收回复的地址；没有就留空，由前台在热线自己的系统里回复"),
    )


@require_http_methods(["GET", "POST"])
@staff_page("keep_hotlines")
def keep(request: StaffRequest) -> HttpResponse:
    """The hotlines of one's projects: adding one, a new secret, stopping."""
    projects = [
        each.pk
        for each in visible_to(request.user, Project).filter(is_active=True)
        if may(request.user, "keep_hotlines", each)
    ]
    changing = request.method == "POST" and request.POST.get("action") in CHANGES
    form = HotlineForm(request.POST if request.method == "POST" and not changing else None)
    form.fields["project"].queryset = Project.objects.filter(pk__in=projects)  # type: ignore[attr-defined]
    if len(projects) == 1:
        form.initial["project"] = projects[0]
    look(form)
    made: Hotline | None = None
    secret = ""
    if request.method == "POST":
        if not changing:
            if form.is_valid():
                same = Hotline.objects.filter(
                    project=form.cleaned_data["project"], name=form.cleaned_data["name"]
                )
                if same.exists():
                    form.add_error("name", _("这个项目已有同名的热线"))
                else:
                    secret = new_secret()
                    made = Hotline.objects.create(**form.cleaned_data, secret=secret)
                    _note(request, made, "added")
        else:
            made, secret = _change(request, projects)
            if made is None:
                return redirect("api:hotlines")
    rows = Hotline.objects.filter(project__in=projects).select_related("project")
    context = {
        "here": "settings",
        "form": form,
        "rows": [
            (each, request.build_absolute_uri(reverse("api:hotline-orders", args=[each.pk])))
            for each in rows
        ],
        "made": made,
        "secret": secret,
    }
    return render(request, "api/hotlines.html", context, status=422 if form.errors else 200)


def _change(request: StaffRequest, projects: list[int]) -> tuple[Hotline | None, str]:
    """A new secret, which is shown; stopping and starting, which shows nothing."""
    try:
        pk: UUID | None = UUID(request.POST.get("hotline", ""))
    except ValueError:
        pk = None
    found = Hotline.objects.filter(pk=pk, project__in=projects).first() if pk else None
    if found is None:
        raise Http404
    if request.POST.get("action") == "rotate":
        secret = new_secret()
        found.secret = secret
        found.save(update_fields=["secret"])
        _note(request, found, "secret_renewed")
        return found, secret
    found.is_active = request.POST.get("action") == "start"
    found.save(update_fields=["is_active"])
    _note(request, found, "started" if found.is_active else "stopped")
    return None, ""


def _note(request: StaffRequest, hotline: Hotline, what: str) -> None:
    audit.note(
        "hotline_changed",
        actor_id=request.user.pk,
        subject_type="hotline",
        project_id=hotline.project_id,
        hotline=str(hotline.pk),
        what=what,
    )
