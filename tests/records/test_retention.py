"""Data goes when its period is over, and not before; the access log by one narrow way alone."""

from __future__ import annotations

import datetime

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from shouwen.records import audit, isolation, retention, verification
from shouwen.records.models import Access

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def note(action: str, days_ago: int) -> Access:
    return audit.note(action, actor_id=None, at=timezone.now() - days_ago * DAY)


def over(name: str, found: list[retention.Over]) -> int:
    return next(each.number for each in found if each.kind.name == name)


def test_old_notes_go_and_young_and_proving_ones_stay() -> None:
    for days_ago in (1, 1094, 1096, 2000):
        note("printed", days_ago)
    note("handover_signed", 2000)
    assert over("access_log", retention.preview()) == 2
    assert over("access_log", retention.apply()) == 2
    assert Access.objects.filter(action="printed").count() == 2
    assert Access.objects.filter(action="handover_signed").exists()
    noted = Access.objects.get(action="retention_applied")
    assert noted.facts == {"kind": "access_log", "removed": 2}
    assert over("access_log", retention.preview()) == 0
    assert verification.verify() == []


OLD = "DELETE FROM records_access WHERE at < now() - interval '300 days'"


def refused(*statements: str, saying: str = "is refused") -> None:
    wrong = pytest.raises(DatabaseError, match=saying)
    with wrong, transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


SAID = "SELECT set_config('shouwen.expiring', 'on', true)"


def test_no_setting_lets_a_young_note_be_removed_or_any_be_changed() -> None:
    note("printed", 10)
    note("printed", 400)
    refused(SAID, "DELETE FROM records_access")
    refused(SAID, "UPDATE records_access SET action = 'x'")
    refused(SAID, "TRUNCATE records_access")
    refused(OLD)
    assert Access.objects.count() == 2


def test_the_role_of_the_pages_removes_nothing_old_either() -> None:
    note("printed", 400)
    assert settings.SHOUWEN_WEB_ROLE
    with isolation.transaction_of(None):
        refused(SAID, OLD, saying="only the owner")
    assert Access.objects.count() == 1


def test_a_period_is_set_within_what_is_allowed_and_written_down() -> None:
    assert retention.periods()["access_log"] == 1095
    assert retention.change("access_log", 400, actor_id=None)
    assert not retention.change("access_log", 400, actor_id=None)
    for wrong in (0, 30, retention.MOST_DAYS + 1):
        with pytest.raises(ValueError, match="outside"):
            retention.change("access_log", wrong, actor_id=None)
    with pytest.raises(LookupError):
        retention.change("nothing", 400, actor_id=None)
    noted = Access.objects.get(action="retention_changed")
    assert noted.facts == {"kind": "access_log", "days": 400, "fields": ["days"]}
    retention.change("access_log", None, actor_id=None)
    note("printed", 9000)
    assert over("access_log", retention.apply()) == 0


def test_a_kind_that_fails_leaves_the_others_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(cutoff: datetime.datetime) -> int:
        raise OSError

    broken = retention.Kind("broken", "–", "–", 1, due=lambda cutoff: 1, apply=fail)
    monkeypatch.setattr(retention, "KINDS", {"broken": broken, **retention.KINDS})
    note("printed", 2000)
    with pytest.raises(OSError):
        retention.apply()
    assert not Access.objects.filter(action="printed").exists()
