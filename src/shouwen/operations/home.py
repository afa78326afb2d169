"""Where an installation keeps what must last: its home and the folders under ``var/``."""

import base64
import hashlib
import os
import secrets
import sys
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from shouwen.operations.postgres import LONGEST_SOCKET_FOLDER
from shouwen.operations.service_user import LAND, Account
from shouwen.operations.wording import CannotGoOn, _

FOLDERS = ("keys", "log", "run", "static", "attachments")


def checkout() -> Path | None:
    """The folder of the source code this package runs from, if it runs from one."""
    folder = Path(__file__).resolve().parents[3]
    return folder if (folder / "pyproject.toml").is_file() else None


def land_of(source: Path) -> Path:
    """Root's folder for one checkout: named by it, and by its full path, so no two share one."""
    digest = hashlib.sha256(str(source.resolve()).encode()).hexdigest()[:8]
    return LAND / f"{source.resolve().name}-{digest}"


def is_demo() -> bool:
    """Whether this installation shows the demo company (``SHOUWEN_DEMO``, unless it is 0)."""
    return os.environ.get("SHOUWEN_DEMO", "1") != "0"


def default_home() -> Path:
    """``SHOUWEN_HOME``, else the checkout, else (as root) the checkout's folder in ``LAND``."""
    named = os.environ.get("SHOUWEN_HOME")
    if named:
        return Path(named).absolute()
    if LAND in Path(sys.prefix).parents:  # installed there by `make run` as root
        return Path(sys.prefix).parent
    source = checkout()
    if source is None:
        raise CannotGoOn(_("请用 SHOUWEN_HOME 指明数据目录"))
    return land_of(source) if os.geteuid() == 0 else source


@dataclass(frozen=True)
class Home:
    """One installation's place on disk. ``var/`` is its only content and is nobody else's."""

    path: Path

    @property
    def var(self) -> Path:
        return self.path / "var"

    @property
    def data(self) -> Path:
        return self.var / "postgresql"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @cached_property
    def sockets(self) -> Path:
        """The folder of the database socket: ``var/run``, or a short one where that is too long."""
        usual = self.var / "run"
        if len(os.fsencode(usual)) <= LONGEST_SOCKET_FOLDER and "," not in str(usual):
            return usual
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path("/tmp") / f"shouwen-{digest}"

    def prepare(self, account: Account) -> None:
        """Make the folders, as ``account``'s and closed to others; widen nothing that exists.

        Raises CannotGoOn where the account cannot write there.
        """
        try:
            if not self.path.is_dir():
                self.path.mkdir(parents=True)
                self.path.chmod(0o755)
            if not account.can("-x", self.path):
                raise PermissionError
            account.own(self.var, 0o750)
            if not account.can("-w", self.var):
                raise PermissionError
            for name in FOLDERS:
                account.own(self.var / name, 0o700)
            account.own(self.sockets, 0o700)
        except OSError as error:
            if isinstance(error, PermissionError) or not self.path.exists():
                raise CannotGoOn(
                    _(
                        "用户 {user} 无法写入 {home}；请把该目录交给该用户，"
                        "或用 SHOUWEN_HOME=目录 另选一处"
                    ).format(user=account.name, home=self.path)
                ) from error
            raise
        self._refuse_foreign(self.sockets, account)

    def secret(self, name: str) -> str:
        """The installation's secret ``name``: 32 random bytes, made at first use, kept 0600.

        Written whole or not at all, so that two processes starting at once agree on it.
        """
        path = self.var / "keys" / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
                file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode() + "\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(file.name, path)
            except FileExistsError:
                pass
            finally:
                Path(file.name).unlink()
        return path.read_text().strip()

    @staticmethod
    def _refuse_foreign(folder: Path, account: Account) -> None:
        """A socket folder that another person made would let them answer in our place."""
        if folder.stat().st_uid not in (account.uid, 0):
            raise CannotGoOn(
                _("{folder} 属于其他用户；请删除它，或用 SHOUWEN_HOME=较短的路径").format(
                    folder=folder
                )
            )
