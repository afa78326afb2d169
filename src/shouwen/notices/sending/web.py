"""Posting JSON to a server, and what its answer means where the vendors agree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from shouwen.notices.sending.failures import Failed

TIMEOUT = (5, 15)  # seconds to connect, and between two bytes of the answer


@dataclass(frozen=True)
class Verdict:
    """What an error code of a vendor means: one of our reasons, and whether trying again may help."""

    code: str
    temporary: bool = False


def post(
    url: str, body: bytes, *, headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    """Post a JSON body; the status and the answer's JSON object (empty where it is none).

    Proxies and certificates are those of the environment (HTTPS_PROXY, REQUESTS_CA_BUNDLE).
    Redirects are not followed. Raises Failed where there is no answer.
    """
    return _ask("POST", url, body, headers or {})


def get(url: str) -> tuple[int, dict[str, Any]]:
    """Ask by GET, as `post`."""
    return _ask("GET", url, None, {})


def _ask(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str]
) -> tuple[int, dict[str, Any]]:
    said = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Shouwen", **headers}
    try:
        answer = requests.request(
            method, url, data=body, headers=said, timeout=TIMEOUT, allow_redirects=False
        )
        answer_json = json.loads(answer.content) if answer.content[:1] == b"{" else {}
    except requests.exceptions.SSLError:
        raise Failed("certificate", temporary=False) from None
    except requests.exceptions.Timeout:
        raise Failed("timeout", temporary=True) from None
    except (
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
        requests.exceptions.MissingSchema,
        requests.exceptions.InvalidHeader,
        UnicodeError,
    ):
        raise Failed("address_wrong", temporary=False) from None
    except ValueError:
        answer_json = {}
    except requests.exceptions.RequestException:
        # Its text holds the address, and so the key.
        raise Failed("unreachable", temporary=True) from None
    return answer.status_code, answer_json


def by_status(status: int) -> None:
    """Raise Failed for an HTTP status that is no success."""
    if 200 <= status < 300:
        return
    if status == 429:
        raise Failed("too_often", temporary=True)
    if status in (408, 425) or status >= 500:
        raise Failed("busy", temporary=True)
    if status in (401, 403):
        raise Failed("credentials", temporary=False)
    if status in (404, 410):
        raise Failed("key_wrong", temporary=False)
    raise Failed("refused", temporary=False)


def by_code(answer: Mapping[str, Any], field: str, verdicts: Mapping[int, Verdict]) -> None:
    """Raise Failed unless the vendor's own code is 0: a refusal comes with HTTP 200 as well."""
    code = answer.get(field)
    if code == 0:
        return
    if not isinstance(code, int) or isinstance(code, bool):
        raise Failed("bad_answer", temporary=True)
    verdict = verdicts.get(code, Verdict("refused"))
    raise Failed(verdict.code, verdict.temporary)
