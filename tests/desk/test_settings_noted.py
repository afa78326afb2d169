"""Who changed a setting is written down: what, which fields, never what was typed."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.test import Client
from tests.desk.conftest import Office

from shouwen.clocks import calendars, regulations
from shouwen.desk.models import SavedView
from shouwen.records.models import Access
from shouwen.regulation.durations import Decision

AtDesk = Callable[[str], Client]
TYPED = "夜班专看"


def notes(*actions: str) -> list[tuple[str, dict[str, Any]]]:
    rows = Access.objects.filter(action__in=actions).order_by("pk")
    return [(each.action, each.facts) for each in rows]


def test_a_changed_category_is_noted_with_its_fields_and_an_unchanged_one_is_not(
    office: Office, at_desk: AtDesk
) -> None:
    desk = at_desk("centre-head")
    given = {"name": TYPED, "hours-routine": "6", "is_active": "on"}
    for _twice in range(2):
        assert desk.post("/categories/cleaning/", given).status_code == 302
    assert desk.post("/categories/", {"name": "宠物", "parent": "environment"}).status_code == 302
    assert notes("category_changed", "category_added") == [
        ("category_changed", {"fields": ["hours", "name"]}),
        ("category_added", {}),
    ]
    assert Access.objects.filter(actor_id=office.person("centre-head").pk).count() == 2


def test_house_rules_and_decided_days_are_noted(db: None) -> None:
    house = '[within]\n"H.contact" = "6 h"'
    for _twice in range(2):
        regulations.adopt("2004-08-15", house, datetime.date(2030, 1, 1))
    calendars.decide({datetime.date(2030, 3, 4): Decision(False, "停电检修")})
    assert notes("regulation_changed", "calendar_changed") == [
        ("regulation_changed", {"fields": ["house_text"], "in_force_from": "2030-01-01"}),
        ("calendar_changed", {"number": 1}),
    ]


def test_views_that_others_see_are_noted_and_ones_own_are_not(
    office: Office, at_desk: AtDesk
) -> None:
    desk = at_desk("front-desk-1")
    desk.post("/lists/complaints/views/", {"name": TYPED, "query": "is=open", "project": ""})
    view = SavedView.objects.get()
    one = f"/lists/complaints/views/{view.pk}/"
    assert not notes("view_shared", "view_changed", "view_removed")
    desk.post(one, {"name": TYPED, "project": "JX"})
    desk.post(one, {"name": TYPED + "二", "project": "JX"})
    desk.post(one, {"name": TYPED, "project": ""})  # no longer shared
    desk.post(one, {"name": TYPED, "project": "JX"})
    desk.post(one + "delete/")
    desk.post("/lists/complaints/views/undo/")
    listed = {"list": "complaints"}
    assert notes("view_shared", "view_changed", "view_removed") == [
        ("view_shared", listed),
        ("view_changed", listed | {"fields": ["name"]}),
        ("view_removed", listed),
        ("view_shared", listed),
        ("view_removed", listed),
        ("view_shared", listed),
    ]
    assert TYPED not in str(list(Access.objects.values()))
