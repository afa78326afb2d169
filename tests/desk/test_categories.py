"""The centre head keeps the category tree in the browser; others may not."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.complaints.conftest import Centre, centre  # noqa: F401

from shouwen.complaints.models import Category


def browser(centre: Centre, who: str) -> Client:  # noqa: F811
    """A browser in which that person is signed in."""
    client = Client()
    client.force_login(centre.person(who), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_limit_is_changed_and_a_category_added(centre: Centre) -> None:  # noqa: F811
    client = browser(centre, "centre_head")
    page = client.get("/categories/").content.decode()
    assert "环境卫生" in page
    answer = client.post(
        "/categories/cleaning/", {"name": "保洁", "hours-routine": "6", "is_active": "on"}
    )
    assert answer.status_code == 302
    assert Category.objects.get(code="cleaning").hours == {"routine": 6}
    assert client.post("/categories/", {"name": "宠物", "parent": "environment"}).status_code == 302
    added = Category.objects.get(name="宠物")
    assert added.parent is not None
    assert added.parent.code == "environment"


def test_a_wrong_limit_is_named_and_nothing_changes(centre: Centre) -> None:  # noqa: F811
    client = browser(centre, "centre_head")
    answer = client.post("/categories/cleaning/", {"name": "保洁", "hours-routine": "0"})
    assert answer.status_code == 422
    assert "一般：" in answer.content.decode()
    assert Category.objects.get(code="cleaning").hours == {}


@pytest.mark.parametrize("who", ["front_desk", "engineering_head", "auditor"])
def test_others_may_not(centre: Centre, who: str) -> None:  # noqa: F811
    client = browser(centre, who)
    assert client.get("/categories/").status_code == 403
    assert client.post("/categories/cleaning/", {"name": "x"}).status_code == 403
