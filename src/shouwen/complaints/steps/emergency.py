"""Emergencies and grave matters: alerting, taking in charge, escalating, reporting [R6][R7][P4]."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from shouwen.complaints.roles import DEPARTMENT, FIRST_CONTACT, MANAGER
from shouwen.complaints.steps.intake import DESK
from shouwen.complaints.steps.table import (
    At,
    Draft,
    FilledLine,
    Required,
    Said,
    Shown,
    StepData,
    Wrong,
    entry,
    step,
)
from shouwen.complaints.words import OPEN, Severity, Status
from shouwen.organization.positions import Position
from shouwen.records.models import Attachment

BY = (
    ("phone", _("电话")),
    ("radio", _("对讲机")),
    ("in_person", _("当面")),
    ("wechat", _("微信")),
)
By = Literal["phone", "radio", "in_person", "wechat"]


def _grave(at: At) -> bool:
    return at.state.grave or at.state.needs_developer


class Alert(StepData):
    """Who was reached, and by what [R6]."""

    departments: Annotated[list[str], Shown(_("知会部门"), "departments")] = []
    site_manager: Annotated[bool, Shown(_("已知会管理处负责人"), "flag")] = False
    developer: Annotated[bool, Shown(_("已知会开发商客服部"), "flag")] = False
    by: Annotated[By, Shown(_("方式"), "choice", choices=BY)] = "phone"
    reached: Annotated[
        Said,
        Shown(
            _("谁接的、说了什么"),
            "textarea",
            "text",
            help=_("例如：工程部值班岗已接听，正赶往现场"),
        ),
    ] = ""


@step(
    "alert",
    kind="alerted",
    clause="R6",
    verb=_("知会"),
    who=(*DESK, FIRST_CONTACT),
    statuses=OPEN,
    data=Alert,
    when=_grave,
    letter="T",
    answers=("R6.alert",),
)
def alert(at: At, data: Alert) -> list[Draft]:
    """[R6] Within three minutes the departments concerned know."""
    if not (data.departments or data.site_manager or data.developer):
        raise Wrong(departments=_("请选定知会了谁"))
    return [entry("alerted", data)]


class TakeCharge(StepData):
    measures: Annotated[Said, Shown(_("现场处置安排"), "textarea", "text")] = ""


@step(
    "take_charge",
    kind="taken_in_charge",
    clause="R6",
    verb=_("我来处置"),
    who=(Position.SITE_MANAGER, Position.COMPANY_LEADER, Position.BOARD_LEADER),
    statuses=OPEN,
    data=TakeCharge,
    when=lambda at: (
        (at.state.grave or at.state.company or at.state.board)
        and at.state.charge_taken_by != at.person.pk
    ),
    letter="T",
    answers=("R6.escalate", "R7.escalate"),
)
def take_charge(at: At, data: TakeCharge) -> list[Draft]:
    """[R6][R7] A leader who can solve it takes it; only who cannot passes it up."""
    return [entry("taken_in_charge", data)]


class Escalate(StepData):
    """A call one level up: who spoke to whom [R6][R7]."""

    spoke_to: Annotated[FilledLine, Shown(_("接报的领导（岗位）"), "text", "text")]
    by: Annotated[By, Shown(_("方式"), "choice", choices=BY)] = "phone"
    reason: Annotated[Required, Shown(_("不能解决的原因"), "textarea", "text")]


@step(
    "escalate_to_company",
    kind="escalated_to_company",
    clause="R6",
    verb=_("上报公司主管领导"),
    who=(Position.SITE_MANAGER,),
    statuses=OPEN,
    data=Escalate,
    when=lambda at: at.state.grave and not at.state.company,
    letter="U",
    answers=("R6.escalate",),
)
def escalate_to_company(at: At, data: Escalate) -> list[Draft]:
    """[R6] What the site manager cannot solve goes to the company leader within five minutes."""
    return [entry("escalated_to_company", data)]


@step(
    "escalate_to_board",
    kind="escalated_to_board",
    clause="R7",
    verb=_("电话上报董事领导"),
    who=(Position.COMPANY_LEADER,),
    statuses=OPEN,
    data=Escalate,
    when=lambda at: at.state.company and not at.state.board,
    letter="U",
    answers=("R7.escalate",),
)
def escalate_to_board(at: At, data: Escalate) -> list[Draft]:
    """[R7] By telephone, within ten minutes; who spoke to whom is kept."""
    return [entry("escalated_to_board", data)]


class Arrive(StepData):
    scene: Annotated[Said, Shown(_("现场情况"), "textarea", "text")] = ""


_ON_SITE = (DEPARTMENT, Position.SITE_MANAGER, *DESK)


@step(
    "arrive",
    kind="arrived",
    clause="R6",
    verb=_("到场"),
    who=_ON_SITE,
    statuses=OPEN,
    data=Arrive,
    when=lambda at: at.state.grave and not at.state.arrived,
    letter="R",
    answers=("H.arrive",),
)
def arrive(at: At, data: Arrive) -> list[Draft]:
    """[R6] Somebody is there."""
    return [entry("arrived", data)]


class Control(StepData):
    measures: Annotated[Required, Shown(_("怎样解除险情"), "textarea", "text")]


@step(
    "control",
    kind="controlled",
    clause="R6",
    verb=_("险情解除"),
    who=_ON_SITE,
    statuses=OPEN,
    data=Control,
    when=lambda at: at.state.severity == Severity.EMERGENCY and not at.state.controlled,
    letter="Z",
    answers=("H.arrive",),
)
def control(at: At, data: Control) -> list[Draft]:
    """[R6] The danger is over; the work may go on."""
    return [entry("controlled", data)]


class Decide(StepData):
    decision: Annotated[Required, Shown(_("决定"), "textarea", "text")]


@step(
    "decide",
    kind="decided",
    clause="R7",
    verb=_("决策"),
    who=(Position.SITE_MANAGER, Position.COMPANY_LEADER, Position.BOARD_LEADER, MANAGER),
    statuses=OPEN,
    data=Decide,
    when=lambda at: at.state.severity != Severity.ROUTINE or at.state.company or at.state.board,
)
def decide(at: At, data: Decide) -> list[Draft]:
    """[R7][P4] What the management decides, in its own words."""
    level = next(
        (
            position
            for position in (
                Position.BOARD_LEADER,
                Position.COMPANY_LEADER,
                Position.SITE_MANAGER,
            )
            if position in at.roles
        ),
        MANAGER,
    )
    return [entry("decided", data, as_position=str(level))]


class FileReport(StepData):
    """The written report [R6: 24 h][R7: 48 h]."""

    level: Annotated[
        Literal["company", "board"],
        Shown(
            _("报告"),
            "choice",
            choices=(("company", _("报公司主管领导")), ("board", _("报董事领导"))),
        ),
    ]
    facts: Annotated[Required, Shown(_("事情经过"), "textarea", "text")]
    measures: Annotated[Required, Shown(_("采取的措施"), "textarea", "text")]
    cause: Annotated[Said, Shown(_("原因分析"), "textarea", "text")] = ""
    open_points: Annotated[Said, Shown(_("遗留问题与建议"), "textarea", "text")] = ""
    #: The document as it was filed: its place among the attachments, its digest, its version.
    attachment: Annotated[UUID | None, Shown("", "hidden")] = None
    sha256: Annotated[str, Shown("", "hidden")] = ""
    report_version: Annotated[int | None, Shown("", "hidden")] = None


_REPORTS = {"company": Position.SITE_MANAGER, "board": Position.COMPANY_LEADER}


def reports_of(at: At) -> list[str]:
    """The levels of the written reports that the person owes [R6][R7]."""
    return [
        level
        for level, position in _REPORTS.items()
        if level in at.state.reports_owed and position in at.roles
    ]


@step(
    "file_report",
    kind="report_filed",
    clause="R6",
    verb=_("提交书面报告"),
    who=(Position.SITE_MANAGER, Position.COMPANY_LEADER),
    statuses=frozenset(Status),
    data=FileReport,
    when=lambda at: bool(reports_of(at)),
    letter="W",
    answers=("R6.report", "R7.report"),
)
def file_report(at: At, data: FileReport) -> list[Draft]:
    """[R6][R7] Owed from the escalation on, whatever becomes of the complaint."""
    if data.level not in reports_of(at):
        raise Wrong(level=_("这份报告不由您提交，或已经提交"))
    if (data.attachment or data.sha256) and not _lies_there(at, data):
        raise Wrong(attachment=_("投诉的附件里没有这份文件"))
    return [entry("report_filed", data)]


def _lies_there(at: At, data: FileReport) -> bool:
    """Whether the document named is one of the complaint's own, with the digest that is named."""
    assert at.complaint is not None
    if data.attachment is None:
        return False
    return Attachment.objects.filter(
        pk=data.attachment,
        subject_type="complaint",
        subject_id=at.complaint.pk,
        sha256=data.sha256,
        erased_at=None,
    ).exists()
