"""A form made from what a step must be told.

A step says in its data class what it needs and how each thing is shown (`Shown`); nothing about a
single step stands here. Whether what was typed is right is decided by the step itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.complaints.categories import default_limit
from shouwen.complaints.choices import OFFERED, offered
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.steps.emergency import reports_of
from shouwen.complaints.steps.table import Asks, At, Shown, Step, StepData
from shouwen.desk.callees import UPWARD, callees
from shouwen.desk.masking import Offer
from shouwen.notices.customers import suggesting
from shouwen.organization import homes
from shouwen.organization.models import Home, Project
from shouwen.organization.permissions import may
from shouwen.organization.positions import Position
from shouwen.records import ledger

FEW = 6  # choices up to this many stand side by side, more fold into a list


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
    """Several of a few, all in sight."""

    template_name = "desk/widgets/chips.html"
    option_template_name = "desk/widgets/chip.html"


class HomeField(forms.CharField):
    """A home written as people write it (3-1-802, 三栋802), inside one project."""

    def __init__(self, project: Project, **options: Any) -> None:
        super().__init__(**options)
        self.project = project

    def prepare_value(self, value: Any) -> Any:
        """A stored home as its label."""
        if isinstance(value, int):
            return Home.objects.values_list("label", flat=True).filter(pk=value).first()
        return value

    def clean(self, value: Any) -> int | None:
        """The home's key. Refuses what is no home of the project, or several."""
        text = super().clean(value)
        if not text:
            return None
        home = homes.find(self.project, text)
        if home is None:
            raise ValidationError(
                _("%(project)s没有这个房号，请写成 3-1-802 这样，或留空并写在地点里"),
                params={"project": self.project.name},
            )
        return home.pk


class StepForm(forms.Form):
    """The form of one step; `said()` is what the step is told."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    occurred_at = forms.DateTimeField(
        label=gettext_lazy("实际发生时间"),
        help_text=gettext_lazy("登记时间另记，两者都看得到"),
        widget=LocalDateTime,
        required=False,
    )

    own: tuple[str, ...] = ()  # the step's own fields, in order
    short: frozenset[str] = frozenset({"occurred_at"})  # fields that share a line
    offer: Offer | None = None  # to mask the telephone numbers in what was written
    asks: bool = False  # it was sent with numbers that its sender had not seen named

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

    def carry(self, version: int) -> None:
        """Go on from a newer state of the ledger, with everything kept that was typed."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[self.add_prefix("version")] = str(version)
        self.data = data


def form_class(step: Asks, at: At) -> type[StepForm]:
    """The form of a step for somebody who stands before a complaint."""
    fields: dict[str, Any] = {}
    shown = step.data.shown()
    for name, how in shown.items():
        model_field = step.data.model_fields[name]
        field = _field(how, at, required=model_field.is_required())
        default = model_field.get_default(call_default_factory=True)
        if not model_field.is_required() and default is not None:
            field.initial = getattr(default, "value", default)
        fields[name] = field
    short = frozenset(name for name, how in shown.items() if how.short) | StepForm.short
    return type(f"{step.name}_form", (StepForm,), {**fields, "own": tuple(fields), "short": short})


@cache
def _unchosen(data: type[StepData]) -> dict[str, forms.Field]:
    """The fields of a step without what they offer: whether a choice exists, the step decides."""
    fields: dict[str, forms.Field] = {}
    for name, how in data.shown().items():
        make = _MADE.get(how.widget)
        if make is None:
            many = how.widget == "departments"
            fields[name] = _Several() if many else forms.CharField(widget=_input())
        else:
            fields[name] = make(how)
        fields[name].required = data.model_fields[name].is_required()
    return fields


class _Several(forms.Field):
    widget = forms.SelectMultiple


def told(step: Asks, project: Project, data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """What a filled-in form tells the step, as `StepForm.said`, without making the form.

    For the way that most requests go: nothing is wrong, so no form need be shown again. Raises
    ValidationError where the form would refuse what was typed.
    """
    said = {}
    for name, field in _unchosen(step.data).items():
        if step.data.shown()[name].widget == "home":
            field = HomeField(project, required=field.required)
        place = f"{prefix}-{name}" if prefix else name
        value = field.clean(field.widget.value_from_datadict(data, {}, place))
        if value not in (None, "", []):
            said[name] = value
    return said


def filled(step: Step, at: At, form: type[StepForm]) -> dict[str, Any]:
    """What a form can know beforehand: the record as it stands, the only choice, the default limit."""
    known: dict[str, Any] = {"key": str(uuid.uuid4())}
    complaint = at.complaint
    if complaint is None:
        return known
    known["version"] = complaint.version
    stands: dict[str, Any] = {
        "severity": at.state.severity,
        "category": at.state.category,
        "needs_developer": at.state.needs_developer,
        "about": at.state.about_id,
    }
    if step.name == "file_report":
        stands["level"] = next(iter(reports_of(at)), None)
    if step.name in UPWARD:
        stands["spoke_to"] = _("、").join(each.said for each in callees(step.name, at))
        known["occurred_at"] = _this_minute(at, complaint)
    if step.name == "verify_jointly":
        developer = Position.DEVELOPER_SERVICE in at.roles
        stands["developer_by" if developer else "company_by"] = at.person.name
    if step.name == "amend":
        stands |= {name: getattr(complaint, name) for name in ("subject", "place", "happened")}
        stands |= {"wish": complaint.wish, "reach_when": complaint.reach_when}
        stands |= {"relation": complaint.relation, "home": complaint.home_id}
    if step.name == "inform_customer":
        named = bool(may(at.person, "see_source", at))  # else the words would tell a secret source
        ready = suggesting.for_customer(complaint, at.now, named=named)
        if ready is not None:
            stands |= {"told": ready.words.text, "medium": ready.medium}
            stands["next_update_at"] = ready.words.next_at
    if step.name == "inform_first_contact":
        stands["told"] = suggesting.for_first_contact(complaint, at.now)
    if "due_at" in form.base_fields and "assisting" in form.base_fields:
        stands["due_at"] = default_limit(complaint.category, complaint.severity, at.now)
    for name, field in form.base_fields.items():
        if name in stands:
            known[name] = stands[name]
        elif isinstance(field, forms.ChoiceField) and field.required:
            values = [value for value, _label in choices_of(field) if value != ""]
            if len(values) == 1:
                known[name] = values[0]
    asked = next((part.delay_asked for part in at.state.at_work if part.delay_asked), None)
    if step.name == "extend" and asked:
        known["due_at"] = datetime.fromisoformat(asked)
    return known


def _this_minute(at: At, complaint: Complaint) -> datetime | None:
    """Now to the minute, as the picker has it; none where that lies before what was last written.

    Left empty, it happened when it is written down.
    """
    minute = timezone.localtime(at.now).replace(second=0, microsecond=0)
    last = ledger.of_subject(SUBJECT, complaint.pk).aggregate(last=Max("occurred_at"))["last"]
    return minute if last is None or minute >= last else None


def choices_of(field: forms.ChoiceField) -> list[tuple[str, str]]:
    """The choices that a field of ours was made with."""
    return cast("list[tuple[str, str]]", list(cast("Iterable[object]", field.choices)))


def _field(how: Shown, at: At, *, required: bool) -> forms.Field:
    make = _MADE.get(how.widget)
    if make is not None:
        field = make(how)
    elif how.widget == "home":
        field = HomeField(at.project, widget=_input(placeholder="3-1-802", list="homes"))
    elif how.widget == "departments":
        field = forms.MultipleChoiceField(choices=_offered(how, at), widget=ManyChips)
    elif how.widget in OFFERED:
        field = _one_of(_offered(how, at), chips=how.widget.endswith("department"))
    else:
        raise LookupError(f"no form field for the widget {how.widget!r}")
    field.label = cast("str", how.label)
    field.help_text = cast("str", how.help)
    field.required = required
    return field


def _offered(how: Shown, at: At) -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in offered(how.widget, at)]


def _one_of(choices: list[tuple[str, str]], *, chips: bool) -> forms.Field:
    if chips and len(choices) <= FEW:
        return forms.ChoiceField(choices=choices, widget=Chips)
    return forms.ChoiceField(
        choices=[("", "—"), *choices], widget=forms.Select({"class": "form-select"})
    )


def _input(**attributes: str) -> forms.TextInput:
    return forms.TextInput({"class": "form-control", "autocomplete": "off", **attributes})


_MADE: dict[str, Callable[[Shown], forms.Field]] = {
    "text": lambda how: forms.CharField(widget=_input()),
    "telephone": lambda how: forms.CharField(widget=_input(inputmode="tel")),
    "textarea": lambda how: forms.CharField(
        widget=forms.Textarea({"class": "form-control", "rows": 2})
    ),
    "number": lambda how: forms.IntegerField(widget=forms.NumberInput({"class": "form-control"})),
    "datetime": lambda how: forms.DateTimeField(widget=LocalDateTime),
    "flag": lambda how: forms.BooleanField(
        widget=forms.CheckboxInput({"class": "form-check-input"})
    ),
    "choice": lambda how: forms.ChoiceField(choices=list(how.choices), widget=Chips),
    "complaint": lambda how: forms.CharField(widget=_input(placeholder="JX-20261123-001")),
    "hidden": lambda how: forms.CharField(widget=forms.HiddenInput),
    "hidden_customer": lambda how: forms.CharField(widget=forms.HiddenInput),
    "file": lambda how: forms.CharField(widget=forms.HiddenInput),
}
