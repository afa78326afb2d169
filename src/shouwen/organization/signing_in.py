"""Who must have a second factor, and what is written down about signing in [PIPL art. 51]."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from shouwen.organization.holders import own_positions_of
from shouwen.organization.models import Staff
from shouwen.organization.positions import Position
from shouwen.records import audit

#: Whoever decides over everybody, keeps the accounts, or reads what is said about staff.
NEED_A_SECOND_FACTOR = frozenset(
    {
        Position.COMPANY_LEADER,
        Position.BOARD_LEADER,
        Position.ADMINISTRATOR,
        Position.HUMAN_RESOURCES,
    }
)

audit.register("signed_in", _("登录"))
audit.register("sign_in_failed", _("登录失败"))
audit.register("locked_out", _("登录被锁定"))
audit.register("lock_lifted", _("解除登录锁定"))
audit.register("signed_out", _("退出登录"))
audit.register("password_changed", _("修改密码"))
audit.register("session_ended", _("结束登录"))
audit.register("second_factor_added", _("新增两步验证"))
audit.register("second_factor_removed", _("停用两步验证"))
audit.register("invited", _("发出邀请"))
audit.register("invitation_used", _("使用邀请设定密码"))
audit.register("invitation_withdrawn", _("撤回邀请"))


def needs_a_second_factor(person: Staff) -> bool:
    """Whether somebody's own positions ask for one. A lent post does not: it lends no account."""
    return any(post.position in NEED_A_SECOND_FACTOR for post in own_positions_of(person))


def lacks_a_second_factor(person: Staff) -> bool:
    """Whether somebody must have one and has none yet; one query where they must.

    Not in the demo, whose accounts are entered by one click and by anybody.
    """
    if settings.SHOUWEN_DEMO or not needs_a_second_factor(person):
        return False
    return not has_a_second_factor(person)


def has_a_second_factor(person: Staff) -> bool:
    """A passkey or a one-time code; recovery codes alone are none."""
    from allauth.mfa.models import Authenticator

    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return Authenticator.objects.filter(user=person, type__in=kinds).exists()


def noted(action: str, person: Staff | None, source: str | None = None) -> None:
    """Write down what happened to an account; somebody unknown is written down as nobody."""
    audit.note(
        action,
        actor_id=person.pk if person else None,
        subject_type="staff" if person else "",
        subject_id=person.pk if person else None,
        source=source,
    )
