"""After the work: verification, return visit, first contact, mediation, closing [R3][R5][R7][R8]."""

from __future__ import annotations

from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.complaints.roles import FIRST_CONTACT, MEDIATOR
from shouwen.complaints.steps.intake import DESK, MediumField
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
from shouwen.complaints.words import ENDED, Severity, Status
from shouwen.organization.positions import Position

DONE = frozenset({Status.FINISHED, Status.VERIFIED, Status.VISITED})
VERIFIERS = (*DESK, Position.COMPLAINT_TEAM, Position.QUALITY)


def _did_not_handle(at: At) -> bool:
    # ISO 10002, objectivity: who did the work neither verifies it nor visits the customer.
    return at.person.pk not in at.state.handlers


class Verify(StepData):
    how: Annotated[Required, Shown(_("怎样验证、看到什么"), "textarea", "text")]


@step(
    "verify",
    kind="verified",
    clause="R5",
    verb=_("跟进验证"),
    who=VERIFIERS,
    statuses=DONE,
    data=Verify,
    becomes=(Status.VERIFIED, Status.VISITED),
    when=lambda at: not at.state.joint and not at.state.verified and _did_not_handle(at),
    letter="V",
    bulk=True,
)
def verify(at: At, data: Verify) -> list[Draft]:
    """[R5] The front desk sees for itself that it is done."""
    return [entry("verified", data)]


class VerifyJointly(Verify):
    developer_by: Annotated[FilledLine, Shown(_("开发商方验证人（岗位）"), "text", "text")]
    company_by: Annotated[FilledLine, Shown(_("物业方验证人（岗位）"), "text", "text")]


@step(
    "verify_jointly",
    kind="jointly_verified",
    clause="R7",
    verb=_("会同验证"),
    who=(Position.DEVELOPER_SERVICE, *DESK),
    statuses=DONE,
    data=VerifyJointly,
    becomes=(Status.VERIFIED, Status.VISITED),
    when=lambda at: at.state.joint and not at.state.verified and _did_not_handle(at),
    letter="V",
    answers=("R7.verify",),
)
def verify_jointly(at: At, data: VerifyJointly) -> list[Draft]:
    """[R7] Developer and company together, within eight hours; both are named."""
    return [entry("jointly_verified", data)]


class FailVerification(StepData):
    reason: Annotated[Required, Shown(_("不合格之处"), "textarea", "text")]


@step(
    "fail_verification",
    kind="verification_failed",
    clause="R5",
    verb=_("验证不合格"),
    who=(*VERIFIERS, Position.DEVELOPER_SERVICE),
    statuses=DONE,
    data=FailVerification,
    becomes=(Status.RELAYED,),
    when=_did_not_handle,
)
def fail_verification(at: At, data: FailVerification) -> list[Draft]:
    """[R5] Not done: back to the desk, to be dispatched again."""
    return [entry("verification_failed", data)]


class Visit(StepData):
    """What the customer says of it [R5][A7]."""

    outcome: Annotated[
        Literal["solved", "partly", "unsolved"],
        Shown(
            _("客户说"),
            "choice",
            choices=(
                ("solved", _("已解决")),
                ("partly", _("部分解决")),
                ("unsolved", _("未解决")),
            ),
        ),
    ]
    satisfaction: Annotated[
        Literal["1", "2", "3", "4", "5"] | None,
        Shown(
            _("满意度"),
            "choice",
            choices=(
                ("", _("未表示")),
                ("5", _("很满意")),
                ("4", _("满意")),
                ("3", pgettext_lazy("satisfaction", "一般")),
                ("2", _("不满意")),
                ("1", _("很不满意")),
            ),
        ),
    ] = None
    medium: MediumField = "phone"
    words: Annotated[Said, Shown(_("客户的话"), "textarea", "text")] = ""


@step(
    "visit",
    kind="visited",
    clause="R5",
    verb=_("回访"),
    who=(*DESK, Position.DEVELOPER_SERVICE),
    statuses=frozenset({Status.FINISHED, Status.VERIFIED}),
    data=Visit,
    becomes=(Status.VISITED,),
    when=_did_not_handle,
    letter="H",
    answers=("R5.visit", "R7.visit"),
)
def visit(at: At, data: Visit) -> list[Draft]:
    """[R5][R7] Within two working days, by somebody who took no part in the work."""
    if data.outcome != "solved" and not data.words:
        raise Wrong(words=_("未完全解决时，请记下客户的原话"))
    satisfaction = int(data.satisfaction) if data.satisfaction else None
    facts = {"satisfaction": satisfaction} if satisfaction else {}
    return [entry("visited", data, leaving=("satisfaction",), **facts)]


class AttemptVisit(StepData):
    medium: MediumField = "phone"
    result: Annotated[
        Literal["no_answer", "busy", "refused", "wrong_number", "not_home"],
        Shown(
            _("结果"),
            "choice",
            choices=(
                ("no_answer", _("无人接听")),
                ("busy", _("改约时间")),
                ("refused", _("不愿受访")),
                ("wrong_number", _("号码有误")),
                ("not_home", _("家中无人")),
            ),
        ),
    ]


@step(
    "attempt_visit",
    kind="visit_attempted",
    clause="R5",
    verb=_("回访未果"),
    who=(*DESK, Position.DEVELOPER_SERVICE),
    statuses=frozenset({Status.FINISHED, Status.VERIFIED}),
    data=AttemptVisit,
)
def attempt_visit(at: At, data: AttemptVisit) -> list[Draft]:
    """[R5] Counted, and no visit yet: the clock runs on."""
    return [entry("visit_attempted", data)]


class InformFirstContact(StepData):
    told: Annotated[
        Required,
        Shown(_("告诉首问责任人什么"), "textarea", "text", help=_("用他可以直接转告客户的话")),
    ]
    medium: MediumField = "phone"


@step(
    "inform_first_contact",
    kind="first_contact_informed",
    clause="R8",
    verb=_("反馈首问责任人"),
    who=DESK,
    statuses=frozenset({Status.VERIFIED, Status.VISITED, Status.EXPLAINED, Status.CLOSED}),
    data=InformFirstContact,
    when=lambda at: not at.state.first_contact_informed,
    letter="B",
    answers=("R8.inform",),
    bulk=True,
)
def inform_first_contact(at: At, data: InformFirstContact) -> list[Draft]:
    """[R8] Within two hours of the centre having settled it."""
    return [entry("first_contact_informed", data)]


class Mediate(StepData):
    outcome: Annotated[
        Literal["agreed", "not_agreed"],
        Shown(
            _("协调结果"),
            "choice",
            choices=(("agreed", _("客户谅解")), ("not_agreed", _("未能谅解"))),
        ),
    ]
    account: Annotated[Required, Shown(_("协调经过"), "textarea", "text")]


@step(
    "mediate",
    kind="mediated",
    clause="R3",
    verb=_("出面协调"),
    who=(MEDIATOR,),
    statuses=frozenset({Status.EXPLAINED}),
    data=Mediate,
    when=lambda at: at.state.explained_accepted is False and not at.state.mediated,
    letter="M",
    answers=("H.mediate",),
)
def mediate(at: At, data: Mediate) -> list[Draft]:
    """[R3] The department head in person, with whom the customer was not persuaded."""
    return [entry("mediated", data)]


def missing_for_close(at: At) -> dict[str, str]:
    """What the book still lacks before this complaint can be closed: step name → words.

    Empty where it may be closed.
    """
    state = at.state
    lacking: dict[str, str] = {}
    if state.confirmation_of is not None:
        lacking["confirm"] = str(_("无责判断还未经另一人复核"))
    if state.approvals:
        lacking["approve"] = str(_("方案还在等待批准"))
    if state.at_work:
        lacking["complete"] = str(_("还有部门在处理"))
    if state.status == Status.EXPLAINED:
        if state.explained_accepted is False and not state.mediated:
            lacking["mediate"] = str(_("客户未接受解释，部门负责人还未出面协调"))
    else:
        if not state.verified:
            lacking["verify"] = str(_("还未跟进验证"))
        if not state.visited:
            lacking["visit"] = str(_("还未回访客户"))
        elif state.visit_outcome == "unsolved":
            lacking["dispatch"] = str(_("客户说未解决，须重新派单"))
    if state.severity in (Severity.COMPLEX, Severity.MAJOR) and state.manager_id is None:
        lacking["name_manager"] = str(_("还未指定主管负责人"))
    if state.delay_to_tell:
        lacking["inform_customer"] = str(_("延期还未告知客户"))
    return lacking


class Close(StepData):
    summary: Annotated[Said, Shown(_("结案说明"), "textarea", "text")] = ""


@step(
    "close",
    kind="closed",
    clause="R8",
    verb=_("结案"),
    who=DESK,
    statuses=frozenset({Status.VISITED, Status.EXPLAINED}),
    data=Close,
    becomes=(Status.CLOSED,),
    when=lambda at: not missing_for_close(at),
    letter="Q",
    answers=("H.close", "H.total"),
    bulk=True,
)
def close(at: At, data: Close) -> list[Draft]:
    """Only when the book is complete; `missing_for_close` says what is missing."""
    return [entry("closed", data)]


class Reopen(StepData):
    reason: Annotated[Required, Shown(_("重新处理的原因"), "textarea", "text")]
    severity: Annotated[
        Severity | None, Shown(_("紧急程度"), "choice", choices=tuple(Severity.choices))
    ] = None
    needs_developer: Annotated[bool | None, Shown(_("需要开发商解决"), "flag")] = None


@step(
    "reopen",
    kind="reopened",
    clause="A7",
    verb=_("重新处理"),
    who=(*DESK, FIRST_CONTACT),
    statuses=ENDED,
    data=Reopen,
    becomes=(Status.RELAYED,),
)
def reopen(at: At, data: Reopen) -> list[Draft]:
    """Under the same number, in a new round with clocks of its own."""
    return [entry("reopened", data)]


class Withdraw(StepData):
    reason: Annotated[Required, Shown(_("客户撤回的原因"), "textarea", "text")]


@step(
    "withdraw",
    kind="withdrawn",
    clause="A6",
    verb=_("客户撤回"),
    who=(*DESK, FIRST_CONTACT),
    statuses=frozenset(Status) - ENDED,
    data=Withdraw,
    becomes=(Status.WITHDRAWN,),
)
def withdraw(at: At, data: Withdraw) -> list[Draft]:
    """The customer's own wish; what was late stays late."""
    return [entry("withdrawn", data)]


class Merge(StepData):
    into: Annotated[FilledLine, Shown(_("并入的投诉编号"), "complaint")]
    reason: Annotated[Said, Shown(_("说明"), "textarea", "text")] = ""


@step(
    "merge",
    kind="merged",
    clause="R2",
    verb=_("并案"),
    who=DESK,
    statuses=frozenset(Status) - ENDED,
    data=Merge,
    becomes=(Status.MERGED,),
)
def merge(at: At, data: Merge) -> list[Draft]:
    """[R2] A true duplicate: both histories are kept, the other one goes on."""
    if at.complaint is not None and data.into == at.complaint.number:
        raise Wrong(into=_("不能并入自己"))
    note = Draft(
        "noted", {"merged_here": at.complaint.number if at.complaint else ""}, number=data.into
    )
    return [entry("merged", data), note]
