"""The system user under which database, web and worker run when root starts them.

Started by anybody else, everything simply runs as that person and nothing here applies.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shouwen.operations.wording import CannotGoOn, _

NAME = "shouwen"
LAND = Path("/var/lib/shouwen")


@dataclass(frozen=True)
class Account:
    """Whom a child process runs as. ``switch`` is false when that is who we are already."""

    name: str
    uid: int
    gid: int
    switch: bool

    def popen_arguments(self) -> dict[str, Any]:
        """Arguments that make ``subprocess`` run the child as this account."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path, mode: int) -> Path:
        """Make ``path`` a folder of this account, if it is not there; its parents stay as they are.

        A folder that exists keeps its owner and mode.
        """
        if not path.is_dir():
            path.mkdir(mode=mode)
            path.chmod(mode)
            if self.switch:
                os.chown(path, self.uid, self.gid)
        return path

    def can(self, question: str, path: Path) -> bool:
        """Whether this account may do what ``question`` (a flag of ``test``) asks of ``path``."""
        if not self.switch:
            return os.access(path, {"-r": os.R_OK, "-w": os.W_OK, "-x": os.X_OK}[question])
        return self.succeeds(["test", question, str(path)])

    def succeeds(self, command: Sequence[str]) -> bool:
        """Whether ``command`` ends well when this account runs it from ``/``."""
        try:
            done = subprocess.run(
                command,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **self.popen_arguments(),
            )
        except OSError:
            return False
        return done.returncode == 0


def service_account() -> Account:
    """The account for database, web and worker: the caller's own, or the system user for root.

    Raises CannotGoOn where the account has no name (PostgreSQL needs one) or the system user is
    missing and cannot be made.
    """
    if os.geteuid() != 0:
        try:
            entry = pwd.getpwuid(os.geteuid())
        except KeyError:
            raise CannotGoOn(
                _(
                    "当前用户（uid {uid}）没有用户名，PostgreSQL 无法运行；请换一个有名字的用户"
                ).format(uid=os.geteuid())
            ) from None
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=False)
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        entry = _create()
    _land()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)


def _create() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    command = ["--system", "--user-group", "--no-create-home", "--home-dir", str(LAND)]
    command += ["--shell", "/usr/sbin/nologin", NAME]
    if useradd is None or subprocess.run([useradd, *command], check=False).returncode != 0:
        raise CannotGoOn(
            _("无法创建系统用户 {name}；请运行 useradd {arguments}").format(
                name=NAME, arguments=" ".join(command)
            )
        )
    return pwd.getpwnam(NAME)


def _land() -> None:
    """``/var/lib/shouwen``: root's, passable by everybody, each home in it closed by itself."""
    if not LAND.is_dir():
        LAND.mkdir(parents=True)
        LAND.chmod(0o755)
