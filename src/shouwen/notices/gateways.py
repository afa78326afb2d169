"""What the company sends through: its settings, as each kind needs them, and where they come from."""

from __future__ import annotations

from typing import Any, Literal, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_serializer

from shouwen.notices.address import Gateway


class Settings(BaseModel):
    """Settings of a gateway; secrets stay out of `repr`, and so out of logs and exceptions."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @field_serializer("*", when_used="json")
    def _as_kept(self, value: Any) -> Any:
        return value.get_secret_value() if isinstance(value, SecretStr) else value


class Smtp(Settings):
    """A mail server. `security`: STARTTLS, TLS from the first byte, or neither (inside only)."""

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    sender_name: str = Field(default_factory=lambda: gettext("首问"))


class Webhook(Settings):
    """The company's own gateway for text messages or calls (docs/notices-channels.md)."""

    url: str = Field(pattern=r"^https?://[^\s/]+")
    secret: SecretStr = Field(min_length=16)


class WecomApp(Settings):
    """The company's own application in WeCom, through which single persons are reached."""

    corp_id: str = Field(min_length=1)
    agent_id: int = Field(ge=0)
    secret: SecretStr = Field(min_length=1)


class WebPush(Settings):
    """The key by which browser makers' services know our pushes (VAPID, RFC 8292)."""

    private_key: SecretStr = Field(min_length=16)


MODELS: dict[str, type[Settings]] = {
    Gateway.Kind.SMTP: Smtp,
    Gateway.Kind.SMS: Webhook,
    Gateway.Kind.CALL: Webhook,
    Gateway.Kind.WECOM_APP: WecomApp,
    Gateway.Kind.WEB_PUSH: WebPush,
}
S = TypeVar("S", bound=Settings)


def load(kind: str, model: type[S]) -> S | None:
    """The settings of a gateway in use; None where there is none. The environment's mail server wins."""
    if kind == Gateway.Kind.SMTP and settings.SHOUWEN_SMTP_URL:
        found: Any = of_address(settings.SHOUWEN_SMTP_URL)
        return found
    row = Gateway.objects.filter(kind=kind, is_active=True).first()
    return model.model_validate_json(str(row.settings)) if row and row.settings else None


def save(kind: str, said: Settings) -> Gateway:
    """Keep the settings of a gateway, and forget how it went with the earlier ones."""
    row, _made = Gateway.objects.update_or_create(
        kind=kind,
        defaults={
            "settings": said.model_dump_json(),
            "is_active": True,
            "last_ok_at": None,
            "last_failed_at": None,
            "last_error": "",
        },
    )
    return row


def of_address(url: str) -> Smtp:
    """The mail server of SHOUWEN_SMTP_URL: smtp(s)://USER:PASSWORD@HOST:PORT?from=…&name=…&tls=no.

    smtp:// means STARTTLS, which `tls=no` turns off; smtps:// means TLS from the first byte.
    Raises ValueError, which does not repeat the address, for one that is none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("SHOUWEN_SMTP_URL is no address") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("SHOUWEN_SMTP_URL must begin with smtp:// or smtps:// and name a host")
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    secure = parts.scheme == "smtps"
    user = unquote(parts.username or "")
    return Smtp(
        host=parts.hostname,
        port=port or (465 if secure else 587),
        security="tls" if secure else "none" if asked.get("tls") == "no" else "starttls",
        user=user,
        password=SecretStr(unquote(parts.password or "")),
        sender=asked.get("from") or (user if "@" in user else f"shouwen@{parts.hostname}"),
        sender_name=asked.get("name", gettext("首问")),
    )
