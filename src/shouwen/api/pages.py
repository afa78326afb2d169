"""The pages of the API: its document for people, and the settings where keys are kept."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_alone
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shouwen.api import keys as keeping
from shouwen.api import problems, v1
from shouwen.api.authentication import speak
from shouwen.api.models import ApiKey, Subscription
from shouwen.api.open311 import pages as open311
from shouwen.api.scopes import Scope
from shouwen.api.webhooks import delivering
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit

MOST_MESSAGES = 100
LASTS = ((30, _("30 天")), (90, _("90 天")), (365, _("一年")), (0, _("不到期")))


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document to read and to try; everything it needs is served from here."""
    return render_alone(request, "api/docs.html")


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document, in the language asked for."""
    return JsonResponse(
        v1.described(request),
        json_dumps_params={"ensure_ascii": False, "default": str},
        headers={"Cache-Control": "no-cache"},
    )


@csrf_exempt
def nothing_there(request: HttpRequest) -> HttpResponse:
    """What is no operation is answered as the API answers."""
    speak(request, None)
    return problems.not_found().response()


class KeyForm(forms.Form):
    """A new key."""

    name = forms.CharField(
        label=_("用途"),
        max_length=80,
        help_text=_("例如：客服系统、数据看板"),
        widget=forms.TextInput({"class": "form-control"}),
    )
    lasts = forms.TypedChoiceField(
        label=_("有效期"),
        choices=LASTS,
        coerce=int,
        initial=90,
        widget=forms.Select({"class": "form-select"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("范围"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )


@require_http_methods(["GET", "POST"])
@staff_page("keep_api_keys")
def keys(request: StaffRequest) -> HttpResponse:
    """The person's keys and subscriptions; making a key, whose text is shown this once."""
    person, now = request.user, timezone.now()
    form = KeyForm(request.POST or None)
    made: str = ""
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["lasts"]
        _key, made = keeping.make(
            owner=person,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            by=person,
            expires_at=now + timedelta(days=days) if days else None,
        )
        form = KeyForm()
    found = visible_to(person, ApiKey).select_related("owner", "use")
    subscriptions = visible_to(person, Subscription).select_related("owner", "project")
    context = {
        "here": "settings",
        "form": form,
        "made": made,
        "rows": [(each, each.usable(now)) for each in found],
        "subscriptions": [
            (each, delivering.waiting(each).count()) for each in subscriptions[:MOST_MESSAGES]
        ],
        "address": request.build_absolute_uri(v1.ROOT + "/"),
        "doors": open311.doors(request),
        "open311": request.build_absolute_uri(reverse("api:open311-discovery", args=["json"])),
        "docs": reverse("api:docs"),
    }
    return render(request, "api/keys.html", context, status=422 if form.errors else 200)


@require_POST
@staff_page("keep_api_keys")
def revoke(request: StaffRequest, pk: int) -> HttpResponse:
    """End a key at once."""
    found = visible_to(request.user, ApiKey).filter(pk=pk).first()
    if found is None or not may(request.user, "keep_api_keys", found):
        raise Http404
    keeping.revoke(found, by=request.user)
    return redirect("api:keys")


@require_http_methods(["GET", "POST"])
@staff_page("keep_webhooks")
def webhook(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What was sent to one subscription, and what was answered; stopping it, and going on."""
    found = visible_to(request.user, Subscription).select_related("project", "owner")
    subscription = found.filter(pk=pk).first()
    if subscription is None or not may(request.user, "keep_webhooks", subscription):
        raise Http404
    if request.method == "POST":
        subscription.is_active = request.POST.get("active") == "1"
        subscription.save(update_fields=["is_active"])
        audit.note(
            "webhook_changed",
            actor_id=request.user.pk,
            subject_type="webhook",
            project_id=subscription.project_id,
            webhook=str(subscription.pk),
        )
        if subscription.is_active:
            delivering.begin(subscription)
        return redirect("api:webhook", pk)
    context = {
        "here": "settings",
        "subscription": subscription,
        "messages_sent": subscription.messages.order_by("-made_at", "-pk")[:MOST_MESSAGES],
        "waiting": delivering.waiting(subscription).count(),
    }
    return render(request, "api/webhook.html", context)
