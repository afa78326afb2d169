"""The floor: what PostgreSQL alone needs for the same, asked by psycopg without anything of ours."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

import psycopg
from psycopg import sql

from benchmarks.figures import percentiles

Connect = Callable[[], psycopg.Connection]

#: The tables that taking a complaint writes to, and the columns by which a row finds its complaint.
WRITTEN = {
    "complaints_complaint": "id",
    "records_chain": "subject_id",
    "records_entry": "subject_id",
    "records_erasablefact": "",
    "clocks_clockrow": "subject_id",
    "complaints_searchtext": "complaint_id",
    "records_request": "",
}
# What must be another's in every copy of the rows, as SQL over the copy's number.
_OWN = {
    "complaints_complaint": {"id": "%(n)s", "number": "'floor-' || %(n)s"},
    "records_chain": {"id": "%(n)s", "subject_id": "%(n)s"},
    "records_entry": {"id": "%(n)s * 100 + number", "subject_id": "%(n)s", "chain_id": "%(n)s"},
    "records_erasablefact": {"id": "%(n)s * 100 + row_number() OVER ()", "entry_id": "%(n)s"},
    "clocks_clockrow": {"id": "%(n)s * 100 + row_number() OVER ()", "subject_id": "%(n)s"},
    "complaints_searchtext": {"complaint_id": "%(n)s"},
    "records_request": {"id": "%(n)s", "key": "'floor-' || %(n)s"},
}


def round_trip(connect: Connect) -> dict[str, float]:
    """The time of a question that asks nothing."""
    return repeated(connect, "SELECT 1")


def repeated(
    connect: Connect, statement: str, parameters: Sequence[object] = (), times: int = 200
) -> dict[str, float]:
    """The times of one statement, its rows fetched."""
    with connect() as connection:
        seconds = []
        for _time in range(times + 20):
            began = time.perf_counter()
            connection.execute(statement, parameters).fetchall()
            seconds.append(time.perf_counter() - began)
    return percentiles(seconds[20:])


def commits(connect: Connect, clients: int, seconds: float) -> float:
    """Transactions of one row each that are on the disk, a second."""
    with connect() as connection:
        connection.execute("CREATE TABLE bench_commit (id bigint)")
    try:
        return _rate(
            connect,
            clients,
            seconds,
            lambda connection, n: connection.execute("INSERT INTO bench_commit VALUES (%s)", [n]),
        )
    finally:
        with connect() as connection:
            connection.execute("DROP TABLE bench_commit")


def rows_of_an_intake(connect: Connect, clients: int, seconds: float) -> tuple[float, int]:
    """The rows of the newest complaint written again and again, in one transaction each.

    Into tables like ours, with their indexes, without triggers and foreign keys: transactions a
    second, and how many rows each of them writes.
    """
    with _tables_like_ours(connect) as rows:
        statements = [
            sql.SQL("INSERT INTO {} SELECT {} FROM {}").format(
                sql.Identifier(f"bench_to_{table}"),
                sql.SQL(", ").join(_own(table, column) for column in columns),
                sql.Identifier(f"bench_of_{table}"),
            )
            for table, columns in rows.columns.items()
        ]

        def write(connection: psycopg.Connection, n: int) -> None:
            with connection.pipeline(), connection.transaction():
                for statement in statements:
                    connection.execute(statement, {"n": n})

        return _rate(connect, clients, seconds, write), rows.many


def copied(connect: Connect, seconds: float, batch: int) -> float:
    """Complaints of bare rows written by one connection, so many in a transaction, a second."""
    with _tables_like_ours(connect) as rows, connect() as connection:
        numbers = count(1)
        statements = [
            sql.SQL(
                "INSERT INTO {} SELECT {} FROM {}, generate_series(%(a)s::bigint, %(b)s::bigint) AS n"
            ).format(
                sql.Identifier(f"bench_to_{table}"),
                sql.SQL(", ").join(
                    _own(table, column, number="n", order="n") for column in columns
                ),
                sql.Identifier(f"bench_of_{table}"),
            )
            for table, columns in rows.columns.items()
        ]
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            first = next(numbers) * batch
            with connection.transaction():
                for statement in statements:
                    connection.execute(statement, {"a": first, "b": first + batch - 1})
            done += batch
        return done / (time.perf_counter() - began)


class _Rows:
    """The columns of the tables, and how many rows the newest complaint has in all."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.columns: dict[str, list[str]] = {}
        self.many = 0
        newest = "(SELECT max(complaint_id) FROM complaints_searchtext)"
        conditions = {
            "records_erasablefact": "entry_id IN (SELECT id FROM records_entry WHERE"
            f" subject_type = 'complaint' AND subject_id = {newest})",
            "records_request": "id = (SELECT max(id) FROM records_request)",
            "records_chain": f"subject_type = 'complaint' AND subject_id = {newest}",
            "records_entry": f"subject_type = 'complaint' AND subject_id = {newest}",
            "clocks_clockrow": f"subject_type = 'complaint' AND subject_id = {newest}",
        }
        for table, key in WRITTEN.items():
            condition = conditions.get(table, f"{key} = {newest}")
            connection.execute(
                f"CREATE TABLE bench_of_{table} AS SELECT * FROM {table} WHERE {condition}"
            )
            connection.execute(f"CREATE TABLE bench_to_{table} (LIKE {table} INCLUDING ALL)")
            found = connection.execute(f"SELECT * FROM bench_of_{table}")
            self.columns[table] = [column.name for column in found.description or ()]
            self.many += len(found.fetchall())


@contextmanager
def _tables_like_ours(connect: Connect) -> Iterator[_Rows]:
    with connect() as connection:
        _drop(connection)
        try:
            yield _Rows(connection)
        finally:
            _drop(connection)


def _drop(connection: psycopg.Connection) -> None:
    for table in WRITTEN:
        connection.execute(f"DROP TABLE IF EXISTS bench_of_{table}, bench_to_{table}")


def _own(table: str, column: str, *, number: str = "%(n)s", order: str = "") -> sql.Composable:
    own = _OWN[table].get(column)
    if own is None:
        return sql.Identifier(column)
    partition = f"PARTITION BY {order}" if order else ""
    return sql.SQL(
        own.replace("%(n)s", f"({number})::bigint").replace("OVER ()", f"OVER ({partition})")
    )


def _rate(
    connect: Connect,
    clients: int,
    seconds: float,
    act: Callable[[psycopg.Connection, int], object],
) -> float:
    done = [0] * clients
    numbers = count(1)
    end = time.perf_counter() + seconds

    def work(client: int) -> None:
        with connect() as connection:
            while time.perf_counter() < end:
                act(connection, next(numbers))
                done[client] += 1

    threads = [threading.Thread(target=work, args=(client,)) for client in range(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sum(done) / seconds
