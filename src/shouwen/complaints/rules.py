"""Who may see a complaint and take a step on it: what this room tells the permissions."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.models import Complaint, Incident, Work
from shouwen.complaints.roles import EVERY_EMPLOYEE, FIRST_CONTACT, MANAGER, departments_by
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.table import At, Step
from shouwen.organization.holders import lent_to, own_positions_of, positions_of, posts_of
from shouwen.organization.models import Post, Project, Staff
from shouwen.organization.permissions import Answer, rule, visibility
from shouwen.organization.positions import WITHOUT_CUSTOMERS, Position

# See every complaint of the projects they work for [R0][R9].
WHOLE_PROJECT = frozenset(
    {
        Position.FRONT_DESK,
        Position.CENTRE_HEAD,
        Position.SITE_MANAGER,
        Position.COMPLAINT_TEAM,
        Position.QUALITY,
        Position.COMPANY_LEADER,
        Position.BOARD_LEADER,
        Position.BOARD_OFFICE,
        Position.GENERAL_MANAGERS_OFFICE,
        Position.AUDITOR,
    }
)

# Those who speak with the customer or answer for the case also know a confidential source [A2].
KNOW_THE_SOURCE = frozenset(
    {
        Position.FRONT_DESK,
        Position.CENTRE_HEAD,
        Position.SITE_MANAGER,
        Position.COMPLAINT_TEAM,
        Position.COMPANY_LEADER,
        Position.BOARD_LEADER,
    }
)


def register() -> None:
    """Register the rules of all steps and the visibility of complaints."""
    visibility(Complaint)(complaints_of)
    rule("see_complaint", reads=True)(see_complaint)
    rule("see_source", reads=True)(see_source)
    rule("receive")(receive)
    rule("take_step")(take_step)
    rule("keep_link")(keep_link)
    rule("edit_categories")(edit_categories)
    visibility(Incident)(incidents_of)
    rule("see_incidents", reads=True)(see_incidents)
    rule("edit_incident")(edit_incident)
    for step in STEPS.values():
        rule(f"step:{step.name}")(_rule_of(step))


def edit_categories(person: Staff, subject: object) -> Answer:
    """The categories and their default limits [A3][A4] are the customer centre's."""
    editors = (Position.CENTRE_HEAD, Position.ADMINISTRATOR)
    allowed = any(post.position in editors for post in positions_of(person))
    return Answer(allowed, _("由客户中心负责人或系统管理员修改"))


# See that there is an incident, and its title, which residents read as well.
_KNOW_INCIDENTS = frozenset({*EVERY_EMPLOYEE, *WHOLE_PROJECT}) - {Position.HUMAN_RESOURCES}
_EDIT_INCIDENTS = (Position.FRONT_DESK, Position.CENTRE_HEAD)


def incidents_of(person: Staff) -> QuerySet[Incident]:
    """The incidents of the projects that somebody works for; of their complaints only their own."""
    known = {post.project_id for post in positions_of(person) if post.position in _KNOW_INCIDENTS}
    return Incident.objects.all() if None in known else Incident.objects.filter(project__in=known)


def see_incidents(person: Staff, incident: Incident | None) -> Answer:
    """One incident; without one, the list, in which everybody finds those of their projects."""
    allowed = any(
        post.position in _KNOW_INCIDENTS
        and (incident is None or post.project_id in (None, incident.project_id))
        for post in positions_of(person)
    )
    return Answer(allowed, _("同因事项由本项目的员工查看"))


def edit_incident(person: Staff, project: Project | None) -> Answer:
    """Opening, wording and ending incidents, and what is proposed as one: the customer centre's."""
    allowed = any(
        post.position in _EDIT_INCIDENTS
        and (project is None or post.project_id in (None, project.pk))
        for post in positions_of(person)
    )
    return Answer(allowed, _("同因事项由客户中心管理"))


def complaints_of(person: Staff) -> QuerySet[Complaint]:
    """The complaints somebody may see; never one that is about them (被投诉人)."""
    parts = [part for _reason, part in parts_of(person)]
    return Complaint.objects.exclude(about=person).filter(reduce(or_, parts))


def parts_of(person: Staff) -> list[tuple[Any, Q]]:
    """What somebody may see, part by part, each with the reason for it in words.

    Whom somebody stands in for lends them their own sight, but for what is about the lender.
    """
    parts = _parts(person.pk, own_positions_of(person))
    for lender, posts in lent_to(person).items():
        parts += [
            (_("代理期间查看委托人负责的投诉"), part & ~Q(about=lender))
            for _reason, part in _parts(lender, posts)
        ]
    return parts


def _parts(whose: int, posts: list[Post]) -> list[tuple[Any, Q]]:
    whole = _whole_projects(posts)
    if None in whole:
        return [(_("全公司的岗位查看全部投诉"), Q())]
    parts = [
        (_("岗位查看本项目的全部投诉"), Q(project=each)) for each in sorted(filter(None, whole))
    ]
    parts += [
        (_("首问责任人"), Q(first_contact=whose)),
        (_("主管负责人"), Q(manager=whose)),
        (_("办理过"), Q(_worked_on(whose))),
    ]
    if mine := departments_by(posts):
        parts.append((_("派到本部门或知会本部门"), Q(departments__overlap=sorted(mine))))
    parts += [
        (_("需要开发商解决"), part) for part in _of(posts, Position.DEVELOPER_SERVICE, _JOINT)
    ]
    parts += [(_("涉及员工行为"), part) for part in _of(posts, Position.HUMAN_RESOURCES, _CONDUCT)]
    return parts


def see_complaint(person: Staff, complaint: Complaint | None) -> Answer:
    """One complaint; without one, the lists, in which everybody finds what they may see."""
    if complaint is None:
        return Answer(True, _("每人看到自己有权查看的"))
    if complaint.about_id == person.pk:
        return Answer(False, _("被投诉人回避"))
    for reason, part in parts_of(person):
        if Complaint.objects.filter(part, pk=complaint.pk).exists():
            return Answer(True, reason)
    return Answer(False, _("不在查看范围内"))


def receive(person: Staff, project: Project | None) -> Answer:
    """Writing down a complaint of the project: every employee there [R1]."""
    allowed = any(
        post.position in EVERY_EMPLOYEE
        and (project is None or post.project_id in (None, project.pk))
        for post in positions_of(person)
    )
    return Answer(allowed, _("每个员工都受理本项目的投诉"))


def take_step(person: Staff, at: At | None) -> Answer:
    """Any step at all; each has its own rule besides."""
    if at is None:
        return Answer(True, _("各步骤另有规则"))
    if at.complaint is not None:
        seen = see_complaint(person, at.complaint)
        if not seen:
            return seen
    return Answer(any(step.open_to(at) for step in STEPS.values()), _("岗位职责"))


def keep_link(person: Staff, at: At | None) -> Answer:
    """The customer's private link: those who speak with the customer hand it over, stop and renew it."""
    keepers = {*_SPEAK_WITH_THE_CUSTOMER, FIRST_CONTACT}
    if at is None:
        return Answer(True, _("客户中心和首问责任人"))
    return Answer(bool(keepers & at.roles), _("客户中心和首问责任人"))


_SPEAK_WITH_THE_CUSTOMER = frozenset({Position.FRONT_DESK, Position.CENTRE_HEAD})


def shares_of(person: Staff) -> list[Q]:
    """What somebody may see, in parts that each can be read in the order of an index.

    Together, without what is about them, they are `complaints_of`. Few parts are enough, since what
    one takes or leads lies in projects that one has or had a post for, and what one works on in
    departments that one is or was in.
    """
    shares = _shares(person.pk, own_positions_of(person), posts_of(person))
    if shares == [Q()]:
        return shares
    for lender, posts in lent_to(person).items():
        shares += [share & ~Q(about=lender) for share in _shares(lender, posts, posts)]
        shares += [part & ~Q(about=lender) for part in _personal(lender)]
    return shares


def _shares(whose: int, posts: list[Post], ever: list[Post]) -> list[Q]:
    whole = _whole_projects(posts)
    if None in whole:
        return [Q()]
    own = [Q(first_contact=whose), Q(manager=whose)]
    shares = [Q(project=project_id) for project_id in sorted(filter(None, whole))]
    if mine := departments_by(posts):
        # In one part: no project is said, since the planner would take it for a further narrowing.
        shares.append(Q(departments__overlap=sorted(mine)) | own[0] | own[1])
    elif not whole.issuperset(post.project_id for post in ever):
        shares += own
    shares += _of(posts, Position.DEVELOPER_SERVICE, _JOINT)
    shares += _of(posts, Position.HUMAN_RESOURCES, _CONDUCT)
    if {post.department_id for post in ever} - {post.department_id for post in posts}:
        shares.append(Q(_worked_on(whose)))
    return shares


def _personal(whose: int) -> list[Q]:
    return [Q(first_contact=whose), Q(manager=whose), Q(_worked_on(whose))]


_JOINT = Q(needs_developer=True) | Q(with_board=True)
_CONDUCT = Q(about__isnull=False)


def _whole_projects(posts: list[Post]) -> set[int | None]:
    return {post.project_id for post in posts if post.position in WHOLE_PROJECT}


def _of(posts: list[Post], position: Position, part: Q) -> list[Q]:
    """The part in the projects that one holds the position for."""
    found = {post.project_id for post in posts if post.position == position}
    if None in found:
        return [part]
    return [Q(project=each) & part for each in sorted(filter(None, found))]


def _worked_on(whose: int) -> Exists:
    return Exists(Work.objects.filter(complaint=OuterRef("pk"), member=whose))


def see_source(person: Staff, at: At | None) -> Answer:
    """From whom a complaint came: a confidential source is known to few [A2].

    Human resources are told of conduct, not of customers; without a complaint it is left open.
    """
    if at is None or at.complaint is None:
        return Answer(True, _("来源未要求保密"))
    if at.complaint.confidential:
        knows = bool(at.roles & (KNOW_THE_SOURCE | {FIRST_CONTACT, MANAGER}))
        return Answer(knows, _("来源保密，只有客户中心和主管人员可以看到"))
    if Position.HUMAN_RESOURCES in at.roles and at.roles <= _OF_CONDUCT:
        return Answer(False, _("人力资源查看行为，不查看客户"))
    return Answer(True, _("来源未要求保密"))


# Who is no more than this in a complaint sees it for the conduct it tells of.
_OF_CONDUCT = frozenset({Position.HUMAN_RESOURCES, Position.EMPLOYEE})


def source_known_to(person: Staff) -> Q:
    """The complaints, of those that the person may see, whose source `see_source` shows them."""
    posts = positions_of(person)
    knowing = {
        post.project_id for post in own_positions_of(person) if post.position in KNOW_THE_SOURCE
    }
    if None in knowing:
        return Q()
    own = Q(first_contact=person) | Q(manager=person) | Q(project__in=knowing)
    for lender, lent in lent_to(person).items():
        known = Q(first_contact=lender) | Q(manager=lender)
        places = {post.project_id for post in lent if post.position in KNOW_THE_SOURCE}
        known = Q(pk__isnull=False) if None in places else known | Q(project__in=places)
        own |= known & ~Q(about=lender)
    plain = Q(confidential=False)
    resources = {post.project_id for post in posts if post.position == Position.HUMAN_RESOURCES}
    others = {post.project_id for post in posts if post.position not in _OF_CONDUCT}
    if None in resources and None not in others:
        plain &= Q(project__in=others)
    elif resources and None not in others:
        plain &= ~Q(project__in=resources - others)
    return plain | own


def served_by(person: Staff) -> Q:
    """The complaints of the projects where the person's position has business with customers."""
    posts = [post for post in positions_of(person) if post.position not in WITHOUT_CUSTOMERS]
    if any(post.project_id is None for post in posts):
        return Q()
    return Q(project__in={post.project_id for post in posts})


def _rule_of(step: Step) -> Callable[[Staff, At], Answer]:
    def decide(person: Staff, at: At) -> Answer:
        if at.state.about_id == person.pk:
            return Answer(False, _("被投诉人回避"))
        if not step.open_to(at):
            return Answer(False, _("这一步由其他岗位办理"))
        return Answer(True, _("岗位职责"))

    return decide
