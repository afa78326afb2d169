"""The demo's contacts come about by the steps that everybody takes."""

from __future__ import annotations

import pytest
from django.utils import timezone, translation

from shouwen.complaints.contacts import projection
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.words import ContactStatus, Nature
from shouwen.complaints.models import Complaint
from shouwen.demo import company, contacts
from shouwen.records import ledger


@pytest.mark.django_db
def test_a_fortnight_of_contacts_of_every_nature_and_in_every_state() -> None:
    now = timezone.now()
    with translation.override("zh-hans"):
        company.found()
        contacts.enact(now)
    found = list(Contact.objects.all())
    assert len(found) == len(contacts.CONTACTS) >= 12
    assert {each.nature for each in found} == set(Nature)
    assert {each.status for each in found} == set(ContactStatus)
    assert all(each.received_at <= now for each in found)
    assert Contact.objects.filter(next_due_at__lt=now).exists()
    became = Contact.objects.get(status=ContactStatus.COMPLAINT)
    assert Complaint.objects.get().pk == became.complaint_id
    assert all(projection.differences(each.pk) == [] for each in found)
    assert ledger.verify() == []
