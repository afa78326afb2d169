"""The command line outside a running installation, and beside one another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shouwen.config import cli
from shouwen.config.database import connection_settings
from shouwen.operations import web
from shouwen.operations.home import Home
from shouwen.operations.supervisor import pause, require_free_port
from shouwen.operations.wording import CannotGoOn


def test_an_unknown_command_is_named_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["prune"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "prune" in captured.err


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in ("run", "web", "manage", *cli.MANAGEMENT))


@pytest.mark.parametrize("port", ["0", "99999", "http", "-1"])
def test_a_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(CannotGoOn, match="PORT="):
        web.address()


def test_an_address_of_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "192.0.2.1")
    with pytest.raises(CannotGoOn, match="HOST="):
        require_free_port()


def test_a_database_address_is_taken_whole() -> None:
    url = "postgresql://clerk:se%40cret@db.example:6432/book?sslmode=require"
    settings = connection_settings({"DATABASE_URL": url}, Home(Path("/srv/home")))
    assert settings["NAME"] == "book"
    assert settings["PASSWORD"] == "se@cret"
    assert (settings["HOST"], settings["PORT"]) == ("db.example", "6432")
    assert settings["OPTIONS"]["sslmode"] == "require"


def test_an_unreachable_database_is_one_line_without_its_password() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", _REQUIRE],
        env=os.environ | {"ADDRESS": "postgresql://clerk:geheim@127.0.0.1:9/book"},
        capture_output=True,
        text=True,
    )
    assert "DATABASE_URL" in done.stdout
    assert done.stdout.count("\n") == 1
    assert "geheim" not in done.stdout + done.stderr


_REQUIRE = """
import os
from shouwen.operations.supervisor import require_database
from shouwen.operations.wording import CannotGoOn
try:
    require_database(os.environ["ADDRESS"])
except CannotGoOn as reason:
    print(reason)
"""


def test_a_part_that_keeps_failing_is_restarted_ever_more_rarely() -> None:
    pauses = [pause(failures) for failures in range(1, 12)]
    assert pauses[0] == 0
    assert pauses == sorted(pauses)
    assert pauses[-1] == 30
