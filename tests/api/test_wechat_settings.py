"""An administrator makes an official account known, and the vendor's servers are let in by it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.api.wechat_server import WechatServer
from tests.desk.conftest import Office, at_desk

from shouwen.channels.wechat import accounts
from shouwen.channels.wechat.models import WechatAccount
from shouwen.organization.models import Project
from shouwen.records.models import Access

__all__ = ["at_desk"]

PAGE = "/settings/wechat/"


def given(**more: Any) -> dict[str, Any]:
    project = Project.objects.get(code="JX")
    return {
        "project": project.pk,
        "name": "小区物业",
        "app_id": "wxb11529c136998cb6",
        "secret": "app-secret-0123",
        "mode": "safe",
    } | more


def shown(page: Any, name: str) -> str:
    found = re.search(rf"data-{name}>([^<]+)<", page.content.decode())
    return found[1] if found else ""


def test_what_the_page_shows_once_is_what_the_vendor_is_let_in_by(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    desk = at_desk("administrator")
    page = desk.post(PAGE, given())
    assert page.status_code == 200
    server = WechatServer(
        shown(page, "url").removeprefix("http://testserver"),
        shown(page, "token"),
        shown(page, "key"),
        "wxb11529c136998cb6",
        encrypts=True,
        client=Client(),
    )
    assert server.verify().status == 200
    assert server.send(server.message("text", Content="5栋楼道的灯不亮。")).text
    again = desk.get(PAGE).content.decode()
    assert "在用" in again
    assert server.url in again
    for secret in (server.token, server.aes_key, "app-secret-0123"):
        assert secret not in again

    account = WechatAccount.objects.get()
    desk.post(f"{PAGE}{account.pk}/switch/", {"active": "0"})
    assert "已停用" in desk.get(PAGE).content.decode()
    fresh = desk.post(f"{PAGE}{account.pk}/rotate/")
    assert server.url not in fresh.content.decode()
    assert shown(fresh, "token") not in ("", server.token)
    desk.post(f"{PAGE}{account.pk}/", {"mode": "plain", "secret": ""})
    account.refresh_from_db()
    assert (account.mode, account.secret) == ("plain", "app-secret-0123")
    changes = Access.objects.filter(action="wechat_account_changed").order_by("pk")
    assert [each.facts["change"] for each in changes] == ["added", "stopped", "rotated", "changed"]


def test_what_is_wrong_is_said_and_nothing_is_made(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    page = at_desk("administrator").post(PAGE, given(app_id="gh_123", name=""))
    assert page.status_code == 422
    assert "以 wx 开头" in page.content.decode()
    assert not WechatAccount.objects.exists()


def test_why_nothing_arrives_is_said_on_the_page(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    desk = at_desk("administrator")
    page = desk.post(PAGE, given())
    address = shown(page, "url").removeprefix("http://testserver")
    assert Client().post(f"{address}?signature=0", b"<xml/>", "text/xml").status_code == 403
    assert "这里的不一致" in desk.get(PAGE).content.decode()


def test_the_page_asks_no_more_often_for_twenty_accounts(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    desk, keeper = at_desk("administrator"), office.person("administrator")

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.get(PAGE).status_code == 200
        return len(queries)

    def add(number: int) -> None:
        for n in range(number):
            accounts.add(office.project, name=f"{n}", app_id="wx12345678", mode="safe", by=keeper)

    add(1)
    few = asked()
    add(19)
    assert asked() <= few
