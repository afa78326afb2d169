"""How complete the standard record is [P1]: what [R1] and [A2] ask to be written down."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.models import Complaint

# What the record should hold, and how much it weighs. [R1] names the first five.
_ASKED: tuple[tuple[str | Promise, int, Callable[[Complaint], object]], ...] = (
    (_("受理时间"), 10, lambda complaint: complaint.received_at),
    (_("投诉人"), 15, lambda complaint: complaint.name),
    (_("住址"), 15, lambda complaint: complaint.home_id),
    (_("联系电话"), 15, lambda complaint: complaint.telephone),
    (_("投诉主题"), 10, lambda complaint: complaint.subject),
    (_("投诉内容"), 10, lambda complaint: complaint.content),
    (_("与房屋关系"), 5, lambda complaint: complaint.relation),
    (_("地点"), 5, lambda complaint: complaint.place),
    (_("发生时间"), 5, lambda complaint: complaint.happened),
    (_("分类"), 5, lambda complaint: complaint.category_id),
    (_("客户诉求"), 5, lambda complaint: complaint.wish),
)


def completeness(complaint: Complaint) -> tuple[int, list[str | Promise]]:
    """How complete the record is, in percent, and what it lacks."""
    lacking = [label for label, _weight, given in _ASKED if not given(complaint)]
    percent = sum(weight for _label, weight, given in _ASKED if given(complaint))
    return percent, lacking
