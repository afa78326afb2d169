"""How an operation of the API is declared: its rule, its scope, and the person's transaction."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Router
from ninja.responses import Status

from shouwen.api.authentication import ApiRequest
from shouwen.api.problems import Problem
from shouwen.complaints.refusals import NotAllowed
from shouwen.complaints.requests import AnsweredMeanwhile
from shouwen.organization import isolation
from shouwen.organization.permissions import may

View = Callable[..., Any]

#: What any operation may answer beside its own answer, as problem+json (`problems`).
REFUSALS = (400, 401, 403, 404, 422, 429, 500, 503)


def operation(
    router: Router,
    method: str,
    path: str,
    *,
    rule: str,
    scope: str = "",
    response: Any,
    status: int = 200,
    refuses: tuple[int, ...] = (),
    also: dict[int, Any] | None = None,
    **more: Any,
) -> Callable[[View], View]:
    """Declare the decorated function as an operation of the API.

    `rule` is an operation of the permissions, asked for anything at all; about what the address
    names the function asks. `scope` must be among those of the key. The function runs in a
    transaction in which the database shows the person's projects alone; where it raises, nothing
    was written.
    """
    answers = {status: response, **(also or {})}

    def declare(view: View) -> View:
        @wraps(view)
        def opened(request: ApiRequest, *args: Any, **kwargs: Any) -> Any:
            _in_scope(request, scope)
            try:
                return _run(request, *args, **kwargs)
            except AnsweredMeanwhile:
                # The same request came twice at once: the other's answer is there now.
                return _run(request, *args, **kwargs)

        def _run(request: ApiRequest, *args: Any, **kwargs: Any) -> Any:
            person = request.auth.person
            with isolation.transaction_of(person):
                allowed = may(person, rule)
                if not allowed:
                    raise NotAllowed(allowed.rule)
                result = view(request, *args, **kwargs)
            return result if isinstance(result, HttpResponseBase) else Status(status, result)

        opened.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
        opened.operation = rule  # type: ignore[attr-defined]
        opened.scope = scope  # type: ignore[attr-defined]
        opened.refusals = (*REFUSALS, *refuses)  # type: ignore[attr-defined]
        description = more.pop("description", None) or inspect.getdoc(view) or ""
        if scope:
            description += f"\n\nScope: `{scope}`"
        router.api_operation(
            [method],
            path,
            response=answers,
            description=description,
            operation_id=more.pop("operation_id", view.__name__),
            **more,
        )(opened)
        return opened

    return declare


def _in_scope(request: ApiRequest, scope: str) -> None:
    if scope and not request.auth.allows(scope):
        raise Problem(
            403,
            "missing-scope",
            _("密钥没有这个范围"),
            what_to_do=_("换用带有“{scope}”范围的密钥。").format(scope=scope),
        )
