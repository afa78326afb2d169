"""Intake of what is no complaint: repair, enquiry, praise, suggestion."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.complaints.contacts import door, files
from shouwen.complaints.contacts.steps import RECORD
from shouwen.complaints.contacts.words import COMPLAINT, Nature
from shouwen.complaints.steps.table import At
from shouwen.desk import masking, signature
from shouwen.desk.effects import Effect, effects
from shouwen.desk.forms import HomeField, StepForm, form_class, told
from shouwen.desk.pages import StaffRequest
from shouwen.organization.models import Customer
from shouwen.records import attachments

#: One key each; with Alt, as everywhere in a form, where S takes a suggestion and D and F are browsers'.
KEYS = {
    COMPLAINT: "a",
    Nature.REPAIR: "z",
    Nature.ENQUIRY: "x",
    Nature.PRAISE: "b",
    Nature.SUGGESTION: "y",
}
#: What is asked of a contact beside what is asked of a complaint.
FURTHER = ("answer", "to", "praised")


def natures() -> list[dict[str, str]]:
    """The natures of a matter as the page's chips, each with its key."""
    labels: dict[str, Any] = {COMPLAINT: _("投诉"), **dict(Nature.choices)}
    return [
        {"value": str(each), "label": str(labels[each]), "key": key, "letter": key.upper()}
        for each, key in KEYS.items()
    ]


def is_contact(sent: QueryDict) -> bool:
    """Whether what was filled in is no complaint."""
    return sent.get("nature", "") in Nature.values


def fields(at: At) -> dict[str, forms.Field]:
    """The fields of the page that only contacts have."""
    made = form_class(RECORD, at).base_fields
    nature = forms.ChoiceField(
        label=gettext_lazy("性质"),
        choices=[(COMPLAINT, ""), *Nature.choices],
        initial=COMPLAINT,
        required=False,
    )
    return {"nature": nature, **{name: made[name] for name in FURTHER}}


def said(request: StaffRequest, at: At) -> dict[str, Any]:
    """What the page tells about a contact. Raises ValidationError as the form would."""
    sent = request.POST
    found = told(RECORD, at.project, sent)
    home = HomeField(at.project, required=False).clean(sent.get("home_text"))
    if home:
        found["home"] = home
    card = found.get("customer")
    if card and home and not Customer.objects.filter(pk=card, home=home).exists():
        del found["customer"]  # another home was written over the card's
    if masking.offer(RECORD, sent).ticked:
        found = masking.without_numbers(RECORD, found)
    return found


def receive(request: StaffRequest, at: At) -> HttpResponse:
    """Record it, with its files; leads to its page. Raises ValidationError or Refused."""
    try:
        signed = signature.drawn(request.POST.get("signature", ""))
    except ValueError:
        raise ValidationError(_("签名没有收到，请再签一次")) from None
    outcome = door.receive(
        person=request.user,
        project=at.project,
        data=said(request, at),
        occurred_at=StepForm.base_fields["occurred_at"].clean(request.POST.get("occurred_at")),
        key=request.POST.get("key", "").strip() or None,
    )
    if not outcome.replayed:
        refused = []
        for upload in (*request.FILES.getlist("files"), *([signed] if signed else [])):
            name = upload.name or ""
            try:
                files.attach(outcome.contact, request.user, upload, name)
            except attachments.AttachmentRefused as error:
                refused.append(_("{name}：{why}").format(name=name, why=error))
        if refused:
            request.session["files_refused"] = refused
    return redirect(reverse("desk:contact", args=[outcome.contact.number]) + "?received=1")


def preview(request: StaffRequest, at: At) -> list[Effect]:
    """The clocks that recording it would start. Raises ValidationError or Refused."""
    found = said(request, at)
    found.setdefault("content", "…")
    changes = door.preview(request.user, at.project, found)
    return effects(changes, request.user, at.project.pk)
