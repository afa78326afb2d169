"""Taking a complaint: the standard record [A1][A2][P1][R1], and handing it to the front desk [R1]."""

from __future__ import annotations

from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _

from shouwen.complaints.roles import EVERY_EMPLOYEE, FIRST_CONTACT
from shouwen.complaints.steps.table import (
    At,
    Draft,
    Line,
    MailAddress,
    Nothing,
    Required,
    Said,
    Shown,
    StepData,
    entry,
    step,
)
from shouwen.complaints.words import Channel, Severity, Status
from shouwen.organization.models import Customer
from shouwen.organization.positions import Position

DESK = (Position.FRONT_DESK, Position.CENTRE_HEAD)


class Receive(StepData):
    """The standard record of a complaint [A2][P1][R1]."""

    content: Annotated[Required, Shown(_("投诉内容（客户原话）"), "textarea", "text")]
    subject: Annotated[Line, Shown(_("投诉主题"), "text", "text")] = ""
    place: Annotated[Line, Shown(_("地点"), "text", "text", short=True)] = ""
    happened: Annotated[Line, Shown(_("发生时间"), "text", "text", short=True)] = ""
    category: Annotated[str | None, Shown(_("分类"), "category")] = None
    severity: Annotated[
        Severity, Shown(_("紧急程度"), "choice", choices=tuple(Severity.choices))
    ] = Severity.ROUTINE
    needs_developer: Annotated[bool, Shown(_("需要开发商解决"), "flag")] = False
    channel: Annotated[
        Channel, Shown(_("渠道"), "choice", choices=tuple(Channel.choices), short=True)
    ] = Channel.PHONE
    name: Annotated[Line, Shown(_("投诉人"), "text", "personal", short=True)] = ""
    telephone: Annotated[Line, Shown(_("联系电话"), "telephone", "personal", short=True)] = ""
    email: Annotated[MailAddress, Shown(_("电子邮件地址"), "text", "personal", short=True)] = ""
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
    wish: Annotated[Said, Shown(_("客户诉求"), "textarea", "text")] = ""
    about: Annotated[int | None, Shown(_("被投诉人"), "staff", short=True)] = None
    confidential: Annotated[
        bool, Shown(_("来源保密"), "flag", help=_("承办部门和派单上看不到是谁反映的"))
    ] = False
    first_contact: Annotated[int | None, Shown(_("首问责任人"), "staff", short=True)] = None


def subject_of(content: str) -> str:
    """A subject drafted from the words: the first sentence, at most 40 characters."""
    first = content.strip().split("\n", 1)[0]
    for mark in "。！？!?；;":
        first = first.split(mark, 1)[0]
    return first if len(first) <= 40 else first[:39] + "…"


@step(
    "receive",
    kind="received",
    clause="R1",
    verb=_("登记受理"),
    who=EVERY_EMPLOYEE,
    statuses=frozenset(),
    data=Receive,
    becomes=(Status.RECEIVED, Status.RELAYED),
    letter="C",
)
def receive(at: At, data: Receive) -> list[Draft]:
    """[R1] Whoever takes it is the first contact; at the front desk it is relayed at once."""
    first_contact = data.first_contact or at.person.pk
    # What another employee heard is theirs to follow, also where the desk writes it down.
    # What came in by itself is taken at the front desk, also where its head answers for it (§3).
    at_desk = bool(at.roles.intersection(DESK)) or at.unattended
    front_desk = at_desk and first_contact == at.person.pk
    received = entry(
        "received",
        data,
        leaving=("first_contact", "subject"),
        first_contact=first_contact,
        front_desk=front_desk,
        **({"unattended": True} if at.unattended else {}),
        **({"from_contact": at.from_contact} if at.from_contact else {}),
    )
    subject = data.subject or subject_of(data.content)
    drafts = [
        Draft("received", received.facts, {**received.texts, "subject": subject}, received.personal)
    ]
    if front_desk:
        drafts.append(Draft("relayed", {"at_once": True}))
    elif at_desk:
        drafts.append(Draft("relayed", occurred_at=at.now))
    if data.severity in (Severity.COMPLEX, Severity.MAJOR):
        drafts.append(Draft("manager_asked"))
    return drafts


@step(
    "relay",
    kind="relayed",
    clause="R1",
    verb=_("反馈前台"),
    who=(FIRST_CONTACT, *DESK),
    statuses=frozenset({Status.RECEIVED}),
    data=Nothing,
    becomes=(Status.RELAYED,),
    letter="R",
    answers=("R1.relay",),
)
def relay(at: At, data: Nothing) -> list[Draft]:
    """[R1] The front desk has the record."""
    return [Draft("relayed")]


Medium = Literal["phone", "wechat", "message", "in_person", "email"]
MEDIA = (
    ("phone", _("电话")),
    ("wechat", _("微信")),
    ("message", _("短信")),
    ("in_person", _("当面")),
    ("email", _("电子邮件")),
)
MediumField = Annotated[Medium, Shown(_("方式"), "choice", choices=MEDIA, short=True)]
