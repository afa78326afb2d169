"""Who sets up mailboxes, and who decides about the messages that were held; registered at loading."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.channels.mail.kept import IncomingMail, Mailbox
from shouwen.complaints.models import Complaint
from shouwen.organization.holders import positions_of
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import Answer, rule, visibility, visible_to
from shouwen.organization.positions import Position
from shouwen.records import audit

_DESK = frozenset({Position.FRONT_DESK, Position.CENTRE_HEAD})


def register() -> None:
    """Tell the permissions and the access log."""
    rule("edit_mailboxes")(edit_mailboxes)
    rule("handle_mail")(handle_mail)
    visibility(Mailbox)(mailboxes)
    visibility(IncomingMail)(mails)
    audit.register("mailbox_changed", _("修改收件邮箱"))
    audit.register("mail_seen", _("查看来信"), audit.SEEING)
    audit.register("mail_downloaded", _("下载原始邮件"), audit.SEEING)


def _projects(person: Staff, positions: frozenset[Position]) -> list[int] | None:
    """The projects for which somebody holds one of these; None for all."""
    found = [post.project_id for post in positions_of(person) if post.position in positions]
    return None if None in found else [each for each in found if each is not None]


def edit_mailboxes(person: Staff, project: Project | None) -> Answer:
    """A mailbox has a password and takes what customers write: the administrator's."""
    projects = _projects(person, frozenset({Position.ADMINISTRATOR}))
    allowed = projects is None or (bool(projects) if project is None else project.pk in projects)
    return Answer(allowed, _("由系统管理员设置"))


def handle_mail(person: Staff, mail: IncomingMail | None) -> Answer:
    """What came in by itself is the front desk's."""
    why = _("由客户中心前台办理")
    if mail is None:
        return Answer(_projects(person, _DESK) != [], why)
    return Answer(mails(person).filter(pk=mail.pk).exists(), why)


def mailboxes(person: Staff) -> QuerySet[Mailbox]:
    """Those of the projects that one administers."""
    projects = _projects(person, frozenset({Position.ADMINISTRATOR}))
    found = Mailbox.objects.all()
    return found if projects is None else found.filter(project__in=projects)


def mails(person: Staff) -> QuerySet[IncomingMail]:
    """Those of one's desk; of a complaint's, where one may see the complaint."""
    projects = _projects(person, _DESK)
    found = IncomingMail.objects.all()
    if projects is not None:
        found = found.filter(project__in=projects)
    return found.filter(Q(complaint=None) | Q(complaint__in=visible_to(person, Complaint)))
