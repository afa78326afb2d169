"""What the organization's own records show to whom; registered when the room is loaded."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.organization.editors import keeps_everybody
from shouwen.organization.holders import positions_of, projects_of
from shouwen.organization.models import Customer, Department, Home, Post, Project, Staff
from shouwen.organization.permissions import Answer, rule, visibility
from shouwen.organization.positions import WITHOUT_CUSTOMERS


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
