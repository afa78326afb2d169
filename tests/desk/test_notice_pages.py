"""My notices, the company's channels and its floor, as people use the pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from tests.desk.conftest import Office
from tests.desk.conftest import sign_in as signed_in
from tests.notices.receivers import MailServer, receiving

from shouwen.notices import addresses, gateways
from shouwen.notices.address import Address, Gateway
from shouwen.notices.gateways import Smtp, Webhook
from shouwen.notices.preferences import Floor
from shouwen.notices.urgency import Urgency
from shouwen.organization.models import Department
from shouwen.records.models import Access

AtDesk = Callable[[str], Client]
ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a0000-7aoc-4bc4-97a0"
SECRET = "a secret of both sides, 32 bytes"


class Taken:
    async def handle_DATA(self, *_said: object) -> str:
        return "250 taken"


@pytest.fixture
def mail_server() -> Iterator[int]:
    """A mail server inside the house, in use."""

    server = MailServer(Taken(), hostname="127.0.0.1", port=0)
    server.start()
    yield server.bound
    server.stop()


def _use(port: int) -> None:
    gateways.save(
        Gateway.Kind.SMTP,
        Smtp(host="127.0.0.1", port=port, security="none", sender="notices@example.cn"),
    )


def _add(client: Client, kind: str, text: str, secret: str = "", where: str = "") -> int:
    given = {"kind": kind, "text": text, "secret": secret, "name": "夜班群"}
    if where:
        return client.post("/settings/channels/groups/", given | {"owner": where}).status_code
    return client.post("/my/addresses/", given).status_code


def test_an_address_is_added_masked_ever_after_and_removed(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("front-desk-1")
    assert _add(client, "wecom", ROBOT) == 302
    page = client.get("/my/notices/").content.decode()
    assert "wecombot://…97a0" in page and "夜班群" in page and "693a0000" not in page
    address = Address.objects.get(kind="wecom")
    assert not address.reaches_one
    client.post(f"/my/addresses/{address.pk}/switch/")
    address.refresh_from_db()
    assert not address.is_active
    client.post(f"/my/addresses/{address.pk}/remove/")
    assert not Address.objects.filter(kind="wecom").exists()
    acts = set(Access.objects.values_list("action", flat=True))
    assert {"address_added", "address_changed", "address_removed"} <= acts


@pytest.mark.parametrize(
    ("kind", "text", "secret"),
    [
        ("wecom", "https://example.cn/cgi-bin/webhook/send?key=693a0000-7aoc", ""),
        ("wecom", "@all", ""),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send", ""),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=0123456789ab", "short"),
        ("feishu", "https://open.feishu.cn/", ""),
        ("email", "nobody", ""),
        ("webhook_sms", "call me", ""),
        ("apprise", "no-such-service://x", ""),
        ("apprise", "dbus://", ""),
        (
            "apprise",
            "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?template=/etc/passwd",
            "",
        ),
        ("apprise", "json://127.0.0.1:5432/", ""),
        ("apprise", "json://169.254.169.254/latest/", ""),
        ("apprise", "jsons://database/", ""),
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(
    kind: str, text: str, secret: str, office: Office, at_desk: AtDesk
) -> None:
    assert _add(at_desk("front-desk-1"), kind, text, secret) == 422
    assert not Address.objects.filter(by_record=False).exists()


def test_servers_inside_are_for_administrators_to_enter(office: Office, at_desk: AtDesk) -> None:
    assert _add(at_desk("administrator"), "apprise", "json://127.0.0.1:5432/") == 302


def test_an_apprise_url_of_a_robot_becomes_our_own_kind(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("front-desk-1")
    assert _add(client, "apprise", "dingtalk://SEC0123456789@0123456789abcdef") == 302
    address = Address.objects.get(by_record=False)
    assert (address.kind, str(address.target)) == (
        "dingtalk",
        "dingtalk://SEC0123456789@0123456789abcdef",
    )


def test_the_same_address_is_not_added_twice(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("front-desk-1")
    assert (_add(client, "wecom", ROBOT), _add(client, "wecom", ROBOT)) == (302, 422)


def test_nobody_touches_anothers_address(office: Office, at_desk: AtDesk) -> None:
    _add(at_desk("front-desk-1"), "wecom", ROBOT)
    address = Address.objects.get(kind="wecom")
    for act in ("try", "switch", "remove"):
        answer = at_desk("administrator").post(f"/my/addresses/{address.pk}/{act}/")
        assert answer.status_code == 404
    assert Address.objects.get(pk=address.pk).is_active


def test_a_departments_group_is_kept_by_its_head_and_a_projects_by_its_centre(
    office: Office, at_desk: AtDesk
) -> None:
    department = f"department-{Department.objects.get(code='jx-engineering').pk}"
    project = f"project-{office.project.pk}"
    head = at_desk("engineering-head")
    assert _add(head, "wecom", ROBOT, where=department) == 302
    assert _add(head, "wecom", ROBOT, where=project) == 422
    assert _add(at_desk("centre-head"), "wecom", ROBOT, where=project) == 302
    assert at_desk("front-desk-1").get("/settings/channels/").status_code == 403
    assert len(addresses.addresses_of_group(office.project.pk)) == 1
    assert len(addresses.addresses_of_group(office.project.pk, "jx-engineering")) == 1


def test_a_trial_shows_beside_the_address_what_came_of_it(
    office: Office, at_desk: AtDesk, mail_server: int
) -> None:
    client = at_desk("front-desk-1")
    _add(client, "email", "night@example.cn")
    address = Address.objects.get(kind="email", by_record=False)
    _use(9)
    page = client.post(f"/my/addresses/{address.pk}/try/", follow=True).content.decode()
    assert "连不上对方的服务器" in page and "请检查网络" in page
    _use(mail_server)
    page = client.post(f"/my/addresses/{address.pk}/try/", follow=True).content.decode()
    assert "试发成功" in page and "连不上对方的服务器" not in page


def test_a_channel_that_fails_is_shown_to_the_administrator_with_what_to_do(
    office: Office, at_desk: AtDesk, mail_server: int
) -> None:
    client = at_desk("administrator")
    _add(client, "email", "admin@example.cn")
    _use(9)
    page = client.post("/settings/channels/smtp/try/", follow=True).content.decode()
    assert "发不出" in page and "连不上对方的服务器" in page
    assert "邮件服务器发不出通知" in client.get("/desk/").content.decode()
    assert "邮件服务器发不出通知" not in at_desk("front-desk-1").get("/desk/").content.decode()
    _use(mail_server)
    page = client.post("/settings/channels/smtp/try/", follow=True).content.decode()
    assert "试发成功" in page
    assert "邮件服务器发不出通知" not in client.get("/desk/").content.decode()


def test_a_gateways_secret_is_never_shown_and_stays_when_left_empty(
    office: Office, at_desk: AtDesk
) -> None:
    client = at_desk("administrator")
    given = {"url": "https://sms.example.cn/in", "secret": SECRET}
    assert client.post("/settings/channels/sms/", given).status_code == 302
    assert SECRET not in client.get("/settings/channels/sms/").content.decode()
    assert client.post("/settings/channels/sms/", given | {"secret": ""}).status_code == 302
    kept = gateways.load(Gateway.Kind.SMS, Webhook)
    assert kept is not None and kept.secret.get_secret_value() == SECRET
    wrong = client.post("/settings/channels/sms/", {"url": "sms", "secret": "short-secret"})
    assert wrong.status_code == 422 and "short-secret" not in wrong.content.decode()


def test_own_rules_are_kept_within_the_floor(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("front-desk-1")
    person = office.person("front-desk-1")
    page = client.get("/my/notices/")
    form = page.context["form"]
    given = {name: form[name].value() for name in form.fields if "_" in name}
    given |= {"quiet_since": "23:00", "quiet_until": "06:30", "digest_at": "9:00，17:30"}
    given |= {"kinds": ["breached"], "soon_email": "10", "emergency_email": "-"}
    assert client.post("/my/notices/", given).status_code == 302
    rules = addresses.rules_of(person)
    assert rules.steps[Urgency.SOON]["email"] == 10
    assert "email" not in rules.steps[Urgency.EMERGENCY]
    assert [f"{each:%H:%M}" for each in rules.digest_at] == ["09:00", "17:30"]
    assert "warned" in rules.off and "breached" not in rules.off
    refused = client.post("/my/notices/", given | {"emergency_webhook_call": "-"})
    assert refused.status_code == 422
    refused = client.post("/my/notices/", given | {"quiet_until": ""})
    assert refused.status_code == 422


def test_the_floor_is_the_administrators_and_binds_everybody(
    office: Office, at_desk: AtDesk
) -> None:
    client = at_desk("administrator")
    given = {"emergency_email": "on", "latest": "3", "kinds": ["breached"]}
    assert client.post("/settings/notice-floor/", given).status_code == 302
    assert addresses.floor() == Floor(
        channels={
            Urgency.EMERGENCY: {"in_app", "email"},
            Urgency.SOON: {"in_app"},
            Urgency.LATER: {"in_app"},
        },
        latest=3,
        kinds={"breached"},
    )
    page = at_desk("front-desk-1").get("/my/notices/").content.decode()
    assert "公司要求" in page and "公司要求总要发出来的：已超时" in page
    assert at_desk("centre-head").get("/settings/notice-floor/").status_code == 403


def test_in_the_browser_an_address_is_added_and_tried(
    office: Office, live_server: object, page: Page
) -> None:
    with receiving(lambda request: (200, {})) as receiver:
        signed_in(page, "administrator")
        page.goto("/my/notices/")
        page.get_by_text("＋ 添加地址").click()
        page.get_by_label("渠道").first.select_option("apprise")
        page.get_by_label("地址", exact=False).last.fill(f"json://127.0.0.1:{receiver.port}/x")
        page.get_by_role("button", name="添加").click()
        expect(page.get_by_text("已添加，请试发一次")).to_be_visible()
        line = page.locator("#addresses li", has_text="json://…")
        line.get_by_role("button", name="试发").click()
        expect(page.locator("#addresses li", has_text="json://…")).to_contain_text("试发成功")
    assert re.search("试发", receiver.requests[0].json["title"])
