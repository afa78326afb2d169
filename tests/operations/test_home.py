"""The home: closed to others, secrets made once, a socket path that always fits."""

import stat
import threading
from pathlib import Path

import pytest

from shouwen.operations.home import Home, land_of
from shouwen.operations.postgres import LONGEST_SOCKET_FOLDER
from shouwen.operations.service_user import Account, service_account
from shouwen.operations.wording import CannotGoOn


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _myself() -> Account:
    account = service_account()
    return Account(account.name, account.uid, account.gid, switch=False)


def test_what_lies_in_it_is_nobody_elses(home: Home) -> None:
    home.prepare(_myself())
    assert _mode(home.var) == 0o750
    assert {_mode(folder) for folder in home.var.iterdir()} == {0o700}


def test_a_folder_that_was_there_keeps_its_mode(home: Home) -> None:
    home.path.mkdir(mode=0o711)
    home.path.chmod(0o711)
    home.prepare(_myself())
    assert _mode(home.path) == 0o711


def test_a_secret_is_made_once_and_readable_to_its_owner_only(home: Home) -> None:
    first = home.secret("index")
    assert home.secret("index") == first
    assert home.secret("fields") != first
    assert _mode(home.var / "keys" / "index") == 0o600


def test_processes_that_start_together_agree_on_a_secret(home: Home) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(home.secret("k"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize("length", [1, 60, 120, 250])
def test_the_socket_folder_fits_the_kernels_limit(length: int) -> None:
    deep = Path("/srv") / ("a" * min(length, 200)) / ("b" * max(1, length - 200))
    assert len(str(Home(deep).sockets)) <= LONGEST_SOCKET_FOLDER


def test_two_homes_never_share_a_socket_folder() -> None:
    first, second = (Home(Path("/srv") / ("a" * 120) / name).sockets for name in ("x", "y"))
    assert first != second


def test_two_checkouts_of_one_name_have_homes_of_their_own() -> None:
    assert land_of(Path("/srv/one/shouwen")) != land_of(Path("/srv/two/shouwen"))


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(CannotGoOn, match=str(tmp_path)):
        Home(tmp_path / "home" / "deeper").prepare(_myself())
