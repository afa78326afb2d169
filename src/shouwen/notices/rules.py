"""Who may see notices, act on them, keep the escalation policies and rehearse; registered at loading."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.models import Complaint
from shouwen.notices.customers.kept import CustomerMessage, CustomerTelling, CustomerTemplate
from shouwen.notices.notice import Notice
from shouwen.notices.policy import Escalation, Policy, Rehearsal
from shouwen.notices.watching import Watch
from shouwen.organization.holders import positions_of, projects_of
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import Answer, may, rule, visibility, visible_to
from shouwen.organization.positions import Position
from shouwen.records import audit

audit.register("rehearsed", _("演练升级通知"))

#: Who keeps the words to customers.
SPOKESMEN = frozenset({Position.CENTRE_HEAD, Position.SITE_MANAGER, Position.ADMINISTRATOR})
#: Who keeps the policies and rehearses them.
KEEPERS = frozenset(
    {
        Position.CENTRE_HEAD,
        Position.SITE_MANAGER,
        Position.COMPANY_LEADER,
        Position.ADMINISTRATOR,
    }
)
_WHOLE_COMPANY = frozenset({Position.COMPANY_LEADER, Position.ADMINISTRATOR})


def register() -> None:
    """Tell the permissions."""
    visibility(Notice)(notices)
    visibility(Policy)(policies)
    visibility(Escalation)(escalations)
    visibility(Rehearsal)(rehearsals)
    rule("see_notices", reads=True)(see_notices)
    rule("answer_notice")(answer_notice)
    rule("edit_escalation")(edit_escalation)
    rule("rehearse")(rehearse)
    visibility(CustomerTemplate)(customer_templates)
    visibility(CustomerTelling)(customer_tellings)
    visibility(CustomerMessage)(customer_messages)
    visibility(Watch)(watches)
    rule("edit_customer_words")(edit_customer_words)
    # What one watches changes nothing that others do.
    rule("watch", reads=True)(watch)


def notices(person: Staff) -> QuerySet[Notice]:
    """One's own, and no longer those about a complaint that is about oneself."""
    return Notice.objects.filter(person=person).exclude(complaint__about=person)


def policies(person: Staff) -> QuerySet[Policy]:
    """The company's, and those of one's projects."""
    return Policy.objects.filter(Q(project=None) | Q(project__in=projects_of(person)))


def escalations(person: Staff) -> QuerySet[Escalation]:
    """Those of one's projects."""
    return Escalation.objects.filter(project__in=projects_of(person))


def rehearsals(person: Staff) -> QuerySet[Rehearsal]:
    """Those of the projects for which one keeps the policies."""
    return Rehearsal.objects.filter(project__in=_kept(person))


def _kept(person: Staff) -> QuerySet[Project]:
    projects = {post.project_id for post in positions_of(person) if post.position in KEEPERS}
    if None in projects:
        return Project.objects.all()
    return Project.objects.filter(pk__in=[pk for pk in projects if pk is not None])


def see_notices(person: Staff, notice: Notice | None) -> Answer:
    """One's own."""
    return Answer(notice is None or notice.person_id == person.pk, _("通知只给被通知的人看"))


def answer_notice(person: Staff, notice: Notice | None) -> Answer:
    """Whoever was called."""
    return Answer(notice is None or notice.person_id == person.pk, _("由被通知的人确认"))


def edit_escalation(person: Staff, project: Project | None) -> Answer:
    """The project's policy its centre head and site manager; the company's those above projects."""
    posts = [post for post in positions_of(person) if post.position in KEEPERS]
    if project is not None:
        posts = [post for post in posts if post.project_id in (None, project.pk)]
    return Answer(
        bool(posts), _("升级顺序由客户中心负责人、管理处负责人、公司主管领导或系统管理员设定")
    )


def edits_company(person: Staff) -> bool:
    """Whether somebody keeps the policy of the whole company."""
    return any(
        post.position in _WHOLE_COMPANY and post.project_id is None for post in positions_of(person)
    )


def rehearse(person: Staff, project: Project | None) -> Answer:
    """Whoever keeps the policy."""
    return edit_escalation(person, project)


def customer_templates(person: Staff) -> QuerySet[CustomerTemplate]:
    """Those of one's projects."""
    return CustomerTemplate.objects.filter(project__in=projects_of(person))


def customer_tellings(person: Staff) -> QuerySet[CustomerTelling]:
    """Those of one's projects."""
    return CustomerTelling.objects.filter(project__in=projects_of(person))


def customer_messages(person: Staff) -> QuerySet[CustomerMessage]:
    """Those about complaints that one may see."""
    return CustomerMessage.objects.filter(complaint__in=visible_to(person, Complaint))


def watches(person: Staff) -> QuerySet[Watch]:
    """Those of complaints that one may see."""
    return Watch.objects.filter(complaint__in=visible_to(person, Complaint))


def edit_customer_words(person: Staff, project: Project | None) -> Answer:
    """The head of the project's customer centre, its site manager, an administrator."""
    return Answer(
        any(
            post.position in SPOKESMEN
            and (project is None or post.project_id in (None, project.pk))
            for post in positions_of(person)
        ),
        _("告知客户的话由客户中心负责人、管理处负责人或系统管理员设定"),
    )


def watch(person: Staff, complaint: Complaint | None) -> Answer:
    """Whoever may see it."""
    allowed = complaint is None or bool(may(person, "see_complaint", complaint))
    return Answer(allowed, _("能看到的投诉都可以关注"))
