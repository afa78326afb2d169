"""``shouwen run``: database, web and worker started in order, watched, and stopped in order."""

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from types import FrameType

import psycopg

from shouwen.operations import children, standing, web
from shouwen.operations.database_access import (
    commands_lock,
    embedded_server,
    instance_lock,
    locked,
)
from shouwen.operations.home import Home, is_demo
from shouwen.operations.postgres import Server
from shouwen.operations.service_user import Account, service_account
from shouwen.operations.wording import CannotGoOn, _

SHOUWEN = [sys.executable, "-P", "-m", "shouwen.config.cli"]
MARK = "SHOUWEN_SUPERVISED"
LONGEST_PAUSE = 30.0
# A child that ran this long had recovered: its next restart is immediate again.
STEADY = 60.0
STARTS_BEFORE_READY = 3
OLDEST_SERVER = 15
# They had their SIGTERM from the kernel when their supervisor died.
LEFTOVERS: children.Ending = [(signal.SIGTERM, 3), (signal.SIGKILL, 5)]


@dataclass
class Child:
    """A process that is to run always, and how often it has failed of late."""

    name: str
    command: list[str]
    account: Account
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    again: float = 0.0

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = children.spawn(
            self.command,
            account=self.account,
            at_our_death=signal.SIGTERM,
            environment=self.environment,
        )

    def watch(self, now: float) -> None:
        """Restart it if it is gone, after a pause that doubles with each failure in a row."""
        if self.process is not None and self.process.poll() is not None:
            code = self.process.returncode
            children.end(self.process)  # what it may have left in its process group
            self.process = None
            self.failures = 0 if now - self.started > STEADY else self.failures + 1
            self.again = now + pause(self.failures)
            say(_("{name}意外退出（{code}），正在重新启动").format(name=self.name, code=code))
        if self.process is None and now >= self.again:
            self.start()


def pause(failures: int) -> float:
    """Seconds to wait before the next start, after so many failures in a row."""
    return 0.0 if failures <= 1 else min(LONGEST_PAUSE, 2.0 ** (failures - 2))


def say(line: str) -> None:
    """A line to whoever started us; nobody listening is no reason to stop."""
    try:
        print(line, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123


class Supervisor:
    """One running installation."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.account = service_account()
        self.server: Server | None = None
        self.database_again = 0.0
        self.database_failures = 0
        self.stopping = False
        self.environment = os.environ | {MARK: str(home.path)}
        self.children: list[Child] = []

    def run(self) -> int:
        """Run until told to stop. Raises CannotGoOn, with nothing left running, if it cannot."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        with ExitStack() as stack:
            alone = locked(instance_lock(self.home), fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not stack.enter_context(alone):
                raise CannotGoOn(
                    _(
                        "{home} 已有一个首问在运行；请先停止它，"
                        "或用 SHOUWEN_HOME=另一目录 PORT=另一端口 再开一个"
                    ).format(home=self.home.path)
                )
            try:
                children.end_processes(children.marked(f"{MARK}={self.home.path}"), LEFTOVERS)
                require_free_port()
                self._start()
                while not self.stopping:
                    self._watch()
                    time.sleep(0.2)
            except Stopped:
                pass
            finally:
                self._end()
        return 0

    def _stop(self, number: int, frame: FrameType | None) -> None:
        first, self.stopping = not self.stopping, True
        if first:
            # Whatever the start is waiting for, it need not be waited for any more.
            raise Stopped

    def _start(self) -> None:
        dsn = os.environ.get("DATABASE_URL")
        if dsn:
            require_database(dsn)
        else:
            self.server = embedded_server(self.home)
            dsn = self.server.dsn()
            with locked(commands_lock(self.home), fcntl.LOCK_EX):
                self.server.start()
        if not standing.stands(self.home, dsn):
            if self._command("migrate") != 0:
                raise CannotGoOn(_("数据库结构没有准备好，原因见上；数据原样未动"))
            standing.note(self.home, dsn)
        self.children = [
            Child(_("网页服务"), web.command(), self.account, self.environment),
            Child(_("后台服务"), [*SHOUWEN, "worker"], self.account, self.environment),
        ]
        self._wait_for_pages()
        host, port = web.address()
        say(
            _("首问已启动：{scheme}://{host}:{port}/").format(
                scheme=web.scheme(), host=web.reachable(host), port=port
            )
        )
        if is_demo():
            self._command("demo", "--signins")

    def _command(self, *arguments: str) -> int:
        """Run one of our commands to its end, watching the rest; answers its exit status."""
        process = children.spawn(
            [*SHOUWEN, *arguments],
            account=self.account,
            at_our_death=signal.SIGTERM,
            environment=self.environment,
        )
        try:
            while process.poll() is None:
                self._watch()
                time.sleep(0.05)
            return process.returncode
        finally:
            children.end(process)

    def _wait_for_pages(self) -> None:
        """Until the first page comes; a web server that cannot start at all is not waited for."""
        while True:
            self._watch()
            if web.answers():
                return
            if any(child.failures >= STARTS_BEFORE_READY for child in self.children):
                raise CannotGoOn(_("服务无法启动，原因见上；数据完好"))
            time.sleep(0.05)

    def _watch(self) -> None:
        now = time.monotonic()
        for child in self.children:
            child.watch(now)
        if self.server is not None:
            self._watch_database(self.server, now)

    def _watch_database(self, server: Server, now: float) -> None:
        if server.process is not None and server.process.poll() is not None:
            say(_("数据库意外退出，正在重新启动"))
            server.process = None
            self.database_again = now
        if server.process is None and now >= self.database_again:
            try:
                server.start()
                self.database_failures = 0
            except CannotGoOn as reason:
                self.database_failures += 1
                self.database_again = now + pause(self.database_failures + 1)
                say(str(reason))

    def _end(self) -> None:
        self.stopping = True
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        for process in running:
            children.end(process)
        if self.server is not None:
            self.server.stop()


class Stopped(Exception):
    """We were told to stop."""


def require_database(url: str) -> None:
    """Refuse a server that does not answer, or is too old, before anything is started."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version // 10000
    except psycopg.Error as error:
        raise CannotGoOn(
            _("无法连接 DATABASE_URL 指定的数据库（{cause}）；请检查地址、账号与服务器").format(
                cause=str(error).strip().splitlines()[-1].strip()
            )
        ) from None
    if version < OLDEST_SERVER:
        raise CannotGoOn(
            _("DATABASE_URL 指定的是 PostgreSQL {version}；请用 {oldest} 或更新的版本").format(
                version=version, oldest=OLDEST_SERVER
            )
        )


def require_free_port() -> None:
    """Refuse a port that is taken, or not ours to take, before anything is started."""
    host, port = web.address()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise CannotGoOn(
                _("端口 {port} 小于 1024，普通用户不能使用；请用 PORT=8000 make run").format(
                    port=port
                )
            ) from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotGoOn(
                    _("HOST={host} 不是本机的地址；请去掉它，或用 0.0.0.0").format(host=host)
                ) from None
            raise CannotGoOn(
                _(
                    "端口 {port} 已被占用；请停掉占用它的程序，或换一个：PORT={other} make run"
                ).format(port=port, other=next_free_port(family, host, port))
            ) from None


def next_free_port(family: socket.AddressFamily, host: str, port: int) -> int:
    """The next port above ``port`` that can be had."""
    for other in range(port + 1, 65536):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((host, other))
            except OSError:
                continue
            return other
    return 8000
