"""A message becomes a complaint or joins one, and is answered at once; the same once more does nothing.

The one who wrote is locked while their message is taken in: the vendor sends it again after five
seconds, and a second message may overtake the first.
"""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from shouwen.channels.arriving import NobodyAnswers, arrive, danger_in
from shouwen.channels.wechat import fetching, words
from shouwen.channels.wechat.messages import Kind, Message
from shouwen.channels.wechat.models import WechatAccount, WechatFollower, WechatMessage
from shouwen.channels.wechat.words import Absolute
from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.refusals import Refused
from shouwen.complaints.words import OPEN, Channel, Severity
from shouwen.organization.customers import telephone_indexes
from shouwen.records.fields import blind_index

#: What follows within this belongs to what was sent before.
TOGETHER = timedelta(minutes=30)
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_PURPOSE = "wechat openid"


def receive(
    account: WechatAccount, message: Message, absolute: Absolute, *, now: datetime | None = None
) -> str:
    """Take the message in, and give the words to answer it by; "" for nothing.

    `absolute` makes a whole address of a path. In one transaction, which the caller may surround.
    """
    now = now or timezone.now()
    zone = zoneinfo.ZoneInfo(account.project.timezone)
    with timezone.override(zone), translation.override(settings.LANGUAGE_CODE):
        if not account.is_active:
            return words.closed(account.project)
        try:
            with transaction.atomic():
                return _once(account, message, absolute, now)
        except (NobodyAnswers, Refused):
            return words.closed(account.project)


def _once(account: WechatAccount, message: Message, absolute: Absolute, now: datetime) -> str:
    follower = _follower(account, message.sender)
    before = WechatMessage.objects.filter(follower=follower, key=message.key).first()
    if before is not None:
        return before.reply
    found = _Conversation(account, follower, message, absolute, now).answer()
    follower.heard_at = now
    follower.save()
    kept = WechatMessage.objects.create(
        follower=follower,
        project=account.project,
        key=message.key,
        complaint=found.complaint,
        reply=found.reply,
        arrived_at=now,
    )
    if found.complaint is not None and message.has_media:
        fetching.ask(kept, message)
    return found.reply


def _follower(account: WechatAccount, openid: str) -> WechatFollower:
    found, _made = WechatFollower.objects.get_or_create(
        account=account,
        openid_index=blind_index(f"{account.pk}:{openid}", _PURPOSE),
        defaults={"project": account.project, "openid": openid},
    )
    return (
        WechatFollower.objects.select_for_update(of=("self",))
        .select_related("complaint__project", "complaint__first_contact")
        .get(pk=found.pk)
    )


@dataclass(frozen=True)
class _Found:
    """What became of a message."""

    reply: str
    complaint: Complaint | None = None


@dataclass(frozen=True)
class _Conversation:
    """One message where somebody's conversation stands."""

    account: WechatAccount
    follower: WechatFollower
    message: Message
    absolute: Absolute
    now: datetime

    def answer(self) -> _Found:
        """What becomes of it."""
        project = self.account.project
        kind, text = self.message.kind, self.message.text
        if kind == Kind.SUBSCRIBE:
            return _Found(words.welcome(project))
        if kind == Kind.OTHER:
            event = self.message.key.startswith("event:")
            return _Found("" if event else words.not_understood())
        if kind == Kind.TEXT:
            said = self._command(text)
            if said is not None:
                return said
        self._remember_telephone(text)
        if self._joins():
            return self._join()
        return self._begin()

    def _command(self, text: str) -> _Found | None:
        """What is asked of the account itself; None where it is about something."""
        project, last = self.account.project, self.follower.complaint
        if words.asks_status(text):
            if last is None:
                return _Found(words.nothing_yet(project))
            return _Found(words.standing(last, self.now, self.absolute))
        if words.asks_person(text):
            return _Found(words.person(project))
        if words.thanks(text):
            return _Found(words.thanked())
        short = len(words.plain(text)) < words.SHORTEST and not self._lately()
        if words.greets(text) or (short and danger_in(text) is None):
            return _Found(words.menu(project))
        return None

    def _remember_telephone(self, text: str) -> None:
        found = _MOBILE.search(text)
        if found:
            self.follower.telephone = found[0]
            self.follower.telephone_index = telephone_indexes(found[0])[0]

    def _lately(self) -> bool:
        heard = self.follower.heard_at
        return (
            heard is not None
            and self.now - heard <= TOGETHER
            and self.follower.complaint_id is not None
        )

    def _joins(self) -> bool:
        """Whether it belongs to the last complaint."""
        last = self.follower.complaint
        if last is None or last.status not in OPEN:
            return False
        # Danger is received as such, and never as a word more about something else [R6].
        grave = danger_in(self.message.text, self.message.place) is not None
        if grave and last.severity != Severity.EMERGENCY:
            return False
        return self._lately() or self.message.kind != Kind.TEXT

    def _begin(self) -> _Found:
        last = self.follower.complaint
        matter = {
            "content": self._content(),
            "telephone": self.follower.telephone,
            "place": self.message.place or (last.place if last and self._lately() else ""),
        }
        complaint = arrive(
            self.account.project,
            {name: said for name, said in matter.items() if said},
            channel=Channel.CHAT,
            key=f"wechat:{self.follower.pk}:{self.message.key}",
            now=self.now,
        ).complaint
        self.follower.complaint = complaint
        said = words.received(
            complaint, self.now, self.absolute, call_back=not self.follower.telephone
        )
        return _Found(
            "\n".join(filter(None, [words.voice() if self._unheard else "", said])), complaint
        )

    def _join(self) -> _Found:
        complaint = self.follower.complaint
        assert complaint is not None
        picture = self.message.kind == Kind.PICTURE
        # A picture that comes with what was just said is part of it; later somebody owes an answer.
        if not (picture and self._lately()):
            lifecycle.take_by_customer(
                "customer_add",
                complaint=complaint,
                data={"words": self._content()},
                key=f"wechat:{self.follower.pk}:{self.message.key}",
                now=self.now,
            )
        if self.message.place and not complaint.place:
            self._place(complaint)
        return _Found(words.added(complaint, self.absolute, unheard=self._unheard), complaint)

    def _place(self, complaint: Complaint) -> None:
        clerk = complaint.first_contact
        if clerk is None:
            return
        lifecycle.take(
            "amend",
            person=clerk,
            complaint=complaint,
            data={"place": self.message.place},
            key=f"wechat:{self.follower.pk}:{self.message.key}:place",
            unattended=True,
            now=self.now,
        )

    @property
    def _unheard(self) -> bool:
        return self.message.kind == Kind.VOICE and not self.message.text

    def _content(self) -> str:
        """What it says; for what has no words, what it is."""
        message = self.message
        if message.kind == Kind.LOCATION:
            return _("位置：{place}").format(place=message.place or _("（没有说明）"))
        if message.kind == Kind.PICTURE:
            return _("（微信发来的图片，没有文字）")
        return message.text or _("（微信发来的语音，没有文字）")
