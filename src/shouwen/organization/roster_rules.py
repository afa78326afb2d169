"""Who may see the roster, change it, swap, name a stand-in, hand a shift over.

Registered when the room is loaded.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.organization.holders import own_positions_of, positions_of, posts_of, projects_of
from shouwen.organization.models import (
    CalendarAddress,
    Delegation,
    Handover,
    Post,
    Project,
    Shift,
    Staff,
    Swap,
)
from shouwen.organization.permissions import Answer, rule, visibility
from shouwen.organization.positions import Position
from shouwen.records import audit

#: Who keeps the roster of their projects.
KEEPERS = frozenset({Position.CENTRE_HEAD, Position.SITE_MANAGER, Position.ADMINISTRATOR})

audit.register("roster_changed", _("修改值班表"))
audit.register("swap_asked", _("申请换班"))
audit.register("swap_answered", _("答复换班"))
audit.register("delegation_made", _("设置代理"))
audit.register("delegation_ended", _("结束代理"))
audit.register("handover_signed", _("交班签字"), lasting=True)
audit.register("handover_taken", _("接班签字"), lasting=True)
audit.register("calendar_made", _("生成日历地址"))
audit.register("calendar_revoked", _("停用日历地址"))

_KEPT = _("由本项目的客户中心负责人、管理处负责人或系统管理员排班")


def _works_in(person: Staff, project_id: int | None) -> bool:
    return any(post.project_id in (None, project_id) for post in positions_of(person))


def _keeps(person: Staff, project_id: int | None) -> bool:
    """Whether somebody keeps that project's roster; None: what is the whole company's."""
    return any(
        post.position in KEEPERS and post.project_id in (None, project_id)
        for post in positions_of(person)
    )


@visibility(Shift)
def shifts(person: Staff) -> QuerySet[Shift]:
    """The shifts of the projects one works for, of the whole company, and one's own."""
    return Shift.objects.filter(
        Q(project=None) | Q(project__in=projects_of(person)) | Q(staff=person)
    )


@visibility(Swap)
def swaps(person: Staff) -> QuerySet[Swap]:
    """Those one asked for or is asked; those of the projects whose roster one keeps."""
    kept = [post.project_id for post in positions_of(person) if post.position in KEEPERS]
    own = Q(asked_by=person) | Q(asked_of=person)
    return Swap.objects.filter(Q() if None in kept else own | Q(shift__project__in=kept))


@visibility(Delegation)
def delegations(person: Staff) -> QuerySet[Delegation]:
    """One's own, and those of colleagues whose stand-ins one may name."""
    own = Q(person=person) | Q(stand_in=person)
    kept = [post.project_id for post in positions_of(person) if post.position in KEEPERS]
    if None in kept:
        return Delegation.objects.all()
    there = Post.objects.filter(project__in=kept)
    return Delegation.objects.filter(own | Q(person__in=there.values("staff")))


@visibility(Handover)
def handovers(person: Staff) -> QuerySet[Handover]:
    """The sheets of the projects that one works for."""
    return Handover.objects.filter(project__in=projects_of(person))


@rule("see_roster", reads=True)
def see_roster(person: Staff, project: Project | None) -> Answer:
    """A project's roster and hand-over sheets: everybody who works there."""
    allowed = bool(positions_of(person)) if project is None else _works_in(person, project.pk)
    return Answer(allowed, _("值班表由本项目的员工查看"))


@rule("edit_roster")
def edit_roster(person: Staff, project: Project | None) -> Answer:
    """Shifts, series, swaps of others: who leads the project's centre or site, or administers it."""
    if project is None:
        return Answer(any(post.position in KEEPERS for post in positions_of(person)), _KEPT)
    return Answer(_keeps(person, project.pk), _KEPT)


@rule("ask_swap")
def ask_swap(person: Staff, shift: Shift | None) -> Answer:
    """Asking a colleague to take a shift: whose shift it is."""
    allowed = bool(own_positions_of(person)) and (shift is None or shift.staff_id == person.pk)
    return Answer(allowed, _("只能为自己的班次申请换班"))


@rule("answer_swap")
def answer_swap(person: Staff, swap: Swap | None) -> Answer:
    """Agreeing and declining: the colleague who is asked, or who keeps the roster."""
    if swap is None:
        return Answer(bool(positions_of(person)), _("由被询问的同事答复"))
    allowed = swap.asked_of_id == person.pk or _keeps(person, swap.shift.project_id)
    return Answer(allowed, _("由被询问的同事答复，或由排班的负责人决定"))


@rule("delegate")
def delegate(person: Staff, staff: Staff | None) -> Answer:
    """Naming a stand-in: for oneself, or for the people of the projects whose roster one keeps."""
    why = _("为自己设置，或由所在项目的客户中心负责人、管理处负责人、系统管理员代为设置")
    if staff is None or staff.pk == person.pk:
        return Answer(bool(own_positions_of(person)), why)
    posts = posts_of(staff)
    return Answer(bool(posts) and all(_keeps(person, post.project_id) for post in posts), why)


@rule("hand_over")
def hand_over(person: Staff, project: Project | None) -> Answer:
    """Handing a shift over and taking it: everybody who works there, each for their own position."""
    allowed = bool(positions_of(person)) if project is None else _works_in(person, project.pk)
    return Answer(allowed, _("由本项目任这个岗位的员工交接班"))


@rule("keep_calendar", reads=True)
def keep_calendar(person: Staff, address: CalendarAddress | None) -> Answer:
    """A private calendar address for one's own shifts, or those of a project one sees."""
    allowed = address is None or address.staff_id == person.pk
    return Answer(allowed, _("每个员工，只管自己的日历地址"))
