"""A correction stands in the customer's own ledger, and what stood there before can be erased."""

from __future__ import annotations

import pytest
from tests.complaints.conftest import Centre

from shouwen.organization import customer_ledger, customers, homes
from shouwen.organization.models import Customer
from shouwen.organization.personal import CUSTOMER
from shouwen.records import erasure, ledger, verification
from shouwen.records.models import Access, ErasableFact

pytest_plugins = ["tests.complaints.conftest"]
NAME, NUMBER = "欧阳测试人", "13800771234"


def _card(centre: Centre) -> Customer:
    home = homes.ensure(centre.project, "9", "1", "1801")
    return customers.enrol(project=centre.project, home=home, name=NAME, telephone=NUMBER)


def test_the_first_correction_begins_the_ledger_and_says_what_was_there(centre: Centre) -> None:
    card = _card(centre)
    other = homes.ensure(centre.project, "9", "1", "1802")
    entry = customer_ledger.correct(
        card,
        {"name": "欧阳", "telephone": "13900001111", "home": other, "relation": "owner"},
        actor_id=7,
    )
    assert entry is not None and entry.facts == {"fields": ["home", "name", "telephone"]}
    card.refresh_from_db()
    assert (card.name, card.telephone, card.home) == ("欧阳", "13900001111", other)
    assert list(customers.find_by_telephone([centre.project.pk], "13900001111")) == [card]
    assert not customers.find_by_telephone([centre.project.pk], NUMBER).exists()

    first, second = customer_ledger.history(card)
    assert [first.kind, second.kind] == ["corrected", "begun"]
    assert first.said == {
        "name_before": NAME,
        "telephone_before": NUMBER,
        "home_before": "9栋1单元1801",
    }
    assert not ErasableFact.objects.filter(text__contains="1801").exists()
    assert Access.objects.get(action="customer_corrected").facts == {
        "fields": ["home", "name", "telephone"]
    }
    assert verification.verify() == []


def test_nothing_is_written_where_nothing_changes(centre: Centre) -> None:
    card = _card(centre)
    assert customer_ledger.correct(card, {"name": NAME, "home": card.home}, actor_id=7) is None
    assert ledger.entries(CUSTOMER, card.pk) == []


def test_a_home_of_another_project_and_other_fields_are_refused(centre: Centre) -> None:
    card = _card(centre)
    with pytest.raises(ValueError, match="not corrected here"):
        customer_ledger.correct(card, {"since": "2020-01-01"}, actor_id=7)


def test_what_stood_there_before_goes_with_the_customer(centre: Centre) -> None:
    card = _card(centre)
    customer_ledger.correct(card, {"telephone": "13900001111"}, actor_id=7)
    erasure.erase(CUSTOMER, card.pk, actor_id=7, reason="本人申请")
    newest, corrected, _begun = customer_ledger.history(card)
    assert newest.kind == "erased" and corrected.said == {"telephone_before": None}
    assert verification.verify() == []
