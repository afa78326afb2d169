"""Who may see a complaint and take a step on it: what this room tells the permissions."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.models import Complaint
from shouwen.complaints.roles import departments_of
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.table import At, Step
from shouwen.organization.holders import positions_of
from shouwen.organization.models import Staff
from shouwen.organization.permissions import Answer, rule, visibility
from shouwen.organization.positions import Position

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


def register() -> None:
    """Register the rules of all steps and the visibility of complaints."""
    visibility(Complaint)(complaints_of)
    rule("edit_categories")(edit_categories)
    for step in STEPS.values():
        rule(f"step:{step.name}")(_rule_of(step))


def edit_categories(person: Staff, subject: object) -> Answer:
    """The categories and their default limits [A3][A4] are the customer centre's."""
    editors = (Position.CENTRE_HEAD, Position.ADMINISTRATOR)
    allowed = any(post.position in editors for post in positions_of(person))
    return Answer(allowed, _("由客户中心负责人或系统管理员修改"))


def complaints_of(person: Staff) -> QuerySet[Complaint]:
    """The complaints somebody may see; never one that is about them (被投诉人)."""
    posts = positions_of(person)
    seen = Q(first_contact=person) | Q(manager=person) | Q(works__member=person)
    whole = [post.project_id for post in posts if post.position in WHOLE_PROJECT]
    if None in whole:
        return Complaint.objects.exclude(about=person)
    if whole:
        seen |= Q(project__in=whole)
    mine = departments_of(person)
    if mine:
        seen |= Q(departments__overlap=sorted(mine))
    developer = [post.project_id for post in posts if post.position == Position.DEVELOPER_SERVICE]
    if developer:
        joint = Q(needs_developer=True) | Q(with_board=True)
        seen |= joint if None in developer else joint & Q(project__in=developer)
    ids = Complaint.objects.filter(seen).values("pk")
    return Complaint.objects.filter(pk__in=ids).exclude(about=person)


def _rule_of(step: Step) -> Callable[[Staff, At], Answer]:
    def decide(person: Staff, at: At) -> Answer:
        if at.state.about_id == person.pk:
            return Answer(False, _("被投诉人回避"))
        if not step.open_to(at):
            return Answer(False, _("这一步由其他岗位办理"))
        return Answer(True, _("岗位职责"))

    return decide
