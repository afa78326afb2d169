"""What several operations read: the body, its headers, and the complaint that an address names."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from ninja.parser import Parser

from shouwen.api import problems
from shouwen.api.authentication import ApiRequest
from shouwen.complaints.models import Complaint
from shouwen.organization.models import Staff
from shouwen.organization.permissions import visible_to

LONGEST_KEY = 150
_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')
# Whole numbers that every JSON reader, and the ledger's canonical form, keeps exactly.
_GREATEST = 2**53 - 1


class StrictParser(Parser):
    """JSON as it is written down, without what no database keeps."""

    def parse_body(self, request: Any) -> Any:
        return document(request)


def document(request: Any) -> Any:
    """The JSON of the body. Raises Problem for what is none, or holds what cannot be stored."""
    try:
        found = json.loads(request.body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise problems.Problem(
            400,
            "unreadable",
            _("请求无法读取"),
            what_to_do=_("按 OpenAPI 文档的格式发送 JSON。"),
        ) from None
    if not _storable(found):
        raise problems.invalid({"": [_("有无法保存的字符或数值")]})
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(text)


def _storable(value: Any) -> bool:
    match value:
        case str():
            return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
        case bool() | None:
            return True
        case int():
            return abs(value) <= _GREATEST
        case float():
            return math.isfinite(value)
        case list():
            return all(map(_storable, value))
        case dict():
            return all(_storable(name) and _storable(each) for name, each in value.items())
    return False


@dataclass(frozen=True)
class Told:
    """What the body of a step says."""

    data: dict[str, Any]
    occurred_at: datetime | None
    further: list[dict[str, Any]]
    project: str
    complaints: list[str] | None = None


def told(request: ApiRequest, *, names: tuple[str, ...] = ()) -> Told:
    """The body of a step: its data, and when it happened. Raises Problem where it is no such thing."""
    body = document(request) if request.body else {}
    if not isinstance(body, dict):
        raise problems.invalid({"": [_("应为 JSON 对象")]})
    errors = {
        name: [_("这一步没有这一项")]
        for name in body
        if name not in ("data", "occurred_at", *names)
    }
    data, further = body.get("data", {}), body.get("further", [])
    if not isinstance(data, dict):
        errors["data"] = [_("应为 JSON 对象")]
    if not isinstance(further, list) or not all(isinstance(each, dict) for each in further):
        errors["further"] = [_("应为 JSON 对象的列表")]
    moment, said = None, body.get("occurred_at")
    if said is not None:
        try:
            moment = parse_datetime(said) if isinstance(said, str) else None
            if moment is not None and moment.tzinfo is not None:
                moment.utctimetuple()  # out of range in UTC, it is no moment
        except (ValueError, OverflowError):
            moment = None
        if moment is None or moment.tzinfo is None:
            moment = None
            errors["occurred_at"] = [_("时间要带时区")]
    project = body.get("project", "")
    if not isinstance(project, str):
        errors["project"] = [_("没有这一项，请从列表中选择")]
    complaints = body.get("complaints")
    if complaints is not None and not (
        isinstance(complaints, list) and all(isinstance(each, str) for each in complaints)
    ):
        errors["complaints"] = [_("应为编号的列表")]
    if errors:
        raise problems.invalid(errors)
    return Told(data, moment, further, project, complaints)


def idempotency_key(request: ApiRequest) -> str | None:
    """The key of the request's header, apart from those of other API keys of the same person."""
    said = request.headers.get("Idempotency-Key", "").strip()
    if not said:
        return None
    if len(said) > LONGEST_KEY or not said.isprintable():
        raise problems.invalid({"Idempotency-Key": [_("最多 150 个可见字符")]})
    return f"api:{request.auth.key.prefix}:{said}"


def expected_version(request: ApiRequest) -> int | None:
    """The version that the caller has seen, by If-Match; None where it does not say."""
    said = request.headers.get("If-Match", "").strip()
    if said in ("", "*"):
        return None
    match = _ETAG.fullmatch(said)
    if match is None:
        raise problems.invalid({"If-Match": [_("请使用读取时得到的 ETag")]})
    return int(match[1])


def complaint_of(person: Staff, number: str) -> Complaint:
    """The complaint of that number. Raises Problem (404) where it is not there, or not to be seen."""
    found = (
        visible_to(person, Complaint)
        .select_related(
            "project", "category__parent", "home", "first_contact", "manager", "about", "incident"
        )
        .filter(number=number)
        .first()
    )
    if found is None:
        raise problems.not_found()
    return found


def etag(version: int) -> str:
    """The ETag of a complaint: the number of its newest entry."""
    return f'"{version}"'
