"""Who comes: the key in the request's header, the person it acts as, the language of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation.trans_real import parse_accept_lang_header
from ninja.security import HttpBearer

from shouwen.api import keys, problems
from shouwen.api.models import ApiKey
from shouwen.organization.models import Staff


@dataclass(frozen=True)
class Caller:
    """A key that was shown, and the member of staff it acts as."""

    key: ApiKey
    person: Staff

    def allows(self, scope: str) -> bool:
        """Whether the key was made for this."""
        return scope in self.key.scopes


class ApiRequest(HttpRequest):
    """A request that came with a key."""

    auth: Caller
    used: keys.Used


class Key(HttpBearer):
    """`Authorization: Bearer shouwen_…`; nothing else signs in here, no cookie either."""

    def __call__(self, request: HttpRequest) -> Any:
        speak(request, None)
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise problems.not_found()
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """The caller; None where the key is none. Raises Problem where it comes too often."""
        key = keys.of_text(token)
        if key is None:
            return None
        speak(request, key.owner)
        used = keys.count(key, timezone.now())
        request.used = used  # type: ignore[attr-defined]
        if used.too_often:
            raise problems.too_often(used.seconds_left)
        return Caller(key, key.owner)


def speak(request: HttpRequest, person: Staff | None) -> None:
    """Activate the language asked for by Accept-Language, else the person's, else the product's."""
    asked = request.headers.get("Accept-Language", "")
    for code, _share in parse_accept_lang_header(asked):
        try:
            translation.activate(translation.get_supported_language_variant(code))
        except LookupError:
            continue
        return
    translation.activate(person.language if person else settings.LANGUAGE_CODE)
