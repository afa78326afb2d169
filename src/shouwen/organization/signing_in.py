"""Who must have a second factor, and what is written down about signing in [PIPL art. 51]."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shouwen.organization.holders import own_positions_of
from shouwen.organization.models import Post, Staff
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

audit.register("signed_in", _("登录"), audit.SIGNING_IN)
audit.register("sign_in_failed", _("登录失败"), audit.SIGNING_IN)
audit.register("locked_out", _("登录被锁定"), audit.SIGNING_IN)
audit.register("lock_lifted", _("解除登录锁定"), audit.SIGNING_IN)
audit.register("signed_out", _("退出登录"), audit.SIGNING_IN)
audit.register("password_changed", _("修改密码"), audit.SIGNING_IN)
audit.register("session_ended", _("结束登录"), audit.SIGNING_IN)
audit.register("second_factor_added", _("新增两步验证"), audit.SIGNING_IN)
audit.register("second_factor_removed", _("停用两步验证"), audit.SIGNING_IN)
audit.register("account_linked", _("关联公司账号"), audit.SIGNING_IN)
audit.register("invited", _("发出邀请"), audit.SIGNING_IN)
audit.register("invitation_used", _("使用邀请设定密码"), audit.SIGNING_IN)
audit.register("invitation_withdrawn", _("撤回邀请"), audit.SIGNING_IN)


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


def without_a_second_factor() -> list[Staff]:
    """Whoever must have one by a post held today and has none; one query."""
    from allauth.mfa.models import Authenticator

    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    posts = Post.objects.held_on(timezone.localdate()).filter(position__in=NEED_A_SECOND_FACTOR)
    having = Authenticator.objects.filter(type__in=kinds).values("user")
    return list(
        Staff.objects.filter(pk__in=posts.values("staff")).exclude(pk__in=having).order_by("name")
    )


def end_sessions(person: Staff) -> int:
    """Sign somebody out everywhere; how many sessions there were, listed or not."""
    from allauth.usersessions.models import UserSession
    from django.contrib.sessions.models import Session

    UserSession.objects.filter(user=person).delete()
    own = [
        session.pk
        for session in Session.objects.filter(expire_date__gte=timezone.now()).iterator()
        if session.get_decoded().get(SESSION_KEY) == str(person.pk)
    ]
    Session.objects.filter(pk__in=own).delete()
    return len(own)


def noted(
    action: str, person: Staff | None, source: str | None = None, *, by: Staff | None = None
) -> None:
    """Write down what happened to an account; somebody unknown is written down as nobody.

    `by` is who did it, where that is not the person.
    """
    actor = by or person
    audit.note(
        action,
        actor_id=actor.pk if actor else None,
        subject_type="staff" if person else "",
        subject_id=person.pk if person else None,
        source=source,
    )
