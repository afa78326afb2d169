"""What a field of a step may name: departments, staff, homes … offered by forms, checked by steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.models import Category, Complaint, Incident
from shouwen.complaints.roles import departments_of
from shouwen.complaints.steps.record import Attach
from shouwen.complaints.steps.table import At, StepData
from shouwen.complaints.words import ENDED, WorkStatus
from shouwen.organization.models import Customer, Department, Home, Post, Staff
from shouwen.organization.permissions import visible_to
from shouwen.organization.positions import Position
from shouwen.records.models import Attachment

Choice = tuple[Any, str]


def _departments(at: At) -> list[Choice]:
    return [(department.code, department.name) for department in _departments_at(at)]


def _departments_at(at: At) -> QuerySet[Department]:
    return Department.objects.filter(Q(project=None) | Q(project=at.project))


def _named(at: At, codes: set[str]) -> list[Choice]:
    found = Department.objects.filter(code__in=codes)
    return [(department.code, department.name) for department in found]


def _own_departments(at: At) -> list[Choice]:
    mine = departments_of(at.person)
    return _named(at, {part.department for part in at.state.at_work if part.department in mine})


def _working_departments(at: At) -> list[Choice]:
    return _named(at, {part.department for part in at.state.at_work})


def _dispatched_departments(at: At) -> list[Choice]:
    return _named(
        at,
        {
            part.department
            for part in at.state.parts.values()
            if part.status not in (WorkStatus.RECALLED, WorkStatus.COMPLETED)
        },
    )


def _people(posts: QuerySet[Post]) -> QuerySet[Staff]:
    return Staff.objects.filter(pk__in=posts.values("staff"), is_active=True)


def _by_name(staff: QuerySet[Staff]) -> list[Choice]:
    return [(each.pk, each.name) for each in staff.order_by("name")]


def _staff_at(at: At) -> QuerySet[Staff]:
    return _people(Post.objects.filter(Q(project=None) | Q(project=at.project), until=None))


def _department_staff_at(at: At) -> QuerySet[Staff]:
    codes = [code for code, _name in _own_departments(at)]
    return _people(Post.objects.filter(department__code__in=codes, until=None))


def _categories(at: At) -> list[Choice]:
    found = _categories_at(at).select_related("parent")
    return [(category.code, str(category)) for category in found]


def _categories_at(at: At) -> QuerySet[Category]:
    return Category.objects.filter(is_active=True)


def _incidents(at: At) -> list[Choice]:
    found = _incidents_at(at).order_by("-since")[:_MOST_INCIDENTS]
    own = at.state.incident_id
    return [(incident.pk, incident.title) for incident in found if incident.pk != own]


def _incidents_at(at: At) -> QuerySet[Incident]:
    return Incident.objects.filter(project=at.project, status=Incident.Status.OPEN)


_MOST_INCIDENTS = 50  # offered to choose from, the newest


def _contact_holders(at: At) -> list[Choice]:
    """Whom a contact can be handed to: the departments of the project, and few positions."""
    positions = (Position.FRONT_DESK, Position.CENTRE_HEAD, Position.SITE_MANAGER)
    return [
        *((f"department:{code}", name) for code, name in _departments(at)),
        *((f"position:{each}", str(each.label)) for each in positions),
    ]


OFFERED: dict[str, Callable[[At], list[Choice]]] = {
    "department": _departments,
    "departments": _departments,
    "own_department": _own_departments,
    "working_department": _working_departments,
    "dispatched_department": _dispatched_departments,
    "staff": lambda at: _by_name(_staff_at(at)),
    "department_staff": lambda at: _by_name(_department_staff_at(at)),
    "category": _categories,
    "incident": _incidents,
    "contact_holder": _contact_holders,
}

# Where the offer is long, whether it holds a value is asked of the database instead: the rows that
# are offered, and the column that the value stands in.
_LONG: dict[str, tuple[Callable[[At], QuerySet[Any]], str]] = {
    "department": (_departments_at, "code"),
    "departments": (_departments_at, "code"),
    "staff": (_staff_at, "pk"),
    "department_staff": (_department_staff_at, "pk"),
    "category": (_categories_at, "code"),
    "incident": (_incidents_at, "pk"),
}


def offered(widget: str, at: At) -> list[Choice]:
    """The choices of a field with that widget at this step; KeyError for a widget without."""
    return OFFERED[widget](at)


def check(at: At, data: StepData) -> dict[str, list[str | Promise]]:
    """Errors by field where `data` names what there is not, or is not of this project."""
    errors: dict[str, list[str | Promise]] = {}
    for name, shown in data.shown().items():
        value = getattr(data, name)
        if value in (None, "", []):
            continue
        is_file = shown.widget == "file"
        if not (_stored(at, data) if is_file else _exists(shown.widget, value, at)):
            errors[name] = [_("没有这一项，请从列表中选择")]
    return errors


def _exists(widget: str, value: Any, at: At) -> bool:
    if widget == "home":
        return Home.objects.filter(pk=value, project=at.project).exists()
    if widget == "hidden_customer":
        return Customer.objects.filter(pk=value, project=at.project).exists()
    if widget == "complaint":
        open_ones = visible_to(at.person, Complaint).exclude(status__in=sorted(ENDED))
        return open_ones.filter(number=value, project=at.project).exists()
    if widget == "staff" and value == at.person.pk:
        return True
    if widget not in OFFERED:
        return True
    values = set(value) if isinstance(value, list) else {value}
    if widget in _LONG:
        rows, column = _LONG[widget]
        return rows(at).filter(**{f"{column}__in": values}).count() == len(values)
    return {choice for choice, _label in offered(widget, at)}.issuperset(values)


def _stored(at: At, data: StepData) -> bool:
    """Whether the file named lies in the store for this complaint, with just that digest."""
    assert isinstance(data, Attach)
    return (
        at.complaint is not None
        and Attachment.objects.filter(
            pk=data.attachment,
            subject_type="complaint",
            subject_id=at.complaint.pk,
            sha256=data.sha256,
            entry=None,
        ).exists()
    )
