"""What the front desk decides [R2][R3]: assessing, dispatching, recalling, agreeing to a new limit."""

from __future__ import annotations

from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import AwareDatetime

from shouwen.complaints.categories import default_limit
from shouwen.complaints.roles import MANAGER, SECOND_PERSON
from shouwen.complaints.steps.intake import DESK
from shouwen.complaints.steps.table import (
    At,
    Draft,
    Required,
    Said,
    Shown,
    StepData,
    Wrong,
    entry,
    step,
)
from shouwen.complaints.words import OPEN, Severity, Status, WorkStatus
from shouwen.organization.positions import Position

SEVERITIES = Shown(_("紧急程度"), "choice", choices=tuple(Severity.choices))
MANAGED = (Severity.COMPLEX, Severity.MAJOR)


class Assess(StepData):
    """What was verified and what follows from it [R2]."""

    facts: Annotated[Required, Shown(_("核实情况"), "textarea", "text")]
    justified: Annotated[
        Literal["yes", "no", "unknown"],
        Shown(
            _("责任判断"),
            "choice",
            choices=(("yes", _("有责")), ("no", _("无责")), ("unknown", _("待查"))),
            help=_("判为无责须由另一人复核"),
        ),
    ] = "yes"
    severity: Annotated[Severity | None, SEVERITIES] = None
    category: Annotated[str | None, Shown(_("分类"), "category")] = None
    needs_developer: Annotated[bool | None, Shown(_("需要开发商解决"), "flag")] = None
    about: Annotated[int | None, Shown(_("被投诉人"), "staff", short=True)] = None


@step(
    "assess",
    kind="assessed",
    clause="R2",
    verb=_("核实评估"),
    who=DESK,
    statuses=OPEN,
    data=Assess,
    letter="A",
    bulk=True,
)
def assess(at: At, data: Assess) -> list[Draft]:
    """[R2][R3] What counts as unjustified only does so once a second person agrees."""
    justified = {"yes": True, "no": False, "unknown": None}[data.justified]
    drafts = [entry("assessed", data, leaving=("justified",), justified=justified)]
    if justified is False:
        drafts.append(Draft("confirmation_asked"))
    severity = data.severity or at.state.severity
    if severity in MANAGED and at.state.severity not in MANAGED and at.state.manager_id is None:
        drafts.append(Draft("manager_asked"))
    return drafts


class Confirm(StepData):
    """A second person's word on an unjustified complaint [R3]."""

    agreed: Annotated[
        Literal["yes", "no"],
        Shown(_("复核意见"), "choice", choices=(("yes", _("同意")), ("no", _("不同意")))),
    ]
    reason: Annotated[Said, Shown(_("理由"), "textarea", "text")] = ""


@step(
    "confirm",
    kind="confirmed",
    clause="R3",
    verb=_("复核"),
    who=(SECOND_PERSON,),
    statuses=OPEN,
    data=Confirm,
    when=lambda at: at.state.confirmation_of is not None,
    letter="O",
    answers=("H.confirm",),
)
def confirm(at: At, data: Confirm) -> list[Draft]:
    """[R3] Agreed, it counts as unjustified; refused, the desk assesses anew."""
    if data.agreed == "no" and not data.reason:
        raise Wrong(reason=_("不同意时请写明理由"))
    return [entry("confirmed", data, leaving=("agreed",), agreed=data.agreed == "yes")]


class Dispatch(StepData):
    """Who has to do what until when [R2]."""

    department: Annotated[str, Shown(_("主办部门"), "department")]
    assisting: Annotated[list[str], Shown(_("协办部门"), "departments")] = []
    due_at: Annotated[
        AwareDatetime | None,
        Shown(_("限期"), "datetime", help=_("不填则按分类和紧急程度的默认时限"), short=True),
    ] = None
    instructions: Annotated[Said, Shown(_("处理要求"), "textarea", "text")] = ""


def _dispatched(at: At, data: Dispatch, **facts: object) -> list[Draft]:
    if data.department in data.assisting:
        raise Wrong(assisting=_("主办部门不必再列为协办"))
    due_at = data.due_at or default_limit(at.category, at.state.severity, at.occurred_at)
    if due_at <= at.occurred_at:
        raise Wrong(due_at=_("限期应晚于派单时间"))
    left = ("assisting", "department", "due_at")
    due = due_at.isoformat()
    return [
        entry("dispatched", data, leaving=left, department=code, due_at=due, lead=lead, **more)
        for code, lead, more in [
            (data.department, True, facts),
            *((code, False, {}) for code in data.assisting),
        ]
    ]


@step(
    "dispatch",
    kind="dispatched",
    clause="R2",
    verb=_("派单"),
    who=DESK,
    statuses=OPEN,
    data=Dispatch,
    becomes=(Status.AT_WORK,),
    when=lambda at: not at.state.lead_asked,
    letter="D",
    answers=("R2.dispatch", "R6.alert"),
    bulk=True,
)
def dispatch(at: At, data: Dispatch) -> list[Draft]:
    """[R2][R4] To one lead department and any assisting ones; declined before, the desk insists."""
    before = at.state.parts.get(data.department)
    if before is not None and before.status == WorkStatus.DECLINED:
        return _dispatched(at, data, insisted=True)
    return _dispatched(at, data)


@step(
    "name_lead",
    kind="dispatched",
    clause="R4",
    verb=_("指定主办部门"),
    who=(Position.SITE_MANAGER,),
    statuses=OPEN,
    data=Dispatch,
    becomes=(Status.AT_WORK,),
    when=lambda at: at.state.lead_asked,
    letter="D",
    answers=("H.lead", "R2.dispatch"),
)
def name_lead(at: At, data: Dispatch) -> list[Draft]:
    """[R4] After a second refusal the site manager says whose it is."""
    return _dispatched(at, data, named_by_site_manager=True)


class Recall(StepData):
    """A part nobody need take up any more, or that goes to somebody else [R4]."""

    department: Annotated[str, Shown(_("部门"), "dispatched_department")]
    reason: Annotated[Required, Shown(_("收回原因"), "textarea", "text")]


@step(
    "recall",
    kind="recalled",
    clause="R4",
    verb=_("收回派单"),
    who=DESK,
    statuses=OPEN,
    data=Recall,
    becomes=(Status.AT_WORK, Status.RELAYED, Status.FINISHED),
    when=lambda at: any(_recallable(part.status) for part in at.state.parts.values()),
)
def recall(at: At, data: Recall) -> list[Draft]:
    """[R4] Also of a declined part: the desk's word that the rest will do (design §4)."""
    part = at.state.parts.get(data.department)
    if part is None or not _recallable(part.status):
        raise Wrong(department=_("该部门没有可收回的派单"))
    return [entry("recalled", data)]


def _recallable(status: WorkStatus) -> bool:
    return status in (WorkStatus.DISPATCHED, WorkStatus.ACCEPTED, WorkStatus.DECLINED)


class Extend(StepData):
    """The desk's agreement to a later date [R4]."""

    department: Annotated[str, Shown(_("部门"), "working_department")]
    due_at: Annotated[AwareDatetime, Shown(_("新限期"), "datetime", short=True)]
    reason: Annotated[Said, Shown(_("说明"), "textarea", "text")] = ""


@step(
    "extend",
    kind="extended",
    clause="R4",
    verb=_("同意延期"),
    who=DESK,
    statuses=OPEN,
    data=Extend,
    when=lambda at: bool(at.state.at_work),
    letter="L",
)
def extend(at: At, data: Extend) -> list[Draft]:
    """[R4] The limit moves from when this is written; a promise already broken stays broken."""
    if data.department not in {part.department for part in at.state.at_work}:
        raise Wrong(department=_("该部门目前没有在办的派单"))
    if data.due_at <= at.now:
        raise Wrong(due_at=_("新限期应晚于现在"))
    return [entry("extended", data)]


class NameManager(StepData):
    """Who of the management steps in [P4]."""

    manager: Annotated[int, Shown(_("主管负责人"), "staff")]


@step(
    "name_manager",
    kind="manager_named",
    clause="P4",
    verb=_("指定主管负责人"),
    who=(Position.SITE_MANAGER, Position.CENTRE_HEAD, Position.COMPANY_LEADER, MANAGER),
    statuses=OPEN,
    data=NameManager,
    when=lambda at: at.state.severity != Severity.ROUTINE,
    answers=("H.manager",),
)
def name_manager(at: At, data: NameManager) -> list[Draft]:
    """[P4] Complex and major complaints have a named manager in charge."""
    return [entry("manager_named", data)]


class Explain(StepData):
    """What was explained to the customer, and whether they accept it [R3]."""

    explanation: Annotated[Required, Shown(_("解释内容"), "textarea", "text")]
    accepted: Annotated[
        Literal["yes", "no"],
        Shown(_("客户态度"), "choice", choices=(("yes", _("接受")), ("no", _("未接受")))),
    ]
    department: Annotated[
        str | None,
        Shown(_("协调部门"), "department", help=_("客户未接受时，由该部门负责人出面协调")),
    ] = None


@step(
    "explain",
    kind="explained",
    clause="R3",
    verb=_("解释答复"),
    who=DESK,
    statuses=frozenset({Status.RECEIVED, Status.RELAYED, Status.AT_WORK, Status.EXPLAINED}),
    data=Explain,
    becomes=(Status.EXPLAINED, Status.AT_WORK),
    when=lambda at: (
        at.state.justified is True or (at.state.justified is False and at.state.justified_confirmed)
    ),
    letter="E",
    answers=("R2.dispatch",),
)
def explain(at: At, data: Explain) -> list[Draft]:
    """[R3] Patiently; where the customer is not persuaded, a department head mediates."""
    accepted = data.accepted == "yes"
    if not accepted and data.department is None and at.state.lead is None:
        raise Wrong(department=_("客户未接受，请选定由哪个部门的负责人出面协调"))
    return [entry("explained", data, leaving=("accepted",), accepted=accepted)]
