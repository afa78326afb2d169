"""Who may change the organization: its tree, its homes, its staff and their posts.

Registered when the room is loaded. What somebody changes here decides what others may see, so
nobody gives a post that reaches further than their own.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwen.organization.holders import positions_of, posts_of
from shouwen.organization.models import Post, Project, Staff, Upload
from shouwen.organization.permissions import Answer, rule
from shouwen.organization.positions import IN_A_DEPARTMENT, Position
from shouwen.organization.roster_rules import edit_roster
from shouwen.records import audit

#: What the head of a customer centre gives and ends in the own projects.
OF_THE_CENTRE = frozenset(
    {Position.EMPLOYEE, Position.STEWARD, Position.FRONT_DESK, *IN_A_DEPARTMENT}
)
#: What human resources leave to the administrators.
OF_THE_ADMINISTRATORS = frozenset({Position.ADMINISTRATOR, Position.AUDITOR})

audit.register("company_changed", _("修改公司组织"))
audit.register("project_changed", _("修改项目资料"))
audit.register("homes_added", _("新增房屋"))
audit.register("staff_added", _("新增员工"))
audit.register("staff_changed", _("修改员工资料"))
audit.register("post_given", _("任命岗位"))
audit.register("post_ended", _("结束任职"))
audit.register("staff_left", _("办理离职"))
audit.register("staff_moved", _("办理调岗"))
audit.register("staff_back", _("恢复账号"))
audit.register("staff_telephone_seen", _("查看员工电话"), audit.SEEING)
audit.register("organization_imported", _("导入组织资料"))


def administers(person: Staff) -> bool:
    """Whether somebody is an administrator of the whole company."""
    return any(
        post.position == Position.ADMINISTRATOR and post.project_id is None
        for post in positions_of(person)
    )


def _holds_for_all(person: Staff, position: Position) -> bool:
    return any(
        post.position == position and post.project_id is None for post in positions_of(person)
    )


def keeps_everybody(person: Staff) -> bool:
    """Whether somebody keeps the accounts of the whole company, also of who has no post yet."""
    return administers(person) or _holds_for_all(person, Position.HUMAN_RESOURCES)


def _heads(person: Staff, project_id: int | None) -> bool:
    """Whether somebody heads the customer centre of that project, or administers it."""
    keepers = (Position.CENTRE_HEAD, Position.ADMINISTRATOR)
    return any(
        post.position in keepers and post.project_id in (None, project_id)
        for post in positions_of(person)
    )


@rule("edit_company")
def edit_company(person: Staff, subject: None) -> Answer:
    """The company tree, developers, contractors, new projects."""
    return Answer(administers(person), _("由全公司的系统管理员维护"))


@rule("edit_organization")
def edit_organization(person: Staff, project: Project | None) -> Answer:
    """A project with its departments and homes: the administrators, and the head of its centre."""
    keepers = (Position.CENTRE_HEAD, Position.ADMINISTRATOR)
    allowed = (
        any(post.position in keepers for post in positions_of(person))
        if project is None
        else _heads(person, project.pk)
    )
    return Answer(allowed, _("由系统管理员或本项目的客户中心负责人维护"))


@rule("edit_staff")
def edit_staff(person: Staff, staff: Staff | None) -> Answer:
    """Accounts and posts: administrators and human resources; heads of a centre for their own people.

    Their own are those all of whose posts lie in their projects and are theirs to give.
    """
    why = _("由系统管理员、人力资源或员工所在项目的客户中心负责人办理")
    if administers(person):
        return Answer(True, why)
    if _holds_for_all(person, Position.HUMAN_RESOURCES):
        above = staff is not None and any(
            post.position in OF_THE_ADMINISTRATORS for post in posts_of(staff)
        )
        return Answer(not above, why)
    if staff is None:
        return Answer(
            any(post.position == Position.CENTRE_HEAD for post in positions_of(person)), why
        )
    posts = posts_of(staff)
    return Answer(bool(posts) and all(give_post(person, post) for post in posts), why)


@rule("lift_second_factor")
def lift_second_factor(person: Staff, staff: Staff | None) -> Answer:
    """Whoever lost theirs asks an administrator of the company, who knows them; nobody their own."""
    allowed = administers(person) and (staff is None or staff.pk != person.pk)
    return Answer(allowed, _("由另一位全公司的系统管理员办理"))


@rule("give_post")
def give_post(person: Staff, post: Post | None) -> Answer:
    """Giving a post, or ending it, within what is one's own to give."""
    if administers(person):
        return Answer(True, _("系统管理员任命各岗位"))
    if _holds_for_all(person, Position.HUMAN_RESOURCES):
        allowed = post is None or post.position not in OF_THE_ADMINISTRATORS
        return Answer(allowed, _("系统管理员和审计岗位由系统管理员任命"))
    if post is None:
        heads = any(each.position == Position.CENTRE_HEAD for each in positions_of(person))
        return Answer(heads, _("由系统管理员、人力资源或客户中心负责人任命"))
    allowed = (
        post.position in OF_THE_CENTRE
        and post.project_id is not None
        and any(
            each.position == Position.CENTRE_HEAD and each.project_id in (None, post.project_id)
            for each in positions_of(person)
        )
    )
    return Answer(allowed, _("客户中心负责人只任命本项目的前台、管家、员工和部门岗位"))


@rule("import_organization")
def import_organization(person: Staff, upload: Upload | None) -> Answer:
    """A workbook: who brings in staff, and who keeps the roster of a project.

    A workbook is for whoever uploaded it; what its sheets need is asked sheet by sheet.
    """
    if upload is not None and upload.staff_id != person.pk:
        return Answer(False, _("只能办理自己上传的表"))
    staff = import_staff(person, None)
    return staff if staff else edit_roster(person, None)


@rule("import_staff")
def import_staff(person: Staff, subject: None) -> Answer:
    """The staff list of a workbook."""
    allowed = administers(person) or _holds_for_all(person, Position.HUMAN_RESOURCES)
    return Answer(allowed, _("由全公司的系统管理员或人力资源导入"))


@rule("import_homes")
def import_homes(person: Staff, subject: None) -> Answer:
    """Homes and customers from a workbook."""
    return Answer(administers(person), _("房屋和客户由全公司的系统管理员导入"))
