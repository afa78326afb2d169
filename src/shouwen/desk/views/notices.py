"""My notices: the list with its filters, the bell in the frame of every page, marking as read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.notices import acknowledging, rendering
from shouwen.notices.notice import Notice
from shouwen.notices.policy import Escalation
from shouwen.notices.urgency import Urgency
from shouwen.organization.models import Staff
from shouwen.organization.permissions import visible_to

PAGE = 50
#: Notices whose words come up on the page by themselves; more are a number.
TOASTS = 3
#: What is older comes up by itself no more.
FRESH = timedelta(minutes=10)
#: The bell counts no further.
MANY = 99

FILTERS: dict[str, tuple[Promise, Q]] = {
    "unread": (gettext_lazy("未读"), Q(read_at=None)),
    "urgent": (gettext_lazy("紧急"), Q(urgency=Urgency.EMERGENCY)),
    "clocks": (gettext_lazy("时限"), Q(kind__in=["warned", "breached"])),
    "followed": (gettext_lazy("首问跟进"), Q(kind__in=["followed", "verified"])),
    "all": (gettext_lazy("全部"), Q()),
}


@dataclass(frozen=True)
class Row:
    """A notice as a line of the list."""

    notice: Notice
    title: str
    lines: list[str]
    next: str

    @property
    def calling(self) -> bool:
        """Whether it still asks for an answer."""
        found = self.notice.escalation
        return (
            found is not None
            and found.state != Escalation.State.OVER
            and self.notice.acknowledged_at is None
        )


def rows_of(notices: QuerySet[Notice] | list[Notice]) -> list[Row]:
    """The notices in words."""
    return [
        Row(
            notice,
            rendering.title(notice),
            rendering.lines(notice),
            rendering.next_step(notice),
        )
        for notice in notices
    ]


def _mine(person: Staff) -> QuerySet[Notice]:
    return visible_to(person, Notice).select_related(
        "complaint__category__parent", "project", "escalation"
    )


@require_safe
@staff_page("see_notices")
def mine(request: StaffRequest) -> HttpResponse:
    """The list of my notices, newest first; unread ones unless another filter is asked for."""
    chosen = request.GET.get("show", "unread")
    if chosen not in FILTERS:
        chosen = "unread"
    found = _mine(request.user).filter(FILTERS[chosen][1]).order_by("-again_at", "-pk")
    after = request.GET.get("after", "")
    if after.isdigit():
        last = _mine(request.user).filter(pk=int(after)).first()
        if last is not None:
            found = found.filter(
                Q(again_at__lt=last.again_at) | Q(again_at=last.again_at, pk__lt=last.pk)
            )
    notices = list(found[: PAGE + 1])
    context = {
        "here": "notices",
        "rows": rows_of(notices[:PAGE]),
        "more": notices[PAGE - 1].pk if len(notices) > PAGE else None,
        "filters": [(name, label) for name, (label, _part) in FILTERS.items()],
        "chosen": chosen,
        "unread": _unread(request.user),
    }
    return render(request, "desk/notices.html", context)


def _unread(person: Staff) -> int:
    return visible_to(person, Notice).filter(read_at=None)[: MANY + 1].count()


# Each is shown by the one page that gets here first, in whichever window.
_SHOWN = """
UPDATE notices_notice SET shown_at = %s
WHERE person_id = %s AND shown_at IS NULL RETURNING id
"""


@require_safe
@staff_page("see_notices")
def bell(request: StaffRequest) -> HttpResponse:
    """How many are unread; those that are new come up on the page, each once."""
    fresh: list[Row] = []
    more = 0
    if request.htmx and visible_to(request.user, Notice).filter(shown_at=None).exists():
        with connection.cursor() as cursor:
            cursor.execute(_SHOWN, [timezone.now(), request.user.pk])
            ids = [row[0] for row in cursor.fetchall()]
        found = _mine(request.user).filter(pk__in=ids, read_at=None).order_by("-again_at", "-pk")
        loud = [each for each in found if not _silent(each, timezone.now())]
        loud.sort(key=lambda each: each.urgency != Urgency.EMERGENCY)
        fresh, more = rows_of(loud[:TOASTS]), max(0, len(loud) - TOASTS)
    context = {
        "unread": _unread(request.user),
        "many": MANY,
        "fresh": fresh,
        "more": more,
        "latest": rows_of(_mine(request.user).filter(read_at=None).order_by("-again_at", "-pk")[:5])
        if request.GET.get("open")
        else [],
    }
    return render(request, "desk/parts/bell.html", context)


def _silent(notice: Notice, now: datetime) -> bool:
    """What can wait, and what came while nobody was here, is counted by the bell alone."""
    if notice.urgency == Urgency.EMERGENCY:
        return False
    return notice.urgency == Urgency.LATER or now - notice.again_at > FRESH


@require_POST
@staff_page("see_notices")
def read(request: StaffRequest) -> HttpResponse:
    """Mark one notice as read, or all; a call that is not answered stays."""
    one = request.POST.get("notice", "")
    acknowledging.read(request.user, [int(one)] if one.isdigit() else None)
    return redirect("desk:notices")
