"""Settings: for how long each kind of data is kept, and what would go today."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.records import retention
from shouwen.records.retention import KINDS, Over


class PeriodsForm(forms.Form):
    """A number of days for each kind; empty: it is kept for ever."""

    def __init__(self, data: object = None) -> None:
        super().__init__(data, initial=retention.periods())  # type: ignore[arg-type]
        for kind in KINDS.values():
            self.fields[kind.name] = forms.IntegerField(
                label=kind.label,
                required=False,
                min_value=kind.least_days,
                max_value=retention.MOST_DAYS,
                widget=forms.NumberInput(
                    {
                        "class": "form-control",
                        "inputmode": "numeric",
                        "placeholder": _("一直保存"),
                    }
                ),
            )


@dataclass(frozen=True)
class Row:
    """A kind as the page shows it: its field, and what of it would go today."""

    field: forms.BoundField
    over: Over | None
    kind: retention.Kind


def _page(
    request: StaffRequest, form: PeriodsForm, found: list[Over], *, tried: bool = False
) -> HttpResponse:
    over = {each.kind.name: each for each in found}
    # First what is kept for ever until somebody says otherwise: the complaints.
    kinds = sorted(KINDS.values(), key=lambda kind: kind.default_days is not None)
    context = {
        "here": "settings",
        "rows": [Row(form[each.name], over.get(each.name), each) for each in kinds],
        "form": form,
        "tried": tried,
        "saved": request.GET.get("saved", ""),
    }
    return render(
        request, "desk/settings/retention.html", context, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
@staff_page("edit_retention")
def periods(request: StaffRequest) -> HttpResponse:
    """The periods with what is over them (GET); others, tried or saved (POST)."""
    if request.method == "GET":
        return _page(request, PeriodsForm(), retention.preview())
    form = PeriodsForm(request.POST)
    if not form.is_valid():
        return _page(request, form, [])
    if "save" not in request.POST:
        found = retention.preview(said=form.cleaned_data)
        return _page(request, form, found, tried=True)
    with transaction.atomic():
        for name, days in form.cleaned_data.items():
            retention.change(name, days, actor_id=request.user.pk)
    return redirect(f"{request.path}?saved=1")
