"""Who keeps which addresses, the company's channels and its floor; registered when the room is loaded."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.notices.address import Address
from shouwen.organization.holders import positions_of
from shouwen.organization.models import Department, Project, Staff
from shouwen.organization.permissions import Answer, rule, visibility
from shouwen.organization.positions import Position
from shouwen.records import audit

_KEEPERS = (Position.CENTRE_HEAD, Position.ADMINISTRATOR)


def register() -> None:
    """Tell the permissions and the access log."""
    visibility(Address)(visible_addresses)
    # One's own way of being told changes nothing that others see.
    rule("see_own_notice_settings", reads=True)(see_own_notice_settings)
    rule("edit_addresses", reads=True)(edit_addresses)
    rule("keep_group_addresses")(keep_group_addresses)
    rule("edit_gateways")(edit_gateways)
    rule("edit_notice_floor")(edit_gateways)
    audit.register("address_added", _("添加通知地址"))
    audit.register("address_changed", _("停用或启用通知地址"))
    audit.register("address_removed", _("删除通知地址"))
    audit.register("address_tried", _("试发通知"))
    audit.register("gateway_changed", _("修改发送通道"))
    audit.register("notice_floor_changed", _("修改公司通知底线"))


def visible_addresses(person: Staff) -> QuerySet[Address]:
    """One's own, and those of the departments and projects that one keeps."""
    return Address.objects.filter(
        Q(staff=person)
        | Q(department__in=departments_kept(person))
        | Q(project__in=projects_kept(person))
    )


def projects_kept(person: Staff) -> QuerySet[Project]:
    """The projects whose addresses somebody keeps."""
    posts = [post for post in positions_of(person) if post.position in _KEEPERS]
    if any(post.project_id is None for post in posts):
        return Project.objects.all()
    return Project.objects.filter(posts__in=posts).distinct()


def departments_kept(person: Staff) -> QuerySet[Department]:
    """The departments whose addresses somebody keeps: their head, and who keeps the project."""
    posts = positions_of(person)
    headed = {post.department_id for post in posts if post.position == Position.DEPARTMENT_HEAD}
    found = Q(pk__in=headed) | Q(project__in=projects_kept(person))
    if administers(person):
        found |= Q(project=None)
    return Department.objects.filter(found)


def administers(person: Staff) -> bool:
    """Whether somebody administers the whole company."""
    return any(
        post.position == Position.ADMINISTRATOR and post.project_id is None
        for post in positions_of(person)
    )


def see_own_notice_settings(person: Staff, subject: None) -> Answer:
    """How one is told oneself."""
    return Answer(True, _("每个员工"))


def edit_addresses(person: Staff, address: Address | None) -> Answer:
    """One's own; a department's its head; a project's the head of its centre, or administrators."""
    if address is None or address.staff_id is not None:
        return Answer(address is None or address.staff_id == person.pk, _("个人地址由本人维护"))
    return keep_group_addresses(person, address)


def keep_group_addresses(person: Staff, address: Address | None) -> Answer:
    """A department's its head; a project's the head of its centre, or administrators."""
    why = _("部门的地址由部门负责人维护，项目的由客户中心负责人或系统管理员维护")
    if address is None:
        posts = positions_of(person)
        return Answer(
            any(post.position in (*_KEEPERS, Position.DEPARTMENT_HEAD) for post in posts), why
        )
    if address.department_id is not None:
        return Answer(departments_kept(person).filter(pk=address.department_id).exists(), why)
    if address.project_id is not None:
        return Answer(projects_kept(person).filter(pk=address.project_id).exists(), why)
    return Answer(False, why)


def edit_gateways(person: Staff, subject: None) -> Answer:
    """The mail server, the gateways, the application, the floor: the whole company's."""
    return Answer(administers(person), _("由全公司的系统管理员维护"))
