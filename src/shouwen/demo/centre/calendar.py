"""When complaints come in: over ninety days, fewer at weekends, few at night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from shouwen.demo.centre import matters
from shouwen.demo.centre.matters import Matter
from shouwen.demo.stories.telling import LOCAL

#: Days that the demo tells of (some calls come a few days sooner), and how many of them are left
#: to what is still under way.
DAYS, RECENT = 85, 4
#: How many complaints without anything out of the ordinary come in those last days.
STILL_OPEN = 7
#: Whoever has something out of the ordinary to tell needs time to tell it.
LONGEST = 16
#: How often people call in which hour, 7 to 21 o'clock.
BY_HOUR = (2, 6, 9, 9, 7, 4, 3, 5, 6, 6, 5, 7, 9, 8, 4)


def arrivals(seed: int, now: datetime, told: Sequence[Matter]) -> list[datetime]:
    """When each of the matters comes in; the same seed and moment give the same."""
    rng = Random(f"{seed}/arrivals")
    free = [number for number, matter in enumerate(told) if matter.comes is None]
    plain = [number for number in free if not told[number].turns]
    recent = rng.sample(plain, STILL_OPEN)
    came = _spread(rng, now, recent, 0, RECENT)
    came |= _spread(rng, now, [each for each in plain if each not in recent], RECENT, DAYS)
    came |= _spread(rng, now, [each for each in free if each not in plain], LONGEST, DAYS)
    for number, matter in enumerate(told):
        if matter.comes is not None:
            came[number] = matter.comes.at(now)
    return [came[number] for number in range(len(told))]


def _spread(
    rng: Random, now: datetime, numbers: Sequence[int], since: float, until: float
) -> dict[int, datetime]:
    """A moment for each, evenly between so many days ago and so many, in an order of chance."""
    order = rng.sample(numbers, len(numbers))
    step = (until - since) / len(order)
    return {
        number: _moment(rng, now, since + step * (place + rng.random()))
        for place, number in enumerate(order)
    }


def _moment(rng: Random, now: datetime, days: float) -> datetime:
    """About so many days ago, at an hour at which people call, always at least an hour ago."""
    day = (now - timedelta(days=days)).astimezone(LOCAL)
    if day.weekday() >= 5 and rng.random() < 0.5:
        day -= timedelta(days=day.weekday() - 3)
    hour = rng.choices(range(7, 22), BY_HOUR)[0]
    at = day.replace(hour=hour, minute=rng.randrange(60), second=rng.randrange(60), microsecond=0)
    return at if at < now - timedelta(hours=1) else at - timedelta(days=1)


def split_off(told: Sequence[Matter]) -> frozenset[str]:
    """The keys of those that another one's split begins."""
    turns = (turn for matter in told for turn in matter.turns)
    return frozenset(turn.key for turn in turns if isinstance(turn, matters.Split))
