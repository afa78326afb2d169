"""A passkey in a real browser: added on one's account page, then signed in by."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext
from tests.desk.conftest import Office


def test_a_passkey_is_added_and_signs_in(
    office: Office, open_context: Callable[[], BrowserContext], live_server: object
) -> None:
    staff = office.person("front-desk-1")
    staff.set_password("一串-很长-的口令-2026")
    staff.save()
    page = open_context().new_page()
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.goto("/accounts/login/")
    page.fill("#id_login", "front-desk-1")
    page.fill("#id_password", "一串-很长-的口令-2026")
    page.click('form button[type="submit"].main')
    page.wait_for_url("**/desk/")
    page.goto("/account/")
    page.click('a[href="/accounts/2fa/webauthn/add/"]')
    # Whoever adds one shows once more that it is they.
    page.fill('[name="password"]', "一串-很长-的口令-2026")
    page.click('form button[type="submit"]')
    page.check('[name="passwordless"]')
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    page.goto("/account/")
    assert page.locator(".kept", has_text="已启用").count() == 1
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url("**/desk/")
