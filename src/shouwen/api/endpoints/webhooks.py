"""Webhooks and events: subscribing, what was sent, sending it again, reading on from a position."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime, ConfigDict

from shouwen.api import problems, telling
from shouwen.api.authentication import ApiRequest
from shouwen.api.door import operation
from shouwen.api.models import Message, Subscription
from shouwen.api.scopes import Scope
from shouwen.api.webhooks import delivering, events, replaying, sending, signing
from shouwen.api.webhooks.events import Position
from shouwen.complaints.refusals import NotAllowed
from shouwen.organization.models import Project
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit

router = Router(tags=["webhooks"])
SCOPE = Scope.WEBHOOKS
MOST_EVENTS = 200

Address = Annotated[str, Field(max_length=500, examples=["https://crm.example.cn/shouwen"])]


class Subscribe(Schema):
    """Where to tell what. No kinds: all of them; no project: all of mine."""

    model_config = ConfigDict(extra="forbid")

    url: Address
    kinds: list[str] = Field([], examples=[["received", "dispatched", "closed"]])
    project: str | None = Field(None, examples=["JX"])


class Change(Schema):
    """What is to be changed; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    url: Address | None = None
    kinds: list[str] | None = None
    is_active: bool | None = None


class SubscriptionOut(Schema):
    id: UUID
    url: str
    kinds: list[str]
    project: str | None
    is_active: bool
    created_at: AwareDatetime
    waiting: int
    replaying: bool


class Subscribed(SubscriptionOut):
    """A new subscription with its secret, which is never told again."""

    secret: str


class Subscriptions(Schema):
    items: list[SubscriptionOut]


class Event(Schema):
    """What happened; the body of a webhook."""

    position: str = Field(examples=["81234.5512"])
    kind: str = Field(examples=["dispatched"])
    number: str = Field(examples=["JX-20260301-001"])
    project: str = Field(examples=["JX"])
    entry: int
    status: str = Field(examples=["at_work"])
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime


class Events(Schema):
    """Events in ledger order. Ask on from `next` at any time; `more`: at once."""

    items: list[Event]
    next: str
    more: bool


class MessageOut(Schema):
    """A webhook that was, or will be, sent."""

    id: UUID
    state: telling.Labelled
    attempts: int
    answer: str
    made_at: AwareDatetime
    next_at: AwareDatetime | None
    delivered_at: AwareDatetime | None
    replayed: bool
    body: Event


class Messages(Schema):
    items: list[MessageOut]
    next: str | None


class Replay(Schema):
    """From where in the ledger: the position of the last event that arrived."""

    model_config = ConfigDict(extra="forbid")

    after: str = Field(examples=["81234.5512"])


def _told(found: Subscription) -> dict[str, Any]:
    return {
        "id": found.pk,
        "url": found.url,
        "kinds": found.kinds,
        "project": found.project.code if found.project else None,
        "is_active": found.is_active,
        "created_at": found.created_at,
        "waiting": delivering.waiting(found).count(),
        "replaying": bool(found.replay_after),
    }


def _mine(request: ApiRequest, pk: UUID) -> Subscription:
    person = request.auth.person
    found = visible_to(person, Subscription).select_related("project").filter(pk=pk).first()
    if found is None:
        raise problems.not_found()
    allowed = may(person, "keep_webhooks", found)
    if not allowed:
        raise NotAllowed(allowed.rule)
    return found


def _checked(url: str | None, kinds: list[str] | None) -> None:
    errors: dict[str, list[str]] = {}
    unknown = set(kinds or ()) - set(events.kinds())
    if unknown:
        errors["kinds"] = [_("没有这种事件：{kinds}").format(kinds=", ".join(sorted(unknown)))]
    if url is not None:
        try:
            sending.target_of(url)
        except sending.AddressRefused as refused:
            errors["url"] = [REFUSED[refused.code]()]
    if errors:
        raise problems.invalid(errors)


REFUSED = {
    "not_an_address": lambda: _("请写完整的 https 地址，不带用户名和密码"),
    "unknown_host": lambda: _("找不到这个主机"),
    "private_address": lambda: _("本机和内网地址要由管理员在 SHOUWEN_WEBHOOK_NETWORKS 里允许"),
    "not_https": lambda: _("公网地址只用 https"),
}


def _noted(action: str, request: ApiRequest, found: Subscription) -> None:
    audit.note(
        action,
        actor_id=request.auth.person.pk,
        subject_type="webhook",
        project_id=found.project_id,
        key=request.auth.key.prefix,
        webhook=str(found.pk),
    )


@operation(
    router,
    "GET",
    "/webhooks",
    rule="keep_webhooks",
    scope=SCOPE,
    response=Subscriptions,
    summary="Subscriptions",
)
def list_webhooks(request: ApiRequest) -> Any:
    """One's own; for administrators of the whole company everybody's."""
    found = visible_to(request.auth.person, Subscription).select_related("project")
    return {"items": [_told(each) for each in found]}


@operation(
    router,
    "POST",
    "/webhooks",
    rule="keep_webhooks",
    scope=SCOPE,
    response=Subscribed,
    status=201,
    summary="Subscribe",
)
def add_webhook(request: ApiRequest, response: HttpResponse, body: Subscribe) -> Any:
    """From now on the address is told of every event about complaints that the key's person may see.
    Addresses of this machine and of private networks are refused unless the administrator allows them.
    """
    person = request.auth.person
    project = None
    if body.project is not None:
        project = visible_to(person, Project).filter(code=body.project).first()
        if project is None:
            raise problems.invalid({"project": [_("没有这一项，请从列表中选择")]})
    _checked(body.url, body.kinds)
    secret = signing.new_secret()
    made = Subscription.objects.create(
        owner=person,
        project=project,
        url=body.url,
        kinds=body.kinds,
        secret=secret,
        created_at=timezone.now(),
    )
    _noted("webhook_added", request, made)
    response.headers["Location"] = f"/api/v1/webhooks/{made.pk}"
    return _told(made) | {"secret": secret}


@operation(
    router,
    "GET",
    "/webhooks/{webhook}",
    rule="keep_webhooks",
    scope=SCOPE,
    response=SubscriptionOut,
    summary="A subscription",
)
def read_webhook(request: ApiRequest, webhook: UUID) -> Any:
    """With how many messages wait for it."""
    return _told(_mine(request, webhook))


@operation(
    router,
    "PATCH",
    "/webhooks/{webhook}",
    rule="keep_webhooks",
    scope=SCOPE,
    response=SubscriptionOut,
    summary="Change a subscription",
)
def change_webhook(request: ApiRequest, webhook: UUID, body: Change) -> Any:
    """Switched off, nothing new is written for it; switched on again, what waits is sent."""
    found = _mine(request, webhook)
    given = body.dict(exclude_none=True)
    _checked(given.get("url"), given.get("kinds"))
    for name, value in given.items():
        setattr(found, name, value)
    if given:
        found.save(update_fields=list(given))
        _noted("webhook_changed", request, found)
    if found.is_active:
        delivering.begin(found)
    return _told(found)


@operation(
    router,
    "DELETE",
    "/webhooks/{webhook}",
    rule="keep_webhooks",
    scope=SCOPE,
    response=None,
    status=204,
    summary="Unsubscribe",
)
def remove_webhook(request: ApiRequest, webhook: UUID) -> Any:
    """Nothing more is sent, what waits neither."""
    found = _mine(request, webhook)
    _noted("webhook_removed", request, found)
    found.delete()


@operation(
    router,
    "GET",
    "/webhooks/{webhook}/messages",
    rule="keep_webhooks",
    scope=SCOPE,
    response=Messages,
    summary="What was sent",
)
def list_messages(
    request: ApiRequest,
    webhook: UUID,
    after: Annotated[UUID | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """The messages of the last 30 days, newest first, with what was answered."""
    found = _mine(request, webhook)
    rows = found.messages.order_by("-made_at", "-pk")
    if after is not None:
        last = found.messages.filter(pk=after).first()
        if last is None:
            raise problems.invalid({"after": [_("请使用上一页给出的 next")]})
        rows = rows.extra(where=["(made_at, id) < (%s, %s)"], params=[last.made_at, last.pk])
    page = list(rows[: limit + 1])
    return {
        "items": [_message(each) for each in page[:limit]],
        "next": str(page[limit - 1].pk) if len(page) > limit else None,
    }


def _message(found: Message) -> dict[str, Any]:
    waits = found.state == Message.State.WAITING
    return {
        "id": found.pk,
        "state": {"code": found.state, "label": str(Message.State(found.state).label)},
        "attempts": found.attempts,
        "answer": found.answer,
        "made_at": found.made_at,
        "next_at": found.next_at if waits else None,
        "delivered_at": found.delivered_at,
        "replayed": found.replayed,
        "body": found.body,
    }


@operation(
    router,
    "POST",
    "/webhooks/{webhook}/replay",
    rule="keep_webhooks",
    scope=SCOPE,
    response=SubscriptionOut,
    status=202,
    refuses=(409,),
    summary="Send again from a position",
)
def replay_webhook(request: ApiRequest, webhook: UUID, body: Replay) -> Any:
    """Everything behind the position is sent once more, from the ledger itself: also what happened
    before the subscription, or was given up. `0.0` is the beginning.
    """
    found = _mine(request, webhook)
    position = Position.read(body.after)
    if position is None:
        raise problems.invalid({"after": [_("请使用事件里的 position")]})
    if found.replay_after:
        raise problems.Problem(
            409,
            "replaying",
            _("正在重放"),
            what_to_do=_("等 replaying 变为 false 后再试。"),
        )
    replaying.begin(found, position)
    _noted("webhook_replayed", request, found)
    return _told(found)


@operation(
    router,
    "GET",
    "/events",
    rule="see_complaint",
    scope=SCOPE,
    response=Events,
    summary="Events from a position on",
)
def list_events(
    request: ApiRequest,
    after: Annotated[str, Query(description="a position; `newest`: only where the end is")] = "0.0",
    limit: Annotated[int, Query(ge=1, le=MOST_EVENTS)] = 50,
) -> Any:
    """What webhooks tell, to be fetched instead: nothing is missed and nothing comes twice, whatever
    is written meanwhile.
    """
    if after == "newest":
        return {"items": [], "next": str(events.newest()), "more": False}
    position = Position.read(after)
    if position is None:
        raise problems.invalid({"after": [_("请使用事件里的 position")]})
    entries = events.after(position, limit)
    told = events.told(entries, request.auth.person)
    last = Position.of(entries[-1]) if entries else position
    return {
        "items": [body for _entry, body in told],
        "next": str(last),
        "more": len(entries) == limit,
    }
