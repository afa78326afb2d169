"""The form by which a resident reports: three fields, photographs, and whether somebody is in danger."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.channels.by_web import Sent
from shouwen.organization.models import Place

_WORDS = gettext_lazy("请写下发生了什么，一句话也可以。")


class ReportForm(forms.Form):
    """What happened, where, and who can be reached about it.

    `website` is a field that no person sees; `key` names the form, so that it counts once.
    """

    content = forms.CharField(
        label=gettext_lazy("发生了什么"), max_length=2000, error_messages={"required": _WORDS}
    )
    place = forms.CharField(label=gettext_lazy("在哪里"), max_length=120, required=False)
    name = forms.CharField(label=gettext_lazy("怎么称呼您"), max_length=40, required=False)
    telephone = forms.CharField(label=gettext_lazy("您的电话"), max_length=30, required=False)
    danger = forms.BooleanField(label=gettext_lazy("有人正处于危险"), required=False)
    joins = forms.CharField(max_length=40, required=False)
    website = forms.CharField(max_length=200, required=False)
    key = forms.SlugField(max_length=64, required=False)

    def __init__(self, place: Place, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.at = place
        self.initial.setdefault("key", secrets.token_hex(16))
        if not place.whole_project:
            self.initial.setdefault("place", place.label)

    def clean(self) -> dict[str, Any]:
        """Where the project takes nothing anonymous, a name or a number is needed; never in danger."""
        given = super().clean() or {}
        if given.get("content") and not self.errors:
            sent = self.sent()
            wanted = not self.at.project.anonymous_allowed
            if wanted and sent.unreachable and not sent.emergency:
                self.add_error("telephone", _("请留下称呼或电话，我们好答复您。"))
        return given

    def sent(self) -> Sent:
        """What was written, once the form is valid."""
        given = self.cleaned_data
        return Sent(
            content=given["content"],
            place=given["place"],
            name=given["name"],
            telephone=given["telephone"],
            danger=given["danger"],
            machine=bool(given["website"]),
        )
