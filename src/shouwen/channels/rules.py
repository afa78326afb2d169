"""Who may bring in complaints kept elsewhere; registered when the room is loaded."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.channels.models import HeldArrival, ImportFile
from shouwen.organization.holders import positions_of
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import Answer, rule, visibility
from shouwen.organization.positions import Position

_IMPORTERS = (Position.CENTRE_HEAD, Position.ADMINISTRATOR)
#: Who takes what comes in by itself (design §3), and so what was held back of it.
_TAKERS = (Position.FRONT_DESK, Position.CENTRE_HEAD)


def register() -> None:
    """Register who may import into which project, whose files one sees, and who lets in what."""
    rule("import_complaints")(import_complaints)
    rule("decide_arrivals")(decide_arrivals)
    visibility(ImportFile)(import_files)
    visibility(HeldArrival)(held_arrivals)


def import_complaints(person: Staff, project: Project | None) -> Answer:
    """The customer centre keeps the book [R2]; into `project`, or into any where it is None."""
    posts = [post.project_id for post in positions_of(person) if post.position in _IMPORTERS]
    allowed = bool(posts) if project is None else None in posts or project.pk in posts
    return Answer(allowed, _("由客户中心负责人或系统管理员导入"))


def projects(person: Staff) -> QuerySet[Project]:
    """The projects into which one may import."""
    posts = [post.project_id for post in positions_of(person) if post.position in _IMPORTERS]
    active = Project.objects.filter(is_active=True).order_by("code")
    return active if None in posts else active.filter(pk__in=[pk for pk in posts if pk])


def import_files(person: Staff) -> QuerySet[ImportFile]:
    """The files of these projects, whoever uploaded them: a colleague may go on."""
    return ImportFile.objects.filter(project__in=projects(person))


def decide_arrivals(person: Staff, held: HeldArrival | None) -> Answer:
    """Letting in or discarding what the portal held back: the front desk that would have taken it."""
    allowed = any(
        post.position in _TAKERS and (held is None or post.project_id in (None, held.project_id))
        for post in positions_of(person)
    )
    return Answer(allowed, _("由本项目客户中心前台或负责人查看"))


def held_arrivals(person: Staff) -> QuerySet[HeldArrival]:
    """Those of the projects at whose front desk one is."""
    posts = [post.project_id for post in positions_of(person) if post.position in _TAKERS]
    if None in posts:
        return HeldArrival.objects.all()
    return HeldArrival.objects.filter(project__in=[pk for pk in posts if pk])
