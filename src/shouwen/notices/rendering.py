"""A notice in words, in the language that is on: what, why, what to do next, and where."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from shouwen.clocks import regulations, wording
from shouwen.complaints.models import Complaint
from shouwen.complaints.steps import STEPS
from shouwen.notices import digests, links
from shouwen.notices.customers import suggesting
from shouwen.notices.kinds import KINDS
from shouwen.notices.message import Message
from shouwen.notices.notice import Notice
from shouwen.notices.urgency import Urgency
from shouwen.organization.models import Project

#: Notices that one message names one by one; the rest is a number.
MOST_NAMED = 8


def duty(rule: str) -> str:
    """What a rule asks for, in the words of the regulation or of the house."""
    for version in reversed(regulations.all_versions().values()):
        if rule in version.rules_by_id:
            found = version.rules_by_id[rule]
            return str(wording.said(found.title) or found.title)
    return rule


def title(notice: Notice) -> str:
    """What it is, in a line; a message says by itself that it is a rehearsal."""
    facts = dict(notice.facts)
    if notice.rule:
        facts["duty"] = duty(notice.rule)
    if facts.get("entry"):
        facts["entry"] = _step_verb(str(facts["entry"]))
    return KINDS[notice.kind].said(facts) if notice.kind in KINDS else notice.kind


def _step_verb(kind: str) -> str:
    return next((str(step.verb) for step in STEPS.values() if step.kind == kind), "")


def matter(complaint: Complaint) -> str:
    """What a complaint is about, as it may leave the house: never a confidential source's words."""
    if complaint.confidential:
        return str(complaint.category or complaint.number)
    return complaint.subject or complaint.number


def lines(notice: Notice) -> list[str]:
    """What, why and what next, line by line; without personal data of the customer."""
    found = []
    complaint = notice.complaint
    if complaint is not None:
        place = f" · {complaint.place}" if complaint.place and not complaint.confidential else ""
        found.append(
            f"{matter(complaint)}{place}（{complaint.number} · {complaint.get_severity_display()}）"
        )
    elif notice.project_id:
        found.append(str(notice.project))
    if notice.facts.get("same_cause"):
        count = int(notice.facts["same_cause"])
        found.append(ngettext("同因 {n} 件", "同因 {n} 件", count).format(n=count))
    if notice.due_at is not None and "{duty}" in str(KINDS[notice.kind].title):
        found.append(_("期限：{due}").format(due=_clock(notice)))
    elif notice.due_at is not None:
        found.append(_("请在 {due} 前：{duty}").format(due=_clock(notice), duty=duty(notice.rule)))
    elif notice.rule:
        found.append(duty(notice.rule))
    return found


def _clock(notice: Notice) -> str:
    assert notice.due_at is not None
    return f"{timezone.localtime(notice.due_at):%m-%d %H:%M}"


def next_step(notice: Notice) -> str:
    """The verb of what is to be done; "" where it is only to be known."""
    step = STEPS.get(notice.step)
    return str(step.verb) if step else ""


def path(notice: Notice) -> str:
    """The page of a notice, for whoever is signed in."""
    return f"/notices/{notice.pk}/"


def message(notices: Sequence[Notice], *, token: str = "") -> Message:
    """One message about one notice or several of the same person, in their language and time."""
    first = notices[0]
    with override(first.person.language), timezone.override(_zone(first.project)):
        if len(notices) == 1:
            where = f"/n/{token}/" if token else path(first)
            said = lines(first)
            if first.kind == "verified" and first.complaint is not None:
                # [R8] In words that the first contact can repeat to the customer.
                said.append(suggesting.for_first_contact(first.complaint))
            if next_step(first):
                said.append(_("下一步：{step}").format(step=next_step(first)))
            return Message(
                title=title(first),
                lines=tuple(said),
                link=links.absolute(where),
                language=first.person.language,
                urgent=first.urgency == Urgency.EMERGENCY,
                rehearsal=first.rehearsal,
            )
        return digests.digest(
            [digests.Item(each.urgency, _short(each)) for each in notices],
            link=links.absolute("/notices/"),
            language=first.person.language,
            most=MOST_NAMED,
        )


def _short(notice: Notice) -> str:
    what = f"{notice.complaint.number} {matter(notice.complaint)}" if notice.complaint else ""
    times = f" ×{notice.times}" if notice.times > 1 else ""
    return f"{title(notice)} {what}{times}".strip()


def _zone(project: Project | None) -> ZoneInfo:
    return ZoneInfo(project.timezone if project else settings.TIME_ZONE)
