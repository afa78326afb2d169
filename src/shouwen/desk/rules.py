"""Who sees on the staff pages from whom a complaint came; registered when the room is loaded."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwen.complaints.roles import FIRST_CONTACT, MANAGER
from shouwen.complaints.steps.table import At
from shouwen.organization.models import Staff
from shouwen.organization.permissions import Answer, rule
from shouwen.organization.positions import Position

# Those who speak with the customer or answer for the case also know a confidential source [A2].
_KNOW_THE_SOURCE = frozenset(
    {
        Position.FRONT_DESK,
        Position.CENTRE_HEAD,
        Position.SITE_MANAGER,
        Position.COMPLAINT_TEAM,
        Position.COMPANY_LEADER,
        Position.BOARD_LEADER,
        FIRST_CONTACT,
        MANAGER,
    }
)


def register() -> None:
    """Tell the permissions who may see the source of a complaint."""

    @rule("see_source")
    def see_source(person: Staff, at: At) -> Answer:
        if at.complaint is None or not at.complaint.confidential:
            return Answer(True, _("来源未要求保密"))
        return Answer(
            bool(at.roles & _KNOW_THE_SOURCE), _("来源保密，只有客户中心和主管人员可以看到")
        )
