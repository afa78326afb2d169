"""Whose call is it: what comes up on whose screen, and what becomes of it there."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Func, Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shouwen.channels import call_backs
from shouwen.channels.calls import Call, Extension, TelephoneLine
from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.roles import EVERY_EMPLOYEE
from shouwen.complaints.rules import see_complaint, see_source
from shouwen.complaints.state import fold
from shouwen.organization.holders import positions_of
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import Answer, rule, visibility
from shouwen.organization.positions import Position
from shouwen.records import ledger

#: A call that is neither answered nor ended after this long was forgotten by the line.
RINGS = timedelta(minutes=3)
#: A card of a call that was answered stays until it is put away or recorded, and this long.
STAYS = timedelta(hours=2)
#: What ended stays up this long, for whoever writes down after the call.
AFTER = timedelta(minutes=15)
#: More cards are not shown at once.
MOST = 4

_DESK = (Position.FRONT_DESK, Position.CENTRE_HEAD)
_KEEPERS = (Position.CENTRE_HEAD, Position.ADMINISTRATOR)


def register() -> None:
    """Tell the permissions whose calls are whose, and who keeps the lines."""
    rule("take_calls")(take_calls)
    rule("see_missed_calls")(see_missed_calls)
    rule("hear_recording", reads=True)(hear_recording)
    rule("dial")(dial)
    rule("keep_telephony")(keep_telephony)
    visibility(Call)(calls_of)
    visibility(TelephoneLine)(lines_of)


def _projects(person: Staff, positions: tuple[Position, ...]) -> set[int] | None:
    """The projects in which somebody holds one of the positions; None for all."""
    found = {post.project_id for post in positions_of(person) if post.position in positions}
    return None if None in found else {each for each in found if each is not None}


def _there(person: Staff, positions: tuple[Position, ...], project_id: int | None) -> bool:
    projects = _projects(person, positions)
    if projects is None:
        return True
    return bool(projects) if project_id is None else project_id in projects


def take_calls(person: Staff, call: Call | None) -> Answer:
    """Whose extension it is, and the front desk; whether there is a call for them every employee asks."""
    why = _("由接听的分机本人或本项目的客户中心前台办理")
    if call is None:
        return Answer(_employee(person), why)
    own = call.agent_id == person.pk and _employee(person)
    return Answer(own or _there(person, _DESK, call.project_id), why)


def _employee(person: Staff) -> bool:
    return any(post.position in EVERY_EMPLOYEE for post in positions_of(person))


def see_missed_calls(person: Staff, call: Call | None) -> Answer:
    """Call-backs are the front desk's, whoever did not answer."""
    allowed = _there(person, _DESK, call.project_id if call else None)
    return Answer(allowed, _("未接来电由本项目的客户中心前台回电"))


def hear_recording(person: Staff, call: Call | None) -> Answer:
    """Opening a recording: whoever sees the complaint's source; without one, whose call it is."""
    if call is None:
        return Answer(True, _("看得到投诉人的员工可以打开通话录音"))
    if call.complaint is None:
        return take_calls(person, call)
    seen = see_complaint(person, call.complaint)
    if not seen:
        return seen
    state = fold(ledger.entries(SUBJECT, call.complaint.pk))
    return see_source(person, lifecycle.stand(person, call.complaint, state))


def dial(person: Staff, subject: None) -> Answer:
    """Having one's own extension ring a number that one was shown: every employee."""
    return Answer(_employee(person), _("由有分机的员工拨打自己看得到的号码"))


def keep_telephony(person: Staff, project: Project | None) -> Answer:
    """A project's lines and extensions: administrators, and the head of its centre."""
    allowed = _there(person, _KEEPERS, project.pk if project else None)
    return Answer(allowed, _("由系统管理员或本项目的客户中心负责人维护"))


def calls_of(person: Staff) -> QuerySet[Call]:
    """One's own calls, and those of the projects whose front desk one belongs to."""
    return Call.objects.filter(Q(agent=person) | at_the_desk_of(person))


def at_the_desk_of(person: Staff) -> Q:
    """The calls of the projects whose front desk one belongs to."""
    projects = _projects(person, _DESK)
    return Q(pk__isnull=False) if projects is None else Q(project__in=projects)


def lines_of(person: Staff) -> QuerySet[TelephoneLine]:
    """The lines of the projects that one keeps."""
    projects = _projects(person, _KEEPERS)
    found = TelephoneLine.objects.all()
    return found if projects is None else found.filter(project__in=projects)


def projects_kept(person: Staff) -> QuerySet[Project]:
    """The projects in care whose lines one keeps."""
    projects = _projects(person, _KEEPERS)
    found = Project.objects.filter(is_active=True).order_by("code")
    return found if projects is None else found.filter(pk__in=projects)


def answers_here(person: Staff) -> bool:
    """Whether calls can come up for somebody at all: an extension, or the desk of an active line."""
    if Extension.objects.filter(staff=person, line__is_active=True).exists():
        return True
    desks = _projects(person, (Position.FRONT_DESK,))
    lines = TelephoneLine.objects.filter(is_active=True)
    if desks is not None:
        lines = lines.filter(project__in=desks)
    return (desks is None or bool(desks)) and lines.exists()


def cards_for(person: Staff, now: datetime) -> list[Call]:
    """The calls that are up on somebody's screen, newest first.

    A call with an agent is that agent's alone; another is every front desk's of the project.
    """
    desks = _projects(person, (Position.FRONT_DESK,))
    unclaimed = Q(agent=None) if desks is None else Q(agent=None, project__in=desks)
    live = (
        Q(state=Call.State.RINGING, started_at__gte=now - RINGS)
        | Q(state=Call.State.ANSWERED, started_at__gte=now - STAYS)
        | Q(state=Call.State.ENDED, ended_at__gte=now - AFTER)
    )
    found = Call.objects.filter(
        Q(agent=person) | unclaimed,
        live,
        direction=Call.Direction.IN,
        complaint=None,
        started_at__gte=now - STAYS - AFTER,
    )
    shown = found.exclude(put_away_by__contains=[person.pk]).select_related("project", "line")
    return list(shown.order_by("-started_at", "-pk")[:MOST])


def put_away(call: Call, person: Staff) -> None:
    """Take the card off one person's screen."""
    added = Func(F("put_away_by"), Value(person.pk), function="array_append")
    waiting = Call.objects.filter(pk=call.pk).exclude(put_away_by__contains=[person.pk])
    waiting.update(put_away_by=added)


def recorded(call: Call, complaint: Complaint, person: Staff) -> None:
    """The call led to this complaint: its recording belongs there, and nobody calls back for it."""
    call.complaint = complaint
    call.save(update_fields=["complaint"])
    call_backs.settle(call, Call.Settled.RECORDED, timezone.now(), person)
