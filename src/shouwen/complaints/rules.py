"""Who may see a complaint and take a step on it: what this room tells the permissions."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.models import Complaint, Work
from shouwen.complaints.roles import FIRST_CONTACT, MANAGER, departments_of
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.table import At, Step
from shouwen.organization.holders import positions_of, posts_of
from shouwen.organization.models import Post, Staff
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
    rule("edit_categories")(edit_categories)
    rule("see_source")(see_source)
    for step in STEPS.values():
        rule(f"step:{step.name}")(_rule_of(step))


def edit_categories(person: Staff, subject: object) -> Answer:
    """The categories and their default limits [A3][A4] are the customer centre's."""
    editors = (Position.CENTRE_HEAD, Position.ADMINISTRATOR)
    allowed = any(post.position in editors for post in positions_of(person))
    return Answer(allowed, _("由客户中心负责人或系统管理员修改"))


def complaints_of(person: Staff) -> QuerySet[Complaint]:
    """The complaints somebody may see; never one that is about them (被投诉人)."""
    found = Complaint.objects.exclude(about=person)
    posts = positions_of(person)
    whole = _whole_projects(posts)
    if None in whole:
        return found
    seen = Q(first_contact=person) | Q(manager=person) | Q(_worked_on(person))
    for project_id in whole:
        seen |= Q(project=project_id)
    if mine := departments_of(person):
        seen |= Q(departments__overlap=sorted(mine))
    for project_id in _developers(posts):
        seen |= _in_project(project_id, _JOINT)
    return found.filter(seen)


def shares_of(person: Staff) -> list[Q]:
    """What somebody may see, in parts that each can be read in the order of an index.

    Together, without what is about them, they are `complaints_of`. Few parts are enough, since what
    one takes or leads lies in projects that one has or had a post for, and what one works on in
    departments that one is or was in.
    """
    posts, ever = positions_of(person), posts_of(person)
    whole = _whole_projects(posts)
    if None in whole:
        return [Q()]
    own = [Q(first_contact=person), Q(manager=person)]
    shares = [Q(project=project_id) for project_id in sorted(filter(None, whole))]
    if mine := departments_of(person):
        # In one part: no project is said, since the planner would take it for a further narrowing.
        shares.append(Q(departments__overlap=sorted(mine)) | own[0] | own[1])
    elif not whole.issuperset(post.project_id for post in ever):
        shares += own
    shares += [
        _in_project(project_id, _JOINT) for project_id in sorted(_developers(posts), key=str)
    ]
    if {post.department_id for post in ever} - {post.department_id for post in posts}:
        shares.append(Q(_worked_on(person)))
    return shares


_JOINT = Q(needs_developer=True) | Q(with_board=True)


def _whole_projects(posts: list[Post]) -> set[int | None]:
    return {post.project_id for post in posts if post.position in WHOLE_PROJECT}


def _developers(posts: list[Post]) -> set[int | None]:
    return {post.project_id for post in posts if post.position == Position.DEVELOPER_SERVICE}


def _in_project(project_id: int | None, part: Q) -> Q:
    return part if project_id is None else Q(project=project_id) & part


def _worked_on(person: Staff) -> Exists:
    return Exists(Work.objects.filter(complaint=OuterRef("pk"), member=person))


def projects_seen(person: Staff) -> frozenset[int] | None:
    """The projects in which all that somebody may see lies; None for those of the whole company."""
    found = {post.project_id for post in posts_of(person)}
    return None if None in found else frozenset(filter(None, found))


def see_source(person: Staff, at: At) -> Answer:
    """From whom a complaint came: a confidential source is known to few [A2]."""
    if at.complaint is None or not at.complaint.confidential:
        return Answer(True, _("来源未要求保密"))
    knows = bool(at.roles & (KNOW_THE_SOURCE | {FIRST_CONTACT, MANAGER}))
    return Answer(knows, _("来源保密，只有客户中心和主管人员可以看到"))


def source_known_to(person: Staff) -> Q:
    """The complaints, of those that the person may see, whose source `see_source` shows them."""
    posts = [post for post in positions_of(person) if post.position in KNOW_THE_SOURCE]
    if any(post.project_id is None for post in posts):
        return Q()
    known = Q(confidential=False) | Q(first_contact=person) | Q(manager=person)
    return known | Q(project__in={post.project_id for post in posts})


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
