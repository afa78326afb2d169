"""Contacts: their list, the page of one, and its steps where one is."""

from __future__ import annotations

import json
import uuid
import zoneinfo
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shouwen.clocks import reading
from shouwen.clocks.models import ClockRow
from shouwen.complaints.contacts import door, files, listing
from shouwen.complaints.contacts.listing import FILTERS, SORTS, Asked
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.projection import SUBJECT
from shouwen.complaints.contacts.steps import STEPS, ContactStep
from shouwen.complaints.lifecycle import stand
from shouwen.complaints.models import Complaint
from shouwen.complaints.refusals import Changed, InvalidData, Refused
from shouwen.complaints.state import State
from shouwen.desk import masking, telling, words
from shouwen.desk.effects import effects, holds
from shouwen.desk.forms import StepForm, form_class
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.complaint import clock_lines
from shouwen.desk.views.homes import sees_homes
from shouwen.desk.views.listing import MOST_COUNTED, counted
from shouwen.organization.customers import mask
from shouwen.organization.models import Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit, ledger

# Taken by one key, without a form to fill in.
AT_ONCE = "become-complaint"


def contact_for(person: Staff, number: str) -> Contact:
    """The contact of that number, with what its page reads. Http404 where it is not visible."""
    related = ("project", "home", "taken_by", "about", "complaint")
    found = visible_to(person, Contact).select_related(*related).filter(number=number).first()
    if found is None:
        raise Http404
    return found


# -- the list


def _address(asked: Asked, **further: str) -> str:
    more = "&".join(f"{name}={value}" for name, value in further.items() if value)
    query = "&".join(filter(None, (asked.query(), more.replace("+", "%2B"))))
    return reverse("desk:contacts") + (f"?{query}" if query else "")


@dataclass(frozen=True)
class Row:
    """One contact of a page of the list."""

    contact: Contact
    whose: str
    late: bool


@require_safe
@staff_page("see_contacts")
def contacts(request: StaffRequest) -> HttpResponse:
    """The contacts that the person may see; what is asked for stands in the address."""
    person, now = request.user, timezone.now()
    asked = listing.asked(request.GET)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    found = listing.find(person, asked, after=after, before=before, now=now)
    names = telling.Names()
    total = listing.count(person, asked, MOST_COUNTED + 1)
    context = {
        "here": "contacts",
        "rows": [
            Row(
                each,
                names.holder(each.holder, key=each.department) if each.waiting else "",
                each.next_due_at is not None and each.next_due_at < now,
            )
            for each in found.rows
        ],
        "total": counted(total),
        "tabs": [
            (label, _address(Asked(chosen)), asked.chosen == chosen) for label, chosen in _tabs()
        ],
        "chips": [
            (
                FILTERS[name].label,
                listing.label(name, value, person),
                _address(asked.turned(name, value)),
            )
            for name, values in asked.chosen.items()
            for value in values
        ],
        "menu": [_offered(name, asked, person) for name in FILTERS],
        "sorts": [
            (label, _address(Asked(asked.chosen, name)), name == asked.sort)
            for name, (label, _column, _falling) in SORTS.items()
        ],
        "sort": asked.sort,
        "address": _address(asked),
        "cleared": reverse("desk:contacts"),
        "older": _address(asked, after=found.after) if found.after else "",
        "newer": _address(asked, before=found.before) if found.before else "",
        "elsewhere": bool(after or before),
    }
    return render(request, "desk/contacts.html", context)


def _tabs() -> list[tuple[str, dict[str, tuple[str, ...]]]]:
    return [
        (_("全部"), {}),
        (_("待答复的"), {"is": ("open",)}),
        (_("报修"), {"nature": ("repair",)}),
        (_("咨询"), {"nature": ("enquiry",)}),
        (_("表扬"), {"nature": ("praise",)}),
        (_("建议"), {"nature": ("suggestion",)}),
    ]


def _offered(name: str, asked: Asked, person: Staff) -> dict[str, Any]:
    chosen = asked.chosen.get(name, ())
    each = FILTERS[name]
    return {
        "name": name,
        "label": each.label,
        "taken": len(chosen),
        "choices": [(value, label, value in chosen) for value, label in each.choices(person)],
    }


# -- the page of one


@dataclass(frozen=True)
class Now:
    """The bar on top: what now, until when."""

    clock: ClockRow | None
    sentence: str
    context: str
    late: bool


def _now(
    person: Staff, found: Contact, clocks: list[ClockRow], names: telling.Names, now: datetime
) -> Now:
    running = [row for row in clocks if row.state == ClockRow.State.RUNNING]
    running.sort(key=lambda row: (row.rule == "H.settle", row.due_at))
    if not running:
        answer = words.quoted(found.answer) if found.answer else ""
        return Now(None, str(found.get_status_display()), answer, False)
    row = running[0]
    duty, whose = names.duty(row), names.clock_holder(row)
    mine = holds(person, row, found.project_id)
    who = _("由您") if mine else whose
    context = _("{who}，应于 {due}").format(who=who, due=words.until(row.due_at, now))
    return Now(row, duty, context, row.due_at < now)


@require_safe
@staff_page("see_contacts")
def contact(request: StaffRequest, number: str) -> HttpResponse:
    """The page of one contact."""
    person, now = request.user, timezone.now()
    found = contact_for(person, number)
    with timezone.override(zoneinfo.ZoneInfo(found.project.timezone)):
        entries = ledger.entries(SUBJECT, found.pk, with_said=True)
        attached = files.of(found)
        names = telling.Names(entries)
        clocks = list(reading.of_subject(SUBJECT, found.pk))
        became = found.complaint
        if became is not None and not visible_to(person, Complaint).filter(pk=became.pk).exists():
            became = None
        context = {
            "here": "contacts",
            "contact": found,
            "now_bar": _now(person, found, clocks, names, now),
            "clocks": clock_lines(clocks, names, found, now),
            "steps": door.possible(person, found),
            "at_once": AT_ONCE,
            "became": became,
            "ledger": telling.tell(entries, attached, names),
            "attachments": attached,
            "whose": names.holder(found.holder, key=found.department) if found.holder else "",
            "home_file": sees_homes(person, found.project_id),
            "telephone": mask(found.telephone) if found.telephone else "",
            "fresh_key": uuid.uuid4(),
            "files_refused": " ".join(request.session.pop("files_refused", [])),
            "received": request.GET.get("received", ""),
        }
        return render(request, "desk/contact.html", context)


@require_POST
@staff_page("see_contacts")
def telephone(request: StaffRequest, number: str) -> HttpResponse:
    """The whole telephone number, asked for by a click and written down."""
    found = contact_for(request.user, number)
    audit.note(
        "telephone_seen",
        actor_id=request.user.pk,
        subject_type=SUBJECT,
        subject_id=found.pk,
        project_id=found.project_id,
    )
    return render(request, "desk/parts/telephone.html", {"complaint": found})


# -- its steps


def _form(request: StaffRequest, step: ContactStep, found: Contact, data: Any = None) -> StepForm:
    at = stand(request.user, None, State(), project=found.project, now=timezone.now())
    made = form_class(step, at)
    initial = {"key": str(uuid.uuid4()), "version": found.version}
    form = made(data, initial=initial, auto_id=f"{step.name}-%s")
    del form.fields["occurred_at"]  # what is done to a contact is written when it is done
    form.offer = masking.offer(step, data or {})
    return form


@require_http_methods(["GET", "POST"])
@staff_page("take_contact_step")
def step(request: StaffRequest, number: str, name: str) -> HttpResponse:
    """The form of a step (GET); taking it (POST)."""
    found = contact_for(request.user, number)
    asked = STEPS.get(name)
    if asked is None:
        raise Http404
    allowed = may(request.user, "take_contact_step", found)
    if not allowed:
        raise PermissionDenied(str(allowed.rule))
    with timezone.override(zoneinfo.ZoneInfo(found.project.timezone)):
        if request.method == "POST":
            return _take(request, asked, found)
        if name == AT_ONCE:
            raise Http404
        if asked not in door.possible(request.user, found):
            return _refused(request, _("这一步现在不能办，可能刚被别人办过了。"))
        return _show(request, asked, found, _form(request, asked, found))


def _show(
    request: StaffRequest,
    step: ContactStep,
    found: Contact,
    form: StepForm,
    *,
    changed: list[telling.Told] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"step": step, "contact": found, "form": form, "changed": changed}
    part = "desk/parts/contact_step_form.html"
    template = part if request.htmx else "desk/contact_step.html"
    return render(request, template, context, status=status)


def _refused(request: StaffRequest, sentence: str, status: int = 409) -> HttpResponse:
    if request.htmx and request.method == "POST" and request.headers.get("HX-Target") is None:
        headers = {"HX-Trigger": json.dumps({"desk:refused": {"message": sentence}})}
        return HttpResponse(status=204, headers=headers)
    return render(request, "desk/parts/refused.html", {"sentence": sentence}, status=status)


def _take(request: StaffRequest, step: ContactStep, found: Contact) -> HttpResponse:
    if step.name == AT_ONCE:
        return _become(request, found)
    form = _form(request, step, found, request.POST)
    if not form.is_valid():
        return _show(request, step, found, form, status=422)
    offer = masking.offer(step, request.POST)
    if offer.unseen:
        form.asks = True
        return _show(request, step, found, form, status=422)
    said = masking.without_numbers(step, form.said()) if offer.ticked else form.said()
    try:
        door.take(
            step.name,
            person=request.user,
            contact=found,
            data=said,
            expected_version=form.cleaned_data["version"],
            key=form.cleaned_data["key"] or None,
        )
    except InvalidData as refused:
        form.refuse(refused.errors)
        return _show(request, step, found, form, status=422)
    except Changed as refused:
        ledger.attach_said(refused.entries)
        form.carry(max(entry.number for entry in refused.entries))
        told = telling.tell(refused.entries)
        return _show(request, step, found, form, changed=told, status=409)
    except Refused as refused:
        return _refused(request, refused.words)
    if not request.htmx:
        return redirect("desk:contact", found.number)
    message = _("已记下：{verb} · {number}").format(verb=step.verb, number=found.number)
    told_of = {"desk:done": {"message": message}}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told_of)})


def _become(request: StaffRequest, found: Contact) -> HttpResponse:
    """One key: it is a complaint, received now, whose page opens."""
    if found.complaint is not None:  # pressed twice
        return _to_complaint(request, found.complaint)
    try:
        key = request.POST.get("key", "").strip() or None
        outcome = door.take(AT_ONCE, person=request.user, contact=found, key=key)
    except Refused as refused:
        return _refused(request, refused.words)
    assert outcome.complaint is not None
    return _to_complaint(request, outcome.complaint)


def _to_complaint(request: StaffRequest, complaint: Complaint) -> HttpResponse:
    if not request.htmx:
        return redirect("desk:complaint", complaint.number)
    address = reverse("desk:complaint", args=[complaint.number])
    return HttpResponse(status=204, headers={"HX-Redirect": address})


@require_POST
@staff_page("take_contact_step")
def preview(request: StaffRequest, number: str, name: str) -> HttpResponse:
    """Which clocks the step as filled in would start and stop; nothing is written."""
    found = contact_for(request.user, number)
    asked = STEPS.get(name)
    if asked is None or name == AT_ONCE:
        raise Http404
    allowed = may(request.user, "take_contact_step", found)
    if not allowed:
        return _refused(request, str(allowed.rule))
    with timezone.override(zoneinfo.ZoneInfo(found.project.timezone)):
        form = _form(request, asked, found, request.POST)
        form.full_clean()
        said = form.said()
        for each, how in asked.data.shown().items():
            if how.kept != "fact" and asked.data.model_fields[each].is_required():
                said.setdefault(each, "…")  # no clock depends on what is still to be written
        context: dict[str, Any] = {
            "effects": [],
            "nothing": _("填好必填项后，这里显示哪些时限会开始、停止。"),
            "offers": [form.offer],
        }
        try:
            changes = door.preview(request.user, found.project, said, contact=found, name=name)
        except Refused:
            return render(request, "desk/parts/effects.html", context)
        context["effects"] = effects(changes, request.user, found.project_id)
        context["nothing"] = _("这一步不影响任何时限。")
        return render(request, "desk/parts/effects.html", context)
