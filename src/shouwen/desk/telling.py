"""The ledger told to people: each entry with its title, who, when, and what was said.

What an entry holds is described by the data of the step that writes it (`Shown`), so a new step is
told without a word here; only entries that no step names itself have their titles below.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.clocks import regulations
from shouwen.clocks.models import ClockRow
from shouwen.complaints.contacts.steps import BY_KIND as OF_CONTACTS
from shouwen.complaints.contacts.steps import ContactStep
from shouwen.complaints.models import Category, Incident
from shouwen.complaints.roles import CUSTOMER
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.table import Shown, Step
from shouwen.complaints.words import Channel
from shouwen.desk import words
from shouwen.organization.models import Department, Home, Staff
from shouwen.organization.positions import Position
from shouwen.records.models import Attachment, Entry
from shouwen.regulation.model import Regulation, Rule

# The gap between happening and writing is shown from here on (design §4).
WORTH_SAYING = timedelta(minutes=1)

TITLES: dict[str, Promise] = {
    "warned": gettext_lazy("时限将到，已提醒"),
    "breached": gettext_lazy("超时"),
    "confirmation_asked": gettext_lazy("待另一人复核"),
    "approval_asked": gettext_lazy("待批准"),
    "manager_asked": gettext_lazy("待指定主管负责人"),
    "lead_asked": gettext_lazy("待指定主办部门"),
    "supervisor_called": gettext_lazy("客户三次催办，转客户中心负责人"),
    "imported": gettext_lazy("历史导入"),
    "erased": gettext_lazy("按请求删除个人信息"),
    "handed_over": gettext_lazy("交接"),
    "corrected": gettext_lazy("更正客户资料"),
    "taken_back": gettext_lazy("收回，另行交办"),
}

_TONES = {
    "received": "green",
    "closed": "green",
    "breached": "red",
    "warned": "amber",
    "declined": "amber",
    "verification_failed": "amber",
    "delay_reported": "amber",
    "reopened": "amber",
    "customer_disputed": "amber",
}

_HOLDERS: dict[str, Promise] = {
    "first_contact": gettext_lazy("首问责任人"),
    "department": gettext_lazy("承办部门"),
    "manager_in_charge": gettext_lazy("主管负责人"),
}

# Who was spoken to: told by a word and a colour, so that neither is taken for the other.
_INTERNAL = frozenset({"noted"})
_TO_CUSTOMER = frozenset(
    {"customer_informed", "customer_asked", "customer_heard", "explained", "visited", "answered"}
)

# The record stands beside the ledger, so that the entry repeats its words only.
_TOLD_IN_THE_RECORD = {
    "received": {"content"},
    "imported": {"content"},
    "amended": set(),
    "contacted": {"content"},
}


@dataclass(frozen=True)
class Line:
    """One thing that was said with an entry."""

    text: str
    label: str = ""


@dataclass(frozen=True)
class Told:
    """One entry of the ledger, as the page shows it."""

    number: int
    kind: str
    title: str
    who: str
    at: datetime
    clause: str | None
    tone: str
    gap: str
    lines: list[Line] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    audience: str = ""  # internal, customer, or neither in particular
    retracted: bool = False  # a note that its author took back

    @property
    def by_clock(self) -> bool:
        """Whether the timekeeper wrote it, and nobody did anything."""
        return self.kind in ("warned", "breached")

    @property
    def aside(self) -> bool:
        """Told small: nobody did anything for the complaint by it."""
        return self.by_clock or self.kind == "retracted"

    @property
    def text(self) -> str:
        """The last thing said, for a short mention: free words rather than facts."""
        return self.lines[-1].text if self.lines and not self.retracted else ""


class Names:
    """Names of staff and departments that ledgers know by number and code, read once."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        wanted: set[int] = set()
        for entry in entries:
            wanted.update(filter(None, (entry.actor_id, entry.acting_for_id)))
            wanted.update(value for value in entry.facts.values() if type(value) is int)
        self.staff = dict(Staff.objects.filter(pk__in=wanted).values_list("pk", "name"))
        self.departments = dict(Department.objects.values_list("code", "name"))

    def person(self, pk: int | None) -> str:
        """The label of a member of staff; the system for none."""
        if pk is None:
            return _("系统")
        if pk not in self.staff:
            self.staff |= Staff.objects.filter(pk=pk).values_list("pk", "name")
        return self.staff.get(pk, f"#{pk}")

    def holder(self, word: str, *, key: str = "", person_id: int | None = None) -> str:
        """Whose a clock is: the department, the position, or the person."""
        if person_id is not None:
            return self.person(person_id)
        if word == "department" and key:
            return self.departments.get(key, key)
        if word == Position.DEPARTMENT_HEAD and key in self.departments:
            return _("{department}负责人").format(department=self.departments[key])
        if word in _HOLDERS:
            return str(_HOLDERS[word])
        return str(Position(word).label) if word in Position.values else word

    @cached_property
    def _versions(self) -> dict[int, Regulation]:
        return regulations.all_versions()

    def rule(self, row: ClockRow) -> Rule:
        """The rule that a clock row is of, in the version of the regulation it is judged by."""
        return self._versions[row.regulation_id].rule(row.rule)

    def rule_title(self, identifier: str) -> str:
        """What the company calls a rule of its own, in whichever version has it."""
        for regulation in reversed(self._versions.values()):
            for rule in regulation.rules:
                if rule.id == identifier:
                    return rule.title
        return identifier

    def duty(self, row: ClockRow) -> str:
        """What a clock asks somebody to do."""
        return words.duty(row.rule, self.rule(row).title)

    def clock_holder(self, row: ClockRow) -> str:
        """Whose a clock row is."""
        return self.holder(row.holder, key=row.department or row.key, person_id=row.person_id)


def title(kind: str) -> str:
    """What an entry of that kind is called: the verb of its step, or its own title."""
    step = _step(kind)
    return str(step.verb) if step else str(TITLES.get(kind, kind))


def tell(
    entries: Sequence[Entry], attachments: Iterable[Attachment] = (), names: Names | None = None
) -> list[Told]:
    """The entries, newest first. They carry `said`; personal words are never told here."""
    names = names or Names(entries)
    files: dict[str, Attachment] = {str(each.pk): each for each in attachments}
    back = {entry.facts["entry"] for entry in entries if entry.kind == "retracted"}
    return [_told(entry, names, files, entry.number in back) for entry in reversed(entries)]


def _step(kind: str) -> Step | ContactStep | None:
    found = next((step for step in STEPS.values() if step.kind == kind), None)
    return found or OF_CONTACTS.get(kind)


def _told(entry: Entry, names: Names, files: dict[str, Attachment], retracted: bool) -> Told:
    step = _step(entry.kind)
    who = names.person(entry.actor_id)
    if entry.facts.get("unattended"):  # nobody wrote it down: it came in by that way
        who = str(Channel(entry.facts["channel"]).label)
    if entry.facts.get("by") == CUSTOMER:
        who = _("客户（查询页）")
    if entry.acting_for_id:
        who = _("{who}（代 {other}）").format(who=who, other=names.person(entry.acting_for_id))
    late = entry.recorded_at - entry.occurred_at
    attached = files.get(str(entry.facts.get("attachment")))
    return Told(
        number=entry.number,
        kind=entry.kind,
        title=_title(entry, retracted),
        who=who,
        at=entry.occurred_at,
        # The other parts of the source text have no number that people cite.
        clause=step.clause if step and (step.clause or "").startswith("R") else None,
        tone=_TONES.get(entry.kind, ""),
        gap=words.span(late) if late > WORTH_SAYING else "",
        lines=list(_lines(entry, step, names)),
        attachments=[attached] if attached else [],
        audience="" if "merged_here" in entry.facts else _audience(entry.kind),
        retracted=retracted,
    )


def _title(entry: Entry, retracted: bool) -> str:
    if "merged_here" in entry.facts:  # the step said so, nobody wrote a note
        return _("并入了 {number}").format(number=entry.facts["merged_here"])
    return _("已撤回的备注") if retracted else title(entry.kind)


def _audience(kind: str) -> str:
    if kind in _INTERNAL:
        return "internal"
    return "customer" if kind in _TO_CUSTOMER else ""


def _lines(entry: Entry, step: Step | ContactStep | None, names: Names) -> Iterable[Line]:
    if entry.kind in ("warned", "breached"):
        yield _about_clock(entry, names)
        return
    if entry.kind == "attached":
        return
    only = _TOLD_IN_THE_RECORD.get(entry.kind)
    shown = step.data.shown() if step else {}
    facts: list[str] = []
    texts: list[Line] = []
    for name, how in shown.items():
        if how.kept == "personal" or (only is not None and name not in only):
            continue
        if how.kept == "text" and name in entry.said:
            text = entry.said[name] or _("（已按请求删除）")
            texts.append(
                Line(words.quoted(text) if name == "content" else text, _label(how, shown))
            )
        elif name in entry.facts:
            spoken = value_in_words(how, entry.facts[name], names)
            if spoken:
                facts.append(f"{how.label} {spoken}")
    if facts:
        yield Line(" · ".join(facts))
    yield from texts
    content = entry.said.get("content")
    if content and "content" not in shown:
        yield Line(words.quoted(content))
    yield from _kept_elsewhere(entry)
    yield from _from_contact(entry)


def _from_contact(entry: Entry) -> Iterable[Line]:
    """From which contact a complaint came, and which complaint a contact has become."""
    if "from_contact" in entry.facts:
        yield Line(entry.facts["from_contact"], _("由联系单转来"))
    if entry.kind == "became_complaint":
        yield Line(entry.facts["complaint"])


def _kept_elsewhere(entry: Entry) -> Iterable[Line]:
    """What an import knows of a complaint from before: when it came in, what was answered."""
    first = entry.facts.get("first_received_at")
    if first:
        yield Line(words.moment(datetime.fromisoformat(first), timezone.now()), _("原受理时间"))
    reply = entry.said.get("reply") if entry.kind in ("received", "imported") else None
    if reply:
        yield Line(words.quoted(reply), _("原答复"))


def _label(how: Shown, shown: dict[str, Shown]) -> str:
    # A single free text needs no label: the title of the entry says what it is.
    texts = [each for each in shown.values() if each.kept == "text"]
    return (
        "" if len(texts) == 1 or (how.widget == "textarea" and texts[0] is how) else str(how.label)
    )


def _about_clock(entry: Entry, names: Names) -> Line:
    facts = entry.facts
    due_at = datetime.fromisoformat(facts["due_at"])
    whose = names.holder(facts.get("holder", ""), key=facts.get("key", ""))
    return Line(
        _("{duty}：{whose}，应于 {due}").format(
            duty=words.duty(facts["rule"], names.rule_title(facts["rule"])),
            whose=whose,
            due=words.until(due_at, timezone.now()),
        )
    )


def value_in_words(how: Shown, value: Any, names: Names) -> str:
    """A fact of the ledger as people say it: labels for codes, names for numbers, dates in words."""
    if value is None or value == "" or value == []:
        return ""
    if how.choices:
        # Asked for as yes or no, kept as a truth value.
        chosen = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        return str(dict(how.choices).get(chosen, value))
    if isinstance(value, bool):
        return _("是") if value else ""
    return _SPOKEN.get(how.widget, lambda given, known: str(given))(value, names)


def _department(value: Any, names: Names) -> str:
    return names.departments.get(value, value)


def _moment(value: Any, names: Names) -> str:
    return words.moment(datetime.fromisoformat(value), timezone.now())


def _category(value: Any, names: Names) -> str:
    found = Category.objects.select_related("parent").filter(code=value).first()
    return str(found) if found else str(value)


def _incident(value: Any, names: Names) -> str:
    found = Incident.objects.filter(pk=value).first()
    return found.title if found else ""


def _contact_holder(value: Any, names: Names) -> str:
    kind, _sign, word = str(value).partition(":")
    return names.holder(kind if kind == "department" else word, key=word)


def _home(value: Any, names: Names) -> str:
    found = Home.objects.filter(pk=value).first()
    return str(found) if found else ""


_SPOKEN = {
    "datetime": _moment,
    "staff": lambda value, names: names.person(value),
    "department_staff": lambda value, names: names.person(value),
    "department": _department,
    "own_department": _department,
    "working_department": _department,
    "dispatched_department": _department,
    "departments": lambda value, names: words.listed(_department(code, names) for code in value),
    "category": _category,
    "contact_holder": _contact_holder,
    "home": _home,
    "incident": _incident,
    "hidden": lambda value, names: "",
    "hidden_customer": lambda value, names: "",
    "file": lambda value, names: "",
}
