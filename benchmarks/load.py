"""The load generator: so many clients at once, each on a connection of its own, for so long.

A process of its own, so that it does not share an interpreter with what else is being done:
reads one JSON document on standard input and prints one on standard output.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.browsing import Browser

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Target:
    """A form that is sent again and again: by whom, where to, and what stands in it.

    `{key}` becomes a new idempotency key each time, `{words}` words that differ.
    """

    cookies: dict[str, str]
    path: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Plan:
    """What to send: each client takes the targets in turn, one after the other."""

    host: str
    port: int
    targets: list[Target]
    clients: int = 8
    warm_up: float = 2.0
    seconds: float = 15.0
    expected: int = 302


@dataclass
class Told:
    """What came of it: the seconds of each request answered as expected, and of how long in all."""

    seconds: list[float] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    lasted: float = 0.0
    own_cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Requests answered as expected, a second."""
        return len(self.seconds) / self.lasted if self.lasted else 0.0


def run(plan: Plan) -> Told:
    """Carry out the plan in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    return Told(**json.loads(done.stdout))


def _carry_out(given: dict[str, Any]) -> Told:
    plan = Plan(**{**given, "targets": [Target(**each) for each in given["targets"]]})
    told, lock = Told(), threading.Lock()
    begin = time.perf_counter() + plan.warm_up
    end = begin + plan.seconds
    clients = [
        threading.Thread(target=_client, args=(plan, number, begin, end, told, lock))
        for number in range(plan.clients)
    ]
    for each in clients:
        each.start()
    time.sleep(max(0.0, begin - time.perf_counter()))
    cpu = time.process_time()
    for each in clients:
        each.join()
    told.lasted, told.own_cpu = plan.seconds, time.process_time() - cpu
    return told


def _client(
    plan: Plan, number: int, begin: float, end: float, told: Told, lock: threading.Lock
) -> None:
    chance = random.Random(number)
    browsers = [Browser(plan.host, plan.port, dict(each.cookies)) for each in plan.targets]
    turn = number
    while (now := time.perf_counter()) < end:
        place = turn % len(plan.targets)
        target, turn = plan.targets[place], turn + 1
        answer = browsers[place].post(target.path, _filled(target.fields, chance))
        if now < begin or time.perf_counter() > end:
            continue
        with lock:
            if answer.status == plan.expected:
                told.seconds.append(answer.seconds)
            else:
                status = str(answer.status)
                told.failures[status] = told.failures.get(status, 0) + 1
    for each in browsers:
        each.close()


_WORDS: Sequence[str] = (
    "电梯停在五楼不动", "楼道灯不亮", "水管漏水到楼下", "车位被人占了", "半夜施工很吵",
    "垃圾没有人收", "门禁卡刷不开", "空调外机滴水", "物业费算错了", "绿化带没有人管",
)  # fmt: skip


def _filled(fields: dict[str, str], chance: random.Random) -> dict[str, str]:
    words = "，".join(chance.sample(_WORDS, 3))
    return {
        name: value.replace("{key}", str(uuid.uuid4())).replace("{words}", words)
        for name, value in fields.items()
    }


if __name__ == "__main__":
    json.dump(asdict(_carry_out(json.load(sys.stdin))), sys.stdout)
