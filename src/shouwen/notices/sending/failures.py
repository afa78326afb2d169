"""Why a message did not go out, in words: what happened, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


class Failed(Exception):
    """A message was not taken. `code` is one of `REASONS`; `temporary`: trying again may help.

    It names neither address nor text, so that it may be logged.
    """

    def __init__(self, code: str, temporary: bool) -> None:
        super().__init__(code)
        self.code = code
        self.temporary = temporary


@dataclass(frozen=True)
class Reason:
    """A failure as the person who can mend it reads it."""

    what: Any
    remedy: Any


REASONS: dict[str, Reason] = {
    "unreachable": Reason(_("连不上对方的服务器"), _("请检查网络、防火墙和代理；系统会再试")),
    "timeout": Reason(_("对方的服务器没有及时应答"), _("系统会再试；经常出现时请检查网络")),
    "certificate": Reason(
        _("对方服务器的证书不可信"), _("请检查地址，或让系统信任公司自己的根证书")
    ),
    "busy": Reason(_("对方的服务器暂时不能处理"), _("系统会再试")),
    "too_often": Reason(_("超过了对方允许的发送频率"), _("系统会再试；可改用应用或多个机器人分流")),
    "not_set_up": Reason(_("公司还没有设置这个通道"), _("请系统管理员在“通知通道”里设置")),
    "no_target": Reason(_("员工资料里没有邮箱或电话"), _("请在员工资料里填写")),
    "sign_wrong": Reason(_("签名不对"), _("请重新填写机器人的加签密钥，并检查服务器时间")),
    "key_wrong": Reason(_("机器人地址无效或已被删除"), _("请在群里重新添加机器人，把新地址填进来")),
    "not_allowed_from_here": Reason(
        _("对方只接受指定 IP 发来的消息"), _("请把本系统的出口 IP 加进对方的白名单")
    ),
    "keyword": Reason(
        _("机器人要求消息里有关键词"), _("请把机器人的安全设置改为加签，或把“投诉”设为关键词")
    ),
    "credentials": Reason(_("账号、密码或应用密钥不对"), _("请系统管理员在“通知通道”里重新填写")),
    "nobody_there": Reason(_("收件人不存在或停用"), _("请更正地址")),
    "refused": Reason(_("对方拒收"), _("请检查地址和对方的说明")),
    "bad_answer": Reason(_("对方的应答看不懂"), _("请检查地址是否填对；系统会再试")),
    "no_folder": Reason(_("邮箱里没有这个文件夹"), _("请检查文件夹名称；收件箱写 INBOX")),
    "address_wrong": Reason(_("地址写法不对"), _("请删除后重新添加")),
}


def reason(code: str) -> Reason:
    """The words for a code; a code of a newer version is a refusal."""
    return REASONS.get(code, REASONS["refused"])
