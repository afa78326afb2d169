"""Open matters by age: the oldest first, in bands, with hands, reason and next reply."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.desk.conftest import Office
from tests.desk.many import copies

from shouwen.complaints import ages
from shouwen.complaints.ages import BANDS

AtDesk = Callable[[str], Client]
ADDRESS = "/complaints/ages/"


def ago(**delta: float) -> datetime:
    return timezone.now() - timedelta(**delta)


def rows(page: str) -> list[str]:
    """The numbers of the list's complaints, in order."""
    return re.findall(r'class="matter"><a href="/complaints/(JX-[0-9-]+)/"', page)


def test_the_oldest_is_first_with_who_has_it_why_and_the_next_reply(
    office: Office, at_desk: AtDesk
) -> None:
    young = office.receive(content="门禁坏了", occurred_at=ago(hours=2))
    old = office.dispatch(office.receive(content="外墙渗水", occurred_at=ago(days=20)))
    office.take("engineering-1", "accept", old, department="jx-engineering")
    later = (timezone.now() + timedelta(days=3)).isoformat()
    office.take(
        "engineering-1",
        "report_delay",
        old,
        department="jx-engineering",
        reason="等天晴才能做防水",
        new_due_at=later,
    )
    promised = timezone.now() + timedelta(hours=30)
    office.take(
        "front-desk-1", "inform_customer", old, told="天晴就做", next_update_at=promised.isoformat()
    )
    office.take("front-desk-1", "note", old, text="客户理解")
    closed = office.receive(occurred_at=ago(days=9))
    office.take("front-desk-1", "withdraw", closed, reason="客户不再追究")
    page = at_desk("front-desk-1").get(ADDRESS).content.decode()
    assert rows(page) == [old.number, young.number]
    first, second = page.split("<tr data-row>")[1:]
    assert "20 天" in first and "等天晴才能做防水" in first
    assert "工程部 工程部技工一" in first
    assert f"{timezone.localtime(promised):%H:%M} 前" in first and "按约再次答复客户" in first
    assert "客户中心前台" in second and "首次答复客户" in second
    bands = re.findall(r'scope="rowgroup" colspan="5">([^<]+)<', page)
    assert bands == ["15–30 天", "不到 3 天"]


def test_a_band_is_chosen_by_its_chip_and_an_empty_one_says_so(
    office: Office, at_desk: AtDesk
) -> None:
    old = office.receive(occurred_at=ago(days=31))
    office.receive(occurred_at=ago(days=8))
    client = at_desk("front-desk-1")
    assert re.findall(r'<strong class="figures">(\d+)<', client.get(ADDRESS).content.decode()) == [
        "1",
        "0",
        "1",
        "0",
        "0",
    ]
    assert rows(client.get(ADDRESS + "?band=30").content.decode()) == [old.number]
    empty = client.get(ADDRESS + "?band=3").content.decode()
    assert "这一档没有未结案的投诉" in empty
    assert len(rows(client.get(ADDRESS + "?band=nonsense").content.decode())) == 2


def test_the_list_goes_on_behind_its_last_row(
    office: Office, at_desk: AtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shouwen.desk.views.ages.PAGE", 2)
    complaint = office.receive(occurred_at=ago(days=5))
    copies(complaint, 4)
    client, address, seen = at_desk("front-desk-1"), ADDRESS + "?band=3", []
    while address:
        page = client.get(address).content.decode()
        seen += rows(page)
        onward = re.search(r'href="(\?[^"]*after=[^"]+)"', page)
        address = ADDRESS + onward[1].replace("&amp;", "&") if onward else ""
    assert seen == [complaint.number, *(f"{complaint.number}-{serial}" for serial in range(4))]
    for mark in ("nonsense", "2026-13-45_1", "2026-01-01T00:00:00_1"):
        assert len(rows(client.get(ADDRESS, {"after": mark}).content.decode())) == 2


def test_every_age_is_in_exactly_one_band() -> None:
    now = timezone.now()
    for hours in (0, 71, 72, 73, 167, 168, 359, 360, 719, 720, 9000):
        held = [band for band in BANDS if band.holds(now - timedelta(hours=hours), now)]
        assert len(held) == 1, hours


def test_bands_are_counted_as_they_hold(office: Office) -> None:
    now = timezone.now()
    for days in (0, 3, 7, 15, 30, 45):
        office.receive(occurred_at=now - timedelta(days=days))
    person = office.person("front-desk-1")
    found = ages.open_ones(person, [office.project])
    moments = [complaint.received_at for complaint in found]
    counted = ages.counts(found, timezone.now())
    assert sum(counted.values()) == len(moments) == 6
    assert counted == {
        band: sum(band.holds(moment, timezone.now()) for moment in moments) for band in BANDS
    }
