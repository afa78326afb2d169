"""Official accounts: made known, found by the address that the vendor calls, given new secrets, stopped."""

from __future__ import annotations

import secrets
import string
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shouwen.channels.wechat.models import WechatAccount
from shouwen.organization.models import Project, Staff
from shouwen.records import audit, isolation

_LETTERS = string.ascii_letters + string.digits
_KEY_LENGTH = 43  # what the vendor asks for
#: "Last heard" is written this often at most: it is one row, which everybody's messages would wait for.
_HEARD_EVERY = timedelta(minutes=1)

audit.register("wechat_account_changed", _("设置微信公众号"))

#: Why the vendor's messages were turned away, or a picture or voice could not be fetched.
PROBLEMS = {
    "signature": _("签名不对：公众平台上的 Token 或 EncodingAESKey 与这里的不一致"),
    "app id": _("AppID 不对：消息是发给另一个公众号的"),
    "not_safe": _("收到的是明文：公众平台上选的加解密方式与这里的不一致"),
    "stale": _("消息的时间相差太多：请检查服务器时间"),
    "no_secret": _("没有填 AppSecret：语音取不到"),
    "credentials": _("AppID 或 AppSecret 不对：图片和语音取不到"),
    "not_allowed_from_here": _("请把本系统的出口 IP 加进公众平台的 IP 白名单，否则语音取不到"),
}


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _place in range(length))


def found(address: str) -> WechatAccount | None:
    """The account whose messages arrive at this address, stopped or not; None where there is none."""
    # Whose project it is stands in the row itself.
    with isolation.transaction_of(None):
        accounts = WechatAccount.objects.select_related("project")
        return accounts.filter(address=address, project__is_active=True).first()


def add(
    project: Project, *, name: str, app_id: str, mode: str, secret: str = "", by: Staff
) -> WechatAccount:
    """Make an account known, with an address, a token and a key of its own."""
    account = WechatAccount(
        project=project, name=name, app_id=app_id, mode=mode, secret=secret, **_fresh()
    )
    with transaction.atomic():
        account.save()
        _note(account, by, "added")
    return account


def _fresh() -> dict[str, str]:
    return {"address": _random(32), "token": _random(32), "aes_key": _random(_KEY_LENGTH)}


def rotate(account: WechatAccount, *, by: Staff) -> None:
    """Give it another address, token and key: what was entered at the vendor before is void."""
    for name, value in _fresh().items():
        setattr(account, name, value)
    account.last_problem = ""
    with transaction.atomic():
        account.save()
        _note(account, by, "rotated")


def change(account: WechatAccount, *, mode: str, secret: str = "", by: Staff) -> None:
    """Another mode, and another AppSecret where one is given."""
    account.mode, account.last_problem = mode, ""
    if secret:
        account.secret = secret
    with transaction.atomic():
        account.save()
        _note(account, by, "changed")


def switch(account: WechatAccount, *, active: bool, by: Staff) -> None:
    """Stop it, or take it up again. While it is stopped whoever writes is told whom to call."""
    account.is_active = active
    with transaction.atomic():
        account.save(update_fields=["is_active"])
        _note(account, by, "started" if active else "stopped")


def _note(account: WechatAccount, by: Staff, what: str) -> None:
    audit.note(
        "wechat_account_changed",
        actor_id=by.pk,
        subject_type="wechat",
        subject_id=account.pk,
        project_id=account.project_id,
        change=what,
    )


def heard(account: WechatAccount, problem: str = "") -> None:
    """A message came in, or was turned away for that reason."""
    now = timezone.now()
    rows = WechatAccount.objects.filter(pk=account.pk)
    if problem:
        rows.exclude(last_problem=problem).update(last_problem=problem)
        return
    due = Q(last_heard_at=None) | Q(last_heard_at__lt=now - _HEARD_EVERY)
    turned_away = Q(last_problem__in=("signature", "app id", "not_safe", "stale"))
    if account.last_heard_at is None or account.last_heard_at < now - _HEARD_EVERY:
        rows.filter(due).update(last_heard_at=now)
    if account.last_problem:
        rows.filter(turned_away).update(last_problem="")
