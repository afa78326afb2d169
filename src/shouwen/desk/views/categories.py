"""The category tree with the default limits for handling [A3][A4]."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from shouwen.complaints import categories
from shouwen.complaints.models import Category
from shouwen.complaints.words import Severity
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization.permissions import may


class CategoryForm(forms.Form):
    """One category: its name, its limits in hours, whether it is in use."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=60)
    is_active = forms.BooleanField(label=gettext_lazy("使用中"), required=False)

    def __init__(self, category: Category, data: object = None) -> None:
        given = {"name": category.label, "is_active": category.is_active}
        super().__init__(
            data,  # type: ignore[arg-type]
            initial=given | {f"hours-{key}": value for key, value in category.hours.items()},
            auto_id=f"{category.code}-%s",
        )
        self.category = category
        self.limits = []
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


def _refused(request: StaffRequest) -> HttpResponse | None:
    allowed = may(request.user, "edit_categories")
    if allowed:
        return None
    return render(request, "desk/parts/refused.html", {"sentence": allowed.rule}, status=403)


@require_http_methods(["GET", "POST"])
@staff_page
def tree(request: StaffRequest) -> HttpResponse:
    """All categories (GET); a new one (POST)."""
    if refused := _refused(request):
        return refused
    if request.method == "GET":
        return _page(request)
    form = NewForm(request.POST)
    if not form.is_valid():
        return _page(request, new=form)
    added = categories.add(person=request.user, **form.cleaned_data)
    return redirect(f"{request.path}?saved={added.code}#{added.code}-row")


@require_POST
@staff_page
def change(request: StaffRequest, code: str) -> HttpResponse:
    """Save one category."""
    if refused := _refused(request):
        return refused
    category = get_object_or_404(Category.objects.select_related("parent"), code=code)
    form = CategoryForm(category, request.POST)
    if not form.is_valid():
        return _page(request, wrong=form)
    categories.change(
        category,
        person=request.user,
        name=form.cleaned_data["name"],
        hours=form.hours(),
        is_active=form.cleaned_data["is_active"],
    )
    return redirect(f"{reverse('desk:categories')}?saved={code}#{code}-row")
