"""The pictures and voices that came with messages: fetched by a job, and put with the complaint."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from django.utils.translation import gettext as _

from shouwen.channels import adding
from shouwen.channels.wechat import accounts, vendor
from shouwen.channels.wechat.messages import Message
from shouwen.channels.wechat.models import WechatMessage
from shouwen.complaints import lifecycle
from shouwen.complaints.refusals import Refused
from shouwen.notices.sending.failures import Failed

MOST_ATTEMPTS = 6

_OF = WechatMessage.Media


class Again(Exception):
    """It could not be fetched just now."""


def ask(kept: WechatMessage, message: Message) -> None:
    """Have what came with a message fetched, in the caller's transaction."""
    from shouwen.channels.wechat import tasks  # its jobs need the queue's tables, these do not

    kept.media, kept.media_id, kept.picture = _OF.WAITING, message.media_id, message.picture
    kept.save(update_fields=["media", "media_id", "picture"])
    tasks.defer(kept.pk)


def fetch(message_id: int, *, last: bool = False) -> None:
    """Fetch it, once. Raises Again where another attempt may help and this is not the last."""
    found = WechatMessage.objects.select_related(
        "follower__account", "complaint__first_contact", "complaint__project"
    )
    kept = found.filter(pk=message_id, media=_OF.WAITING).exclude(complaint=None).first()
    if kept is None:
        return
    try:
        content = _content(kept)
    except Failed as failure:
        if failure.temporary and not last:
            raise Again(failure.code) from None
        if failure.code in accounts.PROBLEMS:
            accounts.heard(kept.follower.account, failure.code)
        _failed(kept)
        return
    with translation.override(settings.LANGUAGE_CODE):
        name = _("微信图片") if kept.picture else _("微信语音")
        complaint = kept.complaint
        assert complaint is not None
        # Whoever is killed here does it again: the same content under the same key is left out.
        refused = adding.add(
            complaint, [SimpleUploadedFile(name, content)], key=f"wechat:{kept.pk}"
        )
    if refused:
        _failed(kept)
    else:
        _done(kept, _OF.FETCHED)


def _content(kept: WechatMessage) -> bytes:
    by_number = partial(vendor.media, kept.follower.account, kept.media_id)
    if not kept.picture:
        return by_number()
    try:
        return vendor.picture(kept.picture)
    except Failed:
        if kept.media_id and kept.follower.account.secret:
            return by_number()
        raise


def _failed(kept: WechatMessage) -> None:
    """Whoever follows the complaint learns that something was sent and is not there."""
    complaint = kept.complaint
    assert complaint is not None
    if complaint.first_contact is not None:
        with translation.override(settings.LANGUAGE_CODE):
            text = _("客户在微信发来的图片或语音没有取到，请客户再发一次或打电话问清。")
        # Refused where it was done before and broken off then.
        with suppress(Refused):
            lifecycle.take(
                "note",
                person=complaint.first_contact,
                complaint=complaint,
                data={"text": text},
                key=f"wechat:{kept.pk}:lost",
                unattended=True,
            )
    _done(kept, _OF.FAILED)


def _done(kept: WechatMessage, state: str) -> None:
    kept.media, kept.media_id, kept.picture = state, "", ""
    kept.save(update_fields=["media", "media_id", "picture"])
