"""What was done, entry by entry, in the exact times and plain words of a report.

The same entries always give the same lines, so that a draft can be drawn anew and compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.complaints.models import Complaint
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.table import Shown, Step
from shouwen.notices.rendering import duty
from shouwen.organization.models import Department, Staff
from shouwen.records.models import Entry

# What nobody did for the complaint, or what is for the house alone.
_UNTOLD = frozenset(
    {
        "noted",
        "retracted",
        "attached",
        "warned",
        "claimed",
        "given_back",
        "erased",
        "imported",
        "customer_heard",
        "customer_rated",
    }
)
# What the customer said, and who they are: a confidential source is in none of it.
_OF_THE_CUSTOMER = frozenset(
    {"received", "amended", "visited", "visit_attempted", "customer_informed", "urged", "explained",
     "mediated", "withdrawn", "appointed", "customer_asked", "customer_added",
     "customer_answered", "customer_confirmed", "customer_disputed"}
)  # fmt: skip


@dataclass(frozen=True)
class Done:
    """One entry: its kind, when, by whom, its title, what was chosen and what was said."""

    kind: str
    at: datetime
    who: str
    title: str
    chosen: tuple[str, ...]
    said: tuple[str, ...]

    @property
    def line(self) -> str:
        """The entry in one line of a timeline."""
        head = f"{moment(self.at)} {self.title}"
        told = [*([self.who] if self.who else []), *self.chosen]
        if told:
            head = _("{title}（{who}）").format(title=head, who=_("，").join(told))
        words = " ".join(self.said)
        return _("{title}：{text}").format(title=head, text=words) if words else head


def moment(at: datetime) -> str:
    """A time to the minute, as a report gives it."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def course(complaint: Complaint, entries: Sequence[Entry]) -> list[Done]:
    """What the entries tell, oldest first. They carry `said`; personal words are never told."""
    names = _Names(entries)
    by_kind: dict[str, Step] = {}
    for step in STEPS.values():
        by_kind.setdefault(step.kind, step)
    return [
        _done(complaint, entry, by_kind.get(entry.kind), names)
        for entry in entries
        if entry.kind not in _UNTOLD and (entry.kind in by_kind or entry.kind == "breached")
    ]


class _Names:
    """Names of the staff and departments in these entries, read once."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        wanted = {entry.actor_id for entry in entries if entry.actor_id}
        for entry in entries:
            wanted.update(value for value in entry.facts.values() if type(value) is int)
        self.staff = dict(Staff.objects.filter(pk__in=wanted).values_list("pk", "name"))
        self.departments = dict(Department.objects.values_list("code", "name"))


def _done(complaint: Complaint, entry: Entry, step: Step | None, names: _Names) -> Done:
    if step is None:
        title = _("超时：{duty}").format(duty=duty(entry.facts["rule"]))
        return Done(entry.kind, entry.occurred_at, "", title, (), ())
    hidden = complaint.confidential and entry.kind in _OF_THE_CUSTOMER
    chosen: list[str] = []
    said: list[str] = []
    for name, how in step.data.shown().items():
        if hidden or how.kept == "personal":
            continue
        if how.kept == "text" and entry.said.get(name):
            # A word or two is told like a fact; sentences stand behind.
            (said if how.widget == "textarea" else chosen).append(_one_line(str(entry.said[name])))
        elif how.kept == "fact" and name in entry.facts:
            chosen += _fact(how, entry.facts[name], names)
    # Where the complaint came in, what it is about is told by the section above.
    if entry.kind == "received":
        chosen, said = [], []
    who = names.staff.get(entry.actor_id or 0, "")
    chosen = [word for word in dict.fromkeys(chosen) if word != who]
    return Done(
        entry.kind, entry.occurred_at, who, str(step.verb), tuple(chosen), tuple(filter(None, said))
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _fact(how: Shown, value: Any, names: _Names) -> list[str]:
    """A fact in words; none for what only the system reads."""
    if value in (None, "", []):
        return []
    if isinstance(value, bool):
        return [str(how.label)] if value else []
    if how.choices:
        return [str(dict(how.choices).get(str(value), value))]
    if how.widget.endswith(("department", "departments")):
        codes = value if isinstance(value, list) else [value]
        return [_("、").join(names.departments.get(code, str(code)) for code in codes)]
    if how.widget == "datetime":
        return [f"{how.label} {moment(datetime.fromisoformat(value))}"]
    if how.widget.endswith("staff"):
        return [names.staff[value]] if value in names.staff else []
    return []
