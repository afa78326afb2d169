"""From root to the system user: once, before anything is served, and never back."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import psycopg

from shouwen.operations.home import checkout, land_of
from shouwen.operations.service_user import LAND, Account
from shouwen.operations.wording import CannotGoOn, _

KEEPING_FILE_RIGHTS = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]


def go_on_as(account: Account, arguments: Sequence[str], *, keep_file_rights: bool) -> NoReturn:
    """Replace this process by the same command run as ``account``.

    ``keep_file_rights`` leaves it root's right to open any file (and no other), where the machine
    allows that, so that root can name files that only root may read.
    """
    python = _python_for(account)
    # -P: the folder we stand in may be anybody's, and is no place to import from.
    command = [python, "-P", "-m", "shouwen.config.cli", *arguments]
    environment = os.environ | {"HOME": str(LAND), "USER": account.name, "LOGNAME": account.name}
    if keep_file_rights and (setpriv := shutil.which("setpriv")):
        identity = [f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
        prefix = [setpriv, *identity, *KEEPING_FILE_RIGHTS]
        if subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
            os.execve(setpriv, [*prefix, *command], environment)
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)
    os.execve(python, command, environment)


def _python_for(account: Account) -> str:
    """An interpreter with Shouwen installed that ``account`` can run."""
    ours = [Path(sys.executable).resolve(), Path(os.__file__), Path(__file__), _a_library()]
    if account.can("-x", ours[0]) and all(account.can("-r", path) for path in ours):
        return sys.executable
    source = checkout()
    copy = land_of(source) / "venv" / "bin" / "python" if source else None
    if copy is None or not copy.exists():
        raise CannotGoOn(
            _("系统用户 {user} 无法读取 {place}；请在代码目录运行一次 make run").format(
                user=account.name, place=sys.prefix
            )
        )
    return str(copy)


def _a_library() -> Path:
    return Path(psycopg.__file__)
