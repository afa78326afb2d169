"""Orders passed on by the government hotline (12345) and other outside hotlines.

An order keeps the number and the deadline that it has there; that deadline is one clock more
(H.hotline). It is answered in the hotline's terms: whether the customer was reached, whether the
matter is solved, whether they are satisfied (响应率, 解决率, 满意率), and the text of the reply.
"""

from __future__ import annotations

from typing import Annotated

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from pydantic import AwareDatetime

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
from shouwen.complaints.words import OPEN, Status


class Response(TextChoices):
    """Whether the customer was reached in time."""

    REACHED = "reached", _("已联系")
    NOT_REACHED = "not_reached", _("多次联系不上")


class Resolution(TextChoices):
    """What became of the matter."""

    SOLVED = "solved", _("已解决")
    PARTLY = "partly", _("部分解决")
    UNSOLVED = "unsolved", _("未解决")
    NOT_OURS = "not_ours", _("不属本单位职责")


class Satisfaction(TextChoices):
    """What the customer said of it."""

    SATISFIED = "satisfied", _("满意")
    FAIRLY = "fairly", _("基本满意")
    DISSATISFIED = "dissatisfied", _("不满意")
    UNKNOWN = "unknown", _("未评价")


class RegisterOrder(StepData):
    order: Annotated[FilledLine, Shown(_("热线工单编号"), "text", short=True)]
    source: Annotated[FilledLine, Shown(_("来自哪条热线"), "text", short=True)] = "12345"
    due_at: Annotated[AwareDatetime, Shown(_("热线要求的办结时间"), "datetime", short=True)]
    asked: Annotated[
        Said, Shown(_("热线的办理要求"), "textarea", "text", help=_("要求怎样答复、附什么材料"))
    ] = ""


@step(
    "register_hotline",
    kind="hotline_order",
    clause="A1",
    verb=_("登记热线工单"),
    who=DESK,
    statuses=OPEN,
    data=RegisterOrder,
)
def register_hotline(at: At, data: RegisterOrder) -> list[Draft]:
    """[A1] The outside number and deadline stand beside our own limits, and never replace them."""
    if at.state.hotline is not None and at.state.hotline.answered_by is None:
        raise Wrong(order=_("上一张热线工单还没有回复"))
    return [entry("hotline_order", data)]


class AnswerOrder(StepData):
    reply: Annotated[
        Required,
        Shown(
            _("回复热线的内容"),
            "textarea",
            "text",
            help=_("办理过程、结果和客户意见，按热线要求写"),
        ),
    ]
    response: Annotated[
        Response, Shown(_("响应"), "choice", choices=tuple(Response.choices), short=True)
    ] = Response.REACHED
    resolution: Annotated[
        Resolution, Shown(_("解决"), "choice", choices=tuple(Resolution.choices), short=True)
    ] = Resolution.SOLVED
    satisfaction: Annotated[
        Satisfaction, Shown(_("满意"), "choice", choices=tuple(Satisfaction.choices), short=True)
    ] = Satisfaction.UNKNOWN


@step(
    "answer_hotline",
    kind="hotline_answered",
    clause="A6",
    verb=_("回复热线"),
    who=DESK,
    statuses=frozenset(Status),
    data=AnswerOrder,
    answers=("H.hotline",),
    when=lambda at: at.state.hotline is not None,
)
def answer_hotline(at: At, data: AnswerOrder) -> list[Draft]:
    """[A6] What goes back to the hotline; answered anew, the new answer goes out as well."""
    order = at.state.hotline
    if order is None:  # asked for in advance, where no order is registered yet
        raise Wrong(reply=_("这件投诉没有热线工单"))
    return [entry("hotline_answered", data, order=order.number)]
