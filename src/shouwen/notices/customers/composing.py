"""Composing: from a template and what may be said to the words themselves. Pure: nothing is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shouwen.notices.customers import guarding, templates
from shouwen.notices.customers.sayable import Sayable
from shouwen.notices.customers.templates import NEEDED

_ENDS = " \t\n。．.；;，,、！!"


@dataclass(frozen=True)
class Words:
    """The words, and what they could not say.

    `whole` says that nothing needed is missing and no free words were held back: only then may they
    go out without somebody having read them. `next_at`: when the customer is told that they hear next.
    """

    text: str
    whole: bool
    next_at: datetime | None = None


def compose(
    occasion: str, text: str, said: Sayable, *, language: str, zone: ZoneInfo, now: datetime
) -> Words:
    """The words of a template for one complaint, as said at `now` in the project's time zone."""
    small = templates.words(language)
    held_back = False

    def free(texts: Iterable[str], instead: str = "") -> str:
        """Free words of staff, each as far as it may be repeated."""
        nonlocal held_back
        kept = []
        for each in filter(None, texts):
            if guarding.fit(each, notes=said.notes, others=said.others):
                kept.append(each.strip(_ENDS))
            else:
                held_back = True
        return small["also"].join(filter(None, kept)) or instead

    def label(word: str) -> str:
        """A name that the company gave, where it is fit for customers."""
        return "" if guarding.forbidden(word) else word

    def moment(at: datetime | None, pattern: str) -> str:
        return _moment(at, now, zone, language, small[pattern])

    needed = NEEDED[occasion]
    values = {
        # A line break or brackets in a name would only be somebody's slip.
        "name": label(" ".join(said.name.split())),
        "number": said.number,
        "matter": label(said.category) or small["matter"],
        "department": small["and"].join(filter(None, map(label, said.departments))),
        "date": moment(said.date, "before"),
        "next": moment(said.next, "before"),
        "when": moment(said.when, "moment"),
        "after": small["visited"] if said.visited else small["visit"],
    }
    used = {name for name in templates.KNOWN[occasion] if "{" + name + "}" in text}
    if "reason" in used:
        reason = free([said.reason])
        values["reason"] = reason or small["reason"]
        held_back = held_back or not reason
    if "result" in used:
        values["result"] = free(said.results)
    if "found" in used:
        values["found"] = free(said.found)
    whole = not held_back and all(values.get(name) for name in needed)
    composed = templates.put_in(text, values)
    # Whatever way a word took, it ends here.
    if guarding.forbidden(composed):
        return Words("", whole=False)
    next_at = said.next if "next" in used else None
    return Words(composed, whole, next_at)


def _moment(at: datetime | None, now: datetime, zone: ZoneInfo, language: str, pattern: str) -> str:
    """A time as people say it; midnight as the end of the day before."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    time = f"{local:%H:%M}"
    if time == "00:00":
        local, time = local - timedelta(seconds=1), "24:00"
    small = templates.words(language)
    days = (local.date() - now.astimezone(zone).date()).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    day = (
        small[near[days]] if days in near else small["day"].format(month=local.month, day=local.day)
    )
    return pattern.format(day=day, time=time)
