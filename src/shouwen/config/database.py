"""Which PostgreSQL the application talks to: the embedded one, or that of ``DATABASE_URL``."""

from collections.abc import Mapping
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from shouwen.operations.home import Home
from shouwen.operations.postgres import DATABASE, ROLE


def connection_settings(environment: Mapping[str, str], home: Home) -> dict[str, Any]:
    """Django's ``DATABASES["default"]``.

    ``DATABASE_URL`` is a libpq address ("postgresql://user@host/name?sslmode=require" or
    keywords). ``SHOUWEN_POOL`` is the most connections this process may hold at a time; without
    it each thread keeps one.
    """
    url = environment.get("DATABASE_URL")
    given: dict[str, Any] = (
        conninfo_to_dict(url)
        if url
        else {"host": str(home.sockets), "port": "5432", "dbname": DATABASE, "user": ROLE}
    )
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": given.pop("dbname", DATABASE),
        "USER": given.pop("user", ""),
        "PASSWORD": given.pop("password", ""),
        "HOST": given.pop("host", ""),
        "PORT": str(given.pop("port", "")),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": None,
    }
    pool = environment.get("SHOUWEN_POOL")
    if pool:
        given["pool"] = {"min_size": 1, "max_size": int(pool), "timeout": 10}
        settings["CONN_MAX_AGE"] = 0
    own = [
        # Design idea 6: a transaction left open would hold every follower back.
        "-c idle_in_transaction_session_timeout=30s",
        # A page's joins are written in the order to take them in; to weigh every order of eight
        # tables takes the planner 5 ms and more, to read the one complaint they are about 0.2 ms.
        "-c join_collapse_limit=4",
    ]
    given["options"] = " ".join(filter(None, [given.get("options"), *own]))
    settings["OPTIONS"] = given
    return settings
