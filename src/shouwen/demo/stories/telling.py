"""The words in which a demo complaint is told: who took which step when, and saying what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")


def span(text: str) -> timedelta:
    """A length of time such as 2d, 3h20m, 45m. Raises ValueError for anything else."""
    match = re.fullmatch(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?", text)
    if match is None or not text:
        raise ValueError(f"{text!r} is no length of time")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


class When(Protocol):
    """A moment, told from the moment at which the demo is made."""

    def at(self, now: datetime) -> datetime: ...


@dataclass(frozen=True)
class Ago:
    """So long before the demo is made: `Ago("3h20m")`."""

    text: str

    def at(self, now: datetime) -> datetime:
        return now - span(self.text)


@dataclass(frozen=True)
class Day:
    """A time of day so many local days before the demo is made: `Day(6, "09:12")`."""

    before: int
    clock: str

    def at(self, now: datetime) -> datetime:
        day = now.astimezone(LOCAL).date() - timedelta(days=self.before)
        return datetime.combine(day, time.fromisoformat(self.clock), LOCAL)


@dataclass(frozen=True)
class On:
    """The moment itself."""

    moment: datetime

    def at(self, now: datetime) -> datetime:
        return self.moment


@dataclass(frozen=True)
class In:
    """In a step's data: so long after the step, to the full minute."""

    text: str


@dataclass(frozen=True)
class Staff:
    """In a step's data: the member of staff with that username."""

    username: str


@dataclass(frozen=True)
class NumberOf:
    """In a step's data: the number of the complaint of the story with that key."""

    key: str


@dataclass(frozen=True)
class OneOf:
    """In a step's data: the incident of that title and place, opened when it is first spoken of."""

    title: str
    place: str


@dataclass(frozen=True)
class File:
    """In the data of attaching: a file with that text in it, or a picture where it has none."""

    name: str
    text: str = ""


@dataclass(frozen=True)
class Act:
    """A step that somebody took, what they were asked to say, and how much later it was written.

    A split `begins` the story with that key: its complaint is the one split off.
    """

    when: When
    who: str
    step: str
    data: Mapping[str, Any] = field(default_factory=dict)
    written: str = "0m"
    begins: str = ""

    def written_at(self, now: datetime) -> datetime:
        """When it was written down, told from the moment at which the demo is made."""
        return self.when.at(now) + span(self.written)


@dataclass(frozen=True)
class Story:
    """One complaint from its first word on.

    `home` is the complainant's home, as on its door; the customer known there is the complainant.
    Without a home nobody knows who complained. The first act is the step `receive`, which gets the
    caller's record from the customer, unless another story's split begins this one.
    `key` is the word by which other stories speak of it.
    """

    project: str
    home: str
    acts: tuple[Act, ...]
    key: str = ""
