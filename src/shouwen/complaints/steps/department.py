"""What a department does with what was dispatched to it [R4][R5][A5][A6]."""

from __future__ import annotations

from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import AwareDatetime

from shouwen.complaints.roles import APPROVER, DEPARTMENT, department_of_approval, departments_of
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
from shouwen.complaints.words import AT_WORK, OPEN, Severity, Status, WorkStatus
from shouwen.organization.positions import Position

# A solution that costs more than this (yuan) is approved by the department head [A6].
APPROVAL_FROM = 2000

WHOSE = Annotated[str, Shown(_("部门"), "own_department")]
WORKING = frozenset({Status.AT_WORK})


def _mine(at: At, code: str, *statuses: WorkStatus) -> None:
    """Refuse a department that is not the person's, or has no such part."""
    part = at.state.parts.get(code)
    if not at.own(code) or part is None:
        raise Wrong(department=_("这不是派给您所在部门的单"))
    if part.status not in (statuses or AT_WORK):
        raise Wrong(department=_("该部门的单已不在这一步"))


def _any(at: At, *statuses: WorkStatus) -> bool:
    return any(
        part.status in (statuses or AT_WORK) and at.own(part.department)
        for part in at.state.parts.values()
    )


class OfDepartment(StepData):
    department: WHOSE


@step(
    "accept",
    kind="accepted",
    clause="R4",
    verb=_("接单"),
    who=(DEPARTMENT,),
    statuses=WORKING,
    data=OfDepartment,
    when=lambda at: _any(at, WorkStatus.DISPATCHED),
    letter="Y",
    answers=("R4.respond",),
    bulk=True,
)
def accept(at: At, data: OfDepartment) -> list[Draft]:
    """[R4] The department takes it up and keeps the limit."""
    _mine(at, data.department, WorkStatus.DISPATCHED)
    return [entry("accepted", data), *_assigned_to_taker(at, data.department)]


def _assigned_to_taker(at: At, code: str) -> list[Draft]:
    # Who accepts does it, until the head says otherwise: a person at every moment.
    if at.state.parts[code].member_id is not None:
        return []
    return [Draft("assigned", {"department": code, "member": at.person.pk})]


class Decline(StepData):
    department: WHOSE
    reason: Annotated[Required, Shown(_("退单原因"), "textarea", "text")]


@step(
    "decline",
    kind="declined",
    clause="R4",
    verb=_("退单"),
    who=(DEPARTMENT,),
    statuses=WORKING,
    data=Decline,
    becomes=(Status.AT_WORK, Status.RELAYED, Status.FINISHED),
    when=lambda at: _any(at, WorkStatus.DISPATCHED) and not at.state.grave,
    answers=("R4.respond",),
)
def decline(at: At, data: Decline) -> list[Draft]:
    """[R4] "Not ours": a second time, the site manager names the lead. Nobody declines an emergency."""
    _mine(at, data.department, WorkStatus.DISPATCHED)
    drafts = [entry("declined", data)]
    lead = at.state.parts[data.department].lead
    if at.state.declines + 1 >= 2 and lead and not at.state.lead_asked:
        drafts.append(Draft("lead_asked", {"declines": at.state.declines + 1}))
    return drafts


class Assign(StepData):
    department: WHOSE
    member: Annotated[int, Shown(_("经办人"), "department_staff")]


@step(
    "assign",
    kind="assigned",
    clause="A5",
    verb=_("指定经办人"),
    who=(DEPARTMENT,),
    statuses=WORKING,
    data=Assign,
    when=_any,
)
def assign(at: At, data: Assign) -> list[Draft]:
    """[A5][C4] Who in the department does it."""
    _mine(at, data.department)
    return [entry("assigned", data)]


class Appoint(StepData):
    department: WHOSE
    at: Annotated[AwareDatetime, Shown(_("约定时间"), "datetime", short=True)]
    where: Annotated[Said, Shown(_("地点、说明"), "text", "text")] = ""


@step(
    "appoint",
    kind="appointed",
    clause="A6",
    verb=_("约定上门"),
    who=(DEPARTMENT,),
    statuses=WORKING,
    data=Appoint,
    when=_any,
)
def appoint(at: At, data: Appoint) -> list[Draft]:
    """[A6] An appointment at the customer's home."""
    _mine(at, data.department)
    if data.at <= at.occurred_at:
        raise Wrong(at=_("约定时间应在以后"))
    return [entry("appointed", data, outcome="made")]


class AppointmentResult(StepData):
    department: WHOSE
    outcome: Annotated[
        Literal["kept", "missed_by_customer", "missed_by_us"],
        Shown(
            _("结果"),
            "choice",
            choices=(
                ("kept", _("如约上门")),
                ("missed_by_customer", _("客户不在")),
                ("missed_by_us", _("我方未到")),
            ),
        ),
    ]
    note: Annotated[Said, Shown(_("说明"), "textarea", "text")] = ""


@step(
    "keep_appointment",
    kind="appointed",
    clause="A6",
    verb=_("上门结果"),
    who=(DEPARTMENT,),
    statuses=WORKING,
    data=AppointmentResult,
    when=lambda at: any(part.appointment and at.own(part.department) for part in at.state.at_work),
)
def keep_appointment(at: At, data: AppointmentResult) -> list[Draft]:
    """[A6] Kept or missed, and by whom."""
    _mine(at, data.department)
    if not at.state.parts[data.department].appointment:
        raise Wrong(department=_("该部门没有约定上门"))
    return [entry("appointed", data, at=at.state.parts[data.department].appointment)]


RESPONSIBLE = (
    ("company", _("物业公司")),
    ("developer", _("开发商")),
    ("contractor", _("外委单位")),
    ("customer", _("客户自身")),
    ("third_party", _("第三方")),
    ("nobody", _("自然原因")),
)


class Investigate(StepData):
    department: WHOSE
    findings: Annotated[Required, Shown(_("调查情况"), "textarea", "text")]
    cause: Annotated[Required, Shown(_("原因"), "textarea", "text")]
    responsible: Annotated[
        Literal["company", "developer", "contractor", "customer", "third_party", "nobody"],
        Shown(_("责任归属"), "choice", choices=RESPONSIBLE),
    ]


@step(
    "investigate",
    kind="investigated",
    clause="A5",
    verb=_("调查情况"),
    who=(DEPARTMENT,),
    statuses=WORKING,
    data=Investigate,
    when=_any,
)
def investigate(at: At, data: Investigate) -> list[Draft]:
    """[A5] Preliminary investigation, the cause, and where responsibility lies."""
    _mine(at, data.department)
    return [entry("investigated", data)]


class Propose(StepData):
    department: WHOSE
    solution: Annotated[Required, Shown(_("解决方案"), "textarea", "text")]
    actions: Annotated[Said, Shown(_("措施与分工"), "textarea", "text")] = ""
    customer_agrees: Annotated[
        Literal["yes", "no", "not_asked"],
        Shown(
            _("客户意见"),
            "choice",
            choices=(("yes", _("同意")), ("no", _("不同意")), ("not_asked", _("未征询"))),
        ),
    ] = "not_asked"
    cost: Annotated[int | None, Shown(_("预计费用（元）"), "number", short=True)] = None


@step(
    "propose",
    kind="proposed",
    clause="A6",
    verb=_("解决方案"),
    who=(DEPARTMENT,),
    statuses=WORKING,
    data=Propose,
    when=_any,
)
def propose(at: At, data: Propose) -> list[Draft]:
    """[A6] The solution; cost or severity asks the head's approval, an emergency is not kept waiting."""
    _mine(at, data.department)
    if data.cost is not None and data.cost < 0:
        raise Wrong(cost=_("费用不能为负数"))
    drafts = [entry("proposed", data)]
    dear = data.cost is not None and data.cost > APPROVAL_FROM
    if dear or at.state.severity == Severity.MAJOR:
        number = 1 + sum(
            department_of_approval(key) == data.department for key in at.state.approvals
        )
        own = data.department in departments_of(at.person, heading=True)
        drafts.append(
            Draft(
                "approval_asked",
                {
                    "approval": f"{data.department}/{at.now.isoformat()}/{number}",
                    "department": data.department,
                    "holder": "site_manager" if own else "department_head",
                },
            )
        )
    return drafts


class Approval(StepData):
    comment: Annotated[Said, Shown(_("意见"), "textarea", "text")] = ""


def _decided(at: At, data: Approval, kind: str) -> list[Draft]:
    mine = departments_of(at.person, heading=True)
    site = Position.SITE_MANAGER in at.roles
    keys = [
        key
        for key, proposer in at.state.approvals.items()
        if proposer != at.person.pk and (department_of_approval(key) in mine or site)
    ]
    return [entry(kind, data, approval=key, department=department_of_approval(key)) for key in keys]


@step(
    "approve",
    kind="approved",
    clause="A6",
    verb=_("批准方案"),
    who=(APPROVER,),
    statuses=OPEN,
    data=Approval,
    letter="P",
    answers=("H.approve",),
)
def approve(at: At, data: Approval) -> list[Draft]:
    """[A6] The department head's word; of the head's own proposal, the site manager's."""
    return _decided(at, data, "approved")


class Refusal(Approval):
    comment: Annotated[Required, Shown(_("不批准的理由"), "textarea", "text")]


@step(
    "refuse",
    kind="refused",
    clause="A6",
    verb=_("退回方案"),
    who=(APPROVER,),
    statuses=OPEN,
    data=Refusal,
    answers=("H.approve",),
)
def refuse(at: At, data: Refusal) -> list[Draft]:
    """[A6] Sent back with a reason; the department proposes anew."""
    return _decided(at, data, "refused")


class ReportDelay(StepData):
    department: WHOSE
    reason: Annotated[Required, Shown(_("不能按时完成的原因"), "textarea", "text")]
    new_due_at: Annotated[AwareDatetime, Shown(_("预计完成时间"), "datetime", short=True)]


@step(
    "report_delay",
    kind="delay_reported",
    clause="R4",
    verb=_("报告延期"),
    who=(DEPARTMENT,),
    statuses=WORKING,
    data=ReportDelay,
    when=_any,
    letter="L",
    answers=("R4.respond",),
)
def report_delay(at: At, data: ReportDelay) -> list[Draft]:
    """[R4] Cannot be kept: why, and until when; the desk agrees and tells the customer."""
    _mine(at, data.department)
    if data.new_due_at <= at.now:
        raise Wrong(new_due_at=_("预计完成时间应在以后"))
    return [entry("delay_reported", data)]


def _awaits_approval(at: At, code: str) -> bool:
    """An emergency is not kept waiting for anybody's signature [R6]."""
    return at.state.severity != Severity.EMERGENCY and any(
        department_of_approval(key) == code for key in at.state.approvals
    )


def _completable(at: At) -> bool:
    return any(
        at.own(part.department) and not _awaits_approval(at, part.department)
        for part in at.state.at_work
    )


class Complete(StepData):
    department: WHOSE
    result: Annotated[Required, Shown(_("处理结果"), "textarea", "text")]


@step(
    "complete",
    kind="completed",
    clause="R5",
    verb=_("完成反馈"),
    who=(DEPARTMENT,),
    statuses=WORKING,
    data=Complete,
    becomes=(Status.AT_WORK, Status.FINISHED),
    when=_completable,
    letter="F",
    answers=("R2.handle",),
)
def complete(at: At, data: Complete) -> list[Draft]:
    """[R5] Done at `occurred_at`, told to the centre now: the gap is R5.feedback."""
    _mine(at, data.department)
    if _awaits_approval(at, data.department):
        raise Wrong(department=_("方案还在等待批准"))
    return [entry("completed", data)]
