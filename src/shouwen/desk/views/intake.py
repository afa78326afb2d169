"""Intake on one screen: the caller, the words, and what follows from them [R1][A2][P1]."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from shouwen.channels import ringing
from shouwen.channels.calls import Call
from shouwen.complaints import incidents, lifecycle
from shouwen.complaints.contacts.steps import RECORD
from shouwen.complaints.models import Category, Complaint, Incident
from shouwen.complaints.refusals import InvalidData, Refused
from shouwen.complaints.state import State
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.table import Asks, At
from shouwen.complaints.words import Channel, Severity
from shouwen.desk import calls, masking, replies, signature
from shouwen.desk.effects import effects
from shouwen.desk.forms import (
    Chips,
    HomeField,
    StepForm,
    choices_of,
    filled,
    form_class,
    told,
)
from shouwen.desk.health import alarms
from shouwen.desk.masking import Offer
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views import intake_contacts
from shouwen.desk.views.attachments import add
from shouwen.desk.views.calls import seen
from shouwen.organization import homes
from shouwen.organization.customers import find_by_telephone, mask
from shouwen.organization.holders import positions_of
from shouwen.organization.models import Customer, Home, Project
from shouwen.organization.permissions import may, visible_to

# What each matter of one call says for itself; the rest is the caller's and said once.
OF_A_MATTER = (
    "content", "subject", "place", "happened", "category", "severity", "needs_developer", "wish",
)  # fmt: skip
# Others come in by their own doors [A1].
CHANNELS = (Channel.PHONE, Channel.FRONT_DESK, Channel.CHAT, Channel.EMAIL, Channel.HOTLINE)
SEVERITY_KEYS = {
    Severity.ROUTINE: "q",
    Severity.COMPLEX: "w",
    Severity.MAJOR: "e",
    Severity.EMERGENCY: "r",
}
MOST_MATTERS = 5
EARLIER = 5
_MATTER = re.compile(r"m[2-9]")


def projects_for(request: StaffRequest) -> list[Project]:
    """The projects the person can take complaints in, the own one first."""
    own = {post.project_id for post in positions_of(request.user)}
    found = visible_to(request.user, Project).filter(is_active=True)
    return sorted(found, key=lambda project: (project.pk not in own, project.code))


def project_asked(request: StaffRequest) -> Project | None:
    """The project asked for, else the first of those the person can take complaints in."""
    asked = request.POST.get("project", "")
    if asked.isdigit():
        found = visible_to(request.user, Project).filter(is_active=True, pk=asked).first()
        if found is not None:
            return found
    return next(iter(projects_for(request)), None)


def _for_home(request: StaffRequest) -> Home | None:
    """The home that the page was opened for (一户一档), by its key in the address."""
    asked = request.GET.get("home", "")
    if not asked.isdigit():
        return None
    found = visible_to(request.user, Home).filter(project__is_active=True, pk=asked)
    return found.select_related("project").first()


def _for_call(request: StaffRequest) -> Call | None:
    """The call that is written down, by its key in the address or in the form."""
    asked = request.POST.get("call") or request.GET.get("call", "")
    if not asked.isdigit() or len(asked) > 18:
        return None
    found = visible_to(request.user, Call).filter(project__is_active=True, pk=asked)
    call = found.select_related("project", "line").first()
    return call if call is not None and may(request.user, "take_calls", call) else None


def _of_call(request: StaffRequest, call: Call) -> dict[str, Any]:
    """What the form begins with: the number, and who alone is known by it."""
    known: dict[str, Any] = {"telephone": call.number, "channel": Channel.PHONE.value}
    found = calls.callers(request.user, call)
    if len(found) == 1:
        customer = found[0]
        known |= {
            "customer": customer.pk,
            "name": customer.name,
            "home_text": customer.home.label if customer.home else "",
            "relation": customer.relation,
            "reach_when": customer.preferred_time,
        }
    return known


def _when(request: StaffRequest, said: datetime | None) -> datetime | None:
    """When it was received: as the person says, else when the call was answered [R1]."""
    call = _for_call(request) if said is None else None
    return call.answered_at if call else said


def _at(request: StaffRequest, project: Project) -> At:
    return lifecycle.stand(request.user, None, State(), project=project, now=timezone.now())


def _form(request: StaffRequest, at: At, data: Any = None, files: Any = None) -> StepForm:
    """The caller's part and the first matter."""
    step = STEPS["receive"]
    made = form_class(step, at)
    extra: dict[str, Any] = {
        **intake_contacts.fields(at),
        "home_text": HomeField(at.project, required=False),
        "channel": forms.ChoiceField(
            label=gettext_lazy("渠道"),
            choices=[(each.value, each.label) for each in CHANNELS],
            widget=Chips,
            initial=Channel.FRONT_DESK.value if at_counter(request) else Channel.PHONE.value,
            required=False,
        ),
    }
    projects = projects_for(request)
    if len(projects) > 1:
        extra["project"] = forms.ChoiceField(
            label=gettext_lazy("项目"),
            choices=[(str(each.pk), each.name) for each in projects],
            widget=Chips,
            initial=str(at.project.pk),
        )
    initial = filled(step, at, made)
    home = _for_home(request) if data is None else None
    if home is not None:
        initial["home_text"] = home.label
    call = _for_call(request) if data is None else None
    if call is not None:
        initial |= _of_call(request, call)
    form = type("intake_form", (made,), extra)(data, initial=initial, auto_id="intake-%s")
    form.offer = masking.offer(_asked_step(request), data or {})
    first_contact = form.fields["first_contact"]
    assert isinstance(first_contact, forms.ChoiceField)
    mine = str(request.user.pk)
    others = [each for each in choices_of(first_contact) if each[0] not in ("", mine)]
    first_contact.choices = [("", _("我（{name}）").format(name=request.user.name)), *others]
    return form


def at_counter(request: StaffRequest) -> bool:
    """Whether the page is the tablet's at the counter: the customer reads, and signs."""
    return request.GET.get("at") == "counter"


def _asked_step(request: StaffRequest) -> Asks:
    """What is asked for: the record of a complaint, or of a contact."""
    return RECORD if intake_contacts.is_contact(request.POST) else STEPS["receive"]


def _matter_form(at: At, prefix: str, data: Any = None) -> StepForm:
    made = form_class(STEPS["receive"], at)
    form = made(data, prefix=prefix, auto_id=f"{prefix}-%s")
    form.offer = masking.offer(STEPS["receive"], data or {}, prefix)
    return form


def _prefixes(request: StaffRequest) -> list[str]:
    asked = request.POST.getlist("matter")
    return [prefix for prefix in dict.fromkeys(asked) if _MATTER.fullmatch(prefix)][
        : MOST_MATTERS - 1
    ]


def _tree() -> list[dict[str, Any]]:
    """The category tree for its chips; the first ten have a digit as their key."""
    below: dict[int | None, list[Category]] = {}
    for category in Category.objects.filter(is_active=True):
        below.setdefault(category.parent_id, []).append(category)
    return [
        {
            "code": top.code,
            "label": top.label,
            "key": str((place + 1) % 10) if place < 10 else "",
            "below": below.get(top.pk, []),
        }
        for place, top in enumerate(below.get(None, []))
    ]


def _of_matters() -> dict[str, Any]:
    return {
        "tree": _tree(),
        "severities": [
            {
                "value": each.value,
                "label": each.label,
                "key": SEVERITY_KEYS[each],
                "letter": SEVERITY_KEYS[each].upper(),
            }
            for each in Severity
        ],
    }


def _matters(
    first: dict[str, Any], home: int | None, others: Iterable[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """What is told of each matter: the first with the caller, the others with the same caller."""
    if home:
        first["home"] = home
    if first.get("customer") and first.get("home"):
        # The card's customer, unless another home was written over it.
        same = Customer.objects.filter(pk=first["customer"], home=first["home"]).exists()
        if not same:
            del first["customer"]
    yield first
    caller = {name: value for name, value in first.items() if name not in OF_A_MATTER}
    for said in others:
        yield caller | {name: said[name] for name in OF_A_MATTER if name in said}


@require_http_methods(["GET", "POST"])
@staff_page("receive", closed="desk/intake_closed.html")
def intake(request: StaffRequest) -> HttpResponse:
    """Recording a complaint."""
    home = _for_home(request) if request.method == "GET" else None
    call = _for_call(request) if request.method == "GET" else None
    named = home or call
    project = named.project if named else project_asked(request)
    at = _at(request, project) if project else None
    if at is None or not may(request.user, "receive", at.project):
        return render(request, "desk/intake_closed.html", {"here": "intake"}, status=403)
    with timezone.override(zoneinfo.ZoneInfo(at.project.timezone)):
        if request.method == "POST":
            return _submit(request, at)
        if call is not None and call.number:
            seen(request, call)
        return _show(request, at, _form(request, at), [])


def _show(
    request: StaffRequest, at: At, form: StepForm, others: list[StepForm], status: int = 200
) -> HttpResponse:
    call = _for_call(request)
    return render(
        request,
        "desk/intake.html",
        {
            "here": "intake",
            "form": form,
            "for_home": _for_home(request),
            "for_call": calls.Card(call, mask(call.number) if call.number else "")
            if call
            else None,
            **(_known_callers(request, call) if call and not form.is_bound else {}),
            "matters": [form, *others],
            "next_matter": len(others) + 1 < MOST_MATTERS,
            "alarms": alarms(at.now),
            "natures": intake_contacts.natures(),
            "counter": at_counter(request),
            **_of_matters(),
        },
        status=status,
    )


def _offers(request: StaffRequest) -> dict[str, Offer]:
    """The numbers in the words of each matter, by its prefix."""
    step = _asked_step(request)
    # A contact is one matter: further ones that were begun are not recorded with it.
    prefixes = ("",) if step is RECORD else ("", *_prefixes(request))
    return {each: masking.offer(step, request.POST, each) for each in prefixes}


def _asked_about(request: StaffRequest) -> bool:
    """Whether somebody is to be shown numbers first; an emergency is not held up by it."""
    offers = _offers(request)
    names = (f"{prefix}-severity" if prefix else "severity" for prefix in offers)
    emergency = any(request.POST.get(name) == Severity.EMERGENCY for name in names)
    return not emergency and any(offer.unseen for offer in offers.values())


def _ask(request: StaffRequest, at: At) -> HttpResponse:
    """The page with everything that was typed and the numbers in it, before anything is recorded."""
    form = _form(request, at, request.POST)
    others = [_matter_form(at, prefix, request.POST) for prefix in _prefixes(request)]
    for each in (form, *others):
        each.full_clean()
        each.asks = each.offer is not None and each.offer.unseen
    return _show(request, at, form, others, status=422)


def _submit(request: StaffRequest, at: At) -> HttpResponse:
    if _asked_about(request):
        return _ask(request, at)
    try:
        if intake_contacts.is_contact(request.POST):
            return intake_contacts.receive(request, at)
        signed = signature.drawn(request.POST.get("signature", ""))
        outcomes = _receive(request, at)
    except (ValidationError, Refused) as refused:
        return _show_again(request, at, refused)
    except ValueError:
        return _show_again(request, at, ValidationError(_("签名没有收到，请再签一次")))
    first = outcomes[0].complaint
    if not _join(request, [outcome.complaint for outcome in outcomes]):
        request.session["incident_gone"] = True
    if not outcomes[0].replayed:
        call = _for_call(request)
        if call is not None and call.complaint_id is None and call.project_id == first.project_id:
            ringing.recorded(call, first, request.user)
        refused_files = add(request.user, first, request.FILES.getlist("files"))
        if signed is not None:
            for each in outcomes:
                signed.seek(0)
                refused_files += add(request.user, each.complaint, [signed], "signature")
        if refused_files:
            request.session["files_refused"] = refused_files
    home = _for_home(request)
    received = f"home-{home.pk}" if home else "counter" if at_counter(request) else "1"
    return redirect(reverse("desk:complaint", args=[first.number]) + f"?received={received}")


def _receive(request: StaffRequest, at: At) -> list[lifecycle.Outcome]:
    """Record what was sent. Raises ValidationError or Refused where something is wrong with it."""
    step, sent = STEPS["receive"], request.POST
    prefixes = _prefixes(request)
    home = HomeField(at.project, required=False).clean(sent.get("home_text"))
    if sent.get("channel", "") not in ("", *CHANNELS):
        raise ValidationError(_("没有这一项，请从列表中选择"))
    offers = _offers(request)

    def said(prefix: str) -> dict[str, Any]:
        words = told(step, at.project, sent, prefix)
        return masking.without_numbers(step, words) if offers[prefix].ticked else words

    matters = _matters(said(""), home, [said(each) for each in prefixes])
    return lifecycle.receive(
        person=request.user,
        project=at.project,
        matters=list(matters),
        occurred_at=_when(
            request, StepForm.base_fields["occurred_at"].clean(sent.get("occurred_at"))
        ),
        key=sent.get("key", "").strip() or None,
    )


def _join(request: StaffRequest, complaints: list[Complaint]) -> bool:
    """Let the matters belong to the incidents that were ticked; false where one has just ended."""
    joined = True
    for prefix, complaint in zip(("", *_prefixes(request)), complaints, strict=True):
        asked = request.POST.get(f"{prefix}-incident" if prefix else "incident", "")
        if not asked.isdigit():
            continue
        found = visible_to(request.user, Incident).filter(pk=asked).first()
        try:
            if found is None:
                raise Refused(_("没有这一项，请从列表中选择"))
            incidents.join(found, complaint, person=request.user)
        except Refused:
            joined = False  # what was said is recorded all the same
    return joined


def _show_again(request: StaffRequest, at: At, refused: ValidationError | Refused) -> HttpResponse:
    """The page with everything that was typed, and what is wrong with it."""
    form = _form(request, at, request.POST)
    others = [_matter_form(at, prefix, request.POST) for prefix in _prefixes(request)]
    valid = [each.is_valid() for each in (form, *others)]
    if all(valid):
        if isinstance(refused, InvalidData):
            form.refuse(refused.errors)
        elif isinstance(refused, Refused):
            form.add_error(None, refused.words)
            return _show(request, at, form, others, status=409)
        else:
            form.add_error(None, refused)
    return _show(request, at, form, others, status=422)


@require_POST
@staff_page("receive")
def matter(request: StaffRequest) -> HttpResponse:
    """The fields of another matter from the same call."""
    project = project_asked(request)
    if project is None:
        return HttpResponse(status=403)
    taken = {prefix for prefix in request.POST.getlist("matter") if _MATTER.fullmatch(prefix)}
    free = [f"m{number}" for number in range(2, MOST_MATTERS + 1) if f"m{number}" not in taken]
    if not free:
        return HttpResponse(status=204)
    form = _matter_form(_at(request, project), free[0])
    return render(request, "desk/parts/matter.html", {"matter": form, **_of_matters()})


@require_POST
@staff_page("receive")
def caller(request: StaffRequest) -> HttpResponse:
    """Who calls from this number, and what their home complained about before.

    By POST: a telephone number has no place in an address or a log.
    """
    number = request.POST.get("telephone", "").strip()
    digits = sum(character.isdigit() for character in number)
    found: list[Customer] = []
    if digits >= 4:
        projects = visible_to(request.user, Project)
        customers = find_by_telephone(projects.values_list("pk", flat=True), number)
        mine = visible_to(request.user, Customer).filter(pk__in=[each.pk for each in customers[:8]])
        found = list(mine.select_related("home", "project"))
    context = _told_of(request, found) | {"asked": digits >= 4}
    return render(request, "desk/parts/caller.html", context)


def _told_of(request: StaffRequest, found: list[Customer]) -> dict[str, Any]:
    """These customers for the caller's card, with what their homes complained about before."""
    homes_found = [customer.home for customer in found if customer.home]
    before = earlier(request, homes_found)[:EARLIER] if homes_found else []
    return {"customers": found, "earlier": before}


def _known_callers(request: StaffRequest, call: Call) -> dict[str, Any]:
    found = calls.callers(request.user, call)
    picked = found[0].pk if len(found) == 1 else None
    return _told_of(request, found) | {"asked": bool(call.number), "picked": picked}


def earlier(request: StaffRequest, homes_found: list[Home]) -> QuerySet[Complaint]:
    """Complaints of these homes before, newest first, without those whose source is confidential."""
    visible = visible_to(request.user, Complaint).filter(home__in=homes_found, confidential=False)
    return visible.order_by("-received_at", "-pk")


@require_POST
@staff_page("receive")
def home_choices(request: StaffRequest) -> HttpResponse:
    """The homes that what is typed can become."""
    project = project_asked(request)
    text = request.POST.get("home_text", "")
    found = homes.suggest(project, text)[:12] if project and text.strip() else []
    return render(request, "desk/parts/homes.html", {"homes": found})


@require_POST
@staff_page("receive")
def preview(request: StaffRequest) -> HttpResponse:
    """Which clocks would start, whose, until when; and what to say to the customer."""
    project = project_asked(request)
    if project is None:
        return HttpResponse(status=403)
    at = _at(request, project)
    with timezone.override(zoneinfo.ZoneInfo(project.timezone)):
        form = _form(request, at, request.POST)
        form.full_clean()
        said = form.said()
        said.setdefault("content", "…")
        context: dict[str, Any] = {
            "nothing": _("填好后，这里显示哪些时限会开始。"),
            "offers": list(_offers(request).values()),
        }
        if intake_contacts.is_contact(request.POST):
            return _preview_contact(request, at, context)
        try:
            changes = lifecycle.preview(
                "receive",
                person=request.user,
                project=project,
                data=said,
                occurred_at=_when(request, form.cleaned_data.get("occurred_at")),
            )
        except Refused as refused:
            context |= {"effects": [], "nothing": refused.words}
        else:
            context |= {
                "effects": effects(changes, request.user, project.pk),
                "say": replies.reply(
                    name=said.get("name", ""),
                    severity=said.get("severity", Severity.ROUTINE),
                    category=said.get("category", ""),
                ),
            }
        return render(request, "desk/parts/consequences.html", context)


def _preview_contact(request: StaffRequest, at: At, context: dict[str, Any]) -> HttpResponse:
    sent = request.POST
    try:
        context["effects"] = intake_contacts.preview(request, at)
    except (ValidationError, Refused):
        context["effects"] = []
    else:
        context["nothing"] = _("当场办结或留存，不开始任何时限。")
        context["say"] = replies.contact_reply(
            name=sent.get("name", "").strip(),
            nature=sent["nature"],
            answered=bool(sent.get("answer", "").strip()),
        )
    return render(request, "desk/parts/consequences.html", context)
