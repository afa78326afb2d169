"""One step for several complaints at once: one form, and an entry of its own for each of them."""

from __future__ import annotations

import uuid
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.refusals import InvalidData, Refused
from shouwen.complaints.state import State
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.order import by_need
from shouwen.complaints.steps.table import At, Step
from shouwen.desk import lists, masking, words
from shouwen.desk.forms import StepForm, choices_of, form_class
from shouwen.desk.lists import List
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.worklist import possible_for, standing_of
from shouwen.organization.models import Staff
from shouwen.organization.permissions import may, visible_to

MOST = 50  # complaints of one request


@dataclass(frozen=True)
class Selected:
    """The complaints that were ticked, in that order, each as of the entry that the list showed."""

    versions: Mapping[str, int | None]
    complaints: list[Complaint]

    @property
    def tokens(self) -> list[str]:
        """As the address and the form name them."""
        return [
            number if version is None else f"{number}@{version}"
            for number, version in self.versions.items()
        ]

    @property
    def query(self) -> str:
        """As an address."""
        return urlencode([("at", token) for token in self.tokens])


@dataclass(frozen=True)
class Offered:
    """A step that may be taken on at least one of the selected complaints."""

    step: Step
    number: int
    href: str


@dataclass(frozen=True)
class Result:
    """What became of one complaint: done, or refused with the reason in words."""

    number: str
    subject: str
    done: bool
    words: str = ""


def _selected(person: Staff, tokens: Iterable[str]) -> Selected:
    versions: dict[str, int | None] = {}
    for token in list(dict.fromkeys(tokens))[:MOST]:
        number, _sign, version = token.partition("@")
        versions[number[:32]] = int(version) if version.isdigit() else None
    found = {
        complaint.number: complaint
        for complaint in visible_to(person, Complaint)
        .filter(number__in=versions)
        .select_related("project", "category__parent")
    }
    return Selected(versions, [found[number] for number in versions if number in found])


def _step(name: str) -> Step:
    step = STEPS.get(name)
    if step is None or not step.bulk:
        raise Http404
    return step


@require_GET
@staff_page("take_step")
def steps(request: StaffRequest, name: str) -> HttpResponse:
    """The steps that may be taken on at least one of the selected complaints."""
    each = lists.list_named(name)
    selected = _selected(request.user, request.GET.getlist("at"))
    context = {
        "offered": _offered(request.user, each, selected),
        "one_cause": bool(may(request.user, "edit_incident")) and len(selected.complaints) > 1,
    }
    return _show(request, each, selected, context)


def _offered(person: Staff, each: List, selected: Selected) -> list[Offered]:
    counts: dict[str, int] = {}
    for possible in possible_for(person, selected.complaints).values():
        for step in possible:
            if step.bulk:
                counts[step.name] = counts.get(step.name, 0) + 1
    return [
        Offered(
            step,
            counts[step.name],
            f"{reverse('desk:bulk-step', args=[each.name, step.name])}?{selected.query}",
        )
        for step in by_need((STEPS[name] for name in counts), State())
    ]


def _show(
    request: StaffRequest,
    each: List,
    selected: Selected,
    further: Mapping[str, Any],
    *,
    part: str = "desk/list/bulk_steps.html",
    status: int = 200,
) -> HttpResponse:
    context = {"list": each, "selected": selected, "part": part, **further}
    template = part if request.htmx else "desk/bulk.html"
    return render(request, template, context, status=status)


@require_http_methods(["GET", "POST"])
@staff_page("take_step")
def step(request: StaffRequest, name: str, step: str) -> HttpResponse:
    """The form of a step for the selected complaints (GET); taking it on each of them (POST)."""
    each, asked = lists.list_named(name), _step(step)
    said = request.POST if request.method == "POST" else request.GET
    selected = _selected(request.user, said.getlist("at"))
    standing = standing_of(request.user, selected.complaints)
    able = [at for at in standing.values() if asked in lifecycle.possible_at(at)]
    if request.method == "POST":
        return _take(request, each, asked, selected, able or list(standing.values()))
    if not able:
        return _show(request, each, selected, {"offered": [], "gone": asked})
    with timezone.override(zoneinfo.ZoneInfo(able[0].project.timezone)):
        form = form_for(asked, able)
        return _form_shown(request, each, asked, selected, form, len(able))


def nothing_shared(form: StepForm) -> str:
    """What must be chosen and has no choice that all the complaints have in common."""
    return words.listed(
        str(field.label)
        for field in form.fields.values()
        if field.required
        and isinstance(field, forms.ChoiceField)
        and not any(value for value, _label in choices_of(field))
    )


def _form_shown(
    request: StaffRequest,
    each: List,
    asked: Step,
    selected: Selected,
    form: StepForm,
    able: int | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "step": asked,
        "form": form,
        "able": able,
        "unable": len(selected.versions) - able if able is not None else 0,
        "nothing_shared": nothing_shared(form),
    }
    return _show(request, each, selected, context, part="desk/list/bulk_form.html", status=status)


def form_for(step: Step, ats: Sequence[At], data: Any = None) -> StepForm:
    """The form of the step with the choices that all these complaints have in common.

    Nothing of a single complaint is filled in: what is left empty stays with each as it is.
    """
    distinct = {
        (at.project.pk, frozenset(part.department for part in at.state.at_work)): at for at in ats
    }
    first, *others = [form_class(step, at) for at in distinct.values()]
    for name in first.own:
        field = first.base_fields[name]
        if not isinstance(field, forms.ChoiceField):
            continue
        for other in others:
            shared = {value for value, _label in choices_of(other.base_fields[name])}  # type: ignore[arg-type]
            field.choices = [each for each in choices_of(field) if each[0] in shared]
        values = [value for value, _label in choices_of(field) if value]
        if field.required and len(values) == 1:
            field.initial = values[0]
    form = first(data, initial={"key": str(uuid.uuid4())}, auto_id=f"bulk-{step.name}-%s")
    form.offer = masking.offer(step, data or {})
    return form


def _take(
    request: StaffRequest, each: List, asked: Step, selected: Selected, ats: Sequence[At]
) -> HttpResponse:
    results: list[Result] = []
    invalid: list[InvalidData] = []
    found = {complaint.number: complaint for complaint in selected.complaints}
    told: dict[str, tuple[dict[str, Any], datetime | None]] = {}
    form: StepForm | None = None
    for zone in {complaint.project.timezone for complaint in selected.complaints}:
        # A time is written as the clocks of the complaint's project show it.
        with timezone.override(zoneinfo.ZoneInfo(zone)):
            form = form_for(asked, ats, request.POST)
            if not form.is_valid():
                return _form_shown(request, each, asked, selected, form, status=422)
            if form.offer is not None and form.offer.unseen:
                form.asks = True
                return _form_shown(request, each, asked, selected, form, status=422)
            told[zone] = (said_for(asked, form), form.cleaned_data["occurred_at"])
    key = (form.cleaned_data["key"] if form else "")[:100] or str(uuid.uuid4())
    # In one order, whatever was ticked first: requests that meet do not wait for each other crosswise.
    for number, version in sorted(selected.versions.items()):
        complaint = found.get(number)
        if complaint is None:
            results.append(Result(number, "", False, _("没有这件投诉，或您无权查看。")))
            continue
        said, occurred_at = told[complaint.project.timezone]
        try:
            lifecycle.take(
                asked.name,
                person=request.user,
                complaint=complaint,
                data=said,
                occurred_at=occurred_at,
                expected_version=version,
                key=f"{key}/{number}",
            )
            results.append(Result(number, complaint.subject, True))
        except InvalidData as refused:
            invalid.append(refused)
            said_wrong = [wrong for wrongs in refused.errors.values() for wrong in wrongs]
            wrong = words.listed(dict.fromkeys(said_wrong))
            results.append(Result(number, complaint.subject, False, wrong))
        except Refused as refused:
            results.append(Result(number, complaint.subject, False, refused.words))
    if form is not None and len(invalid) == len(results) and "further" not in request.POST:
        # What was typed fits none of them: it is mended in the form, nothing was written.
        form.refuse(invalid[0].errors)
        return _form_shown(request, each, asked, selected, form, status=422)
    shown = list(selected.versions)
    results.sort(key=lambda each: shown.index(each.number))
    context = {"step": asked, "results": results, "done": sum(each.done for each in results)}
    return _show(request, each, selected, context, part="desk/list/bulk_results.html")


def said_for(step: Step, form: StepForm) -> dict[str, Any]:
    """What was filled in. A tick that was not set leaves each complaint as it is."""
    fields = step.data.model_fields
    said = {
        name: value
        for name, value in form.said().items()
        if not (value is False and fields[name].default is None)
    }
    masks = form.offer is not None and form.offer.ticked
    return masking.without_numbers(step, said) if masks else said
