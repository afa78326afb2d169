"""Adding to the record: notes and attachments [A2]."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from shouwen.complaints import mentions
from shouwen.complaints.roles import DEPARTMENT, EVERY_EMPLOYEE, FIRST_CONTACT
from shouwen.complaints.steps.table import (
    At,
    Draft,
    Line,
    MailAddress,
    Required,
    Said,
    Shown,
    StepData,
    Wrong,
    entry,
    step,
)
from shouwen.complaints.words import OPEN, Status
from shouwen.organization.models import Customer
from shouwen.organization.positions import Position

WRITERS = (*EVERY_EMPLOYEE, FIRST_CONTACT, DEPARTMENT, Position.DEVELOPER_SERVICE)


class Note(StepData):
    text: Annotated[
        Required,
        Shown(
            _("内部备注"),
            "textarea",
            "text",
            help=_("客户看不到；写 @姓名、@岗位或 @部门，对方会收到通知"),
        ),
    ]


@step(
    "note",
    kind="noted",
    verb=_("写内部备注"),
    who=WRITERS,
    statuses=frozenset(Status),
    data=Note,
    letter="N",
    crowd=True,
    bulk=True,
)
def note(at: At, data: Note) -> list[Draft]:
    """Never shown to the customer; whom it names with @ is told, if they may see the complaint."""
    return [entry("noted", data, **mentions.find(data.text, at))]


RETRACTABLE = timedelta(minutes=10)  # after that others have read it and may have acted on it


def retractable(at: At) -> set[int]:
    """The entries of the notes that this person may still take back: their own, of the last minutes."""
    return {
        number
        for number, written in at.state.notes.items()
        if written.author_id == at.person.pk and at.now - written.recorded_at <= RETRACTABLE
    }


class Retract(StepData):
    entry: Annotated[int, Shown(_("备注"), "hidden")]


@step(
    "retract",
    kind="retracted",
    verb=_("撤回备注"),
    who=WRITERS,
    statuses=frozenset(Status),
    data=Retract,
    when=lambda at: bool(retractable(at)),
    crowd=True,
)
def retract(at: At, data: Retract) -> list[Draft]:
    """A slip of the pen is taken back by an entry more; what was written stays in the ledger."""
    if data.entry not in retractable(at):
        raise Wrong(entry=_("只能撤回自己十分钟内写的备注"))
    return [entry("retracted", data)]


class Attach(StepData):
    attachment: Annotated[UUID, Shown(_("照片、录音、文件"), "file")]
    name: Annotated[str, Shown(_("名称"), "hidden", "text")] = ""
    sha256: Annotated[str, Shown("", "hidden")]
    content_type: Annotated[str, Shown("", "hidden")] = ""
    size: Annotated[int, Shown("", "hidden")] = 0
    # What the customer signed at the counter is printed on the record.
    purpose: Annotated[Literal["", "signature"], Shown("", "hidden")] = ""


@step(
    "attach",
    kind="attached",
    clause="A2",
    verb=_("加附件"),
    who=WRITERS,
    statuses=frozenset(Status),
    data=Attach,
    crowd=True,
)
def attach(at: At, data: Attach) -> list[Draft]:
    """[A2] A stored file; its digest is in the ledger, its name erasable."""
    return [entry("attached", data)]


class Amend(StepData):
    """What was missing or wrong in the record [A2][P1]; what is left empty stays as it was."""

    subject: Annotated[Line, Shown(_("投诉主题"), "text", "text")] = ""
    name: Annotated[Line, Shown(_("投诉人"), "text", "personal", short=True)] = ""
    telephone: Annotated[Line, Shown(_("联系电话"), "telephone", "personal", short=True)] = ""
    email: Annotated[MailAddress, Shown(_("电子邮件地址"), "text", "personal", short=True)] = ""
    relation: Annotated[
        Customer.Relation | None,
        Shown(_("与房屋关系"), "choice", choices=tuple(Customer.Relation.choices), short=True),
    ] = None
    home: Annotated[int | None, Shown(_("房屋"), "home", short=True)] = None
    place: Annotated[Line, Shown(_("地点"), "text", "text", short=True)] = ""
    happened: Annotated[Line, Shown(_("发生时间"), "text", "text", short=True)] = ""
    reach_when: Annotated[Line, Shown(_("方便联系时间"), "text", "text", short=True)] = ""
    wish: Annotated[Said, Shown(_("客户诉求"), "textarea", "text")] = ""


@step(
    "amend",
    kind="amended",
    clause="P1",
    verb=_("补全记录"),
    who=(Position.FRONT_DESK, Position.CENTRE_HEAD, FIRST_CONTACT),
    statuses=OPEN,
    data=Amend,
)
def amend(at: At, data: Amend) -> list[Draft]:
    """[P1] Completes the record; the words first written stay in the ledger."""
    draft = entry("amended", data)
    if not (draft.facts or draft.texts or draft.personal):
        raise Wrong(subject=_("请填写要补全的内容"))
    return [draft]
