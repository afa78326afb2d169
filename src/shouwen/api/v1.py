"""The API assembled: all operations, their document, and the errors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from ninja import NinjaAPI

from shouwen.api import bodies, problems
from shouwen.api.authentication import Key, speak
from shouwen.api.endpoints import (
    attachments,
    complaints,
    contacts,
    incidents,
    organization,
    steps,
    webhooks,
)
from shouwen.api.reading import StrictParser

ROOT = "/api/v1"

_DESCRIPTION = """\
Every call acts as a member of staff, within the scopes of its key. What that person may not see is not \
there (404). Changes are steps of the step table, with the same record, clocks and first contact as on the \
page. Guide: docs/api.md."""


class Api(NinjaAPI):
    """The API, which answers in the caller's language and tells how often a key was used."""

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        response = super().create_temporal_response(request)
        _say_use(request, response)
        return response

    def get_openapi_schema(self, **about: Any) -> Any:
        """The OpenAPI 3.1 document: step data as components, errors as problem+json."""
        schema = super().get_openapi_schema(**about)
        schemas = schema["components"]["schemas"]
        schemas |= bodies.schemas()
        schemas |= problems.schemas()
        refusals = {
            each.operation_id: each.view_func.refusals  # type: ignore[attr-defined]
            for bound in self._get_bound_routers()
            for view in bound.path_operations.values()
            for each in view.operations
        }
        for operations in schema["paths"].values():
            for described in operations.values():
                _mend(described, refusals[described["operationId"]])
        return schema


def _say_use(request: HttpRequest, response: HttpResponse) -> None:
    used = getattr(request, "used", None)
    if used is not None:
        response.headers["RateLimit-Limit"] = str(used.limit)
        response.headers["RateLimit-Remaining"] = str(used.remaining)
        response.headers["RateLimit-Reset"] = str(used.seconds_left)
    response.headers["Cache-Control"] = "no-store"


def _mend(described: dict[str, Any], refusals: Sequence[int]) -> None:
    answers = described["responses"]
    if described["operationId"] == "fetch_attachment":
        binary = {"schema": {"type": "string", "format": "binary"}}
        answers[200]["content"] = {"*/*": binary}
    problem = {"schema": {"$ref": "#/components/schemas/ProblemOut"}}
    for status in sorted(refusals):
        answers[status] = {
            "description": HTTPStatus(status).phrase,
            "content": {problems.CONTENT_TYPE: problem},
        }


api = Api(
    title="Shouwen",
    version="1",
    description=_DESCRIPTION,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api-v1",
    auth=Key(),
    parser=StrictParser(),
    servers=[{"url": "/"}],
)
problems.handle(api)
for _router in (
    complaints.router,
    steps.router,
    incidents.router,
    contacts.router,
    attachments.router,
    organization.router,
    webhooks.router,
):
    api.add_router("", _router)


def described(request: HttpRequest) -> Any:
    """The OpenAPI document in the reader's language."""
    speak(request, None)
    return _document(translation.get_language())


@cache
def _document(language: str) -> Any:
    schema = api.get_openapi_schema(path_prefix=f"{ROOT.strip('/')}/")
    return json.loads(json.dumps(schema, default=str))
