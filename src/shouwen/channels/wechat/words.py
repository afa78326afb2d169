"""What whoever writes to the account reads: short, in plain words, without articles or names."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from shouwen.channels.arriving import danger_in
from shouwen.complaints import tracking
from shouwen.complaints.follow import follow
from shouwen.complaints.models import Complaint
from shouwen.complaints.words import Severity
from shouwen.organization.models import Project

Absolute = Callable[[str], str]

#: Fewer letters than this say nothing that could be handled.
SHORTEST = 4


@cache
def _spellings() -> dict[str, frozenset[str]]:
    """What people type for what is asked of the account itself, whatever language they have."""
    text = (Path(__file__).parent / "spellings.toml").read_text(encoding="utf-8")
    return {what: frozenset(typed) for what, typed in tomllib.loads(text).items()}


def plain(text: str) -> str:
    """The letters and digits of a text, in one width and case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def asks_status(text: str) -> bool:
    """Whether somebody asks how far it is."""
    return plain(text) in _spellings()["status"]


def asks_person(text: str) -> bool:
    """Whether somebody wants to speak to a person."""
    return plain(text) in _spellings()["person"]


def greets(text: str) -> bool:
    """Whether nothing but a greeting was written."""
    return plain(text) in _spellings()["greeting"]


def thanks(text: str) -> bool:
    """Whether nothing but thanks was written."""
    return plain(text) in _spellings()["thanks"]


def welcome(project: Project) -> str:
    """To whoever begins to follow the account."""
    return _("您好，这里是{project}客服。").format(project=project.name) + "\n" + menu(project)


def menu(project: Project) -> str:
    """What can be sent, and what comes of it."""
    lines = [
        _("要反映问题，请直接发文字：在哪里、什么事。也可以发图片、语音和位置。"),
        _("回复“查询”看进度，回复“人工”要客服电话。"),
        _urgent(project),
    ]
    return "\n".join(filter(None, lines))


def _urgent(project: Project) -> str:
    if not project.public_telephone:
        return ""
    return _("有危险请马上打电话：{telephone}").format(telephone=project.public_telephone)


def person(project: Project) -> str:
    """Whom to call."""
    if not project.public_telephone:
        return _("请直接发文字说明，客服中心的人会看到并答复您。")
    return _("24 小时客服电话：{telephone}").format(telephone=project.public_telephone)


def closed(project: Project) -> str:
    """It could not be taken in here."""
    if not project.public_telephone:
        return _("这里暂时不能受理，请到客服中心前台反映。")
    return _("这里暂时不能受理，请打客服电话：{telephone}").format(
        telephone=project.public_telephone
    )


def not_understood() -> str:
    """To what has no meaning here: films, links, contacts."""
    return _("这种消息收不了。请发文字、图片、语音或位置。")


def thanked() -> str:
    """To thanks."""
    return _("不客气。回复“查询”可以看进度。")


def nothing_yet(project: Project) -> str:
    """Asked for the progress by somebody who has sent nothing."""
    return _("您还没有在这里反映过问题。") + "\n" + menu(project)


def received(complaint: Complaint, now: datetime, absolute: Absolute, *, call_back: bool) -> str:
    """The receipt of a new complaint. `call_back`: nobody knows the telephone yet."""
    lines = [_("已收到您反映的问题，编号 {number}。").format(number=complaint.number)]
    if complaint.severity == Severity.EMERGENCY:
        found = danger_in(complaint.content, complaint.place)
        advice = (found.advice if found else "") or _("请您先注意自身安全，不要靠近危险的地方。")
        lines += [str(advice), _urgent(complaint.project)]
    lines += _standing(complaint, now, absolute)
    if call_back:
        lines.append(_("方便的话请回复您的手机号和房号，便于联系您。"))
    lines.append(_("有补充可以接着发。"))
    return "\n".join(filter(None, lines))


def added(complaint: Complaint, absolute: Absolute, *, unheard: bool) -> str:
    """What was sent belongs to it now. `unheard`: a voice that nobody has turned into words."""
    words = _("已补充到 {number}。").format(number=complaint.number)
    return "\n".join(filter(None, [words, voice() if unheard else "", _link(complaint, absolute)]))


def voice() -> str:
    """A voice without words: danger in it would not be noticed at once."""
    return _("语音已保存，但没有转成文字。请再用文字说一下，有危险请打电话。")


def standing(complaint: Complaint, now: datetime, absolute: Absolute) -> str:
    """How far the last complaint is."""
    first = _("您反映的问题，编号 {number}：").format(number=complaint.number)
    return "\n".join([first, *filter(None, _standing(complaint, now, absolute))])


def _standing(complaint: Complaint, now: datetime, absolute: Absolute) -> list[str]:
    # Of what staff wrote nothing is repeated here: it is on the page.
    found = follow(complaint, now, fit=lambda text, entries: False)
    return [
        _("{sentence}。").format(sentence=found.headline),
        *(_("{sentence}。").format(sentence=line) for line in found.lines),
        _link(complaint, absolute),
    ]


def _link(complaint: Complaint, absolute: Absolute) -> str:
    token = tracking.token_of(complaint)
    return _("查看进度：{link}").format(link=absolute(f"/t/{token}/")) if token else ""
