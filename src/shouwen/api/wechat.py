"""Where WeChat's servers bring what people sent to an official account, and take the answer back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from shouwen.channels.wechat import accounts, answers, door, messages, receiving
from shouwen.channels.wechat.crypto import Forged
from shouwen.channels.wechat.models import WechatAccount
from shouwen.notices import links
from shouwen.records import isolation


# The vendor's servers hold no cookie of ours: what they send is signed.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """The vendor's check of the address (GET), and each message with its passive reply (POST)."""
    account = accounts.found(token)
    if account is None:
        return HttpResponse(status=404)
    with isolation.transaction_of({account.project_id}):
        try:
            if request.method == "GET":
                return _plain(door.echo(account, request.GET.dict()))
            return _message(request, account)
        except Forged as why:
            accounts.heard(account, str(why) if str(why) in accounts.PROBLEMS else "signature")
            return HttpResponse(status=403)
        except messages.Unreadable:
            return HttpResponse(status=400)


def _message(request: HttpRequest, account: WechatAccount) -> HttpResponse:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > messages.LARGEST:
        return HttpResponse(status=413)
    opened = door.opened(account, request.GET.dict(), request.body, timezone.now())
    accounts.heard(account)

    def absolute(path: str) -> str:
        return links.absolute(path) or request.build_absolute_uri(path)

    reply = opened.reply(receiving.receive(account, opened.message, absolute))
    if reply == answers.NOTHING:
        return _plain(reply)
    return HttpResponse(reply, content_type="application/xml; charset=utf-8")


def _plain(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
