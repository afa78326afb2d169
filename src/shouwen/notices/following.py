"""The notices follow the ledger: each new entry is asked who must hear of it."""

from __future__ import annotations

import datetime

from shouwen.records import followers

NAME = "notices"


def begin() -> None:
    """From the end of the ledger on, where it was not followed before."""
    followers.begin(NAME)


def look(now: datetime.datetime) -> int:
    """Take the next entries; how many there were."""
    return followers.advance(NAME, lambda entries: None)
