"""Row-level security: which rows of which tables the web's database role gets to see at all.

A table that belongs to a project is *protected*: PostgreSQL shows `shouwen_web`, which owns nothing,
only the rows of the projects named in `shouwen.projects`, and that is set for one transaction at a
time. A query that forgot its filter finds no other project's rows; one outside such a transaction
raises. The owner of the tables (worker, timekeeper, commands) is not held by it.

Registered by the rooms, brought into the database by `enforce`, after migrations and at each start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from psycopg import sql

POLICY = "shouwen_projects"
SETTING = "shouwen.projects"
ALL = "all"

#: The policy of each protected model, in SQL over its own columns.
PROTECTED: dict[type[models.Model], str] = {}
#: Functions that read protected tables for the web, each applying the projects itself.
FUNCTIONS: list[str] = []

# Evaluated once for a statement; NULL stands for all projects. Raises where nothing is set.
_PROJECTS = f"""
CREATE OR REPLACE FUNCTION shouwen_projects() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog
AS $$ SELECT CASE current_setting('{SETTING}') WHEN '{ALL}' THEN NULL
      ELSE current_setting('{SETTING}')::bigint[] END $$
"""
_BY_PROJECT = (
    "(SELECT shouwen_projects()) IS NULL"
    " OR project_id = ANY ((SELECT shouwen_projects())::bigint[])"
)


def by_project(model: type[models.Model], *, shared: str = "") -> None:
    """Protect a model by its own project; `shared` says which rows are the whole company's."""
    condition = f"{_BY_PROJECT} OR {shared}" if shared else _BY_PROJECT
    PROTECTED[model] = f"USING ({condition})"


def by_parent(
    model: type[models.Model],
    column: str,
    parent: type[models.Model],
    *,
    in_one_statement: bool = False,
) -> None:
    """Protect a model by the protected row that it belongs to.

    `in_one_statement`: both are written together, when the one cannot be looked for yet; that it is
    there is then the foreign key's alone.
    """
    key = parent._meta.pk.column
    found = f"SELECT 1 FROM {parent._meta.db_table} parent WHERE parent.{key} = {column}"
    written = " WITH CHECK (true)" if in_one_statement else ""
    PROTECTED[model] = f"USING (EXISTS ({found})){written}"


def function(statement: str) -> None:
    """Declare a function (CREATE OR REPLACE) that is made with the policies."""
    FUNCTIONS.append(statement)


# -- the transaction


def active() -> bool:
    """Whether a person's transaction surrounds the caller, so that rows are kept apart."""
    return getattr(connection, "_shouwen_depth", 0) > 0


def alone() -> bool:
    """Whether a person's transaction surrounds the caller and nothing surrounds that."""
    return active() and bool(getattr(connection, "_shouwen_outermost", False))


@contextmanager
def transaction_of(projects: Collection[int] | None) -> Iterator[None]:
    """A transaction in which protected tables show the rows of these projects; None: of all.

    It commits when the block ends, and rolls back where it raises. Other transactions inside it
    become savepoints.
    """
    said = ALL if projects is None else f"{{{','.join(map(str, sorted(projects)))}}}"
    depth: int = getattr(connection, "_shouwen_depth", 0)
    outermost = not connection.in_atomic_block
    state: Any = connection
    with transaction.atomic():
        _set(said, settings.SHOUWEN_WEB_ROLE)
        state._shouwen_depth = depth + 1
        if depth == 0:
            state._shouwen_outermost = outermost
        try:
            yield
        finally:
            state._shouwen_depth = depth
        if not outermost and depth == 0:
            # A savepoint that is let go would leave both to what surrounds it.
            _set("", "none" if settings.SHOUWEN_WEB_ROLE else "")


def _set(projects: str, role: str) -> None:
    with connection.cursor() as cursor:
        if role:
            cursor.execute(
                "SELECT set_config(%s, %s, true), set_config('role', %s, true)",
                [SETTING, projects, role],
            )
        else:
            cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, projects])


@contextmanager
def apart() -> Iterator[Any]:
    """A cursor whose statements commit by themselves, even inside a person's transaction.

    Inside any other transaction (a test's) it takes part in that one.
    """
    if not alone():
        with connection.cursor() as cursor:
            yield cursor
        return
    other = connection.copy()
    other.settings_dict["OPTIONS"].pop("pool", None)
    try:
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()


# -- bringing it into the database


def enforce() -> None:
    """Make functions, policies and grants what is declared here; nothing where they are already.

    Raises ProgrammingError where the tables are another role's.
    """
    wanted = _fingerprint()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regprocedure('shouwen_projects()'), 'pg_proc')")
        if cursor.fetchone()[0] == wanted:
            return
        cursor.execute(_PROJECTS)
        tables = set(connection.introspection.table_names(cursor))
        for model, policy in PROTECTED.items():
            if model._meta.db_table in tables:
                _protect(cursor, model._meta.db_table, policy)
        for statement in FUNCTIONS:
            cursor.execute(statement)
        if settings.SHOUWEN_WEB_ROLE:
            _grant(cursor, settings.SHOUWEN_WEB_ROLE)
        missing = {model._meta.db_table for model in PROTECTED} - tables
        cursor.execute(
            sql.SQL("COMMENT ON FUNCTION shouwen_projects() IS {}").format(
                sql.Literal("" if missing else wanted)
            )
        )


def _protect(cursor: Any, table: str, policy: str) -> None:
    cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    cursor.execute(f"DROP POLICY IF EXISTS {POLICY} ON {table}")
    cursor.execute(f"CREATE POLICY {POLICY} ON {table} {policy}")


def _grant(cursor: Any, role: str) -> None:
    # Neither TRUNCATE nor ownership: what is appended only stays so, triggers cannot be suspended.
    for statement in (
        "GRANT USAGE ON SCHEMA public TO {}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}",
    ):
        cursor.execute(sql.SQL(statement).format(sql.Identifier(role)))


def _fingerprint() -> str:
    said = [f"{model._meta.db_table}: {policy}" for model, policy in PROTECTED.items()]
    whole = "\n".join([_PROJECTS, *sorted(said), *FUNCTIONS, settings.SHOUWEN_WEB_ROLE])
    return hashlib.sha256(whole.encode()).hexdigest()
