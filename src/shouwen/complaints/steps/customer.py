"""Words with the customer and with others: informing, urging, referring, handing over [R4][A6]."""

from __future__ import annotations

from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import AwareDatetime

from shouwen.complaints.roles import DEPARTMENT, EVERY_EMPLOYEE, FIRST_CONTACT
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
from shouwen.complaints.words import OPEN, Severity, Status
from shouwen.organization.positions import Position

# The customer presses so many times before the supervisor hears of it.
PRESSED_TO_SUPERVISOR = 3


class InformCustomer(StepData):
    told: Annotated[Required, Shown(_("告诉客户什么"), "textarea", "text")]
    medium: MediumField = "phone"
    next_update_at: Annotated[
        AwareDatetime | None,
        Shown(_("下次答复时间"), "datetime", help=_("到时一定答复，系统会计时"), short=True),
    ] = None


@step(
    "inform_customer",
    kind="customer_informed",
    clause="R4",
    verb=_("告知客户"),
    who=(*DESK, FIRST_CONTACT, DEPARTMENT, Position.SITE_MANAGER),
    statuses=frozenset(Status),
    data=InformCustomer,
    letter="I",
    answers=("H.contact", "H.tell", "H.update", "H.urge", "H.reply"),
    bulk=True,
)
def inform_customer(at: At, data: InformCustomer) -> list[Draft]:
    """[R4] What happens now, and when they hear next; the promise is a clock.

    Whose complaint was merged into another is told all the same: nobody else speaks with them.
    """
    if data.next_update_at is not None and data.next_update_at <= at.now:
        raise Wrong(next_update_at=_("下次答复时间应在以后"))
    return [entry("customer_informed", data)]


class Urge(StepData):
    words: Annotated[Said, Shown(_("客户的话"), "textarea", "text")] = ""
    medium: MediumField = "phone"


@step(
    "urge",
    kind="urged",
    clause="R8",
    verb=_("客户催办"),
    who=EVERY_EMPLOYEE,
    statuses=OPEN,
    data=Urge,
    crowd=True,
)
def urge(at: At, data: Urge) -> list[Draft]:
    """Counted; the third time the supervisor hears of it and has a clock."""
    drafts = [entry("urged", data)]
    if at.state.urged + 1 == PRESSED_TO_SUPERVISOR:
        drafts.append(Draft("supervisor_called", {"urged": at.state.urged + 1}))
    return drafts


class Refer(StepData):
    to: Annotated[FilledLine, Shown(_("转往单位"), "text", "text")]
    reason: Annotated[Required, Shown(_("转往原因与告知客户的话"), "textarea", "text")]


@step(
    "refer",
    kind="referred",
    clause="A6",
    verb=_("转请外部处理"),
    who=(*DESK, Position.SITE_MANAGER),
    statuses=OPEN,
    data=Refer,
)
def refer(at: At, data: Refer) -> list[Draft]:
    """To an authority or company outside; following it stays here."""
    return [entry("referred", data)]


class Transfer(StepData):
    what: Annotated[
        Literal["first_contact", "manager"],
        Shown(
            _("移交"),
            "choice",
            choices=(("first_contact", _("首问责任")), ("manager", _("主管负责"))),
        ),
    ]
    to: Annotated[int, Shown(_("接手人"), "staff")]
    reason: Annotated[Required, Shown(_("移交原因"), "textarea", "text")]


@step(
    "transfer",
    kind="transferred",
    clause="R8",
    verb=_("移交责任"),
    who=(Position.CENTRE_HEAD, Position.SITE_MANAGER),
    statuses=OPEN,
    data=Transfer,
)
def transfer(at: At, data: Transfer) -> list[Draft]:
    """[R8] Following a complaint passes to a named person, never to nobody."""
    if data.what == "manager" and at.state.manager_id is None:
        raise Wrong(what=_("这件投诉没有主管负责人可移交"))
    if data.to == at.state.about_id:
        raise Wrong(to=_("被投诉人不能接手"))
    return [entry("transferred", data)]


class Split(StepData):
    content: Annotated[Required, Shown(_("拆出的事项（客户原话）"), "textarea", "text")]
    category: Annotated[str | None, Shown(_("分类"), "category")] = None
    severity: Annotated[
        Severity, Shown(_("紧急程度"), "choice", choices=tuple(Severity.choices))
    ] = Severity.ROUTINE


@step(
    "split",
    kind="split",
    clause="P1",
    verb=_("拆分事项"),
    who=DESK,
    statuses=OPEN,
    data=Split,
)
def split(at: At, data: Split) -> list[Draft]:
    """[P1] Another matter in the same words becomes a complaint of its own, linked to this one."""
    return [entry("split", data, leaving=("category", "severity"))]
