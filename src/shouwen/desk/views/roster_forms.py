"""Forms of the roster pages."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.desk.duty_calendar import WEEKDAYS
from shouwen.desk.views.organization_forms import Day, look
from shouwen.organization.models import Project, Shift, Staff
from shouwen.organization.repeating import Holidays, Plan, Turn
from shouwen.organization.scheduling import Place, people, span, times_of, zone


class Hour(forms.TimeInput):
    """The browser's own picker of a time of day."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M", attrs={"class": "form-control"})


class _Hours(forms.Form):
    """From which hour to which: one of the named shifts, or other hours."""

    named = forms.ChoiceField(label=gettext_lazy("班次"), required=False)
    begins = forms.TimeField(
        label=gettext_lazy("上班"),
        required=False,
        widget=Hour(),
        help_text=gettext_lazy("选了班次可不填"),
    )
    ends = forms.TimeField(
        label=gettext_lazy("下班"),
        required=False,
        widget=Hour(),
        help_text=gettext_lazy("不晚于上班时间的，到第二天"),
    )

    def offer_times(self, project: Project) -> None:
        """Offer the hours of the project."""
        self.times = {f"{each.begins:%H:%M}-{each.ends:%H:%M}": each for each in times_of(project)}
        self.fields["named"].choices = [  # type: ignore[attr-defined]
            ("", _("另填时间")),
            *((key, str(each)) for key, each in self.times.items()),
        ]

    def clean_hours(self, given: dict[str, Any]) -> tuple[time, time] | None:
        """The hours that are meant; errors beside the fields."""
        named = self.times.get(given.get("named") or "")
        if named is not None:
            return named.begins, named.ends
        for name in ("begins", "ends"):
            if name not in self.errors and given.get(name) is None:
                self.add_error(name, _("请选择班次，或填时间"))
        if self.errors:
            return None
        return given["begins"], given["ends"]


class ShiftForm(_Hours):
    """One shift: who, in which position, on which day, from when to when."""

    who = forms.ChoiceField(label=gettext_lazy("谁值班"))
    day = forms.DateField(label=gettext_lazy("日期"), widget=Day())
    field_order = ("who", "day", "named", "begins", "ends")

    def __init__(
        self, project: Project, *args: Any, shift: Shift | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.project = project
        self.offer_times(project)
        self.chosen: dict[str, tuple[Place, Staff]] = {}
        groups: list[tuple[str, list[tuple[str, str]]]] = []
        for place, staff in people(project).items():
            if shift is not None and (place.position, place.department) != (
                shift.position,
                shift.department,
            ):
                continue
            said = []
            for each in staff:
                key = f"{place.key}:{each.pk}"
                self.chosen[key] = place, each
                said.append((key, each.name))
            groups.append((place.name, said))
        self.fields["who"].choices = groups  # type: ignore[attr-defined]
        look(self)

    def clean(self) -> dict[str, Any]:
        """The place, the person and the moments, together."""
        given = super().clean() or {}
        hours = self.clean_hours(given)
        if hours and not self.errors:
            given["place"], given["staff"] = self.chosen[given["who"]]
            given["starts_at"], given["ends_at"] = span(given["day"], *hours, zone(self.project))
        return given


class PlanForm(_Hours):
    """A repeating plan."""

    place = forms.ChoiceField(widget=forms.HiddenInput())
    staff = forms.MultipleChoiceField(
        label=gettext_lazy("谁值班"), widget=forms.CheckboxSelectMultiple()
    )
    turn = forms.ChoiceField(
        label=gettext_lazy("多人时"),
        choices=[
            (Turn.ALL.value, gettext_lazy("每班都在")),
            (Turn.DAY.value, gettext_lazy("按班轮流")),
            (Turn.WEEK.value, gettext_lazy("按周轮流")),
        ],
    )
    first = forms.DateField(label=gettext_lazy("从"), widget=Day())
    last = forms.DateField(label=gettext_lazy("到（含）"), widget=Day())
    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("星期"),
        choices=list(enumerate(WEEKDAYS)),
        widget=forms.CheckboxSelectMultiple(),
        required=False,
    )
    holidays = forms.ChoiceField(
        label=gettext_lazy("法定节假日"),
        choices=[
            (Holidays.KEPT.value, gettext_lazy("照常排班")),
            (Holidays.SKIPPED.value, gettext_lazy("不排班")),
            (Holidays.WORKDAYS.value, gettext_lazy("只排工作日，含调休上班")),
        ],
    )
    field_order = (
        "place", "staff", "turn", "holidays", "weekdays", "first", "last", "named", "begins", "ends",
    )  # fmt: skip

    def __init__(
        self, project: Project, place: Place, staff: list[Staff], *args: Any, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.project_place, self.people = place, {str(each.pk): each for each in staff}
        self.offer_times(project)
        self.fields["place"].choices = [(place.key, place.name)]  # type: ignore[attr-defined]
        self.fields["staff"].choices = [(each.pk, each.name) for each in staff]  # type: ignore[attr-defined]
        look(self)

    def clean(self) -> dict[str, Any]:
        """The plan."""
        given = super().clean() or {}
        hours = self.clean_hours(given)
        if given.get("holidays") != Holidays.WORKDAYS.value and not given.get("weekdays"):
            self.add_error("weekdays", _("请选择星期"))
        if hours and not self.errors:
            given["plan"] = Plan(
                self.project_place,
                tuple(self.people[each] for each in given["staff"]),
                given["first"],
                given["last"],
                frozenset(int(each) for each in given["weekdays"]),
                *hours,
                Turn(given["turn"]),
                Holidays(given["holidays"]),
            )
        return given


class SeriesForm(_Hours):
    """What becomes of the rest of a series: other hours, one person, or nothing."""

    staff = forms.ChoiceField(label=gettext_lazy("谁值班"), required=False)
    since = forms.DateField(label=gettext_lazy("从哪天起"), widget=Day())
    field_order = ("since", "staff", "named", "begins", "ends")

    def __init__(self, shift: Shift, *args: Any, **options: Any) -> None:
        assert shift.project is not None
        super().__init__(*args, **options)
        self.offer_times(shift.project)
        self.tz = zone(shift.project)
        staff = next(
            (
                found
                for place, found in people(shift.project).items()
                if (place.position, place.department) == (shift.position, shift.department)
            ),
            [],
        )
        self.people = {str(each.pk): each for each in staff}
        self.fields["staff"].choices = [  # type: ignore[attr-defined]
            ("", _("不变")),
            *((key, each.name) for key, each in self.people.items()),
        ]
        look(self)

    def clean(self) -> dict[str, Any]:
        """The hours, and the first moment of the day."""
        given = super().clean() or {}
        given["hours"] = self.clean_hours(given)
        if given.get("since"):
            given["at"] = datetime.combine(given["since"], time(0), self.tz)
        return given


class TimesForm(forms.Form):
    """A named pair of hours."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=20)
    begins = forms.TimeField(label=gettext_lazy("上班"), widget=Hour())
    ends = forms.TimeField(label=gettext_lazy("下班"), widget=Hour())

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        look(self)


class DelegationForm(forms.Form):
    """Who is away, who acts for them, from when until when."""

    person = forms.ChoiceField(label=gettext_lazy("谁不在岗"))
    stand_in = forms.ChoiceField(label=gettext_lazy("由谁代理"))
    since = forms.DateTimeField(label=gettext_lazy("自"))
    until = forms.DateTimeField(label=gettext_lazy("至"))
    reason = forms.CharField(label=gettext_lazy("事由"), max_length=200, required=False)

    def __init__(
        self, persons: list[Staff], colleagues: list[Staff], *args: Any, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.known = {str(each.pk): each for each in [*colleagues, *persons]}
        self.fields["person"].choices = [(each.pk, each.name) for each in persons]  # type: ignore[attr-defined]
        self.fields["stand_in"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *((each.pk, each.name) for each in colleagues),
        ]
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateTimeInput(
                format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}
            )
        self.fields["since"].initial = timezone.localtime().replace(second=0, microsecond=0)
        look(self)
