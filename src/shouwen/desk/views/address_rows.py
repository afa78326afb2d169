"""Addresses as lines of a page: masked, with how it went last and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shouwen.notices import addresses, targets
from shouwen.notices.address import Address
from shouwen.notices.sending.failures import Reason, reason


@dataclass(frozen=True)
class Row:
    """One address."""

    address: Address
    shown: str
    usable: bool
    failure: Reason | None

    @property
    def in_app(self) -> bool:
        return bool(self.address.kind == Address.Kind.IN_APP)

    @property
    def owner(self) -> Any:
        return self.address.staff or self.address.department or self.address.project


def rows(found: Iterable[Address], usable: Iterable[Address]) -> list[Row]:
    """A line for each; `usable` are those that something can be sent to now."""
    can = {each.pk for each in usable}
    order = [str(each) for each in Address.Kind]
    return [
        Row(
            each,
            targets.masked(each.kind, _target(each)),
            each.pk in can,
            reason(each.last_error) if each.fails else None,
        )
        for each in sorted(found, key=lambda each: (order.index(each.kind), each.pk))
    ]


def _target(address: Address) -> str:
    if not address.by_record:
        return str(address.target)
    return "" if address.kind == Address.Kind.IN_APP else addresses.recorded_target(address)
