"""The groups of a project and of its departments hear of an emergency together with the persons."""

from __future__ import annotations

from collections.abc import Sequence

from shouwen.notices.addresses import addresses_of_group
from shouwen.notices.notice import Delivery, Notice
from shouwen.notices.urgency import Urgency


def deliveries(notices: Sequence[Notice]) -> list[Delivery]:
    """What goes to groups besides: one message a group and a call, however many persons are called.

    It goes with the first person's notice, in their language. A group is told nothing of a
    complaint that is confidential or about a member of staff.
    """
    found = []
    called: set[tuple[str, int]] = set()
    for notice in notices:
        if notice.urgency != Urgency.EMERGENCY or notice.project_id is None:
            continue
        if (notice.matter, notice.times) in called or not _for_groups(notice):
            continue
        called.add((notice.matter, notice.times))
        addresses = addresses_of_group(notice.project_id)
        for code in notice.complaint.departments if notice.complaint else ():
            addresses += addresses_of_group(notice.project_id, code)
        found += [
            Delivery(
                notice=notice,
                person_id=notice.person_id,
                channel=address.kind,
                address_id=address.pk,
                urgency=notice.urgency,
                send_at=notice.again_at,
                nth=notice.times,
            )
            for address in addresses
        ]
    return found


def _for_groups(notice: Notice) -> bool:
    complaint = notice.complaint
    return complaint is None or not (complaint.confidential or complaint.about_id)
