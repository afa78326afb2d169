"""Signing in by WeCom: its OAuth2 names things otherwise and gives the token to the company.

As the vendor documents: the browser is sent to `/wwlogin/sso/login` with `appid`, `agentid`,
`redirect_uri` and `state`; with the `code` that comes back and the company's `access_token`
(`/cgi-bin/gettoken`) the member is asked for at `/cgi-bin/auth/getuserinfo`.
"""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.views import (
    OAuth2Adapter,
    OAuth2CallbackView,
    OAuth2LoginView,
)
from django.http import HttpRequest
from django.utils.http import urlencode

AUTHORIZE = "https://login.work.weixin.qq.com"
API = "https://qyapi.weixin.qq.com"
SECONDS = 10


class WeComClient(OAuth2Client):
    """Sends the browser to WeCom, and fetches the company's token."""

    agent_id = ""

    def get_redirect_url(
        self, authorization_url: str, scope: Any, extra_params: dict[str, Any]
    ) -> str:
        """Where the browser goes to be recognised."""
        asked = {
            "login_type": "CorpApp",
            "appid": self.consumer_key,
            "agentid": self.agent_id,
            "redirect_uri": self.callback_url,
        }
        if self.state:
            asked["state"] = self.state
        return f"{authorization_url}?{urlencode(asked)}"

    def get_access_token(self, code: str, pkce_code_verifier: str | None = None) -> dict[str, Any]:
        """The company's token, with the member's code beside it. Raises OAuth2Error."""
        answer = _asked(
            self.access_token_url, corpid=self.consumer_key, corpsecret=self.consumer_secret
        )
        return {"access_token": answer["access_token"], "code": code}


class WeComAdapter(OAuth2Adapter):
    """How WeCom is asked."""

    provider_id = "wecom"
    client_class = WeComClient

    @property
    def _settings(self) -> dict[str, Any]:
        return dict(self.get_provider().app.settings)

    @property
    def authorize_url(self) -> str:
        """Where members show who they are."""
        return f"{self._settings.get('authorize_address', AUTHORIZE)}/wwlogin/sso/login"

    @property
    def access_token_url(self) -> str:
        """Where the company's token is fetched."""
        return f"{self._api}/cgi-bin/gettoken"

    @property
    def _api(self) -> str:
        return str(self._settings.get("api_address", API))

    def get_client(self, request: HttpRequest, app: Any) -> OAuth2Client:
        """The client, told which of the company's applications asks."""
        client = super().get_client(request, app)
        client.agent_id = app.settings["agent_id"]
        return client

    def complete_login(
        self, request: HttpRequest, app: Any, token: Any, **kwargs: Any
    ) -> SocialLogin:
        """Who the member is. Raises OAuth2Error for somebody who is not of the company."""
        response = kwargs["response"]
        found = _asked(
            f"{self._api}/cgi-bin/auth/getuserinfo",
            access_token=response["access_token"],
            code=response["code"],
        )
        if "userid" not in found:
            raise OAuth2Error("not a member of the company")
        return self.get_provider().sociallogin_from_response(request, {"userid": found["userid"]})


def _asked(address: str, **parameters: str) -> dict[str, Any]:
    """What WeCom answers: it says in the body, not by the status, that something is wrong."""
    with get_adapter().get_requests_session() as session:
        response = session.get(address, params=parameters, timeout=SECONDS)
        if response.status_code != 200:
            raise OAuth2Error(f"WeCom answers {response.status_code}")
        answer: dict[str, Any] = response.json()
    if answer.get("errcode"):
        raise OAuth2Error(f"WeCom answers errcode {answer['errcode']}")
    return answer


oauth2_login = OAuth2LoginView.adapter_view(WeComAdapter)
oauth2_callback = OAuth2CallbackView.adapter_view(WeComAdapter)
