"""Who may see a contact and act on it: what this room tells the permissions."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.roles import departments_of
from shouwen.complaints.rules import WHOLE_PROJECT
from shouwen.organization.holders import positions_of
from shouwen.organization.models import Staff
from shouwen.organization.permissions import Answer, rule, visibility
from shouwen.organization.positions import Position

#: Answer the project's contacts, whomever they were handed to.
ANSWERERS = frozenset({Position.FRONT_DESK, Position.CENTRE_HEAD, Position.SITE_MANAGER})


def register() -> None:
    """Register the rules of contacts."""
    visibility(Contact)(contacts_of)
    rule("see_contacts", reads=True)(see_contacts)
    rule("take_contact_step")(take_contact_step)


def shares_of(person: Staff) -> list[Q]:
    """What somebody may see, in parts that each can be read in the order of an index."""
    whole = {post.project_id for post in positions_of(person) if post.position in WHOLE_PROJECT}
    if None in whole:
        return [Q()]
    shares = [Q(project=each) for each in sorted(filter(None, whole))]
    if mine := departments_of(person):
        shares.append(Q(department__in=sorted(mine)))
    return [*shares, Q(taken_by=person.pk)]


def contacts_of(person: Staff) -> QuerySet[Contact]:
    """The project's for its desk and heads, the department's for those who work there, one's own."""
    return Contact.objects.filter(reduce(or_, shares_of(person)))


def see_contacts(person: Staff, contact: Contact | None) -> Answer:
    """One contact; without one, the list, in which everybody finds what they may see."""
    if contact is None:
        return Answer(True, _("每人看到自己有权查看的"))
    if _posted(person, contact, WHOLE_PROJECT):
        return Answer(True, _("岗位查看本项目的联系单"))
    if contact.department and contact.department in departments_of(person):
        return Answer(True, _("交给本部门的"))
    return Answer(contact.taken_by_id == person.pk, _("自己登记的"))


def take_contact_step(person: Staff, contact: Contact | None) -> Answer:
    """Answering it, handing it on: the centre, and the department it was handed to."""
    if contact is None:
        return Answer(True, _("每人办理交给自己的"))
    if _posted(person, contact, ANSWERERS):
        return Answer(True, _("客户中心和管理处负责人办理本项目的联系单"))
    mine = bool(contact.department) and contact.department in departments_of(person)
    return Answer(mine, _("由客户中心、管理处负责人或承接部门办理"))


def _posted(person: Staff, contact: Contact, positions: frozenset[Position]) -> bool:
    return any(
        post.position in positions and post.project_id in (None, contact.project_id)
        for post in positions_of(person)
    )
