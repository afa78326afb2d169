"""Commands typed while nothing runs: they bring the database along and take it away again."""

import threading

from tests.start.installation import Installation


def test_a_command_starts_the_database_for_as_long_as_it_takes(
    installation: Installation,
) -> None:
    done = installation.command("ledger", "verify")
    assert done.returncode == 0, done.stderr
    installation.leaves_nothing()


def test_commands_at_the_same_time_share_one_database(installation: Installation) -> None:
    found: list[int] = []

    def one() -> None:
        found.append(installation.command("manage", "check", "--database", "default").returncode)

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [0, 0, 0]
    installation.leaves_nothing()
