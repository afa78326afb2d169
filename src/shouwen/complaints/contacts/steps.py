"""What can be done to a contact: what each step is told, from where, and what it writes.

As the step table of complaints, and shorter: no article speaks of contacts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pydantic import AwareDatetime

from shouwen.complaints.contacts.state import ContactState
from shouwen.complaints.contacts.words import ENDED, KEPT, ContactStatus, Nature
from shouwen.complaints.steps.table import (
    At,
    Draft,
    Line,
    Nothing,
    Required,
    Said,
    Shown,
    StepData,
    Words,
    Wrong,
    entry,
)
from shouwen.complaints.words import Channel
from shouwen.organization.holders import DEPARTMENT
from shouwen.organization.models import Customer
from shouwen.organization.positions import Position

OPEN = frozenset(ContactStatus) - ENDED


class Contacted(StepData):
    """What came in, and its answer or whose it is."""

    nature: Annotated[Nature, Shown(_("性质"), "choice", choices=tuple(Nature.choices))]
    content: Annotated[Required, Shown(_("内容（客户原话）"), "textarea", "text")]
    place: Annotated[Line, Shown(_("地点"), "text", "text", short=True)] = ""
    channel: Annotated[
        Channel, Shown(_("渠道"), "choice", choices=tuple(Channel.choices), short=True)
    ] = Channel.PHONE
    name: Annotated[Line, Shown(_("姓名、称呼"), "text", "personal", short=True)] = ""
    telephone: Annotated[Line, Shown(_("联系电话"), "telephone", "personal", short=True)] = ""
    relation: Annotated[
        Customer.Relation | None,
        Shown(
            _("与房屋关系"),
            "choice",
            choices=(*Customer.Relation.choices, ("", _("未说明"))),
            short=True,
        ),
    ] = None
    home: Annotated[int | None, Shown(_("房屋"), "home", short=True)] = None
    customer: Annotated[int | None, Shown(_("客户"), "hidden_customer")] = None
    reach_when: Annotated[Line, Shown(_("方便联系时间"), "text", "text", short=True)] = ""
    praised: Annotated[int | None, Shown(_("表扬谁"), "staff", short=True)] = None
    answer: Annotated[Said, Shown(_("当场的答复"), "textarea", "text")] = ""
    to: Annotated[str | None, Shown(_("交给"), "contact_holder", short=True)] = None


class HandContactOn(StepData):
    """Whose it is from now on."""

    to: Annotated[str, Shown(_("交给"), "contact_holder")]
    note: Annotated[Said, Shown(_("要对方做什么"), "textarea", "text")] = ""


class AnswerContact(StepData):
    """What the customer was told. Without a next reply it is settled by that."""

    told: Annotated[Required, Shown(_("答复内容"), "textarea", "text")]
    next_reply_at: Annotated[
        AwareDatetime | None,
        Shown(_("再次答复约在"), "datetime", help=_("留空：这件事办结")),
    ] = None


class SettleContact(StepData):
    """Why it needs no answer any more."""

    reason: Annotated[Required, Shown(_("原因"), "textarea", "text")]


Write = Callable[[At, ContactState, Any], list[Draft]]


@dataclass(frozen=True)
class ContactStep:
    """One thing that can be done to a contact."""

    name: str
    kind: str
    verb: Words
    data: type[StepData]
    statuses: frozenset[ContactStatus]
    write: Write
    letter: str = ""
    answers: tuple[str, ...] = ()  # rules whose clocks this step is the answer to
    clause: str | None = None  # none: house rules only

    def open_in(self, state: ContactState) -> bool:
        """Whether the contact stands where this step can be taken."""
        return state.status in self.statuses


def handed_to(to: str) -> dict[str, Any]:
    """The facts by which a clock knows its holder: `department:CODE` or `position:WORD`."""
    kind, _sign, word = to.partition(":")
    if kind == DEPARTMENT:
        return {"holder": DEPARTMENT, "department": word}
    return {"holder": word}


def _held(state: ContactState) -> dict[str, Any]:
    if not state.holder:
        return {}
    return {"holder": state.holder} | ({"department": state.department} if state.department else {})


def record(at: At, data: Contacted) -> list[Draft]:
    """What came in. It is answered at once, or handed to whoever answers; praise and suggestions
    are kept."""
    if data.praised is not None and data.nature != Nature.PRAISE:
        raise Wrong(praised=_("只有表扬写明是谁"))
    if data.answer and data.to:
        raise Wrong(to=_("已当场答复就不用再交办，请留空其中一项"))
    drafts = [entry("contacted", data, leaving=("answer", "to"))]
    if data.answer:
        drafts.append(Draft("answered", {}, {"told": data.answer}, occurred_at=at.occurred_at))
        drafts.append(Draft("settled", occurred_at=at.occurred_at))
    elif data.to or data.nature not in KEPT:
        to = data.to or f"position:{Position.FRONT_DESK}"
        drafts.append(Draft("handed_on", {"to": to, "promised": False, **handed_to(to)}))
    return drafts


def hand_on(at: At, state: ContactState, data: HandContactOn) -> list[Draft]:
    """To another department or position; what the customer was promised goes along."""
    target = handed_to(data.to)
    if target == _held(state):
        raise Wrong(to=_("已经在那里了"))
    held = _held(state)
    drafts = []
    if held:
        drafts.append(Draft("taken_back", {k: v for k, v in held.items() if k == "department"}))
    promised = state.next_reply_at is not None and state.next_reply_at > at.now
    facts = {"promised": promised, **target}
    if promised and state.next_reply_at is not None:
        facts["next_reply_at"] = state.next_reply_at.isoformat()
    return [*drafts, entry("handed_on", data, **facts)]


def answer(at: At, state: ContactState, data: AnswerContact) -> list[Draft]:
    """The customer was told; where nothing further was promised, it is settled."""
    if data.next_reply_at is not None and data.next_reply_at <= at.now:
        raise Wrong(next_reply_at=_("要在现在之后"))
    drafts = [entry("answered", data, **_held(state))]
    if data.next_reply_at is None:
        return [*drafts, Draft("settled")]
    if not state.holder:  # kept until now: a promise needs somebody who keeps it
        desk = f"position:{Position.FRONT_DESK}"
        return [
            Draft("handed_on", {"to": desk, "promised": False, **handed_to(desk)}),
            entry("answered", data, **handed_to(desk)),
        ]
    return drafts


def settle(at: At, state: ContactState, data: SettleContact) -> list[Draft]:
    """It needs no answer any more."""
    return [entry("settled", data)]


def became_complaint(number: str) -> Draft:
    """It is that complaint from now on."""
    return Draft("became_complaint", {"complaint": number})


def _by_door(at: At, state: ContactState, data: Any) -> list[Draft]:
    raise LookupError("the complaint's number is known to the door alone")


RECORD = ContactStep(
    "receive", "contacted", _("登记联系事项"), Contacted, frozenset(),
    lambda at, state, data: record(at, data),
)  # fmt: skip

STEPS: Mapping[str, ContactStep] = {
    each.name: each
    for each in (
        ContactStep(
            "answer", "answered", _("答复"), AnswerContact, OPEN, answer, letter="A",
            answers=("H.first_reply", "H.next_reply"),
        ),
        ContactStep("hand-on", "handed_on", _("交办"), HandContactOn, OPEN, hand_on, letter="T"),
        ContactStep(
            "settle", "settled", pgettext_lazy("contact", "办结"), SettleContact, OPEN, settle,
            letter="E", answers=("H.settle",),
        ),
        ContactStep(
            "become-complaint", "became_complaint", _("转为投诉"), Nothing,
            frozenset(ContactStatus) - {ContactStatus.COMPLAINT}, _by_door, letter="B",
        ),
    )
}  # fmt: skip

#: By the kind of entry that it writes first.
BY_KIND = {each.kind: each for each in (RECORD, *STEPS.values())}
