"""A form made from what a step must be told.

A step says in its data class what it needs and how each thing is shown (`Shown`); nothing about a
single step stands here. Whether what was typed is right is decided by the step itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.categories import default_limit
from shouwen.complaints.models import Category, Complaint
from shouwen.complaints.steps.table import Shown, Step
from shouwen.complaints.words import AT_WORK, WorkStatus
from shouwen.organization.holders import positions_of
from shouwen.organization.models import Department, Home, Staff
from shouwen.organization.permissions import visible_to

Choices = list[tuple[str, Any]]
RECALLABLE = (WorkStatus.DISPATCHED, WorkStatus.ACCEPTED, WorkStatus.DECLINED)


class LocalDateTime(forms.DateTimeInput):
    """The browser's own picker of date and time, to the minute."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M", attrs={"class": "form-control"})


class Chips(forms.RadioSelect):
    """One of a few, all in sight: a row of buttons that are radio buttons."""

    template_name = "desk/widgets/chips.html"
    option_template_name = "desk/widgets/chip.html"


class ManyChips(forms.CheckboxSelectMultiple):
    template_name = "desk/widgets/chips.html"
    option_template_name = "desk/widgets/chip.html"


class StepForm(forms.Form):
    """The form of one step; `said()` is what the step is told."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    occurred_at = forms.DateTimeField(
        label=_("实际发生时间"),
        help_text=_("不是刚刚发生的才填，登记时间另记"),
        widget=LocalDateTime,
        required=False,
    )

    own: tuple[str, ...] = ()  # the step's own fields, in order
    short: frozenset[str] = frozenset({"occurred_at"})  # fields that share a line

    def said(self) -> dict[str, Any]:
        """What was filled in, by the step's own field names; what was left empty is left out."""
        return {
            name: value
            for name in self.own
            if (value := self.cleaned_data.get(name)) not in (None, "", [])
        }

    def shown(self) -> list[forms.BoundField]:
        """The step's own fields, as far as they are visible."""
        return [self[name] for name in self.own if not self[name].is_hidden]

    def refuse(self, errors: Mapping[str, list[str]]) -> None:
        """Show what the step said to what it was told."""
        for name, messages in errors.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)


def step_form(
    step: Step, person: Staff, complaint: Complaint | None
) -> tuple[type[StepForm], dict[str, Any]]:
    """The form class of a step for a person at a complaint, and what it is filled with first."""
    fields: dict[str, Any] = {}
    for name, shown in step.data.shown().items():
        model_field = step.data.model_fields[name]
        fields[name] = _field(shown, person, complaint, required=model_field.is_required())
        default = model_field.get_default(call_default_factory=True)
        if default is not None and not model_field.is_required():
            fields[name].initial = getattr(default, "value", default)
    short = frozenset(name for name, shown in step.data.shown().items() if shown.short)
    parts = {**fields, "own": tuple(fields), "short": short | StepForm.short}
    return type(f"{step.name}_form", (StepForm,), parts), _filled(step, complaint, fields)


def _filled(step: Step, complaint: Complaint | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a form can know beforehand: the record as it stands, and the only choice there is."""
    filled: dict[str, Any] = {"key": str(uuid.uuid4())}
    if complaint is None:
        return filled
    filled["version"] = complaint.version
    stands: dict[str, Any] = {
        "severity": complaint.severity,
        "category": complaint.category.code if complaint.category else "",
        "needs_developer": complaint.needs_developer,
        "about": complaint.about_id,
    }
    filled |= {name: value for name, value in stands.items() if name in fields}
    for name, field in fields.items():
        if isinstance(field, forms.ChoiceField) and field.required:
            values = [value for value, _label in field.choices if value != ""]
            if len(values) == 1:
                filled[name] = values[0]
    return filled


def filled_limit(complaint: Complaint, now: datetime) -> datetime:
    """The limit that a dispatch is filled with [A4]."""
    return default_limit(complaint.category, complaint.severity, now)


def _field(
    shown: Shown, person: Staff, complaint: Complaint | None, *, required: bool
) -> forms.Field:
    make = _WIDGETS[shown.widget]
    field = make(shown, person, complaint)
    field.label = shown.label
    field.help_text = shown.help
    field.required = required
    if isinstance(field.widget, forms.Select) and not isinstance(field.widget, Chips | ManyChips):
        field.widget.attrs["class"] = "form-select"
    return field


Made = Callable[[Shown, Staff, Complaint | None], forms.Field]


def _text(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return forms.CharField(widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}))


def _telephone(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return forms.CharField(
        widget=forms.TextInput(
            {"class": "form-control", "inputmode": "tel", "autocomplete": "off"}
        )
    )


def _textarea(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return forms.CharField(widget=forms.Textarea({"class": "form-control", "rows": 2}))


def _number(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return forms.IntegerField(widget=forms.NumberInput({"class": "form-control"}))


def _datetime(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return forms.DateTimeField(widget=LocalDateTime)


def _flag(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return forms.BooleanField(widget=forms.CheckboxInput({"class": "form-check-input"}))


def _hidden(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return forms.CharField(widget=forms.HiddenInput)


def _choice(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return forms.ChoiceField(choices=list(shown.choices), widget=Chips)


def _select(choices: Choices, *, chips: bool = False) -> forms.ChoiceField:
    if chips and len(choices) <= 6:
        return forms.ChoiceField(choices=choices, widget=Chips)
    return forms.ChoiceField(choices=[("", "—"), *choices])


def departments(person: Staff, complaint: Complaint | None) -> Choices:
    """The departments that a complaint can go to."""
    found = visible_to(person, Department)
    if complaint is not None:
        found = found.filter(project__in=[complaint.project_id]) | found.filter(project=None)
    return [(each.code, each.name) for each in found.order_by("name")]


def _department(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return _select(departments(person, complaint), chips=True)


def _departments(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return forms.MultipleChoiceField(choices=departments(person, complaint), widget=ManyChips)


def _parts(complaint: Complaint | None, statuses: Any) -> Choices:
    if complaint is None:
        return []
    works = complaint.works.select_related("department").filter(status__in=list(statuses))
    return [(work.department.code, work.department.name) for work in works]


def _own_department(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    mine = {post.department.code for post in positions_of(person) if post.department}
    choices = [each for each in _parts(complaint, AT_WORK) if each[0] in mine]
    return _select(choices, chips=True)


def _working_department(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return _select(_parts(complaint, AT_WORK), chips=True)


def _dispatched_department(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return _select(_parts(complaint, RECALLABLE), chips=True)


def staff_of(person: Staff, complaint: Complaint | None) -> Choices:
    """Colleagues who can be named: of the complaint's project, and never the one it is about."""
    found = visible_to(person, Staff).filter(is_active=True)
    if complaint is not None:
        found = found.filter(posts__project__in=[complaint.project_id]) | found.filter(
            posts__project=None
        )
    return [(str(each.pk), each.name) for each in found.distinct().order_by("name")]


def _staff(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return _select(staff_of(person, complaint))


def _department_staff(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    mine = [post.department_id for post in positions_of(person) if post.department_id]
    found = Staff.objects.filter(is_active=True, posts__department__in=mine).distinct()
    return _select([(str(each.pk), each.name) for each in found.order_by("name")], chips=True)


def categories() -> Choices:
    """The category tree in use [A3], each with its parent's name before it."""
    return [
        (each.code, str(each))
        for each in Category.objects.filter(is_active=True).select_related("parent")
    ]


def _category(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return _select(categories())


def _complaint(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return forms.CharField(
        widget=forms.TextInput(
            {"class": "form-control", "autocomplete": "off", "placeholder": "JX-20261123-001"}
        )
    )


def _home(shown: Shown, person: Staff, complaint: Complaint | None) -> forms.Field:
    return forms.ModelChoiceField(
        queryset=visible_to(person, Home), widget=forms.TextInput({"class": "form-control"})
    )


_WIDGETS: dict[str, Made] = {
    "text": _text,
    "textarea": _textarea,
    "telephone": _telephone,
    "number": _number,
    "datetime": _datetime,
    "flag": _flag,
    "hidden": _hidden,
    "choice": _choice,
    "department": _department,
    "departments": _departments,
    "own_department": _own_department,
    "working_department": _working_department,
    "dispatched_department": _dispatched_department,
    "staff": _staff,
    "department_staff": _department_staff,
    "category": _category,
    "complaint": _complaint,
    "home": _home,
}
