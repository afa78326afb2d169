"""`shouwen notices test`: which addresses work, and why not."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from tests.notices.receivers import receiving

from shouwen.notices.address import Address
from shouwen.organization.models import Staff


def run(*arguments: str) -> tuple[str, int]:
    """What the command prints, and its exit status."""
    out = StringIO()
    try:
        call_command("notices", "test", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def _add(staff: Staff, port: int) -> Address:
    url = f"json://user:pass-word@127.0.0.1:{port}/hook"
    return Address.objects.create(staff=staff, kind="apprise", target=url)


def test_each_address_of_a_person_is_tried_and_told(front_desk: Staff) -> None:
    with (
        receiving(lambda request: (200, {})) as taken,
        receiving(lambda request: (503, {})) as busy,
    ):
        good, bad = _add(front_desk, taken.port), _add(front_desk, busy.port)
        printed, status = run("--person", front_desk.username)
        told = json.loads(run("--person", front_desk.username, "--json")[0])
    assert status == 1
    assert f"{good.pk} 其他服务 ✓" in printed
    assert f"{bad.pk} 其他服务 ✕ 对方的服务器暂时不能处理：系统会再试" in printed
    assert "pass-word" not in printed
    assert {each["address"]: each["failed"] for each in told} | {} == {
        next(each["address"] for each in told if each["channel"] == "in_app"): None,
        good.pk: None,
        bad.pk: "busy",
    }
    assert "试发" in taken.requests[0].json["title"]


def test_one_address_is_tried_alone(front_desk: Staff) -> None:
    with receiving(lambda request: (200, {})) as taken:
        address = _add(front_desk, taken.port)
        assert run("--address", str(address.pk)) == (f"{address.pk} 其他服务 ✓\n", 0)
    assert len(taken.requests) == 1
    address.refresh_from_db()
    assert address.last_ok_at


@pytest.mark.parametrize("asked", [("--person", "nobody"), ("--address", "0")])
def test_nobody_and_nothing_are_refused(db: None, asked: tuple[str, str]) -> None:
    with pytest.raises(CommandError):
        run(*asked)
