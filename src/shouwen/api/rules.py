"""Who may have keys and webhooks. Registered when the room is loaded."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.api.models import ApiKey, Subscription
from shouwen.channels.wechat.models import WechatAccount
from shouwen.desk import matrix
from shouwen.organization.editors import administers
from shouwen.organization.holders import positions_of
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import Answer, rule, visibility
from shouwen.organization.positions import Position

KEEPERS = frozenset(
    {
        Position.ADMINISTRATOR,
        Position.CENTRE_HEAD,
        Position.SITE_MANAGER,
        Position.COMPANY_LEADER,
    }
)


def register() -> None:
    """Tell the permissions whose keys and subscriptions are whose, and the matrix of specimens."""
    rule("use_api", reads=True)(use_api)
    rule("keep_api_keys")(keep_api_keys)
    rule("keep_webhooks")(keep_webhooks)
    rule("keep_wechat_accounts")(keep_wechat_accounts)
    rule("open_open311")(open_open311)
    rule("keep_hotlines")(open_open311)
    visibility(ApiKey)(api_keys)
    visibility(Subscription)(subscriptions)
    visibility(WechatAccount)(wechat_accounts)
    matrix.specimen(ApiKey, _keys)
    matrix.specimen(Subscription, _subscriptions)
    matrix.specimen(WechatAccount, _wechat)


def use_api(person: Staff, subject: None) -> Answer:
    """Asking a key who it is: whoever has one."""
    return Answer(True, _("每个密钥"))


def _keeps(person: Staff) -> bool:
    return any(post.position in KEEPERS for post in positions_of(person))


def keep_api_keys(person: Staff, key: ApiKey | None) -> Answer:
    """Keys that act as oneself; administrators of the whole company end everybody's."""
    own = key is None or key.owner_id == person.pk
    allowed = _keeps(person) and (own or administers(person))
    return Answer(allowed, _("由系统管理员、客户中心、管理处和公司负责人管理自己的密钥"))


def keep_webhooks(person: Staff, subscription: Subscription | None) -> Answer:
    """Subscriptions that are told what oneself may see; administrators keep everybody's."""
    own = subscription is None or subscription.owner_id == person.pk
    allowed = _keeps(person) and (own or administers(person))
    return Answer(allowed, _("由系统管理员、客户中心、管理处和公司负责人管理自己的订阅"))


def _administered(person: Staff) -> set[int | None]:
    return {
        post.project_id for post in positions_of(person) if post.position == Position.ADMINISTRATOR
    }


def keep_wechat_accounts(person: Staff, account: WechatAccount | None) -> Answer:
    """Official accounts are the administrators': of the whole company, or of the project."""
    projects = _administered(person)
    here = bool(projects) if account is None else bool({None, account.project_id} & projects)
    return Answer(here, _("由系统管理员设置微信公众号"))


def wechat_projects(person: Staff) -> QuerySet[Project]:
    """The projects whose official accounts somebody keeps."""
    projects = _administered(person)
    active = Project.objects.filter(is_active=True).order_by("code")
    return active if None in projects else active.filter(pk__in=[pk for pk in projects if pk])


def wechat_accounts(person: Staff) -> QuerySet[WechatAccount]:
    """The official accounts that somebody keeps."""
    return WechatAccount.objects.filter(project__in=wechat_projects(person))


def open_open311(person: Staff, project: Project | None) -> Answer:
    """Opening a project to Open311: those who answer for it, and its administrators."""
    allowed = any(
        post.position in KEEPERS and (project is None or post.project_id in (None, project.pk))
        for post in positions_of(person)
    )
    return Answer(allowed, _("由系统管理员、客户中心、管理处和公司负责人决定自己项目是否开放"))


def api_keys(person: Staff) -> QuerySet[ApiKey]:
    """One's own; for administrators of the whole company everybody's."""
    return ApiKey.objects.all() if administers(person) else ApiKey.objects.filter(owner=person)


def subscriptions(person: Staff) -> QuerySet[Subscription]:
    """One's own; for administrators of the whole company everybody's."""
    found = Subscription.objects.all()
    return found if administers(person) else found.filter(owner=person)


def _keys(made: matrix.Specimens, person: Staff) -> dict[str, Any]:
    return {"own_key": ApiKey(owner=person), "others_key": ApiKey(owner=made.colleague)}


def _subscriptions(made: matrix.Specimens, person: Staff) -> dict[str, Any]:
    return {
        "own_subscription": Subscription(owner=person),
        "others_subscription": Subscription(owner=made.colleague),
    }


def _wechat(made: matrix.Specimens, person: Staff) -> dict[str, Any]:
    return {"own_account": WechatAccount(project=made.project)}
