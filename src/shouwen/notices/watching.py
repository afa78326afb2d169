"""Watching a complaint: whoever asks to hears of each of its steps, when there is time to read."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.models import Complaint
from shouwen.organization.models import Staff
from shouwen.organization.permissions import visible_to


class Watch(models.Model):
    """That somebody watches a complaint, since when."""

    complaint = models.ForeignKey(
        "complaints.Complaint", models.PROTECT, related_name="watches", verbose_name=_("投诉")
    )
    person = models.ForeignKey(
        "organization.Staff", models.PROTECT, related_name="+", verbose_name=_("员工")
    )
    since = models.DateTimeField(_("关注时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("关注")
        verbose_name_plural = _("关注")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "person"], name="watch_once_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.person_id}"


def watch(person: Staff, complaint: Complaint) -> bool:
    """Begin to watch; False, and nothing begins, where the person may not see the complaint."""
    if not visible_to(person, Complaint).filter(pk=complaint.pk).exists():
        return False
    Watch.objects.get_or_create(complaint=complaint, person=person)
    return True


def unwatch(person: Staff, complaint: Complaint) -> None:
    """Watch no longer."""
    Watch.objects.filter(complaint=complaint, person=person).delete()


def watchers(complaint: Complaint) -> list[Staff]:
    """Who watches, the first first; the person it is about is not among them."""
    found = Watch.objects.filter(complaint=complaint, person__is_active=True)
    return [
        each.person
        for each in found.select_related("person")
        if each.person_id != complaint.about_id
    ]


def watchers_of(complaints: Iterable[Complaint]) -> dict[int, list[Staff]]:
    """Who watches each of these complaints, in one query."""
    found: dict[int, list[Staff]] = {}
    ids = [complaint.pk for complaint in complaints]
    for each in Watch.objects.filter(complaint__in=ids).select_related("person"):
        found.setdefault(each.complaint_id, []).append(each.person)
    return found
