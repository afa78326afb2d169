"""The embedded PostgreSQL: closed to others, careful with data, sized for the machine."""

import stat

import pytest
from django.conf import settings
from django.db import connection

from shouwen.operations.home import Home
from shouwen.operations.postgres import MEGABYTE, tuning

GIGABYTE = 1024 * MEGABYTE
embedded = pytest.mark.skipif(
    bool(connection.settings_dict["HOST"]) and not connection.settings_dict["HOST"].startswith("/"),
    reason="server of its own",
)


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_what_is_committed_is_on_disk() -> None:
    assert _setting("fsync") == "on"
    assert _setting("synchronous_commit") == "on"


@pytest.mark.django_db
def test_no_transaction_stays_open_unused() -> None:
    assert _setting("idle_in_transaction_session_timeout") == "30s"
