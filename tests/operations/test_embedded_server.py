"""The embedded PostgreSQL: careful with data, sized for the machine, talkative in no log."""

import pytest
from django.db import connection

from shouwen.operations.postgres import MEGABYTE, tuning

GIGABYTE = 1024 * MEGABYTE


def _megabytes(value: str) -> int:
    return int(value.removesuffix("MB"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("synchronous_commit", "on"),
        # Design idea 6: a transaction left open would hold every follower back.
        ("idle_in_transaction_session_timeout", "30s"),
    ],
)
def test_what_every_connection_may_count_on(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        assert cursor.fetchone() == (value,)


@pytest.mark.django_db
def test_the_application_is_no_superuser_where_the_server_is_ours() -> None:
    if not connection.settings_dict["HOST"].startswith("/"):
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


@pytest.mark.parametrize(
    ("memory", "buffers"), [(GIGABYTE // 2, 64), (8 * GIGABYTE, 1024), (512 * GIGABYTE, 2048)]
)
def test_the_buffer_pool_is_an_eighth_of_the_memory_within_limits(
    memory: int, buffers: int
) -> None:
    assert _megabytes(tuning(memory)["shared_buffers"]) == buffers


def test_what_is_committed_is_on_the_disk() -> None:
    # The server of the tests itself does without, since nothing in it outlives a crash.
    settings = tuning(8 * GIGABYTE)
    assert settings["fsync"] == "on"
    assert settings["synchronous_commit"] == "on"
    assert settings.get("full_page_writes", "on") == "on"


def test_no_statement_and_no_value_reaches_the_log() -> None:
    settings = tuning(8 * GIGABYTE)
    assert settings["log_min_error_statement"] == "panic"
    assert settings["log_error_verbosity"] == "terse"
    assert settings["log_parameter_max_length_on_error"] == "0"


def test_no_port_is_opened() -> None:
    assert tuning(GIGABYTE)["listen_addresses"] == ""
