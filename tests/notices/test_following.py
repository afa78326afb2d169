"""The notices follow the ledger: who hears of what, once, and what is never told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests import horizon
from tests.complaints.conftest import Centre, centre  # noqa: F401 (a fixture)

from shouwen.clocks import timekeeper
from shouwen.notices import following, kinds, telling
from shouwen.notices.models import Escalation, Notice
from shouwen.records import followers
from shouwen.records.models import Entry


@pytest.fixture
def desk(centre: Centre) -> Centre:  # noqa: F811
    centre.now = timezone.now() - timedelta(minutes=30)
    return centre


def told(centre: Centre) -> None:  # noqa: F811
    """What the loop does with all entries there are, in ledger order."""
    following.take(list(Entry.objects.order_by("pk")))


def kinds_of(centre: Centre, who: str) -> set[str]:  # noqa: F811
    return set(Notice.objects.filter(person=centre.staff[who]).values_list("kind", flat=True))


def test_a_department_hears_that_it_was_dispatched_to_with_the_rule_and_the_step(
    desk: Centre,
) -> None:
    desk.receive()
    desk.take(
        "front_desk",
        "dispatch",
        department="jx-engineering",
        due_at=(desk.now + timedelta(hours=8)).isoformat(),
    )
    told(desk)
    notice = Notice.objects.get(person=desk.staff["engineering_member"], kind="dispatched")
    assert (notice.rule, notice.article, notice.step) == ("R4.respond", "R4", "accept")
    assert notice.complaint == desk.complaint
    assert notice.due_at is not None
    # The other department, and whoever did it, hear nothing.
    assert kinds_of(desk, "order_member") == set()
    assert "dispatched" not in kinds_of(desk, "front_desk")


def test_the_first_contact_sees_every_step_and_hears_when_it_was_verified(desk: Centre) -> None:
    desk.receive("engineering_member")
    desk.take("front_desk", "relay")
    told(desk)
    assert kinds_of(desk, "engineering_member") == {"followed"}
    desk.take(
        "front_desk",
        "dispatch",
        department="jx-order",
        due_at=(desk.now + timedelta(hours=8)).isoformat(),
    )
    desk.take("order_member", "accept", department="jx-order")
    desk.take("order_member", "complete", department="jx-order", result="已换。")
    desk.take("front_desk", "verify", how="看过。")
    told(desk)
    followed = Notice.objects.get(person=desk.staff["engineering_member"], kind="followed")
    assert followed.urgency == "later"
    assert followed.times > 1  # one notice, however many steps
    assert "verified" in kinds_of(desk, "engineering_member")


def test_the_person_complained_about_is_never_told(desk: Centre) -> None:
    about = desk.staff["engineering_member"]
    desk.receive(about=about.pk, severity="emergency")
    desk.take("front_desk", "alert", departments=["jx-engineering"])
    told(desk)
    assert not Notice.objects.filter(person=about).exists()
    assert Notice.objects.filter(person=desk.staff["engineering_head"]).exists()


def test_a_breach_is_told_to_the_holder_and_their_head_once_however_many_clocks_fire(
    desk: Centre,
) -> None:
    desk.now = timezone.now() - timedelta(hours=26)
    desk.receive("engineering_member")  # R1.relay and H.contact: both 24 hours
    while timekeeper.tick():
        pass
    entries = list(Entry.objects.filter(kind="breached"))
    assert {entry.facts["rule"] for entry in entries} >= {"R1.relay", "H.contact"}
    following.take(entries)
    holder = Notice.objects.filter(person=desk.staff["engineering_member"], kind="breached")
    assert holder.count() == 1
    assert "breached" in kinds_of(desk, "centre_head")
    for person_id in Notice.objects.values_list("person", flat=True):
        assert Notice.objects.filter(person=person_id, matter__startswith="clocks:").count() == 1


def test_what_happened_long_ago_and_what_was_imported_is_not_told(desk: Centre) -> None:
    desk.now = timezone.now() - timedelta(hours=13)
    desk.receive("engineering_member")
    told(desk)
    assert not Notice.objects.exists()


def test_whoever_may_not_see_a_complaint_is_not_told_of_it(desk: Centre) -> None:
    desk.receive()
    outsider = desk.staff["order_member"]
    made = telling.tell([outsider], kind="urged", matter="urged:1", complaint=desk.complaint)
    assert made == []
    assert not Notice.objects.filter(person=outsider).exists()


def test_a_kind_that_nobody_registered_is_refused(desk: Centre) -> None:
    assert "urged" in kinds.KINDS
    with pytest.raises(LookupError):
        telling.tell([desk.staff["front_desk"]], kind="unheard_of", matter="1")


def test_an_emergency_begins_an_escalation_and_the_alert_begins_the_next_stage(
    desk: Centre,
) -> None:
    desk.receive(severity="emergency")
    told(desk)
    first = Escalation.objects.get()
    assert (first.stage, first.state) == ("R6.alert", "calling")
    assert first.route[0]["position"] == "front_desk"
    desk.take("front_desk", "alert", departments=["jx-engineering"], site_manager=True)
    told(desk)
    first.refresh_from_db()
    assert first.state == "over"
    second = Escalation.objects.exclude(pk=first.pk).get()
    assert second.stage == "R6.escalate"
    assert [step["position"] for step in second.route] == ["site_manager", "company_leader"]
    desk.take("site_manager", "take_charge")
    told(desk)
    assert not Escalation.objects.exclude(state="over").exists()


# -- followers


@pytest.mark.django_db(transaction=True)
def test_a_follower_reads_on_from_where_it_stood_and_nothing_twice(desk: Centre) -> None:
    seen: list[int] = []
    followers.begin("reader")
    desk.receive()
    desk.take("front_desk", "assess", severity="complex", facts="已核实。")

    def read(entries: list[Entry]) -> None:
        seen.extend(entry.pk for entry in entries)

    horizon.reached()
    while followers.advance("reader", read, limit=2):
        pass
    assert seen == sorted(seen) and len(seen) == len(set(seen)) == Entry.objects.count()
    assert followers.advance("reader", read) == 0


@pytest.mark.django_db(transaction=True)
def test_what_fails_leaves_the_position_where_it_was(desk: Centre) -> None:
    followers.begin("reader")
    desk.receive()

    def fail(entries: list[Entry]) -> None:
        Notice.objects.all().delete()
        raise RuntimeError

    horizon.reached()
    with pytest.raises(RuntimeError):
        followers.advance("reader", fail)
    seen: list[Entry] = []
    assert followers.advance("reader", seen.extend) == Entry.objects.count()


@pytest.mark.django_db(transaction=True)
def test_an_open_transaction_holds_followers_back_and_nothing_is_lost_by_it(desk: Centre) -> None:
    from django.db import connection

    followers.begin("reader")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_current_xact_id()")  # begins to write, and commits later
            desk.receive()
            seen: list[Entry] = []
            assert followers.advance("reader", seen.extend) == 0
            late = timezone.now() + timedelta(seconds=11)
            assert [each.name for each in followers.standing(late)] == ["reader"]
            assert followers.standing() == []
            cursor.execute("COMMIT")
        horizon.reached()
        assert followers.advance("reader", seen.extend) == Entry.objects.count()
        assert followers.standing(late) == []
    finally:
        other.close()
