"""WeCom (企业微信) as a way to sign in: what an account there is called."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from django.utils.translation import gettext_lazy as _

from shouwen.config.wecom.views import WeComAdapter


class WeComAccount(ProviderAccount):
    """An account of a member of the company in WeCom."""


class WeComProvider(OAuth2Provider):
    """WeCom, scanned on a computer or opened inside its app."""

    id = "wecom"
    name = _("企业微信")
    account_class = WeComAccount
    oauth2_adapter_class = WeComAdapter

    def extract_uid(self, data: dict[str, Any]) -> str:
        """The member's id within the company; ids of other companies never come this way."""
        return str(data["userid"])

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        """Nothing: the account belongs to staff whom we know already."""
        return {}


provider_classes = [WeComProvider]
