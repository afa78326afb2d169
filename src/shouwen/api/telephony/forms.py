"""Forms of the telephone's settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator, URLValidator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.channels.models import Extension, TelephoneLine
from shouwen.organization.models import Post, Project, Staff

_INPUT = {"class": "form-control"}
_WEB = URLValidator(schemes=["https", "http"])


class NewLineForm(forms.Form):
    """A new line: whose, and what it is called."""

    project = forms.ModelChoiceField(
        Project.objects.none(), label=_("项目"), widget=forms.Select({"class": "form-select"})
    )
    name = forms.CharField(
        label=_("名称"),
        max_length=60,
        help_text=_("例如：前台热线"),
        widget=forms.TextInput(_INPUT),
    )

    def __init__(self, projects: QuerySet[Project], data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["project"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset, field.empty_label = projects, None


class LineForm(forms.ModelForm):
    """What is agreed with the switchboard."""

    recordings = forms.CharField(
        label=_("录音地址的开头"),
        max_length=300,
        required=False,
        validators=[_WEB],
        help_text=_("录音链接只接受这个地址之下的，例如 https://pbx.example.cn/recordings/"),
        widget=forms.URLInput(_INPUT),
    )
    dial_url = forms.CharField(
        label=_("点击拨号的地址"),
        max_length=300,
        required=False,
        validators=[_WEB],
        help_text=_("留空就没有“拨打”按钮；内网地址要先写进 SHOUWEN_WEBHOOK_NETWORKS"),
        widget=forms.URLInput(_INPUT),
    )

    class Meta:
        model = TelephoneLine
        fields = ("name", "number", "recordings", "dial_url")
        widgets = {"name": forms.TextInput(_INPUT), "number": forms.TextInput(_INPUT)}


class SeatForm(forms.Form):
    """Who sits at an extension."""

    number = forms.CharField(
        label=_("分机"),
        max_length=20,
        validators=[RegexValidator(r"^[0-9A-Za-z_.-]+$", _("分机只用数字、字母和 . _ -"))],
        widget=forms.TextInput(_INPUT),
    )
    staff = forms.ModelChoiceField(
        Staff.objects.none(), label=_("员工"), widget=forms.Select({"class": "form-select"})
    )

    def __init__(self, line: TelephoneLine, data: Any = None) -> None:
        super().__init__(data, auto_id="seat-%s")
        self.line = line
        here = Post.objects.filter(Q(project=line.project_id) | Q(project=None))
        field = self.fields["staff"]
        assert isinstance(field, forms.ModelChoiceField)
        staff = Staff.objects.filter(is_active=True, pk__in=here.values("staff"))
        field.queryset = staff.order_by("name")

    def keep(self) -> None:
        """Put the person at the extension, whoever sat there before."""
        Extension.objects.update_or_create(
            line=self.line,
            number=self.cleaned_data["number"],
            defaults={"staff": self.cleaned_data["staff"]},
        )
