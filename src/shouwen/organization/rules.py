"""What the organization's own records show to whom; registered when the room is loaded."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.organization.editors import keeps_everybody
from shouwen.organization.holders import positions_of, projects_of
from shouwen.organization.models import Customer, Department, Home, Post, Project, Staff
from shouwen.organization.permissions import Answer, rule, visibility
from shouwen.organization.positions import WITHOUT_CUSTOMERS, Position


@visibility(Project)
def projects(person: Staff) -> QuerySet[Project]:
    """The projects that one works for [R0]."""
    return projects_of(person)


@visibility(Department)
def departments(person: Staff) -> QuerySet[Department]:
    """The departments of these projects and those of the whole company."""
    return Department.objects.filter(Q(project=None) | Q(project__in=projects_of(person)))


@visibility(Staff)
def staff(person: Staff) -> QuerySet[Staff]:
    """The colleagues who hold, or held, a post in these projects or company-wide, and oneself.

    Whoever keeps the accounts of the whole company also sees those without a post.
    """
    if keeps_everybody(person):
        return Staff.objects.all()
    shared = Post.objects.filter(Q(project=None) | Q(project__in=projects_of(person)))
    return Staff.objects.filter(Q(pk=person.pk) | Q(pk__in=shared.values("staff")))


@visibility(Home)
def homes(person: Staff) -> QuerySet[Home]:
    """The homes in these projects, for positions that serve customers."""
    return Home.objects.filter(project__in=projects_of(person, leaving_out=WITHOUT_CUSTOMERS))


@visibility(Customer)
def customers(person: Staff) -> QuerySet[Customer]:
    """The customers of these projects, for positions that serve them.

    Any employee may take a complaint and must write down who called [R1].
    """
    return Customer.objects.filter(project__in=projects_of(person, leaving_out=WITHOUT_CUSTOMERS))


@rule("see_home", reads=True)
def see_home(person: Staff, home: Home | None) -> Answer:
    """A home and who belongs to it: for positions that serve customers, in their projects."""
    allowed = any(
        post.position not in WITHOUT_CUSTOMERS
        and (home is None or post.project_id in (None, home.project_id))
        for post in positions_of(person)
    )
    return Answer(allowed, _("住户档案由本项目服务客户的岗位查看"))


#: Who speaks with a customer, or answers for those who do, and so may need the whole number.
_SPEAK = (
    Position.STEWARD,
    Position.FRONT_DESK,
    Position.CENTRE_HEAD,
    Position.SITE_MANAGER,
    Position.COMPLAINT_TEAM,
)


def _in_their_project(person: Staff, customer: Customer | None, positions: Collection[str]) -> bool:
    return any(
        post.position in positions
        and (customer is None or post.project_id in (None, customer.project_id))
        for post in positions_of(person)
    )


@rule("see_customer", reads=True)
def see_customer(person: Staff, customer: Customer | None) -> Answer:
    """All that is held about one customer, as far as one may see what it stands in."""
    readers = (*_SPEAK, Position.ADMINISTRATOR, Position.AUDITOR)
    allowed = _in_their_project(person, customer, readers)
    return Answer(allowed, _("客户资料由本项目客户中心、管家、管理处和审计查看"))


@rule("reveal_telephone", reads=True)
def reveal_telephone(person: Staff, customer: Customer | None) -> Answer:
    """The whole number, for whoever calls it; each time it is written down."""
    allowed = _in_their_project(person, customer, (*_SPEAK, Position.ADMINISTRATOR))
    return Answer(allowed, _("完整电话由需要联系客户的岗位查看"))


@rule("correct_customer")
def correct_customer(person: Staff, customer: Customer | None) -> Answer:
    """Correcting what the card says [PIPL art. 46]."""
    keepers = (Position.FRONT_DESK, Position.CENTRE_HEAD, Position.ADMINISTRATOR)
    allowed = _in_their_project(person, customer, keepers)
    return Answer(allowed, _("由本项目的客户中心或系统管理员更正"))


@rule("export_customer")
def export_customer(person: Staff, customer: Customer | None) -> Answer:
    """Handing over what is held [PIPL art. 45]."""
    return _answers_for(person, customer)


@rule("erase_customer")
def erase_customer(person: Staff, customer: Customer | None) -> Answer:
    """Erasing what is held [PIPL art. 47]."""
    return _answers_for(person, customer)


def _answers_for(person: Staff, customer: Customer | None) -> Answer:
    keepers = (Position.CENTRE_HEAD, Position.ADMINISTRATOR)
    allowed = _in_their_project(person, customer, keepers)
    return Answer(allowed, _("由本项目的客户中心负责人或系统管理员办理"))
