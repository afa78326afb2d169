"""One customer: found by telephone, everything held about them, and handing it over."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shouwen.complaints import one_customer
from shouwen.complaints.models import Complaint
from shouwen.desk import held, telling, words
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization import customer_ledger
from shouwen.organization.customers import find_by_telephone, mask
from shouwen.organization.models import Customer, Project
from shouwen.organization.permissions import may, visible_to
from shouwen.organization.personal import CUSTOMER
from shouwen.records import audit, personal
from shouwen.records.models import Access, Entry

MOST_FOUND = 12
MOST_SHOWN = 50
_OPERATIONS = ("reveal_telephone", "correct_customer", "export_customer", "erase_customer")


def customer_for(request: StaffRequest, pk: int, operation: str) -> Customer:
    """The customer of that key. Http404 where the person sees none, 403 where they may not do this."""
    found = (
        visible_to(request.user, Customer).select_related("home", "project").filter(pk=pk).first()
    )
    if found is None or not may(request.user, "see_customer", found):
        raise Http404
    if not may(request.user, operation, found):
        raise PermissionDenied
    return found


# -- finding


@require_http_methods(["GET", "POST"])
@staff_page("see_customer")
def find(request: StaffRequest) -> HttpResponse:
    """By the whole number or its last four digits. By POST: a number has no place in an address."""
    number = request.POST.get("telephone", "").strip()[:40]
    found: list[Customer] = []
    if sum(character.isdigit() for character in number) >= 4:
        projects = visible_to(request.user, Project).values_list("pk", flat=True)
        candidates = [
            each
            for each in find_by_telephone(projects, number)[: MOST_FOUND + 1]
            if may(request.user, "see_customer", each)
        ]
        seen = visible_to(request.user, Customer).filter(pk__in=[each.pk for each in candidates])
        known = set(seen.values_list("pk", flat=True))
        found = [each for each in candidates if each.pk in known]
        if len(found) == 1:
            return redirect("desk:customer", found[0].pk)
    context = {
        "here": "homes",
        "asked": bool(number),
        "found": [(each, mask(each.telephone)) for each in found[:MOST_FOUND]],
        "more": len(found) > MOST_FOUND,
    }
    return render(request, "desk/customers.html", context)


# -- everything held


@require_safe
@staff_page("see_customer")
def customer(request: StaffRequest, pk: int) -> HttpResponse:
    """The card, what was changed on it, and each complaint with all that is kept of it."""
    found = customer_for(request, pk, "see_customer")
    # Those that the person may read; of the others the page says nothing.
    complaints = list(
        one_customer.known_to(request.user, found)
        .filter(pk__in=visible_to(request.user, Complaint))
        .order_by("-received_at", "-pk")[: MOST_SHOWN + 1]
    )
    shown = complaints[:MOST_SHOWN]
    kept = personal.export_many(one_customer.SUBJECT, [each.pk for each in shown])
    history = customer_ledger.history(found)
    context = {
        "here": "homes",
        "customer": found,
        "telephone": mask(found.telephone) if found.telephone else "",
        "card": held.kinds(personal.export(CUSTOMER, found.pk)[:1], masked=True),
        "complaints": [(each, held.kinds(kept[each.pk], masked=True)) for each in shown],
        "more": len(complaints) > MOST_SHOWN,
        "history": _told(found, history),
        "may": {name: bool(may(request.user, name, found)) for name in _OPERATIONS},
        "done": request.GET.get("done", ""),
    }
    return render(request, "desk/customer.html", context)


def _told(customer: Customer, entries: list[Entry]) -> list[dict[str, Any]]:
    """What was done with the card, the newest first: what, by whom, when, and what came of it."""
    names = telling.Names(entries)
    counts = list(
        Access.objects.filter(
            action="customer_erased", subject_type=CUSTOMER, subject_id=customer.pk
        )
        .order_by("-pk")
        .values_list("facts", flat=True)
    )
    told = []
    for entry in entries:
        if entry.kind == "begun":
            continue
        before = [
            (held.label_of(name), held.shown(name, value))
            for name, value in sorted(entry.said.items())
            if name != "reason" and value is not None
        ]
        line: dict[str, Any] = {
            "title": telling.title(entry.kind),
            "who": names.person(entry.actor_id),
            "at": entry.occurred_at,
            "reason": entry.said.get("reason") or "",
            "fields": words.listed(held.label_of(name) for name in entry.facts.get("fields", ())),
            "before": before,
        }
        if entry.kind == "erased" and counts:
            line["erased"] = counts.pop(0) | {"card": sum(entry.facts["erased"].values())}
        told.append(line)
    return told


@require_POST
@staff_page("reveal_telephone")
def telephone(request: StaffRequest, pk: int) -> HttpResponse:
    """The whole number, asked for by a click and written down."""
    found = customer_for(request, pk, "reveal_telephone")
    audit.note(
        "telephone_seen",
        actor_id=request.user.pk,
        subject_type=CUSTOMER,
        subject_id=found.pk,
        project_id=found.project_id,
    )
    return render(request, "desk/parts/telephone.html", {"complaint": found})


# -- handing over


@require_POST
@staff_page("export_customer")
def export(request: StaffRequest, pk: int) -> HttpResponse:
    """Everything as a file to be handed over: for people (HTML, opens in Word too), or as JSON."""
    found = customer_for(request, pk, "export_customer")
    told = one_customer.export(found, by=request.user)
    name = f"customer-{found.pk}-{timezone.localdate():%Y%m%d}"
    response: HttpResponse
    if request.POST.get("format") == "json":
        response = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 2})
        name = f"{name}.json"
    else:
        context = {
            "customer": found,
            "at": timezone.now(),
            "by": request.user.name,
            "card": held.kinds(told["customer"], masked=False),
            "complaints": [
                (each["number"], held.kinds(each["held"], masked=False))
                for each in told["complaints"]
            ],
            "contacts": [
                (each["number"], held.kinds(each["held"], masked=False))
                for each in told["contacts"]
            ],
        }
        response = HttpResponse(render_to_string("desk/customer_export.html", context))
        name = f"{name}.html"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
