"""Errors as problem+json (RFC 9457), each with what to do about it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pydantic
from django.db import DataError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.log import log_response
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from shouwen.api import telling
from shouwen.complaints.parsing import message_of
from shouwen.complaints.refusals import (
    Changed,
    InvalidData,
    KeyReused,
    NotAllowed,
    Refused,
    WrongStatus,
)
from shouwen.records import ledger
from shouwen.records.attachments import AttachmentRefused

logger = logging.getLogger("shouwen.api")

CONTENT_TYPE = "application/problem+json"


class ProblemOut(Schema):
    """Why a request was refused, and what to do next (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    what_to_do: str
    errors: dict[str, list[str]] | None = None
    changed: list[telling.EntryOut] | None = None


def schemas() -> dict[str, Any]:
    """The form of a refusal, with what it refers to, for the OpenAPI document."""
    made = ProblemOut.model_json_schema(
        ref_template="#/components/schemas/{model}", mode="serialization"
    )
    further: dict[str, Any] = made.pop("$defs", {})
    made["examples"] = [
        {
            "type": "urn:shouwen:problem:not-found",
            "title": "…",
            "status": 404,
            "detail": "…",
            "what_to_do": "…",
        }
    ]
    return {**further, "ProblemOut": made}


class Problem(Exception):
    """A request is refused: `code` for programs, `detail` and `what_to_do` for people."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str = "",
        what_to_do: str = "",
        *,
        errors: Mapping[str, Sequence[str]] | None = None,
        changed: list[dict[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.title = status, code, title
        self.detail, self.what_to_do = detail or title, what_to_do
        self.errors, self.changed, self.headers = errors, changed, dict(headers or {})

    def response(self) -> HttpResponse:
        """The answer that says so."""
        told: dict[str, Any] = {
            "type": f"urn:shouwen:problem:{self.code}",
            "title": str(self.title),
            "status": self.status,
            "detail": str(self.detail),
            "what_to_do": str(self.what_to_do),
        }
        if self.errors is not None:
            told["errors"] = {name: list(map(str, words)) for name, words in self.errors.items()}
        if self.changed is not None:
            told["changed"] = self.changed
        content = json.dumps(told, ensure_ascii=False, default=telling.plain)
        return HttpResponse(
            content, status=self.status, content_type=CONTENT_TYPE, headers=self.headers
        )


def invalid(errors: Mapping[str, Sequence[Any]]) -> Problem:
    """What was sent does not fit: messages by field, `""` for the whole."""
    return Problem(
        422,
        "invalid-data",
        _("内容不符合要求"),
        what_to_do=_("按 errors 逐项改正后，用同一个幂等键再次提交即可。"),
        errors={name: [str(words) for words in all_] for name, all_ in errors.items()},
    )


def not_found() -> Problem:
    """There is none, or it is not for this key's person to see: both look alike."""
    return Problem(
        404,
        "not-found",
        _("没有这一项，或不在查看范围内"),
        what_to_do=_("核对编号；确实存在时，换用有权查看的员工的密钥。"),
    )


def too_often(seconds: int) -> Problem:
    """The key was used more often in this minute than it may be."""
    return Problem(
        429,
        "too-many-requests",
        _("请求过于频繁"),
        what_to_do=_("等 Retry-After 所说的秒数后再试。"),
        headers={"Retry-After": str(max(seconds, 1))},
    )


def of_refusal(refused: Refused) -> Problem:
    """A refusal of the one door, as each kind is answered."""
    match refused:
        case NotAllowed():
            return Problem(
                403,
                "not-allowed",
                _("没有权限"),
                refused.words,
                _("由有权办理的岗位来办，或换用其密钥。"),
            )
        case WrongStatus():
            return Problem(
                409,
                "wrong-status",
                _("现在不能办这一步"),
                refused.words,
                _("先读取这件投诉可以办理的步骤（GET …/steps），再决定办哪一步。"),
            )
        case Changed():
            entries = refused.entries
            said = ledger.read(entries)
            for entry in entries:
                entry.said = said[entry.pk]
            return Problem(
                412,
                "changed",
                _("已有新的记录"),
                refused.words,
                _("看过 changed 里的记录，用新的 ETag 作为 If-Match 再提交。"),
                changed=telling.entries(entries, source=False),
            )
        case InvalidData():
            return invalid(refused.errors)
        case KeyReused():
            return Problem(
                422, "key-reused", _("幂等键已用过"), refused.words, _("为新的请求生成新的幂等键。")
            )
    return Problem(409, "refused", _("没有办成"), refused.words)


def handle(api: NinjaAPI) -> None:
    """Answer every error of the API this way."""

    @api.exception_handler(Problem)
    def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
        return error.response()

    @api.exception_handler(Refused)
    def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
        return of_refusal(error).response()

    @api.exception_handler(AttachmentRefused)
    def _attachment(request: HttpRequest, error: AttachmentRefused) -> HttpResponse:
        return invalid({"file": [str(error)]}).response()

    @api.exception_handler(Http404)
    def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return not_found().response()

    @api.exception_handler(AuthenticationError)
    def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return Problem(
            401,
            "no-key",
            _("没有可用的密钥"),
            what_to_do=_(
                "在请求头写 Authorization: Bearer 密钥；密钥可能已到期、被吊销，或所代表的员工已离职。"
            ),
            headers={"WWW-Authenticate": 'Bearer realm="shouwen"'},
        ).response()

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors: dict[str, list[str]] = {}
        for each in error.errors:
            # ("body", "body", "field") or ("query", "limit"): whoever sent it knows the field.
            names = [str(name) for name in each["loc"][1:] if name != "body"]
            errors.setdefault(".".join(names), []).append(message_of(each))
        return invalid(errors).response()

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
        return Problem(
            error.status_code,
            "unreadable",
            _("请求无法读取"),
            what_to_do=_("按 OpenAPI 文档的格式发送 JSON。"),
        ).response()

    @api.exception_handler(DataError)
    def _out_of_range(request: HttpRequest, error: DataError) -> HttpResponse:
        return invalid({"": [_("有的数值超出范围")]}).response()

    @api.exception_handler(OperationalError)
    def _down(request: HttpRequest, error: OperationalError) -> HttpResponse:
        return Problem(
            503,
            "unavailable",
            _("暂时不可用"),
            what_to_do=_("稍后用同一个幂等键再试，不会重复办理。"),
            headers={"Retry-After": "5"},
        ).response()

    @api.exception_handler(Exception)
    def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
        response = Problem(
            500,
            "failed",
            _("系统出错"),
            what_to_do=_("这不是请求的问题。稍后用同一个幂等键再试；仍不行请告诉系统管理员。"),
        ).response()
        if isinstance(error, pydantic.ValidationError):
            # Its own message shows what did not fit, which may be somebody's words.
            where = [(each["loc"], each["type"]) for each in error.errors(include_input=False)]
            logger.error("An answer does not fit its model: %s %s", error.title, where)
            return response
        log_response(
            "Failed: %s", request.path, response=response, request=request, exception=error
        )
        return response
