"""Which PostgreSQL the application talks to: the embedded one, or that of ``DATABASE_URL``."""

from collections.abc import Mapping
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from shouwen.operations.home import Home
from shouwen.operations.postgres import DATABASE, ROLE, WEB_ROLE


def connection_settings(environment: Mapping[str, str], home: Home) -> dict[str, Any]:
    """Django's ``DATABASES["default"]``.

    ``DATABASE_URL`` is a libpq address ("postgresql://user@host/name?sslmode=require" or
    keywords), ``DATABASE_WEB_URL`` the same database for the web pages, by a role that does not own
    the tables (``web_role``). ``SHOUWEN_POOL`` is the most connections this process may hold at a time; without
    it each thread keeps one.
    """
    url, web = environment.get("DATABASE_URL"), environment.get("SHOUWEN_PROCESS") == "web"
    given: dict[str, Any] = {}
    if url:
        given |= conninfo_to_dict((web and environment.get("DATABASE_WEB_URL")) or url)
    else:
        user = WEB_ROLE if web else ROLE
        given |= {"host": str(home.sockets), "port": "5432", "dbname": DATABASE, "user": user}
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


def web_role(environment: Mapping[str, str]) -> str:
    """The role that row-level security holds; "" where a given database has none for the web."""
    if "DATABASE_URL" not in environment:
        return WEB_ROLE
    return str(conninfo_to_dict(environment.get("DATABASE_WEB_URL", "")).get("user", ""))
