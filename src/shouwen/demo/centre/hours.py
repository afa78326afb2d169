"""The hours in which people of the demo company work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shouwen.demo.stories.telling import LOCAL

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """Working hours of a day: hours since midnight, and the weekdays (Monday is 0)."""

    opens: float
    closes: float
    days: frozenset[int] = frozenset(range(7))

    def opening(self, at: datetime) -> datetime:
        """The first moment from `at` on at which somebody works."""
        at = at.astimezone(LOCAL)
        while True:
            midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
            if at.weekday() in self.days and at < midnight + timedelta(hours=self.closes):
                return max(at, midnight + timedelta(hours=self.opens))
            at = midnight + DAY

    def after(self, at: datetime, worked: timedelta) -> datetime:
        """When that much work from `at` on is done."""
        while True:
            at = self.opening(at)
            midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
            left = midnight + timedelta(hours=self.closes) - at
            if worked < left:
                return at + worked
            worked -= left
            at = midnight + DAY


ALWAYS = Hours(0, 24)
FRONT_DESK = Hours(8, 20.5)
OFFICE = Hours(8.5, 18, frozenset(range(6)))
#: Customers are called at hours at which nobody minds.
CALLS = Hours(9.5, 20.5)
BY_DEPARTMENT = {
    "engineering": Hours(7.5, 22),
    "order": Hours(7, 22.5),
    "environment": Hours(7, 18.5),
    "customer-service": OFFICE,
    "commerce": OFFICE,
    "finance": Hours(9, 17.5, frozenset(range(6))),
}
