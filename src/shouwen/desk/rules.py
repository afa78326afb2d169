"""Who sees on the staff pages from whom a complaint came, who may change what was kept of a list, and
who may export.

Registered when the room is loaded.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.rules import WHOLE_PROJECT
from shouwen.desk.models import Export, SavedView
from shouwen.organization.holders import holds, positions_of, projects_of
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import Answer, rule, visibility
from shouwen.organization.positions import Position


def register() -> None:
    """Tell the permissions who may see the source of a complaint, whose a saved view is, who may export."""
    visibility(SavedView)(saved_views)
    rule("share_view")(share_view)
    rule("change_view")(change_view)
    visibility(Export)(exports)
    rule("export")(export)


def saved_views(person: Staff) -> QuerySet[SavedView]:
    """One's own, and those shared with the projects that one works for."""
    return SavedView.objects.filter(Q(staff=person) | Q(project__in=projects_of(person)))


def share_view(person: Staff, project: Project) -> Answer:
    """With the projects that one works for."""
    works_here = projects_of(person).filter(pk=project.pk).exists()
    return Answer(works_here, _("只能共享给自己工作的项目"))


def change_view(person: Staff, view: SavedView) -> Answer:
    """Whoever made it; a shared one also the head of the project's customer centre."""
    heads = view.project_id is not None and holds(person, Position.CENTRE_HEAD, view.project_id)
    return Answer(
        view.staff_id == person.pk or heads, _("由保存的人修改，共享的也可由客户中心负责人修改")
    )


def exports(person: Staff) -> QuerySet[Export]:
    """One's own alone: a file holds what its owner may see."""
    return Export.objects.filter(staff=person)


def export(person: Staff, subject: object) -> Answer:
    """Whoever answers for more than their own matters: whole projects, or a department."""
    exporters = WHOLE_PROJECT | {Position.DEPARTMENT_HEAD}
    allowed = any(post.position in exporters for post in positions_of(person))
    return Answer(allowed, _("由查看整个项目的岗位或部门负责人导出"))
