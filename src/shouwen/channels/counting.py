"""How much came from one address or one telephone lately, without knowing which.

Counted under a keyed hash, in the database, so that all processes count together; a window that has
passed is removed with the next count. Neither address nor number can be had back from it.
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone

from shouwen.channels.models import ArrivalCount
from shouwen.organization.customers import normalise
from shouwen.organization.models import Place
from shouwen.records.fields import blind_index

#: How many arrivals of one kind within how long are let in without being looked at. Many homes of an
#: estate, and all telephones of a network, share an address, so its bound is wide.
AT_A_PLACE = (8, timedelta(minutes=10))
FROM_AN_ADDRESS = (30, timedelta(hours=1))
FROM_A_TELEPHONE = (5, timedelta(hours=1))
KEPT = timedelta(days=1)

_TABLE = ArrivalCount._meta.db_table
_COUNT = f"""
    INSERT INTO {_TABLE} (who, begins, number) VALUES (%s, %s, 1)
    ON CONFLICT (who, begins) DO UPDATE SET number = {_TABLE}.number + 1 RETURNING number
"""


def too_many(place: Place, address: str, telephone: str, now: datetime | None = None) -> bool:
    """Count one arrival, and say whether there have been too many like it.

    `address` is the sender's network address, `telephone` what they wrote; either may be empty.
    """
    now = now or timezone.now()
    ArrivalCount.objects.filter(begins__lt=now - KEPT).delete()
    network = _network(address)
    at_place = bool(network) and _count(f"place:{place.pk}:{network}", *AT_A_PLACE, now)
    return too_many_at(place.project_id, address, telephone, now) or at_place


def too_many_at(project_id: int, address: str, telephone: str, now: datetime | None = None) -> bool:
    """As `too_many`, of what came by a door that is no place's."""
    now = now or timezone.now()
    network, number = _network(address), normalise(telephone)
    asked = [
        (f"address:{project_id}:{network}", FROM_AN_ADDRESS, network),
        (f"telephone:{project_id}:{number}", FROM_A_TELEPHONE, number),
    ]
    counted = [_count(who, *bound, now) for who, bound, known in asked if known]
    return any(counted)


def _count(who: str, most: int, within: timedelta, now: datetime) -> bool:
    length = int(within.total_seconds())
    begins = datetime.fromtimestamp(int(now.timestamp()) // length * length, UTC)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [blind_index(who, "arrivals"), begins])
        return bool(cursor.fetchone()[0] > most)


def _network(address: str) -> str:
    """The address; of IPv6 the network of one household, which changes the rest at will."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if known.version == 6:
        return str(ipaddress.ip_network((int(known), 64), strict=False).network_address)
    return str(known)
