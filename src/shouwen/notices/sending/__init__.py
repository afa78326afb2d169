"""Sending a message to an address: the one way out."""

from __future__ import annotations

from django.utils import timezone

from shouwen.notices import addresses, targets
from shouwen.notices.address import Address, Gateway, Outcome
from shouwen.notices.message import Message
from shouwen.notices.sending import dingtalk, feishu, gateway, mail, others, web_push, wecom
from shouwen.notices.sending.failures import Failed

__all__ = ["Failed", "send"]

Kind = Address.Kind


def send(address: Address, message: Message, *, delivery: str = "") -> None:
    """Send the message, and keep on the address (and the company's gateway) how it went.

    `delivery` is the same for every attempt at one delivery: gateways and mailboxes drop a second
    by it. For in-app the notice itself is the delivery, so nothing is left to do. Raises Failed.
    """
    try:
        _send(address, message, delivery)
    except Failed as failure:
        _keep(address, failure.code)
        raise
    _keep(address, "")


def _send(address: Address, message: Message, delivery: str) -> None:
    if address.kind == Kind.IN_APP:
        return
    target = addresses.recorded_target(address) if address.by_record else str(address.target)
    if not target:
        raise Failed("no_target", temporary=False)
    if address.kind == Kind.EMAIL:
        mail.send(target, message, delivery)
    elif address.kind == Kind.WEBHOOK_SMS:
        gateway.send(Gateway.Kind.SMS, target, message, delivery)
    elif address.kind == Kind.WEBHOOK_CALL:
        gateway.send(Gateway.Kind.CALL, target, message, delivery)
    elif address.kind == Kind.WECOM and target.startswith("wecom://"):
        wecom.send_to_user(target.removeprefix("wecom://"), message)
    elif address.kind == Kind.WECOM:
        wecom.send_to_robot(target.removeprefix("wecombot://"), message)
    elif address.kind == Kind.DINGTALK:
        dingtalk.send(*targets.robot(target), message)
    elif address.kind == Kind.FEISHU:
        feishu.send(*targets.robot(target), message)
    elif address.kind == Kind.WEB_PUSH:
        web_push.send(target, message)
    else:
        others.send(target, message)


def _keep(address: Address, code: str) -> None:
    _set(address, code)
    kind = addresses.gateway_of(address)
    gateway = Gateway.objects.filter(kind=kind).first() if kind else None
    # A wrong telephone number is no fault of the gateway.
    if gateway is not None and code not in ("nobody_there", "no_target", "address_wrong"):
        _set(gateway, code)


def _set(row: Outcome, code: str) -> None:
    if code:
        row.last_failed_at, row.last_error = timezone.now(), code
        row.save(update_fields=["last_failed_at", "last_error"])
    else:
        row.last_ok_at, row.last_error = timezone.now(), ""
        row.save(update_fields=["last_ok_at", "last_error"])
