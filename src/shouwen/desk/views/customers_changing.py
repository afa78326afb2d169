"""Correcting what a customer's card says, and erasing a customer in two steps [PIPL art. 46, 47]."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from shouwen.complaints import one_customer
from shouwen.desk import words
from shouwen.desk.forms import HomeField
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.customers import customer_for
from shouwen.desk.views.organization_forms import look
from shouwen.organization import customer_ledger
from shouwen.organization.customers import normalise
from shouwen.organization.models import Customer, Home


class CorrectForm(forms.Form):
    """What the card says. The telephone stays as it is where nothing is written."""

    name = forms.CharField(label=gettext_lazy("称呼"), max_length=80, required=False)
    telephone = forms.CharField(
        label=gettext_lazy("新电话"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("不改则留空"),
    )
    relation = forms.ChoiceField(label=gettext_lazy("身份"), choices=Customer.Relation.choices)
    preferred_time = forms.CharField(
        label=gettext_lazy("方便联系的时间"), max_length=80, required=False
    )

    def __init__(self, customer: Customer, given: QueryDict | None = None) -> None:
        initial = {
            "name": customer.name,
            "relation": customer.relation,
            "preferred_time": customer.preferred_time,
            "home": customer.home_id,
        }
        super().__init__(given, initial=initial)
        self.fields["home"] = HomeField(
            customer.project, label=gettext_lazy("房屋"), required=False, max_length=80
        )
        self.order_fields(("name", "telephone", "home", "relation", "preferred_time"))
        look(self)

    def clean_telephone(self) -> str:
        """Something that can be dialled."""
        number: str = self.cleaned_data["telephone"].strip()
        if number and len(normalise(number)) < 5:
            raise forms.ValidationError(gettext_lazy("请写完整的电话号码"))
        return number

    def changes(self) -> dict[str, Any]:
        """What the card is to say."""
        told = dict(self.cleaned_data)
        if not told["telephone"]:
            del told["telephone"]
        told["home"] = Home.objects.get(pk=told["home"]) if told["home"] else None
        return told


@require_http_methods(["GET", "POST"])
@staff_page("correct_customer")
def correct(request: StaffRequest, pk: int) -> HttpResponse:
    """Name, telephone, home, relation and preferred time; the change stands in the ledger."""
    found = customer_for(request, pk, "correct_customer")
    form = CorrectForm(found, request.POST) if request.method == "POST" else CorrectForm(found)
    if form.is_bound and form.is_valid():
        customer_ledger.correct(found, form.changes(), actor_id=request.user.pk)
        return redirect(f"{reverse('desk:customer', args=[pk])}?done=corrected")
    context = {"here": "homes", "customer": found, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "desk/customer_correct.html", context, status=status)


class EraseForm(forms.Form):
    """What is to be erased, and why."""

    what = forms.ChoiceField(
        choices=[
            ("who", gettext_lazy("只删除身份信息")),
            ("everything", gettext_lazy("连同说过的话一起删除")),
        ],
        initial="who",
    )
    reason = forms.CharField(max_length=200, error_messages={"required": gettext_lazy("请写原因")})


@require_http_methods(["GET", "POST"])
@staff_page("erase_customer")
def erase(request: StaffRequest, pk: int) -> HttpResponse:
    """What to erase and why (GET); what would go (POST); erased (POST with `do`)."""
    found = customer_for(request, pk, "erase_customer")
    form = EraseForm(request.POST if request.method == "POST" else None)
    unconfirmed, preview = False, None
    if form.is_bound and form.is_valid():
        everything = form.cleaned_data["what"] == "everything"
        preview = one_customer.preview(found, by=request.user, everything=everything)
        if "do" in request.POST:
            try:
                one_customer.erase(
                    found,
                    by=request.user,
                    reason=form.cleaned_data["reason"],
                    everything=everything,
                    open_too="open_too" in request.POST,
                )
            except one_customer.StillOpen:
                unconfirmed = True
            except one_customer.OnHold as on_hold:
                form.add_error(
                    None,
                    _("正在保全的投诉：%(numbers)s。解除保全后才能删除。")
                    % {"numbers": words.listed(on_hold.args[0])},
                )
            else:
                return redirect(f"{reverse('desk:customer', args=[pk])}?done=erased")
    context = {
        "here": "homes",
        "customer": found,
        "form": form,
        "what": form["what"].value() or "who",
        "preview": preview,
        "unconfirmed": unconfirmed,
    }
    status = 422 if form.errors or unconfirmed else 200
    return render(request, "desk/customer_erase.html", context, status=status)
