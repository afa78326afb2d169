"""Who opens which pages, who may change what was kept of a list, and who may export.

Registered when the room is loaded.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.rules import WHOLE_PROJECT
from shouwen.desk.models import Export, SavedView
from shouwen.desk.sections import sections_for
from shouwen.organization.holders import holds, positions_of, projects_of
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import Answer, rule, visibility
from shouwen.organization.positions import Position
from shouwen.records import audit
from shouwen.records.models import Access


def register() -> None:
    """Tell the permissions whose the pages are, whose a saved view is, who may export."""
    rule("see_desk", reads=True)(of_everybody)
    rule("see_regulation", reads=True)(of_everybody)
    rule("keep_account", reads=True)(of_everybody)
    rule("see_address", reads=True)(see_address)
    rule("see_settings", reads=True)(see_settings)
    visibility(SavedView)(saved_views)
    rule("keep_views", reads=True)(of_everybody)
    rule("share_view")(share_view)
    rule("change_view", reads=True)(change_view)
    visibility(Export)(exports)
    rule("edit_retention")(edit_retention)
    rule("see_audit", reads=True)(see_audit)
    visibility(Access)(accesses)
    rule("export", reads=True)(export)
    rule("fetch_export", reads=True)(fetch_export)
    audit.register("telephone_seen", _("查看完整电话"), audit.SEEING)
    audit.register("email_seen", _("查看完整邮件地址"), audit.SEEING)
    audit.register("export_fetched", _("下载导出文件"), audit.SEEING)
    audit.register("attachment_fetched", _("打开附件"), audit.SEEING)
    audit.register("printed", _("打印投诉"), audit.SEEING)
    audit.register("audit_exported", _("导出审计记录"), audit.SEEING)
    audit.register("view_shared", _("共享常用筛选"))
    audit.register("view_changed", _("修改共享的筛选"))
    audit.register("view_removed", _("删除共享的筛选"))


def of_everybody(person: Staff, subject: None) -> Answer:
    """One's own desk, views and columns; the regulation, which binds everybody."""
    return Answer(True, _("每个员工"))


def see_address(person: Staff, subject: None) -> Answer:
    """How the installation is reached: whoever administers it, and whoever audits it."""
    readers = (Position.ADMINISTRATOR, Position.AUDITOR)
    allowed = any(
        post.position in readers and post.project_id is None for post in positions_of(person)
    )
    return Answer(allowed, _("由全公司的系统管理员或审计查看"))


def see_settings(person: Staff, subject: None) -> Answer:
    """Whoever may keep any of the settings."""
    return Answer(bool(sections_for(person)), _("设置由可以修改其中某项的岗位打开"))


def saved_views(person: Staff) -> QuerySet[SavedView]:
    """One's own, and those shared with the projects that one works for."""
    return SavedView.objects.filter(Q(staff=person) | Q(project__in=projects_of(person)))


def share_view(person: Staff, project: Project | None) -> Answer:
    """With the projects that one works for."""
    projects = projects_of(person)
    works_here = (projects.filter(pk=project.pk) if project else projects).exists()
    return Answer(works_here, _("只能共享给自己工作的项目"))


def change_view(person: Staff, view: SavedView | None) -> Answer:
    """Whoever made it; a shared one also the head of the project's customer centre."""
    if view is None:
        return Answer(True, _("每个员工"))
    heads = view.project_id is not None and holds(person, Position.CENTRE_HEAD, view.project_id)
    return Answer(
        view.staff_id == person.pk or heads, _("由保存的人修改，共享的也可由客户中心负责人修改")
    )


def exports(person: Staff) -> QuerySet[Export]:
    """One's own alone: a file holds what its owner may see."""
    return Export.objects.filter(staff=person)


def export(person: Staff, subject: None) -> Answer:
    """Whoever answers for more than their own matters: whole projects, or a department."""
    exporters = WHOLE_PROJECT | {Position.DEPARTMENT_HEAD}
    allowed = any(post.position in exporters for post in positions_of(person))
    return Answer(allowed, _("由查看整个项目的岗位或部门负责人导出"))


def fetch_export(person: Staff, made: Export | None) -> Answer:
    """What one asked for oneself, as long as one may export."""
    allowed = export(person, None)
    if allowed and made is not None and made.staff_id != person.pk:
        return Answer(False, _("只能取自己的导出"))
    return allowed


def _audited(person: Staff) -> set[int] | None:
    """The projects whose access log somebody reads; None for all and what is of none."""
    posts = positions_of(person)
    readers = (Position.AUDITOR, Position.ADMINISTRATOR)
    if any(post.project_id is None and post.position in readers for post in posts):
        return None
    return {
        post.project_id
        for post in posts
        if post.position == Position.AUDITOR and post.project_id is not None
    }


def see_audit(person: Staff, project: Project | None) -> Answer:
    """Auditors and administrators of the whole company read all, a project's auditor the project's."""
    projects = _audited(person)
    allowed = projects is None or (bool(projects) if project is None else project.pk in projects)
    return Answer(allowed, _("由审计或全公司的系统管理员查看，项目审计只看本项目"))


def edit_retention(person: Staff, subject: None) -> Answer:
    """For how long data is kept: what goes by it cannot be had back."""
    allowed = any(
        post.position == Position.ADMINISTRATOR and post.project_id is None
        for post in positions_of(person)
    )
    return Answer(allowed, _("由全公司的系统管理员维护"))


def accesses(person: Staff) -> QuerySet[Access]:
    """The notes of the projects whose log the person reads."""
    projects = _audited(person)
    found = Access.objects.all()
    return found if projects is None else found.filter(project_id__in=projects)
