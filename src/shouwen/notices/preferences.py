"""How one person wants to be told, what the company does not let anybody switch off, and both together.

Plain data without the database: `Rules` and `Floor` are what the rows hold as JSON.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, Field, field_validator

from shouwen.notices import quiet
from shouwen.notices.urgency import Urgency

#: The one channel that every person has, and that nobody can switch off.
IN_APP = "in_app"
#: The channels of persons, in the order in which pages name them.
CHANNELS = (
    IN_APP,
    "wecom",
    "dingtalk",
    "feishu",
    "email",
    "apprise",
    "web_push",
    "webhook_sms",
    "webhook_call",
)
#: Goes by the browser maker's service, which is not reached everywhere: nothing may count on it.
NOT_COUNTED = frozenset({"web_push"})
NOW = datetime.timedelta(0)
#: Nobody is asked to wait longer than this for the next channel.
LONGEST_WAIT = 60  # minutes

_AT_ONCE = {IN_APP: 0, "wecom": 0, "dingtalk": 0, "feishu": 0, "apprise": 0, "web_push": 0}


def _shipped() -> dict[Urgency, dict[str, int]]:
    return {
        Urgency.EMERGENCY: {**_AT_ONCE, "email": 0, "webhook_sms": 1, "webhook_call": 2},
        Urgency.SOON: {**_AT_ONCE, "email": 0},
        Urgency.LATER: {IN_APP: 0, "email": 0},
    }


class Rules(BaseModel):
    """The person's own rules. `steps`: by urgency, the channels and after how many minutes each."""

    steps: dict[Urgency, dict[str, int]] = Field(default_factory=_shipped)
    quiet_since: datetime.time | None = datetime.time(22, 0)
    quiet_until: datetime.time | None = datetime.time(7, 0)
    digest_at: list[datetime.time] = Field(default_factory=lambda: [datetime.time(8, 30)])
    #: Kinds of notices that come in the app alone.
    off: set[str] = Field(default_factory=set)

    @field_validator("steps")
    @classmethod
    def _known(cls, steps: dict[Urgency, dict[str, int]]) -> dict[Urgency, dict[str, int]]:
        for chosen in steps.values():
            for channel, minutes in chosen.items():
                if channel not in CHANNELS:
                    raise ValueError(f"no channel {channel!r}")
                if not 0 <= minutes <= LONGEST_WAIT:
                    raise ValueError(f"0 to {LONGEST_WAIT} minutes, not {minutes}")
        return steps


class Floor(BaseModel):
    """The company's floor: by urgency the channels that stay on, and the kinds that stay on."""

    channels: dict[Urgency, set[str]] = Field(
        default_factory=lambda: {
            Urgency.EMERGENCY: {IN_APP, "wecom", "webhook_sms", "webhook_call"}
        }
    )
    #: Minutes after which a channel of the floor is used at the latest, in an emergency.
    latest: int = Field(default=5, ge=0, le=LONGEST_WAIT)
    kinds: set[str] = Field(default_factory=set)

    @field_validator("channels")
    @classmethod
    def _known(cls, channels: dict[Urgency, set[str]]) -> dict[Urgency, set[str]]:
        for chosen in channels.values():
            if unknown := chosen - (set(CHANNELS) - NOT_COUNTED):
                raise ValueError(f"no channel that can be asked for: {min(unknown)!r}")
        return channels


class Reached(Protocol):
    """What the rules need to know of an address."""

    @property
    def kind(self) -> Any: ...

    @property
    def reaches_one(self) -> Any: ...


A = TypeVar("A", bound=Reached)


@dataclass(frozen=True)
class Planned(Generic[A]):
    """That an address is sent to, so long after the notice; `digest`: together with what else waits."""

    after: datetime.timedelta
    address: A
    digest: bool = False


def minutes_by_channel(
    rules: Rules, floor: Floor, urgency: Urgency, kind: str = ""
) -> dict[str, int]:
    """The channels that are used and after how many minutes, whatever addresses there are.

    In-app is always among them and at once; the floor brings back what was switched off, and in
    an emergency nothing of the floor waits longer than `floor.latest`.
    """
    chosen = dict(rules.steps.get(urgency, _shipped()[urgency]))
    if kind in rules.off - floor.kinds and urgency != Urgency.EMERGENCY:
        chosen = {}
    latest = floor.latest if urgency == Urgency.EMERGENCY else LONGEST_WAIT
    for channel in floor.channels.get(urgency, set()):
        chosen[channel] = min(chosen.get(channel, latest), latest)
    chosen[IN_APP] = 0
    return chosen


def plan(
    rules: Rules,
    floor: Floor,
    urgency: Urgency,
    addresses: Sequence[A],
    *,
    at: datetime.datetime,
    zone: zoneinfo.ZoneInfo,
    kind: str = "",
) -> list[Planned[A]]:
    """Which of the person's addresses are used and when, soonest first.

    In-app comes at once and without a sound by night. What can wait is gathered until the next
    digest; the rest waits for the end of the quiet hours; an emergency waits for nothing.
    """
    minutes = minutes_by_channel(rules, floor, urgency, kind)
    hours = (rules.quiet_since, rules.quiet_until, zone)
    gathered = urgency == Urgency.LATER and bool(rules.digest_at)
    planned = []
    for address in addresses:
        if address.kind not in minutes:
            continue
        due = at + datetime.timedelta(minutes=minutes[address.kind])
        digest = gathered and address.kind != IN_APP
        if address.kind != IN_APP and urgency != Urgency.EMERGENCY:
            if digest:
                due = quiet.next_digest(at, rules.digest_at, zone)
            # A digest time was chosen, so it may lie in the quiet hours.
            else:
                due = quiet.quiet_ends(due, *hours)
        planned.append(Planned(due - at, address, digest))
    return sorted(planned, key=lambda each: (each.after, _rank(each.address.kind)))


def in_order(rules: Rules, addresses: Iterable[A]) -> list[A]:
    """The addresses in the order in which an emergency uses them; unused ones last."""
    minutes = rules.steps.get(Urgency.EMERGENCY, _shipped()[Urgency.EMERGENCY])
    return sorted(
        addresses,
        key=lambda each: (
            0 if each.kind == IN_APP else minutes.get(each.kind, LONGEST_WAIT + 1),
            _rank(each.kind),
        ),
    )


def _rank(kind: str) -> int:
    return CHANNELS.index(kind) if kind in CHANNELS else len(CHANNELS)
