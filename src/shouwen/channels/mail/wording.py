"""What is said of messages: why one was held or ignored, what was not read of it, and the notices."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from shouwen.notices import kinds

HELD, JOINED = "mail_held", "mail_joined"

#: Why a message is held, or was ignored.
WHYS: dict[str, Any] = {
    "empty": _("邮件是空的"),
    "unreadable": _("邮件读不出来"),
    "too_large": _("邮件太大，只取了开头"),
    "no_sender": _("看不出是谁发来的"),
    "own_address": _("由本系统自己的邮箱地址发来"),
    "too_many": _("同一地址一小时内来信过多"),
    "ended": _("回复了一件已经结束的投诉"),
    "nobody": _("当时没有人在岗"),
    "refused": _("登记时没有被接受"),
    "error": _("登记时程序出错"),
    "unfetched": _("多次没能从服务器取回，请到邮箱里查看"),
    "own": _("本系统自己发出的邮件"),
    "auto_submitted": _("自动发出的邮件"),
    "autoreply": _("自动回复"),
    "subject": _("自动回复"),
    "bulk": _("群发邮件"),
    "list": _("订阅邮件"),
    "bounce": _("退信或投递报告"),
}

#: What was not read of a message.
NOTES: dict[str, Any] = {
    "truncated": _("邮件正文过长，这里只登记了前面的部分；全文见原始邮件。"),
    "too_many_parts": _("邮件的部分过多，后面的没有读；请看原始邮件。"),
    "too_deep": _("邮件嵌套过深，里面的没有读；请看原始邮件。"),
    "too_many_files": _("邮件的附件过多，后面的没有取出；请看原始邮件。"),
    "unreadable": _("邮件格式有误，只读出了一部分；请看原始邮件。"),
}


def why(code: str) -> Any:
    """The words for a code; "" for none."""
    return WHYS.get(code, code)


def register() -> None:
    """Make the notices known."""
    kinds.register(kinds.Kind(HELD, _("来信待处理"), _("有一封来信需要您决定怎么处理")))
    kinds.register(kinds.Kind(JOINED, _("客户来信补充"), _("客户来信补充了情况")))
