"""What somebody is to one complaint: the words the step table's `who` is written in."""

from __future__ import annotations

from collections.abc import Iterable

from shouwen.complaints.models import Complaint
from shouwen.complaints.state import State
from shouwen.organization.holders import lent_to, own_positions_of, positions_of
from shouwen.organization.models import Post, Project, Staff
from shouwen.organization.positions import Position

# Words beside the positions themselves.
FIRST_CONTACT = "first_contact"
DEPARTMENT = "department"  # of a department whose part is not yet completed, declined or recalled
MANAGER = "manager_in_charge"
MEDIATOR = "mediator"  # head of the department that has to mediate [R3]
APPROVER = "approver"  # head of a department with something to approve, not its proposer
CUSTOMER = "customer"  # whoever has the complaint's tracking link; none of the staff
SECOND_PERSON = "second_person"  # may confirm what another assessed as unjustified [R3]

# Whoever may write the first word about a complaint: every employee [R1].
EVERY_EMPLOYEE = (
    Position.EMPLOYEE,
    Position.STEWARD,
    Position.FRONT_DESK,
    Position.CENTRE_HEAD,
    Position.DEPARTMENT_MEMBER,
    Position.DEPARTMENT_HEAD,
    Position.SITE_MANAGER,
    Position.COMPLAINT_TEAM,
    Position.QUALITY,
    Position.COMPANY_LEADER,
    Position.BOARD_LEADER,
    Position.BOARD_OFFICE,
    Position.GENERAL_MANAGERS_OFFICE,
    Position.HUMAN_RESOURCES,
    Position.ADMINISTRATOR,
)

_SECOND = (Position.CENTRE_HEAD, Position.COMPLAINT_TEAM, Position.QUALITY, Position.SITE_MANAGER)


def in_project(person: Staff, project: Project | int) -> frozenset[str]:
    """The positions somebody acts in within the project, company-wide and lent ones included."""
    return _in_project(positions_of(person), project if isinstance(project, int) else project.pk)


def _in_project(posts: Iterable[Post], project_id: int) -> frozenset[str]:
    return frozenset(post.position for post in posts if post.project_id in (None, project_id))


def departments_of(person: Staff, *, heading: bool = False) -> frozenset[str]:
    """Codes of the departments somebody works in, or of those they head; lent posts count."""
    return departments_by(positions_of(person), heading=heading)


def departments_by(posts: Iterable[Post], *, heading: bool = False) -> frozenset[str]:
    """Codes of the departments of these posts, or of those that they head."""
    wanted = (
        (Position.DEPARTMENT_HEAD,)
        if heading
        else (Position.DEPARTMENT_HEAD, Position.DEPARTMENT_MEMBER)
    )
    return frozenset(
        post.department.code
        for post in posts
        if post.department is not None and post.position in wanted
    )


def roles(person: Staff, complaint: Complaint, state: State) -> frozenset[str]:
    """Every word that somebody answers to in this complaint, by own right or as a stand-in.

    None for the person it is about: they never see, hold, verify or visit it (design §3).
    """
    return frozenset().union(*capacities(person, complaint.project_id, state).values())


def capacities(person: Staff, project_id: int, state: State) -> dict[int, frozenset[str]]:
    """The words that somebody answers to in a complaint, by whose right (an id): first their own.

    Whom a complaint is about lends nobody anything in it.
    """
    if state.about_id is not None and state.about_id == person.pk:
        return {}
    found = {person.pk: _words(person.pk, own_positions_of(person), {person.pk}, project_id, state)}
    for lender, posts in lent_to(person).items():
        if lender != state.about_id:
            found[lender] = _words(lender, posts, {person.pk, lender}, project_id, state)
    return found


def _words(
    whose: int, posts: list[Post], themselves: set[int], project_id: int, state: State
) -> frozenset[str]:
    words = set(_in_project(posts, project_id))
    mine, headed = departments_by(posts), departments_by(posts, heading=True)
    if state.first_contact_id == whose:
        words.add(FIRST_CONTACT)
    if state.manager_id == whose:
        words.add(MANAGER)
    if any(part.department in mine for part in state.at_work):
        words.add(DEPARTMENT)
    if mediating_department(state) in headed:
        words.add(MEDIATOR)
    if _approves(themselves, state, headed, words):
        words.add(APPROVER)
    if state.confirmation_of not in (None, *themselves) and words.intersection(_SECOND):
        words.add(SECOND_PERSON)
    return frozenset(words)


def mediating_department(state: State) -> str | None:
    """The department whose head mediates [R3]: the one named, else the lead department."""
    if state.mediator_department:
        return state.mediator_department
    return state.lead.department if state.lead else None


def department_of_approval(key: str) -> str:
    """The department of an approval; its key is `department/number`."""
    return key.partition("/")[0]


def _approves(themselves: set[int], state: State, headed: frozenset[str], words: set[str]) -> bool:
    # A head's own proposal goes one level up, to the site manager; no stand-in approves it either.
    return any(
        proposer not in themselves
        and (department_of_approval(key) in headed or Position.SITE_MANAGER in words)
        for key, proposer in state.approvals.items()
    )
