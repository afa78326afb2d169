"""How long people take over a duty: most are in time, some leave it lying, as real ones do."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from shouwen.demo.centre.hours import Hours


class Pace(NamedTuple):
    """A duty's minutes of work at least, usually and at most; how often it is left lying, and then
    for how many hours from when its clock began."""

    least: float
    usual: float
    most: float
    lying: float = 0.0
    hours: tuple[float, float] = (0.0, 0.0)


PACES = {
    "relay": Pace(6, 35, 240, 0.10, (24.5, 31)),
    "alert": Pace(0.6, 1.5, 2.7, 0.2, (0.06, 0.14)),
    "take_charge": Pace(0.8, 2, 4, 0.15, (0.1, 0.2)),
    "assess": Pace(4, 15, 50),
    "dispatch": Pace(3, 15, 90, 0.06, (12.3, 19)),
    "inform": Pace(2, 8, 40, 0.10, (24.5, 40)),
    "accept": Pace(2, 15, 70, 0.16, (2.2, 6)),
    "answer": Pace(10, 40, 110),
    "feedback": Pace(1, 12, 80, 0.20, (2.2, 5)),
    "tell": Pace(3, 20, 80, 0.2, (2.2, 6)),
    "approve": Pace(20, 90, 300, 0.2, (50, 75)),
    "confirm": Pace(10, 60, 240, 0.1, (50, 75)),
    "name_manager": Pace(4, 15, 45, 0.12, (1.2, 5)),
    "verify": Pace(15, 60, 260),
    "verify_jointly": Pace(60, 150, 330, 0.2, (9, 26)),
    "inform_first_contact": Pace(3, 20, 80, 0.15, (2.3, 7)),
    "visit": Pace(60, 300, 800, 0.18, (112, 160)),
    "mediate": Pace(60, 200, 400, 0.25, (50, 80)),
    "close": Pace(2, 15, 200, 0.10, (110, 150)),
    "report": Pace(240, 700, 1200, 0.3, (26, 40)),
}
#: Who leaves more lying than others, and who less.
LAX = {"engineering": 1.4, "finance": 1.3, "order": 0.8, "environment": 0.6, "YH": 1.5, "HJ": 0.8}
#: A department's work: how much of its limit it usually takes, how often it is late, by how much.
OF_LIMIT = (0.03, 0.2, 0.06)
LATE, LATE_HOURS = 0.16, (1.0, 22.0)


def done(rng: Random, duty: str, since: datetime, hours: Hours, *, of: str = "") -> datetime:
    """When somebody who works these hours is done with a duty whose clock began at `since`.

    `of` is the department or project whose habits count.
    """
    pace = PACES[duty]
    lying, worked = rng.random(), rng.triangular(pace.least, pace.most, pace.usual)
    left = rng.uniform(*pace.hours)
    if lying < pace.lying * LAX.get(of, 1.0):
        return hours.opening(since + timedelta(hours=left))
    return hours.after(since, _minutes(worked))


def work(
    rng: Random, begun: datetime, due: datetime, limit: timedelta, hours: Hours, *, of: str
) -> datetime:
    """When a department's work is done that was to be done by `due`."""
    lying, share, late = rng.random(), rng.triangular(*OF_LIMIT), rng.uniform(*LATE_HOURS)
    soon = begun + timedelta(minutes=2)
    if lying < LATE * LAX.get(of, 1.0):
        return max(soon, hours.opening(due + min(timedelta(hours=late), limit)))
    in_time = hours.after(begun, max(limit * share, timedelta(minutes=6)))
    return in_time if in_time < due else max(soon, due - timedelta(minutes=15))


def _minutes(number: float) -> timedelta:
    return timedelta(seconds=round(number * 60))
