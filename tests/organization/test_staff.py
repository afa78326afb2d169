"""Staff accounts: given out, never signed up for."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.test import Client
from django.urls import reverse

from shouwen.organization.models import Staff

PASSWORD = "一条够长的口令 2026"


@pytest.mark.django_db
def test_a_member_of_staff_signs_in_with_username_and_password(client: Client) -> None:
    staff = Staff.objects.create_user("front-desk-1", PASSWORD, name="前台一号岗")
    client.post(reverse("account_login"), {"login": "front-desk-1", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(staff.pk)


@pytest.mark.django_db
def test_nobody_signs_up(client: Client) -> None:
    told = {"username": "stranger", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/signup/", told).status_code == 404
    assert not Staff.objects.exists()


@pytest.mark.django_db
def test_an_account_without_password_is_not_open_to_any() -> None:
    staff = Staff.objects.create_user("front-desk-1", name="前台一号岗")
    assert not staff.has_usable_password()
    assert authenticate(username="front-desk-1", password="") is None


@pytest.mark.django_db
def test_a_password_is_kept_by_argon2_and_a_telephone_encrypted() -> None:
    Staff.objects.create_user("front-desk-1", PASSWORD, name="前台一号岗", telephone="13800001001")
    with connection.cursor() as cursor:
        cursor.execute("SELECT password, telephone FROM organization_staff")
        password, telephone = cursor.fetchone()
    assert password.startswith("argon2")
    assert "13800001001" not in telephone
    assert Staff.objects.get().telephone == "13800001001"


@pytest.mark.django_db
def test_a_superuser_is_made_from_the_command_line() -> None:
    keeper = Staff.objects.create_superuser("keeper", PASSWORD, name="系统管理员")
    assert keeper.is_superuser and keeper.is_staff


def test_an_account_needs_a_username() -> None:
    with pytest.raises(ValueError, match="username"):
        Staff.objects.create_user("", name="无名岗")
