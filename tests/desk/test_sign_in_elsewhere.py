"""Signing in by the company's own accounts: a real provider on loopback, staff whom we know alone."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from tests.desk.conftest import Office

from shouwen.config.providers import configured
from shouwen.operations.wording import CannotGoOn

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Vendor(BaseHTTPRequestHandler):
    """Answers as an OpenID provider and as WeCom do, and remembers what it was asked."""

    asked: list[tuple[str, dict[str, list[str]]]] = []
    username = "front-desk-1"

    def log_message(self, *args: Any) -> None:
        """Quiet."""

    def _say(self, told: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        parts = urlparse(self.path)
        query = parse_qs(parts.query)
        self.asked.append((parts.path, query))
        here = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]
        if parts.path == "/.well-known/openid-configuration":
            self._say(
                {
                    "issuer": here,
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "userinfo_endpoint": f"{here}/userinfo",
                    "jwks_uri": f"{here}/keys",
                }
            )
        elif parts.path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            self._say({"keys": [public | {"kid": "1", "use": "sig", "alg": "RS256"}]})
        elif parts.path == "/userinfo":
            self._say({"sub": "u-1", "preferred_username": self.username, "name": "某岗"})
        elif parts.path == "/cgi-bin/gettoken":
            right = query.get("corpid") == ["corp"] and query.get("corpsecret") == ["hidden"]
            self._say(
                {"errcode": 0, "errmsg": "ok", "access_token": "company-token", "expires_in": 7200}
                if right
                else {"errcode": 40001, "errmsg": "invalid credential"}
            )
        elif parts.path == "/cgi-bin/auth/getuserinfo":
            right = query.get("access_token") == ["company-token"] and query.get("code") == ["ok"]
            self._say(
                {"errcode": 0, "errmsg": "ok", "userid": "desk1"}
                if right
                else {"errcode": 40029, "errmsg": "invalid code"}
            )
        else:
            self._say({}, 404)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        told = parse_qs(self.rfile.read(length).decode())
        self.asked.append((self.path, told))
        here = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]
        now = int(time.time())
        claims = {"iss": here, "sub": "u-1", "aud": "shouwen", "iat": now, "exp": now + 60}
        token = jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "1"})
        self._say({"access_token": "a", "token_type": "Bearer", "id_token": token})


@pytest.fixture
def vendor() -> Iterator[str]:
    Vendor.asked, Vendor.username = [], "front-desk-1"
    server = ThreadingHTTPServer(("127.0.0.1", 0), Vendor)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def oidc(address: str, **more: Any) -> dict[str, Any]:
    app = {
        "provider_id": "company",
        "name": "公司账号",
        "client_id": "shouwen",
        "secret": "hidden",
        "settings": {"server_url": address, **more},
    }
    return {"openid_connect": {"APPS": [app]}}


def through(client: Client, start: str, **answer: str) -> Any:
    """Go to the provider and come back with what it gives."""
    sent = client.get(start)
    assert sent.status_code == 302, sent.content[:300]
    state = parse_qs(urlparse(sent.headers["Location"]).query)["state"][0]
    back = start.replace("/login/", "/login/callback/")
    return client.get(back, {"state": state, **answer})


def test_an_oidc_account_signs_in_whom_the_company_knows_by_that_user_name(
    office: Office, settings: Any, vendor: str
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = oidc(vendor, match_username=True)
    client = Client()
    assert "用公司账号登录" in client.get("/accounts/login/").content.decode()
    through(client, "/accounts/oidc/company/login/", code="ok")
    assert client.get("/desk/").status_code == 200
    kept = SocialAccount.objects.get()
    assert (kept.user.username, kept.uid, kept.extra_data) == ("front-desk-1", "u-1", {})


def test_an_account_that_nobody_linked_makes_no_member_of_staff(
    office: Office, settings: Any, vendor: str
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = oidc(vendor)
    client = Client()
    answer = through(client, "/accounts/oidc/company/login/", code="ok")
    page = client.get(answer.headers["Location"]) if answer.status_code == 302 else answer
    assert "没有关联的账号" in page.content.decode()
    assert client.get("/desk/").status_code == 302
    assert not SocialAccount.objects.exists()


def wecom(address: str) -> dict[str, Any]:
    addresses = {"authorize_address": address, "api_address": address}
    app = {
        "client_id": "corp",
        "secret": "hidden",
        "settings": {"agent_id": "1000002", **addresses},
    }
    return {"wecom": {"APPS": [app]}}


def test_wecom_is_asked_as_the_vendor_documents_and_signs_in_who_linked_it(
    office: Office, settings: Any, vendor: str
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = wecom(vendor)
    SocialAccount.objects.create(user=office.person("front-desk-1"), provider="wecom", uid="desk1")
    client = Client()
    sent = client.get("/accounts/wecom/login/")
    asked = urlparse(sent.headers["Location"])
    query = {name: values[0] for name, values in parse_qs(asked.query).items()}
    assert asked.path == "/wwlogin/sso/login"
    assert query["login_type"] == "CorpApp"
    assert (query["appid"], query["agentid"]) == ("corp", "1000002")
    assert query["redirect_uri"].endswith("/accounts/wecom/login/callback/")
    through(client, "/accounts/wecom/login/", code="ok")
    assert client.get("/desk/").status_code == 200
    assert [path for path, _q in Vendor.asked] == [
        "/cgi-bin/gettoken",
        "/cgi-bin/auth/getuserinfo",
    ]


def test_wecom_says_no_with_status_200_and_nobody_is_signed_in(
    office: Office, settings: Any, vendor: str
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = wecom(vendor)
    SocialAccount.objects.create(user=office.person("front-desk-1"), provider="wecom", uid="desk1")
    client = Client()
    through(client, "/accounts/wecom/login/", code="wrong")
    assert client.get("/desk/").status_code == 302


def test_the_file_of_ways_to_sign_in_is_read_and_its_faults_are_named(tmp_path: Any) -> None:
    file = tmp_path / "sign-in.toml"
    assert configured(file) == {}

    def refused(text: str, mode: int = 0o600) -> str:
        file.write_text(text)
        file.chmod(mode)
        with pytest.raises(CannotGoOn) as said:
            configured(file)
        return str(said.value)

    good = '[wecom]\ncorp_id = "c"\nagent_id = "1"\nsecret = "s"\n'
    assert "600" in refused(good, 0o644)
    assert "telegram" in refused('[telegram]\nsecret = "s"\n')
    assert "agent_id" in refused('[wecom]\ncorp_id = "c"\nsecret = "s"\n')
    assert "TOML" in refused("[[wecom")
    file.write_text(good)
    file.chmod(0o600)
    assert configured(file)["wecom"]["APPS"][0]["client_id"] == "c"
