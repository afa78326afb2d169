"""How django-allauth treats accounts here: nobody signs up, everything is written down."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shouwen.organization import signing_in
from shouwen.organization.models import Staff
from shouwen.records import fields


class StaffAccounts(DefaultAccountAdapter):
    """User name and password."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _(
            "密码错误次数太多，这个账号暂时锁定。请等五分钟再试，或请系统管理员解除锁定、重新邀请。"
        )
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: whoever works here is entered by the company."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse, and write down, once there were too many attempts."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            signing_in.noted("locked_out", self._asked(credentials), self.get_client_ip(request))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write it down: by the account that was meant, never by what was typed."""
        signing_in.noted("sign_in_failed", self._asked(credentials), self.get_client_ip(request))

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in, and write it down."""
        super().login(request, user)
        signing_in.noted("signed_in", user, self.get_client_ip(request))

    def logout(self, request: HttpRequest) -> None:
        """Sign out, and write it down."""
        user = request.user if request.user.is_authenticated else None
        super().logout(request)
        signing_in.noted("signed_out", user, self.get_client_ip(request))

    def set_password(self, user: Any, password: str) -> None:
        """Set it; every other session of the account ends with it."""
        super().set_password(user, password)
        signing_in.noted("password_changed", user)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # Whatever name the site is reached by: an administrator lifts the lock from another one.
        return f"login:{str(credentials.get('username', '')).lower()}"

    def _asked(self, credentials: dict[str, Any]) -> Staff | None:
        return Staff.objects.filter(username=credentials.get("username", "")).first()


class SecondFactors(DefaultMFAAdapter):
    """Passkeys and one-time codes."""

    def encrypt(self, text: str) -> str:
        """The secret of a one-time code lies encrypted like everything personal."""
        return fields.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret of a one-time code."""
        return str(fields.decrypt(encrypted_text))

    def send_notification_mail(
        self, template_prefix: str, user: Any, *args: Any, **kw: Any
    ) -> None:
        """What allauth would mail about is written down instead."""
        if action := _TOLD.get(template_prefix.rpartition("/")[2]):
            signing_in.noted(action, user)


_TOLD = {
    "totp_activated": "second_factor_added",
    "webauthn_added": "second_factor_added",
    "totp_deactivated": "second_factor_removed",
    "webauthn_removed": "second_factor_removed",
}


class OneTimeCode(AuthenticateForm):
    """The code after the password; a wrong one is written down like a wrong password."""

    def clean_code(self) -> str:
        """The code, where it is right."""
        try:
            return str(super().clean_code())
        except ValidationError:
            signing_in.noted("sign_in_failed", self.user)
            raise


class CompanyAccounts(DefaultSocialAccountAdapter):
    """Accounts elsewhere by which staff whom we know sign in."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Never: an account elsewhere makes nobody a member of staff."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Keep the identifier alone; match by user name where the company's own server is trusted."""
        told = dict(sociallogin.account.extra_data)
        sociallogin.account.extra_data = {}
        if sociallogin.is_existing:
            SocialAccount.objects.filter(pk=sociallogin.account.pk).update(extra_data={})
            return
        app = sociallogin.provider.app
        if request.user.is_authenticated or not (app.settings or {}).get("match_username"):
            return
        claims = told.get("userinfo") or told
        staff = Staff.objects.filter(
            username=claims.get("preferred_username") or "", is_active=True
        ).first()
        if staff is not None:
            sociallogin.connect(request, staff)
            signing_in.noted("account_linked", staff)
