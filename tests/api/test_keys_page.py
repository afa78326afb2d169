"""Keys on their page and from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from tests.api.conftest import Caller
from tests.desk.conftest import Office

from shouwen.api import keys
from shouwen.api.models import ApiKey
from shouwen.records.models import Access


def signed_in(office: Office, username: str) -> Client:
    client = Client()
    client.force_login(office.person(username), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_key_is_shown_once_and_ended_by_a_click(office: Office) -> None:
    desk = signed_in(office, "centre-head")
    told = {"name": "客服系统", "lasts": "90", "scopes": ["complaints:read"]}
    page = desk.post("/settings/api/", told).content.decode()
    text = page.split("data-key>")[1].split("<")[0]
    key = ApiKey.objects.get()
    assert text.startswith(f"shouwen_{key.prefix}_") and key.expires_at is not None
    assert text not in desk.get("/settings/api/").content.decode()
    assert text.split("_", 2)[2] not in str(ApiKey.objects.values().get())
    call = Caller("/api/v1", text, Client())
    assert call.get("/me").json["person_name"] == office.person("centre-head").name
    assert desk.post(f"/settings/api/{key.pk}/revoke/").status_code == 302
    assert call.get("/me").status == 401
    noted = list(Access.objects.filter(action__startswith="api_key").order_by("pk"))
    assert [each.action for each in noted] == ["api_key_made", "api_key_revoked"]
    assert not any(text in str(each.facts) for each in noted)
    assert desk.post("/settings/api/", {"name": "", "lasts": "90"}).status_code == 422


def test_nobody_ends_the_key_of_another_but_an_administrator_of_all(office: Office) -> None:
    head = office.person("centre-head")
    key, _text = keys.make(owner=head, name="x", scopes=["webhooks"], by=head)
    assert signed_in(office, "front-desk-1").get("/settings/api/").status_code == 403
    other = signed_in(office, "site-manager")
    assert other.post(f"/settings/api/{key.pk}/revoke/").status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None
    administrator = signed_in(office, "administrator")
    assert administrator.post(f"/settings/api/{key.pk}/revoke/").status_code == 302
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_the_command_line_makes_a_key_that_works(office: Office) -> None:
    out = StringIO()
    call_command(
        "api_key", "create", "--as", "front-desk-1", "--scope", "complaints:read", stdout=out
    )
    text = out.getvalue().strip()
    call = Caller("/api/v1", text, Client())
    assert call.get("/complaints").status == 200 and call.get("/projects").status == 403
    listed = StringIO()
    call_command("api_key", "list", "--json", stdout=listed)
    (row,) = json.loads(listed.getvalue())
    assert row["owner"] == "front-desk-1" and row["usable"] and text not in listed.getvalue()
    call_command("api_key", "revoke", text.split("_")[1], stdout=StringIO())
    assert call.get("/complaints").status == 401
    with pytest.raises(CommandError):
        call_command("api_key", "create", "--as", "nobody-there", stdout=StringIO())


def test_whoever_leaves_takes_their_keys_with_them(
    office: Office, key_of: Callable[..., str]
) -> None:
    key_of("front-desk-1")
    person = office.person("front-desk-1")
    person.is_active = False
    person.save()
    assert keys.end_those_of_leavers() == 1
    assert ApiKey.objects.get().revoked_at is not None
    assert keys.end_those_of_leavers() == 0


def test_the_document_loads_nothing_from_elsewhere(office: Office) -> None:
    page = Client().get("/api/docs")
    html = page.content.decode()
    assert page.status_code == 200 and "http" not in html.replace("http-equiv", "")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<style" not in html and "<script>" not in html
