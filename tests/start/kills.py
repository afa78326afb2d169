"""Whatever is killed outright: it comes back, nothing committed is lost, nothing is left over."""

import contextlib

import psutil
from tests.start.installation import Held, Installation

PARTS = {"网页服务": "-m granian", "后台服务": "cli worker", "数据库": "postgres -D"}


def test_each_killed_part_is_started_again(running: Installation, held: Held) -> None:
    for name, words in PARTS.items():
        before = running.part(words)
        assert before is not None, name
        running.lines.clear()
        before.kill()
        running.wait_for(lambda: running.part(words) not in (None, before))  # noqa: B023
        running.wait_for(running.answers)
        assert running.says(f"{name}意外退出")
    assert running.keeps(held)


def test_a_killed_supervisor_leaves_nothing_running(running: Installation, held: Held) -> None:
    running.supervisor().kill()
    running.wait_for(lambda: running.processes() == [], seconds=30)
    running.start()
    assert running.keeps(held)


def test_everything_killed_at_once_is_recovered(running: Installation, held: Held) -> None:
    for process in running.processes():
        with contextlib.suppress(psutil.NoSuchProcess):  # gone with its supervisor
            process.kill()
    running.start()
    assert running.keeps(held)


def test_what_outlived_its_supervisor_is_ended_by_the_next_start(
    running: Installation, held: Held
) -> None:
    stuck = running.part(PARTS["网页服务"])
    assert stuck is not None
    stuck.suspend()  # deaf to the kernel's word that its supervisor died
    running.supervisor().kill()
    running.start()
    assert not stuck.is_running() or stuck.status() == psutil.STATUS_ZOMBIE
    assert running.keeps(held)
