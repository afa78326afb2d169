"""Forms of the pages by which the organization is kept."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.organization import homes, structure
from shouwen.organization.homes import Address
from shouwen.organization.models import (
    Area,
    Company,
    Contractor,
    Department,
    Developer,
    Post,
    Project,
    Staff,
)
from shouwen.organization.permissions import may
from shouwen.organization.positions import IN_A_DEPARTMENT, Position

ZONES = ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Macau", "Asia/Taipei", "Asia/Urumqi")


def look(form: forms.BaseForm) -> None:
    """Give the fields of a form the look of the pages."""
    for field in form.fields.values():
        widget = field.widget
        if isinstance(widget, forms.CheckboxInput):
            widget.attrs.setdefault("class", "form-check-input")
        elif isinstance(widget, forms.Select):
            widget.attrs.setdefault("class", "form-select")
        elif not isinstance(widget, forms.CheckboxSelectMultiple):
            widget.attrs.setdefault("class", "form-control")
            widget.attrs.setdefault("autocomplete", "off")


class Day(forms.DateInput):
    """The browser's own picker of a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"class": "form-control"})


class CompanyForm(forms.ModelForm):
    """The company itself."""

    class Meta:
        model = Company
        fields = ("name",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        look(self)


class AreaForm(forms.ModelForm):
    """A part of the company tree."""

    class Meta:
        model = Area
        fields = ("name", "level", "parent")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        look(self)

    def clean_parent(self) -> Area | None:
        """What stands above lies above, not below or in a circle."""
        above: Area | None = self.cleaned_data["parent"]
        order = [str(each) for each in Area.Level]
        level = self.cleaned_data.get("level")
        if above and level and order.index(above.level) >= order.index(level):
            raise ValidationError(_("上级要比本级高：集团、区域、城市公司"))
        return above


class DeveloperForm(forms.ModelForm):
    """A developer."""

    class Meta:
        model = Developer
        fields = ("name",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        look(self)


class ContractorForm(forms.ModelForm):
    """An outside firm."""

    class Meta:
        model = Contractor
        fields = ("name", "trade", "telephone", "is_active")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        look(self)


class ProjectForm(forms.ModelForm):
    """A project; its code stays once complaints are numbered with it."""

    class Meta:
        model = Project
        fields = (
            "name",
            "code",
            "area",
            "developer",
            "developer_stand_in",
            "timezone",
            "public_telephone",
            "is_active",
            "portal_open",
            "anonymous_allowed",
        )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        zones = dict.fromkeys([self.instance.timezone, *ZONES])
        self.fields["timezone"] = forms.ChoiceField(
            label=gettext_lazy("时区"), choices=[(zone, zone) for zone in zones]
        )
        if self.instance.pk and structure.has_complaints(self.instance):
            self.fields["code"].disabled = True
            self.fields["code"].help_text = _("已有投诉按这个代号编号，不能再改")
        else:
            self.fields["code"].help_text = _("大写字母和数字，用在投诉编号里；有投诉后不能再改")
            self.fields["code"].widget.attrs["placeholder"] = "YH"
        look(self)

    def clean_timezone(self) -> str:
        """A zone that the system knows."""
        name: str = self.cleaned_data["timezone"]
        if name not in zoneinfo.available_timezones():
            raise ValidationError(_("没有这个时区"))
        return name


class DepartmentForm(forms.ModelForm):
    """A department; ledgers know it by its code, which never changes."""

    class Meta:
        model = Department
        fields = ("name", "code", "contractors", "is_active")
        widgets = {"contractors": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            del self.fields["code"]
            kept = self.instance.contractors.values("pk")
            chosen = Contractor.objects.filter(Q(is_active=True) | Q(pk__in=kept))
            self.fields["contractors"].queryset = chosen  # type: ignore[attr-defined]
        else:
            del self.fields["contractors"], self.fields["is_active"]
            self.fields["code"].help_text = _(
                "小写字母、数字和短横，如 yh-engineering；以后不能再改"
            )
        look(self)


class HomesForm(forms.Form):
    """A range of homes."""

    buildings = forms.CharField(label=gettext_lazy("楼栋"), max_length=200)
    units = forms.CharField(
        label=gettext_lazy("单元"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("没有单元就留空"),
    )
    floors = forms.CharField(label=gettext_lazy("楼层"), max_length=100)
    doors = forms.IntegerField(label=gettext_lazy("每层户数"), min_value=1, max_value=99)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, example in (("buildings", "1-6"), ("units", "1-2"), ("floors", "1-18")):
            self.fields[name].widget.attrs["placeholder"] = example
        self.fields["doors"].widget.attrs["placeholder"] = "4"
        look(self)

    def _spread(self, name: str) -> list[str]:
        return homes.spread(self.cleaned_data[name])

    def clean_buildings(self) -> list[str]:
        """Each building."""
        return self._spread("buildings")

    def clean_units(self) -> list[str]:
        """Each unit."""
        return self._spread("units")

    def clean_floors(self) -> list[str]:
        """Each floor."""
        return self._spread("floors")

    def addresses(self) -> list[Address]:
        """The homes meant. Raises ValidationError for too many."""
        given = self.cleaned_data
        return structure.rooms_of(
            given["buildings"], given["units"], given["floors"], given["doors"]
        )


class HomeForm(forms.Form):
    """One home more."""

    building = forms.CharField(label=gettext_lazy("楼栋"), max_length=20)
    unit = forms.CharField(label=gettext_lazy("单元"), max_length=20, required=False)
    room = forms.CharField(label=gettext_lazy("房号"), max_length=20)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        look(self)


class StaffForm(forms.ModelForm):
    """An account; the telephone is shown only when asked for, and stays when left empty."""

    telephone = forms.CharField(label=gettext_lazy("电话"), max_length=40, required=False)

    class Meta:
        model = Staff
        fields = ("name", "username", "telephone", "email", "language")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._telephone = self.instance.telephone
        if self.instance.pk:
            self.initial["telephone"] = ""
            self.fields["telephone"].help_text = _("不改就留空")
        look(self)
        self.fields["username"].widget.attrs.update({"autocapitalize": "none"})

    def clean_telephone(self) -> str:
        """Left empty, it stays as it was."""
        return str(self.cleaned_data["telephone"]).strip() or self._telephone


class PostForm(forms.Form):
    """A post to be given, within what the person may give."""

    position = forms.ChoiceField(label=gettext_lazy("岗位"))
    project = forms.ModelChoiceField(
        Project.objects.none(),
        label=gettext_lazy("项目"),
        required=False,
        empty_label=gettext_lazy("全公司"),
    )
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label=gettext_lazy("部门"),
        required=False,
        empty_label=gettext_lazy("（无）"),
        help_text=gettext_lazy("部门员工和部门负责人要选部门"),
    )
    since = forms.DateField(label=gettext_lazy("任职自"), widget=Day)

    def __init__(self, by: Staff, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.by = by
        self.project_ids = [each.pk for each in projects_to_give(by)]
        project, department = self.fields["project"], self.fields["department"]
        project.queryset = Project.objects.filter(pk__in=self.project_ids, is_active=True)  # type: ignore[attr-defined]
        department.queryset = departments_of(self.project_ids)  # type: ignore[attr-defined]
        self.fields["position"].choices = [("", "—"), *positions_to_give(by, self.project_ids)]  # type: ignore[attr-defined]
        self.fields["since"].initial = timezone.localdate
        look(self)

    def clean(self) -> dict[str, Any]:
        """The post as a whole is the person's to give, and fits together."""
        given = super().clean() or {}
        if self.errors:
            return given
        department: Department | None = given["department"]
        if given["position"] in IN_A_DEPARTMENT:
            if department is None:
                self.add_error("department", _("请选择部门"))
                return given
        elif department is not None:
            given["department"] = department = None
        project = given["project"] or (department.project if department else None)
        allowed = may(self.by, "give_post", Post(position=given["position"], project=project))
        if not allowed:
            self.add_error("position", str(allowed.rule))
        return given


def projects_to_give(by: Staff) -> list[Project]:
    """The projects in which somebody may give a post at all."""
    return [
        each
        for each in Project.objects.order_by("code")
        if may(by, "give_post", Post(position=Position.EMPLOYEE, project=each))
    ]


def departments_of(project_ids: list[int]) -> QuerySet[Department]:
    """The departments in use of these projects, and those of the whole company."""
    found = Department.objects.filter(Q(project=None) | Q(project__in=project_ids), is_active=True)
    return found.select_related("project").order_by("project__code", "code")


def positions_to_give(by: Staff, project_ids: list[int]) -> list[tuple[str, str]]:
    """The positions that somebody may give somewhere."""
    places = [None, *project_ids]
    return [
        (position.value, str(position.label))
        for position in Position
        if any(may(by, "give_post", Post(position=position, project_id=each)) for each in places)
    ]
