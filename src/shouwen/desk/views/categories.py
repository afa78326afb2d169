"""The category tree with the default limits for handling [A3][A4], and the words that suggest it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from shouwen.complaints import categories, own_words
from shouwen.complaints.models import Category
from shouwen.complaints.suggestion_rules import Rule, shipped
from shouwen.complaints.words import Severity
from shouwen.desk.pages import StaffRequest, render, staff_page


class CategoryForm(forms.Form):
    """One category: its name, its limits in hours, whether it is in use, what suggests it."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=60)
    is_active = forms.BooleanField(label=gettext_lazy("使用中"), required=False)
    words = forms.CharField(
        label=gettext_lazy("自己的用词，每行一个"),
        required=False,
        max_length=5000,
        widget=forms.Textarea({"class": "form-control", "rows": 4}),
    )

    def __init__(self, category: Category, data: object = None) -> None:
        given = {
            "name": category.label,
            "is_active": category.is_active,
            "words": own_words.written(category.words),
        }
        super().__init__(
            data,  # type: ignore[arg-type]
            initial=given | {f"hours-{key}": value for key, value in category.hours.items()},
            auto_id=f"{category.code}-%s",
        )
        self.category = category
        self.limits = []
        self.shipped = [rule for rule in shipped().rules if rule.category == category.code]
        self.fields["rules"] = forms.MultipleChoiceField(
            label=gettext_lazy("自带的规则"),
            required=False,
            choices=[(rule.name, rule.name) for rule in self.shipped],
            initial=[rule.name for rule in self.shipped if rule.name not in category.rules_off],
        )
        for severity in Severity:
            # What applies where nothing is set stands in the empty field.
            otherwise = categories.otherwise(category, severity)
            self.fields[f"hours-{severity}"] = forms.IntegerField(
                label=severity.label,
                required=False,
                min_value=1,
                max_value=categories.LONGEST_HOURS,
                widget=forms.NumberInput(attrs={"placeholder": otherwise, "class": "form-control"}),
            )
            self.limits.append(self[f"hours-{severity}"])

    def clean_words(self) -> list[dict[str, Any]]:
        """The words that were typed, read."""
        try:
            return own_words.parse(self.cleaned_data["words"])
        except own_words.WrongWords as wrong:
            raise forms.ValidationError(str(wrong)) from None

    def offered(self) -> list[tuple[Rule, bool]]:
        """The shipped rules of the category, each with whether it is in use."""
        on = self["rules"].value() or []
        return [(rule, rule.name in on) for rule in self.shipped]

    def rules_off(self) -> list[str]:
        """The names of the shipped rules that are switched off."""
        return sorted({rule.name for rule in self.shipped} - set(self.cleaned_data["rules"]))

    def hours(self) -> dict[str, int]:
        """The limits that are set, by severity."""
        found = {str(each): self.cleaned_data[f"hours-{each}"] for each in Severity}
        return {severity: hours for severity, hours in found.items() if hours}


class NewForm(forms.Form):
    """A new category, at the top or under another."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=60)
    parent = forms.ModelChoiceField(
        Category.objects.filter(parent=None),
        label=gettext_lazy("上级分类"),
        required=False,
        to_field_name="code",
        empty_label=gettext_lazy("（无，作为大类）"),
    )


@dataclass(frozen=True)
class Branch:
    """A category at the top and those under it, each with its form."""

    top: CategoryForm
    below: list[CategoryForm]


def _page(
    request: StaffRequest,
    *,
    wrong: CategoryForm | None = None,
    new: NewForm | None = None,
) -> HttpResponse:
    found = list(Category.objects.select_related("parent").order_by("order", "code"))
    shown = {
        each.pk: wrong if wrong and wrong.category.pk == each.pk else CategoryForm(each)
        for each in found
    }
    branches = [
        Branch(shown[top.pk], [shown[each.pk] for each in found if each.parent_id == top.pk])
        for top in found
        if top.parent_id is None
    ]
    context = {
        "here": "categories",
        "branches": branches,
        "severities": Severity.labels,
        "new": new or NewForm(),
        "saved": request.GET.get("saved", ""),
    }
    status = 422 if wrong or (new and new.errors) else 200
    return render(request, "desk/categories.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_page("edit_categories")
def tree(request: StaffRequest) -> HttpResponse:
    """All categories (GET); a new one (POST)."""
    if request.method == "GET":
        return _page(request)
    form = NewForm(request.POST)
    if not form.is_valid():
        return _page(request, new=form)
    added = categories.add(person=request.user, **form.cleaned_data)
    return redirect(f"{request.path}?saved={added.code}#{added.code}-row")


@require_POST
@staff_page("edit_categories")
def change(request: StaffRequest, code: str) -> HttpResponse:
    """Save one category."""
    category = get_object_or_404(Category.objects.select_related("parent"), code=code)
    form = CategoryForm(category, request.POST)
    if not form.is_valid():
        return _page(request, wrong=form)
    try:
        categories.change(
            category,
            person=request.user,
            name=form.cleaned_data["name"],
            hours=form.hours(),
            is_active=form.cleaned_data["is_active"],
            words=form.cleaned_data["words"] if "words" in form.data else None,
            rules_off=form.rules_off() if "words" in form.data else None,
        )
    except own_words.WrongWords as wrong:
        form.add_error("words", str(wrong))
        return _page(request, wrong=form)
    return redirect(f"{reverse('desk:categories')}?saved={code}#{code}-row")
