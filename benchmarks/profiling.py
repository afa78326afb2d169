"""Where the time of one path goes: the slowest functions and statements, inside this process."""

from __future__ import annotations

import cProfile
import pstats
import re
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.pages import CLERK, inside, pages

TIMES = 100
FUNCTIONS, STATEMENTS = 25, 15


def paths() -> dict[str, Callable[[], None]]:
    """What can be profiled, by name. The last three write what stays."""
    shown = {each.name: each for each in pages()}
    return {
        "desk": inside(shown["my desk, front desk"]),
        "desk-head": inside(shown["my desk, department head"]),
        "list": inside(shown["list, newest first"]),
        "list-open": inside(shown["list, still open"]),
        "search": inside(shown["search, a rare word"]),
        "search-common": inside(shown["search, a common word"]),
        "complaint": inside(shown["complaint page, ended"]),
        "home": inside(shown["one home"]),
        "morning": inside(shown["morning sheet"]),
        "intake": _posting("/intake/", {"content": "电梯停在五楼不动。", "category": "lift"}),
        "step": _posting(
            f"{shown['complaint page, open'].path}steps/note/", {"text": "已与值班人员核对。"}
        ),
        "inform": _posting(
            f"{shown['complaint page, open'].path}steps/inform_customer/",
            {"told": "已安排人员上门，处理好再告诉您。", "medium": "phone"},
        ),
    }


def report(name: str, times: int = TIMES) -> str:
    """The slowest functions and statements of that path."""
    act = paths()[name]
    act()
    statements: dict[str, list[float]] = defaultdict(list)
    began = time.perf_counter()
    with _timed(statements):
        for _time in range(times):
            act()
    whole = (time.perf_counter() - began) / times
    profile = cProfile.Profile()
    profile.enable()
    for _time in range(times):
        act()
    profile.disable()
    lines = [f"{name}: {whole * 1000:.1f} ms each of {times}, database and all, unprofiled"]
    lines += _of_statements(statements, times)
    lines += _of_functions(profile, times)
    return "\n".join(lines)


def _of_statements(statements: dict[str, list[float]], times: int) -> Iterator[str]:
    spent = sorted(statements.items(), key=lambda each: -sum(each[1]))
    total = sum(map(sum, statements.values()))
    many = sum(map(len, statements.values())) / times
    yield f"\n{many:.0f} statements, {total / times * 1000:.2f} ms; those that take longest:"
    for statement, seconds in spent[:STATEMENTS]:
        each = sum(seconds) / times * 1000
        yield f"{each:8.2f} ms  {len(seconds) / times:4.1f} x  {statement[:150]}"


def _of_functions(profile: cProfile.Profile, times: int) -> Iterator[str]:
    yield "\nfunctions: own ms, with what they call ms, calls, each time (under the profiler)"
    entries: Any = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    spent = sorted(entries.items(), key=lambda each: -each[1][2])
    for (file, line, function), (_primitive, calls, own, whole, _callers) in spent[:FUNCTIONS]:
        place = re.sub(r".*/(site-packages|src)/", "", f"{file}:{line}")
        figures = f"{own / times * 1000:8.2f} {whole / times * 1000:8.2f} {calls / times:8.1f}"
        yield f"{figures}  {place} {function}"


@contextmanager
def _timed(statements: dict[str, list[float]]) -> Iterator[None]:
    from django.db import connection

    def timed(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            statement = re.sub(r"\s+", " ", str(sql))
            short = re.sub(r"SELECT (?!EXISTS).{60,}? FROM ", "SELECT … FROM ", statement)
            statements[short].append(time.perf_counter() - began)

    with connection.execute_wrapper(timed):
        yield


def _posting(path: str, fields: dict[str, str]) -> Callable[[], None]:
    from django.test import Client

    from shouwen.organization.models import Staff

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(
        Staff.objects.get(username=CLERK), backend="django.contrib.auth.backends.ModelBackend"
    )

    def post() -> None:
        answer = client.post(path, {**fields, "key": str(uuid.uuid4())})
        if answer.status_code != 302:
            raise RuntimeError(f"{path}: {answer.status_code}")

    return post
