"""Signing in: a second factor where it must be, invitations, locks that all processes share, sessions."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from tests.desk.conftest import Office

import shouwen.config.urls  # noqa: F401 - read in demo mode, whatever a test sets later
from shouwen.desk.reachability import Reachability
from shouwen.organization import invitations, signing_in
from shouwen.organization.models import Invitation, Staff
from shouwen.records.models import Access

PASSWORD = "一串-很长-的口令-2026"


@pytest.fixture(autouse=True)
def _no_earlier_attempts(db: None) -> None:
    cache.clear()


def with_password(office: Office, username: str) -> Staff:
    staff = office.person(username)
    staff.set_password(PASSWORD)
    staff.save()
    return staff


def sign_in(client: Client, username: str, password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": username, "password": password})


def actions() -> list[str]:
    return list(Access.objects.order_by("id").values_list("action", flat=True))


# -- the second factor


@pytest.mark.parametrize("username", ["company-leader", "board-leader", "administrator"])
def test_leaders_and_administrators_reach_nothing_without_a_second_factor(
    office: Office, settings: Any, username: str
) -> None:
    settings.SHOUWEN_DEMO = False
    client = Client()
    client.force_login(office.person(username))
    for address in ("/desk/", "/complaints/", "/settings/"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/account/")
    page = client.get("/account/").content.decode()
    assert "您的岗位必须启用两步验证" in page
    assert (
        client.get("/desk/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/account/"
    )
    # Setting one up opens the rest.
    staff = office.person(username)
    secret = get_adapter().encrypt(totp.generate_totp_secret())
    Authenticator.objects.create(user=staff, type=Authenticator.Type.TOTP, data={"secret": secret})
    assert client.get("/desk/").status_code == 200


def test_others_may_have_one_and_the_demo_asks_nobody(office: Office, settings: Any) -> None:
    settings.SHOUWEN_DEMO = False
    assert not signing_in.lacks_a_second_factor(office.person("front-desk-1"))
    settings.SHOUWEN_DEMO = True
    assert not signing_in.lacks_a_second_factor(office.person("company-leader"))


def test_a_one_time_code_is_asked_for_after_the_password(office: Office) -> None:
    staff = with_password(office, "front-desk-1")
    secret = totp.generate_totp_secret()
    Authenticator.objects.create(
        user=staff, type=Authenticator.Type.TOTP, data={"secret": get_adapter().encrypt(secret)}
    )
    assert secret not in str(Authenticator.objects.get().data)
    client = Client()
    answer = sign_in(client, "front-desk-1")
    assert answer.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/desk/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    code = totp.format_hotp_value(
        totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time()))
    )
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert client.get("/desk/").status_code == 200


def test_a_lost_second_factor_is_lifted_by_another_administrator_alone(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    leader = office.person("company-leader")
    Authenticator.objects.create(user=leader, type=Authenticator.Type.TOTP, data={"secret": "x"})
    path = f"/settings/staff/{leader.pk}/second-factor/"
    assert at_desk("centre-head").post(path).status_code == 403
    assert at_desk("administrator").post(path).status_code == 302
    assert not Authenticator.objects.exists()
    assert actions()[-1] == "second_factor_removed"


# -- invitations


def test_an_invitation_sets_the_password_once_and_looking_uses_nothing_up(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    staff = office.person("front-desk-1")
    page = at_desk("administrator").post(f"/settings/staff/{staff.pk}/invite/").content.decode()
    found = re.search(r"/invitation/([\w-]+)/", page)
    assert found
    token = found[1]
    assert token not in str(list(Invitation.objects.values()))
    guest = Client()
    for _look in range(3):
        assert staff.name in guest.get(f"/invitation/{token}/").content.decode()
    weak = guest.post(f"/invitation/{token}/", {"password": "12345678", "again": "12345678"})
    assert weak.status_code == 422
    other = guest.post(f"/invitation/{token}/", {"password": PASSWORD, "again": PASSWORD + "x"})
    assert "两次输入不一样" in other.content.decode()
    done = guest.post(f"/invitation/{token}/", {"password": PASSWORD, "again": PASSWORD})
    assert done.status_code == 302
    assert guest.get("/desk/").status_code == 200
    assert guest.get(f"/invitation/{token}/").status_code == 410
    assert Staff.objects.get(pk=staff.pk).check_password(PASSWORD)
    assert {"invited", "invitation_used"} <= set(actions())


def test_an_invitation_expires_is_replaced_and_can_be_withdrawn(office: Office) -> None:
    staff = office.person("front-desk-1")
    first = invitations.invite(staff, by=None)
    second = invitations.invite(staff, by=None)
    assert invitations.invited(first) is None
    assert invitations.invited(second) == staff
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert invitations.accept(second, PASSWORD) is None
    third = invitations.invite(staff, by=None)
    assert invitations.withdraw(staff, by=None)
    assert invitations.invited(third) is None


def test_the_first_administrator_is_made_by_a_command_that_prints_a_link(db: None) -> None:
    out = StringIO()
    call_command("administrator", username="root-of-all", stdout=out)
    found = re.search(r"/invitation/([\w-]+)/", out.getvalue())
    assert found
    staff = invitations.invited(found[1])
    assert staff is not None
    assert signing_in.needs_a_second_factor(staff)
    assert not staff.has_usable_password()


# -- locks and sessions


def test_five_wrong_passwords_lock_the_account_everywhere_until_it_is_lifted(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    staff = with_password(office, "front-desk-1")
    for attempt in range(5):
        # Each from another browser and address: what counts is the account.
        sign_in(Client(REMOTE_ADDR=f"10.0.0.{attempt + 1}"), "front-desk-1", "wrong")
    late = Client(REMOTE_ADDR="10.0.0.99")
    sign_in(late, "front-desk-1")
    assert late.get("/desk/").status_code == 302
    assert actions().count("sign_in_failed") == 5
    assert actions()[-1] == "locked_out"
    at_desk("administrator").post(f"/settings/staff/{staff.pk}/unlock/")
    sign_in(late, "front-desk-1")
    assert late.get("/desk/").status_code == 200
    assert "signed_in" in actions()


def test_what_was_typed_at_a_failed_sign_in_is_written_down_nowhere(office: Office) -> None:
    sign_in(Client(), "13800001001", "秘密")
    note = Access.objects.get(action="sign_in_failed")
    assert (note.actor_id, note.facts) == (None, {})


def test_sessions_are_listed_and_one_or_all_others_are_ended(office: Office) -> None:
    with_password(office, "front-desk-1")
    here, there, third = Client(), Client(), Client()
    for client, browser in (
        (here, "Chrome Windows"),
        (there, "Safari iPhone"),
        (third, "Firefox Linux"),
    ):
        client.defaults["HTTP_USER_AGENT"] = browser
        sign_in(client, "front-desk-1")
    page = here.get("/account/").content.decode()
    assert all(name in page for name in ("Chrome · Windows", "Safari · iPhone", "本机"))
    phone = UserSession.objects.get(user_agent__contains="iPhone")
    here.post("/account/sessions/end/", {"session": phone.pk})
    assert there.get("/desk/").status_code == 302
    assert third.get("/desk/").status_code == 200
    here.post("/account/sessions/end-others/")
    assert third.get("/desk/").status_code == 302
    assert here.get("/desk/").status_code == 200


def test_a_changed_password_ends_every_other_session(office: Office) -> None:
    with_password(office, "front-desk-1")
    here, there = Client(), Client()
    sign_in(here, "front-desk-1")
    sign_in(there, "front-desk-1")
    told = {"oldpassword": PASSWORD, "password1": PASSWORD + "新", "password2": PASSWORD + "新"}
    assert here.post("/accounts/password/change/", told).status_code == 302
    assert there.get("/desk/").status_code == 302
    assert here.get("/desk/").status_code == 200


# -- the address


@pytest.mark.parametrize(
    ("host", "encrypted", "passkeys", "secure"),
    [
        ("complaints.example.cn", True, True, True),
        ("complaints.example.cn", False, False, False),
        ("192.0.2.7", True, False, True),
        ("192.0.2.7", False, False, False),
        ("localhost", False, True, True),
        ("127.0.0.1", False, False, True),
        ("[::1]", False, False, True),
    ],
)
def test_what_an_address_can_offer(
    host: str, encrypted: bool, passkeys: bool, secure: bool
) -> None:
    here = Reachability(host, encrypted)
    assert (here.passkeys, here.secure) == (passkeys, secure)


def test_the_administrator_is_told_what_this_address_cannot_offer(
    at_desk: Callable[[str], Client],
) -> None:
    page = at_desk("administrator").get("/settings/address/").content.decode()
    assert "通行密钥" in page
    assert "用域名访问，并配置证书" in page
    assert at_desk("front-desk-1").get("/settings/address/").status_code == 403


def test_the_demos_one_click_sign_in_is_not_there_outside_demo_mode(
    office: Office, settings: Any
) -> None:
    settings.SHOUWEN_DEMO = False
    assert Client().post("/demo/sign-in/administrator/").status_code == 404
    assert "demo/sign-in" not in Client().get("/accounts/login/").content.decode()
