"""Forms of the pages by which notices find their way: addresses, gateways, own rules, the floor."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import SecretStr
from pydantic import ValidationError as Invalid

from shouwen.desk.views.organization_forms import look
from shouwen.notices import gateways
from shouwen.notices.address import Address, Gateway
from shouwen.notices.gateways import Settings
from shouwen.notices.kinds import KINDS
from shouwen.notices.kinds import Kind as NoticeKind
from shouwen.notices.preferences import (
    CHANNELS,
    IN_APP,
    NOT_COUNTED,
    Floor,
    Rules,
    minutes_by_channel,
)
from shouwen.notices.urgency import Urgency
from shouwen.organization.models import Department, Project

Kind = Address.Kind

#: What one may add to oneself, and what a group is told by.
OWN_KINDS = (
    Kind.WECOM,
    Kind.DINGTALK,
    Kind.FEISHU,
    Kind.EMAIL,
    Kind.WEBHOOK_SMS,
    Kind.WEBHOOK_CALL,
    Kind.APPRISE,
)
GROUP_KINDS = (Kind.WECOM, Kind.DINGTALK, Kind.FEISHU, Kind.EMAIL, Kind.APPRISE)


class AddressForm(forms.Form):
    """An address as it is pasted."""

    kind = forms.ChoiceField(label=gettext_lazy("渠道"))
    name = forms.CharField(
        label=gettext_lazy("名称"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("自己认得就行，如“夜班群”"),
    )
    text = forms.CharField(
        label=gettext_lazy("地址"),
        max_length=1000,
        help_text=gettext_lazy("保存后不再完整显示"),
    )
    secret = forms.CharField(
        label=gettext_lazy("加签密钥"),
        max_length=256,
        required=False,
        help_text=gettext_lazy("钉钉、飞书机器人安全设置里的密钥"),
    )

    def __init__(self, kinds: Iterable[Kind], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [(each.value, each.label) for each in kinds]  # type: ignore[attr-defined]
        look(self)
        for name in ("text", "secret"):
            self.fields[name].widget.attrs.update({"autocapitalize": "none", "spellcheck": "false"})


class GroupAddressForm(AddressForm):
    """An address of a department or project."""

    owner = forms.ChoiceField(label=gettext_lazy("谁的"))
    field_order = ("owner", "kind", "name", "text", "secret")

    def __init__(
        self,
        projects: Iterable[Project],
        departments: Iterable[Department],
        *args: Any,
        **options: Any,
    ) -> None:
        self.owners: dict[str, Project | Department] = {
            **{f"project-{each.pk}": each for each in projects},
            **{f"department-{each.pk}": each for each in departments},
        }
        super().__init__(GROUP_KINDS, *args, **options)
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            (key, each.name if isinstance(each, Project) else _department(each))
            for key, each in self.owners.items()
        ]


def _department(department: Department) -> str:
    project = department.project
    return f"{project.name} · {department.name}" if project else department.name


# -- the company's gateways

_LABELS: dict[str, Any] = {
    "host": gettext_lazy("服务器"),
    "port": gettext_lazy("端口"),
    "security": gettext_lazy("加密"),
    "user": gettext_lazy("用户名"),
    "password": gettext_lazy("密码"),
    "sender": gettext_lazy("发件地址"),
    "sender_name": gettext_lazy("发件人名称"),
    "url": gettext_lazy("网关地址"),
    "secret": gettext_lazy("密钥"),
    "corp_id": gettext_lazy("企业 ID"),
    "agent_id": "AgentId",
}
_SECURITY = (
    ("starttls", "STARTTLS"),
    ("tls", "TLS"),
    ("none", gettext_lazy("不加密（只用于内网）")),
)


class GatewayForm(forms.Form):
    """The settings of one gateway; a secret is never shown, and stays when left empty."""

    def __init__(self, kind: str, kept: Settings | None, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.model, self.kept = gateways.MODELS[kind], kept
        for name, field in self.model.model_fields.items():
            self.fields[name] = made = self._field(name, field.annotation)
            made.label = _LABELS[name]
            made.required = field.is_required() and not (kept and field.annotation is SecretStr)
            if field.annotation is not SecretStr:
                default = None if field.is_required() else field.get_default()
                made.initial = getattr(kept, name) if kept else default
        look(self)

    def _field(self, name: str, annotation: Any) -> forms.Field:
        if annotation is SecretStr:
            given = self.kept and getattr(self.kept, name).get_secret_value()
            return forms.CharField(
                widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
                strip=False,
                help_text=_("不改就留空") if given else "",
            )
        if annotation is int:
            return forms.IntegerField(min_value=0)
        if name == "security":
            return forms.ChoiceField(choices=_SECURITY)
        return forms.CharField(max_length=500)

    def clean(self) -> dict[str, Any]:
        """The settings as a whole (`settings`), by the gateway's own model."""
        given = super().clean() or {}
        for name, field in self.model.model_fields.items():
            if field.annotation is SecretStr and not given.get(name) and self.kept:
                given[name] = getattr(self.kept, name).get_secret_value()
        if self.errors:
            return given
        try:
            self.settings = self.model.model_validate(
                {name: given[name] for name in self.model.model_fields}
            )
        except Invalid as wrong:
            # Not its own words: they are English, and would repeat what was typed.
            for error in wrong.errors(include_input=False, include_context=False):
                self.add_error(str(error["loc"][0]), _wrong(str(error["type"])))
        return given


def _wrong(kind: str) -> str:
    if kind in ("too_short", "string_too_short"):
        return _("太短")
    return _("写法不对")


# -- the person's own rules, and the floor

#: Always emergencies, which no choice of kinds holds back.
_ALWAYS = frozenset({"alert", "rehearsal"})
#: What a company may ask of everybody.
_REQUIRABLE = tuple(channel for channel in CHANNELS if channel not in NOT_COUNTED)
_MINUTES = (1, 2, 3, 5, 10, 15, 30, 60)
NEVER = "-"


def _switchable() -> list[NoticeKind]:
    """The kinds of notices that leave the house and that can be switched off."""
    return [each for each in KINDS.values() if not each.quiet and each.name not in _ALWAYS]


def _short(urgency: Urgency) -> str:
    """The urgency in a word, for narrow pages."""
    return unicodedata.normalize("NFKC", str(urgency.label)).split(":")[0]


def _after(minutes: int) -> str:
    if minutes == 0:
        return _("立即")
    return ngettext("{n} 分钟后", "{n} 分钟后", minutes).format(n=minutes)


_after_lazy: Callable[[int], Any] = lazy(_after, str)


class Times(forms.CharField):
    """Clock times, several in one field: 08:30 17:00."""

    def clean(self, value: Any) -> list[datetime.time]:
        """Each of them, in order. Refuses what is no time."""
        found = set()
        said = unicodedata.normalize("NFKC", str(super().clean(value)))
        for each in said.replace(",", " ").split():
            try:
                found.add(datetime.time.fromisoformat(each.zfill(5)))
            except ValueError:
                raise ValidationError(_("请写成 08:30 这样，几个时间之间用空格隔开")) from None
        if len(found) > 6:
            raise ValidationError(_("最多 6 个时间"))
        return sorted(found)


class Clock(forms.TimeInput):
    """The browser's own picker of a time."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M", attrs={"class": "form-control"})


class RulesForm(forms.Form):
    """How one wants to be told: a channel and an urgency have each a field, `emergency_email`."""

    quiet_since = forms.TimeField(label=gettext_lazy("勿扰从"), widget=Clock, required=False)
    quiet_until = forms.TimeField(label=gettext_lazy("勿扰到"), widget=Clock, required=False)
    digest_at = Times(
        label=gettext_lazy("汇总时间"),
        required=False,
        help_text=gettext_lazy("如 08:30 17:00；留空则“可稍后”的也立即发"),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("要发出来的通知"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, rules: Rules, floor: Floor, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.floor = floor
        for urgency in Urgency:
            used = minutes_by_channel(rules, floor, urgency)
            for channel in CHANNELS:
                if channel != IN_APP:
                    field = self._step(urgency, channel)
                    field.initial = str(used[channel]) if channel in used else NEVER
                    self.fields[f"{urgency}_{channel}"] = field
        self.fields["quiet_since"].initial = rules.quiet_since
        self.fields["quiet_until"].initial = rules.quiet_until
        self.fields["digest_at"].initial = " ".join(f"{each:%H:%M}" for each in rules.digest_at)
        switchable = _switchable()
        self.fields["kinds"].choices = [  # type: ignore[attr-defined]
            (each.name, each.label) for each in switchable if each.name not in floor.kinds
        ]
        self.fields["kinds"].initial = [
            each.name for each in switchable if each.name not in rules.off
        ]
        self.kept_on = [each.label for each in switchable if each.name in floor.kinds]
        look(self)

    def _step(self, urgency: Urgency, channel: str) -> forms.ChoiceField:
        bound = channel in self.floor.channels.get(urgency, set())
        most = self.floor.latest if bound and urgency == Urgency.EMERGENCY else _MINUTES[-1]
        choices: list[tuple[str, Any]] = [] if bound else [(NEVER, gettext_lazy("不用"))]
        if urgency == Urgency.LATER:
            choices.append(("0", gettext_lazy("汇总")))
        else:
            minutes = sorted(
                {0, *(each for each in _MINUTES if each <= most), *([most] if bound else [])}
            )
            choices += [(str(each), _after_lazy(each)) for each in minutes]
        label = f"{urgency.label} {Kind(channel).label}"
        return forms.ChoiceField(
            choices=choices,
            label=label,
            widget=forms.Select({"class": "form-select", "aria-label": label}),
        )

    def rows(self) -> list[dict[str, Any]]:
        """The table: a row a channel, a cell an urgency, whether the company asks for it beside it."""
        return [
            {
                "channel": Kind(channel).label,
                "cells": [
                    {
                        "urgency": _short(urgency),
                        "field": self[f"{urgency}_{channel}"],
                        "bound": channel in self.floor.channels.get(urgency, set()),
                    }
                    for urgency in Urgency
                ],
            }
            for channel in CHANNELS
            if channel != IN_APP
        ]

    def clean(self) -> dict[str, Any]:
        """Both ends of the quiet hours, or neither."""
        given = super().clean() or {}
        if (given.get("quiet_since") is None) != (given.get("quiet_until") is None):
            self.add_error("quiet_until", _("请两头都填，或都留空"))
        return given

    def rules(self) -> Rules:
        """What was chosen."""
        given = self.cleaned_data
        steps = {
            urgency: {IN_APP: 0}
            | {
                channel: int(said)
                for channel in CHANNELS
                if channel != IN_APP and (said := given[f"{urgency}_{channel}"]) != NEVER
            }
            for urgency in Urgency
        }
        offered = {value for value, _label in self.fields["kinds"].choices}  # type: ignore[attr-defined]
        return Rules(
            steps=steps,
            quiet_since=given["quiet_since"],
            quiet_until=given["quiet_until"],
            digest_at=given["digest_at"],
            off=offered - set(given["kinds"]),
        )


class FloorForm(forms.Form):
    """What nobody can switch off: a channel and an urgency have each a box, `emergency_email`."""

    latest = forms.IntegerField(
        label=gettext_lazy("紧急时最迟几分钟内用上"), min_value=0, max_value=60
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("不能关掉的通知"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, floor: Floor, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for urgency in Urgency:
            for channel in _REQUIRABLE:
                if channel != IN_APP:
                    label = f"{urgency.label} {Kind(channel).label}"
                    self.fields[f"{urgency}_{channel}"] = forms.BooleanField(
                        required=False,
                        label=label,
                        initial=channel in floor.channels.get(urgency, set()),
                        widget=forms.CheckboxInput({"aria-label": label}),
                    )
        self.fields["latest"].initial = floor.latest
        self.fields["kinds"].choices = [  # type: ignore[attr-defined]
            (each.name, each.label) for each in _switchable()
        ]
        self.fields["kinds"].initial = sorted(floor.kinds)
        look(self)

    def rows(self) -> list[dict[str, Any]]:
        """The table: a row a channel, a cell an urgency."""
        return [
            {
                "channel": Kind(channel).label,
                "cells": [
                    {"urgency": _short(urgency), "field": self[f"{urgency}_{channel}"]}
                    for urgency in Urgency
                ],
            }
            for channel in _REQUIRABLE
            if channel != IN_APP
        ]

    def floor(self) -> Floor:
        """What was chosen."""
        given = self.cleaned_data
        return Floor(
            channels={
                urgency: {IN_APP}
                | {
                    channel
                    for channel in _REQUIRABLE
                    if channel != IN_APP and given[f"{urgency}_{channel}"]
                }
                for urgency in Urgency
            },
            latest=given["latest"],
            kinds=set(given["kinds"]),
        )


GATEWAYS = tuple(Gateway.Kind)
