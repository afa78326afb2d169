"""What the customer does by the tracking link, and what the front desk says to that.

Whoever has the link is the customer: these steps are nobody's of the staff, and the ledger says of
their entries `by` the customer instead of naming somebody.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.complaints.roles import CUSTOMER, DEPARTMENT, FIRST_CONTACT, MANAGER
from shouwen.complaints.steps.customer import PRESSED_TO_SUPERVISOR
from shouwen.complaints.steps.intake import DESK
from shouwen.complaints.steps.quality import DONE
from shouwen.complaints.steps.record import Attach
from shouwen.complaints.steps.table import (
    At,
    Draft,
    Required,
    Said,
    Shown,
    StepData,
    entry,
    step,
)
from shouwen.complaints.words import OPEN, Status

#: Pressed again within this, nobody has had the time to act on the first word.
URGED_AGAIN = timedelta(hours=1)

Words = Annotated[Required, Shown(_("客户的话"), "textarea", "text")]


class AskCustomer(StepData):
    question: Annotated[
        Required, Shown(_("问客户什么"), "textarea", "text", help=_("显示在客户的查询页上"))
    ]


@step(
    "ask_customer",
    kind="customer_asked",
    clause="A6",
    verb=_("向客户提问"),
    who=(*DESK, FIRST_CONTACT, DEPARTMENT, MANAGER),
    statuses=OPEN,
    data=AskCustomer,
    crowd=True,
)
def ask_customer(at: At, data: AskCustomer) -> list[Draft]:
    """What is missing is asked of the customer, on the page of their link."""
    return [entry("customer_asked", data)]


class HearCustomer(StepData):
    reply: Annotated[
        Said, Shown(_("回复客户"), "textarea", "text", help=_("可以不写；客户会看到已阅和这句话"))
    ] = ""


@step(
    "hear_customer",
    kind="customer_heard",
    clause="R8",
    verb=_("已阅客户留言"),
    who=(*DESK, FIRST_CONTACT, DEPARTMENT, MANAGER),
    statuses=frozenset(Status),
    data=HearCustomer,
    when=lambda at: at.state.customer_unheard,
    answers=("H.reply",),
    crowd=True,
    bulk=True,
)
def hear_customer(at: At, data: HearCustomer) -> list[Draft]:
    """Somebody has read what the customer wrote, and the customer sees that they have."""
    return [entry("customer_heard", data)]


class CustomerWords(StepData):
    words: Words


@step(
    "customer_add",
    kind="customer_added",
    clause="A6",
    verb=_("客户补充情况"),
    who=(CUSTOMER,),
    statuses=OPEN,
    data=CustomerWords,
    crowd=True,
)
def customer_add(at: At, data: CustomerWords) -> list[Draft]:
    """[A6] Further facts; somebody owes them an answer."""
    return [entry("customer_added", data, by=CUSTOMER)]


@step(
    "customer_attach",
    kind="attached",
    clause="A2",
    verb=_("客户补充照片"),
    who=(CUSTOMER,),
    statuses=OPEN,
    data=Attach,
    crowd=True,
)
def customer_attach(at: At, data: Attach) -> list[Draft]:
    """[A2] A photograph that goes with the customer's words."""
    return [entry("attached", data, by=CUSTOMER)]


@step(
    "customer_answer",
    kind="customer_answered",
    clause="A6",
    verb=_("客户回答提问"),
    who=(CUSTOMER,),
    statuses=OPEN,
    data=CustomerWords,
    when=lambda at: bool(at.state.questions),
    crowd=True,
)
def customer_answer(at: At, data: CustomerWords) -> list[Draft]:
    """The answer to what the staff asked on the page."""
    return [entry("customer_answered", data, by=CUSTOMER)]


def _urged_lately(at: At) -> bool:
    last: datetime | None = at.state.customer_urged_at
    return last is not None and at.now - last < URGED_AGAIN


class CustomerUrge(StepData):
    words: Annotated[Said, Shown(_("客户的话"), "textarea", "text")] = ""


@step(
    "customer_urge",
    kind="urged",
    clause="R8",
    verb=_("客户自助催办"),
    who=(CUSTOMER,),
    statuses=OPEN,
    data=CustomerUrge,
    when=lambda at: not _urged_lately(at),
    crowd=True,
)
def customer_urge(at: At, data: CustomerUrge) -> list[Draft]:
    """Counted as if they had called, once an hour; the third time the supervisor hears of it."""
    drafts = [entry("urged", data, by=CUSTOMER)]
    if at.state.urged + 1 == PRESSED_TO_SUPERVISOR:
        drafts.append(Draft("supervisor_called", {"urged": at.state.urged + 1}))
    return drafts


class CustomerConfirm(StepData):
    words: Annotated[Said, Shown(_("客户的话"), "textarea", "text")] = ""


@step(
    "customer_confirm",
    kind="customer_confirmed",
    clause="A7",
    verb=_("客户确认已处理好"),
    who=(CUSTOMER,),
    statuses=DONE,
    data=CustomerConfirm,
    when=lambda at: at.state.customer_says != "done",
    crowd=True,
)
def customer_confirm(at: At, data: CustomerConfirm) -> list[Draft]:
    """Something to know before the return visit [R5], and never in its place."""
    return [entry("customer_confirmed", data, by=CUSTOMER)]


@step(
    "customer_dispute",
    kind="customer_disputed",
    clause="A7",
    verb=_("客户说还没有处理好"),
    who=(CUSTOMER,),
    statuses=DONE | {Status.EXPLAINED},
    data=CustomerWords,
    when=lambda at: at.state.customer_says != "not_done",
    crowd=True,
)
def customer_dispute(at: At, data: CustomerWords) -> list[Draft]:
    """What is reported as done is not: the desk looks at it and answers."""
    return [entry("customer_disputed", data, by=CUSTOMER)]


class CustomerReopen(StepData):
    reason: Annotated[Required, Shown(_("重新处理的原因"), "textarea", "text")]


@step(
    "customer_reopen",
    kind="reopened",
    clause="A7",
    verb=_("客户要求重新处理"),
    who=(CUSTOMER,),
    statuses=frozenset({Status.CLOSED, Status.WITHDRAWN}),
    data=CustomerReopen,
    becomes=(Status.RELAYED,),
    crowd=True,
)
def customer_reopen(at: At, data: CustomerReopen) -> list[Draft]:
    """[A7] As if they had called: under the same number, with clocks of its own."""
    return [entry("reopened", data, by=CUSTOMER)]


class CustomerRate(StepData):
    satisfaction: Annotated[
        Literal["1", "2", "3", "4", "5"],
        Shown(
            _("满意度"),
            "choice",
            choices=(
                ("5", _("很满意")),
                ("4", _("满意")),
                ("3", pgettext_lazy("satisfaction", "一般")),
                ("2", _("不满意")),
                ("1", _("很不满意")),
            ),
        ),
    ]
    words: Annotated[Said, Shown(_("客户的话"), "textarea", "text")] = ""


@step(
    "customer_rate",
    kind="customer_rated",
    clause="A7",
    verb=_("客户评价"),
    who=(CUSTOMER,),
    statuses=frozenset({Status.CLOSED}),
    data=CustomerRate,
    when=lambda at: at.state.customer_rating is None,
    crowd=True,
)
def customer_rate(at: At, data: CustomerRate) -> list[Draft]:
    """What they think of it after the closing; the return visit's own figure stays as it was told."""
    return [entry("customer_rated", data, by=CUSTOMER)]


class CustomerWithdraw(StepData):
    reason: Annotated[Said, Shown(_("客户撤回的原因"), "textarea", "text")] = ""


@step(
    "customer_withdraw",
    kind="withdrawn",
    clause="A6",
    verb=_("客户自行撤回"),
    who=(CUSTOMER,),
    statuses=OPEN,
    data=CustomerWithdraw,
    becomes=(Status.WITHDRAWN,),
    # What is dangerous is not called off by a link: somebody speaks with them first.
    when=lambda at: not at.state.grave,
    crowd=True,
)
def customer_withdraw(at: At, data: CustomerWithdraw) -> list[Draft]:
    """[A6] The customer's own wish; what was late stays late."""
    return [entry("withdrawn", data, by=CUSTOMER)]
