"""Several notices in one message: what is most urgent first, and never longer than can be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shouwen.notices.message import Message
from shouwen.notices.urgency import Urgency

#: So many notices are named one by one, emergencies always; the rest is a number.
MOST = 20
_ORDER = list(Urgency)


@dataclass(frozen=True)
class Item:
    """One notice as a line of a digest; `count`: how often the same matter came."""

    urgency: str
    text: str
    count: int = 1


def digest(items: Iterable[Item], *, link: str, language: str, most: int = MOST) -> Message:
    """One message of several notices, grouped by urgency in their order; equal lines become one.

    Urgent where one of them is an emergency. Raises ValueError for no notice at all.
    """
    merged = _merged(items)
    if not merged:
        raise ValueError("a digest of nothing")
    total = sum(each.count for each in merged)
    emergencies = [each for each in merged if each.urgency == Urgency.EMERGENCY]
    with translation.override(language):
        lines: list[str] = []
        named = 0
        shown: str | None = None
        for each in merged:
            if named >= most and each.urgency != Urgency.EMERGENCY:
                break
            if each.urgency != shown:
                shown = each.urgency
                lines.append(_headings()[Urgency(shown)])
            times = _("（{n} 次）").format(n=each.count) if each.count > 1 else ""
            lines.append(f"· {each.text}{times}")
            named += 1
        left = sum(each.count for each in merged[named:])
        if left:
            lines.append(ngettext("另有 {n} 条", "另有 {n} 条", left).format(n=left))
        title = ngettext("您有 {n} 条通知", "您有 {n} 条通知", total).format(n=total)
    return Message(title, tuple(lines), link, language, urgent=bool(emergencies))


def _headings() -> dict[Urgency, str]:
    return {
        Urgency.EMERGENCY: _("紧急"),
        Urgency.SOON: _("尽快办理"),
        Urgency.LATER: _("供您知道"),
    }


def _merged(items: Iterable[Item]) -> list[Item]:
    counts: dict[tuple[str, str], int] = {}
    for each in items:
        key = (each.urgency, " ".join(each.text.split()))
        counts[key] = counts.get(key, 0) + each.count
    found = [Item(urgency, text, count) for (urgency, text), count in counts.items()]
    return sorted(found, key=lambda each: _ORDER.index(Urgency(each.urgency)))
