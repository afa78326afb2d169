"""The draft of a report, drawn from the ledger, and drawn anew without losing what was written by hand."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.complaints.models import Complaint
from shouwen.complaints.state import State, fold
from shouwen.complaints.words import ENDED, Severity
from shouwen.notices.rendering import matter
from shouwen.notices.reports.anonymity import Mask
from shouwen.notices.reports.course import Done, course, moment
from shouwen.organization.models import Department
from shouwen.records.models import Entry

#: The sections in their order, each a text.
SECTIONS: dict[str, Promise] = {
    "facts": gettext_lazy("事情经过"),
    "timeline": gettext_lazy("处置时间线"),
    "measures": gettext_lazy("采取的措施"),
    "evidence": gettext_lazy("证据清单"),
    "cause": gettext_lazy("原因分析"),
    "open_points": gettext_lazy("遗留问题与建议"),
}
#: Those without which nothing is filed.
REQUIRED = ("facts", "measures")

_MEASURES = frozenset(
    {"alerted", "taken_in_charge", "arrived", "controlled", "dispatched", "investigated",
     "completed", "decided", "verified", "jointly_verified"}
)  # fmt: skip
_CAUSES = frozenset({"investigated", "completed"})


def draw(complaint: Complaint, entries: Sequence[Entry]) -> dict[str, str]:
    """The sections as the ledger tells them up to the last of `entries`, which carry `said`.

    Neither names nor telephones of the complainant are in them, of a confidential source nothing.
    Times are those of the active time zone.
    """
    done = course(complaint, entries)
    drawn = {
        "facts": _facts(complaint, entries),
        "timeline": "\n".join(each.line for each in done),
        "measures": "\n".join(_measures(done)),
        "evidence": "\n".join(_evidence(entries, named=not complaint.confidential)),
        "cause": "\n".join(_causes(entries)),
        "open_points": "\n".join(_open_points(fold(entries))),
    }
    mask = Mask(complaint, entries)
    return {name: mask(text) for name, text in drawn.items()}


def _facts(complaint: Complaint, entries: Sequence[Entry]) -> str:
    received = entries[0]
    lines = [
        _("{at} 接到投诉：{what}").format(at=moment(received.occurred_at), what=matter(complaint))
    ]
    if complaint.confidential:
        return _("{said}（来源保密）").format(said=lines[0])
    place = received.said.get("place")
    if place:
        lines.append(_("地点：{place}").format(place=place))
    happened = received.said.get("happened")
    if happened:
        lines.append(_("发生时间：{when}").format(when=happened))
    content = received.said.get("content")
    if content:
        lines.append(_("客户反映：{words}").format(words=" ".join(str(content).split())))
    return "\n".join(lines)


def _measures(done: Sequence[Done]) -> list[str]:
    found = []
    for each in done:
        if each.kind in _MEASURES and (each.said or each.chosen):
            told = _("：").join(filter(None, (_("，").join(each.chosen), " ".join(each.said))))
            found.append(_("{title}：{text}").format(title=each.title, text=told))
    return found


def _evidence(entries: Sequence[Entry], *, named: bool) -> list[str]:
    """The files with their digests; of a confidential source by number, since names tell much."""
    attached = [entry for entry in entries if entry.kind == "attached"]
    found = []
    for place, entry in enumerate(attached, start=1):
        facts = entry.facts
        name = entry.said.get("name") or _("（已按请求删除）")
        if not named:
            name = _("附件 {n}").format(n=place)
        size = filesizeformat(facts.get("size", 0)).replace("\xa0", " ")
        beside = _("，").join((size, moment(entry.occurred_at)))
        told = _("{title}（{who}）").format(title=name, who=beside)
        found.append(f"{told} SHA-256 {facts.get('sha256', '')}")
    return found or [_("无附件")]


def _causes(entries: Sequence[Entry]) -> list[str]:
    said = [
        entry.said.get(name)
        for entry in entries
        if entry.kind in _CAUSES
        for name in ("cause", "findings")
    ]
    return [" ".join(str(text).split()) for text in said if text]


def _open_points(state: State) -> list[str]:
    found = []
    names = dict(Department.objects.values_list("code", "name")) if state.at_work else {}
    for part in state.at_work:
        found.append(
            _("{department}仍在办理").format(department=names.get(part.department, part.department))
        )
    if state.severity == Severity.EMERGENCY and not state.controlled:
        found.append(_("险情尚未解除"))
    if state.declines:
        found.append(_("部门退单 {n} 次").format(n=state.declines))
    if state.status not in ENDED:
        if not state.verified:
            found.append(_("尚未验证"))
        if not state.visited:
            found.append(_("尚未回访客户"))
    return found


# -- drawn anew


@dataclass(frozen=True)
class Change:
    """What a section gained and lost since it was last drawn."""

    section: str
    title: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


def redraw(
    texts: Mapping[str, str], before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[dict[str, str], list[Change]]:
    """The texts with what the ledger says now, and what that changed in each section.

    What was drawn and left as it was follows the ledger; lines written or mended by hand stay.
    """
    found, changes = {}, []
    for name, title in SECTIONS.items():
        text, old, new = texts.get(name, ""), before.get(name, ""), after.get(name, "")
        found[name] = merged(text, old, new)
        added, removed = difference(text, found[name])
        if added or removed:
            changes.append(Change(name, str(title), added, removed))
    return found, changes


def merged(text: str, before: str, after: str) -> str:
    """The text after what was drawn `before` is drawn as `after`, line by line."""
    if text == before:
        return after
    lines, old, new = text.splitlines(), before.splitlines(), after.splitlines()
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for what, begin, end, since, until in blocks:
        if what == "equal":
            continue
        place = _place(lines, old[:begin])
        for gone in old[begin:end]:
            if gone in lines:
                place = lines.index(gone)
                lines.pop(place)
        fresh = [line for line in new[since:until] if line not in lines]
        lines[place:place] = fresh
    return "\n".join(lines)


def _place(lines: list[str], preceding: Sequence[str]) -> int:
    """Behind the last of the preceding lines that still stands; else at the end."""
    for line in reversed(preceding):
        if line in lines:
            return lines.index(line) + 1
    return len(lines) if preceding else 0


def difference(text: str, other: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines that `other` has more than `text`, and those that it lacks."""
    added, removed = [], []
    for line in difflib.ndiff(text.splitlines(), other.splitlines()):
        if line.startswith("+ "):
            added.append(line[2:])
        elif line.startswith("- "):
            removed.append(line[2:])
    return tuple(added), tuple(removed)
