"""Handing over the complaints of somebody who leaves or moves [R8][P4], by the one door."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint, Work
from shouwen.complaints.refusals import InvalidData, NotAllowed
from shouwen.complaints.words import OPEN, WorkStatus
from shouwen.organization import changing
from shouwen.organization.changing import Change, Kind, Refused
from shouwen.organization.models import Staff
from shouwen.organization.permissions import may


def register() -> None:
    """Tell what somebody can hold of complaints."""
    for name, label, hint in (
        (
            "first_contact",
            gettext_lazy("首问责任的未结投诉"),
            gettext_lazy("首问责任和相应时限一并转给接手人"),
        ),
        (
            "manager",
            gettext_lazy("主管负责的未结投诉"),
            gettext_lazy("主管负责人改为接手人"),
        ),
    ):
        changing.register(
            Kind(name, label, hint, _counting(name), _handing(name)),
        )
    changing.register(
        Kind(
            "works",
            gettext_lazy("部门里派给本人的工作"),
            gettext_lazy("仍由部门承办，请部门负责人重新安排经办人"),
            lambda change: _works(change).count(),
            lambda change, successor: 0,
            needed=False,
        )
    )


def complaints_held(change: Change, what: str) -> QuerySet[Complaint]:
    """The open complaints that the person follows (`first_contact`) or is in charge of (`manager`)."""
    found = Complaint.objects.filter(**{what: change.person}, status__in=sorted(OPEN))
    if change.leaving:
        return found
    projects = found.order_by().values_list("project", flat=True).distinct()
    return found.filter(project__in=[each for each in projects if change.concerns(each)])


def _counting(what: str) -> Callable[[Change], int]:
    return lambda change: complaints_held(change, what).count()


def _handing(what: str) -> Callable[[Change, Staff | None], int]:
    return lambda change, successor: hand_over(change, successor, what)


def hand_over(change: Change, successor: Staff | None, what: str) -> int:
    """Transfer each of them, by the step `transfer`, in the name of whoever makes the change.

    Inside the change's transaction. Raises Refused where the successor cannot take one.
    """
    assert successor is not None, "asked for by `needed`"
    admitted = may(change.by, "edit_staff", change.person)
    number = 0
    for complaint in complaints_held(change, what).select_related("project").order_by("pk"):
        data = {"what": what, "to": successor.pk, "reason": change.reason}
        try:
            lifecycle.take(
                "transfer", person=change.by, complaint=complaint, data=data, admitted=admitted
            )
        except InvalidData:
            words = _("{name}不能接手其中一件（不在那个项目任职，或需要回避），请另选一位")
            raise Refused(what, words.format(name=successor.name)) from None
        except NotAllowed as reason:
            raise Refused(what, str(reason)) from None
        number += 1
    return number


def _works(change: Change) -> QuerySet[Work]:
    found = Work.objects.filter(
        member=change.person, status__in=[WorkStatus.DISPATCHED, WorkStatus.ACCEPTED]
    )
    if change.leaving:
        return found
    ending = [post.department_id for post in change.posts if post.department_id]
    return found.filter(department__in=ending)
