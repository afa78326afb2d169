"""The pages speak Simplified Chinese until somebody chooses otherwise."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.desk.conftest import Office


@pytest.mark.parametrize("browser", ["en-GB,en;q=0.9", "zh-TW", "", "fr"])
def test_the_browsers_language_chooses_nothing(office: Office, browser: str) -> None:
    page = Client(headers={"accept-language": browser}).get("/accounts/login/").content.decode()
    assert '<html lang="zh-Hans"' in page


def test_what_was_chosen_stays(office: Office) -> None:
    client = Client()
    client.post("/language/setlang/", {"language": "en", "next": "/accounts/login/"})
    assert '<html lang="en"' in client.get("/accounts/login/").content.decode()


def test_without_a_choice_a_persons_own_language_counts(office: Office) -> None:
    person = office.person("front-desk-1")
    person.language = "zh-hant"
    person.save(update_fields=["language"])
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert '<html lang="zh-Hant"' in client.get("/desk/").content.decode()


def test_a_choice_is_the_persons_own_on_every_computer(office: Office) -> None:
    client = Client()
    client.force_login(
        office.person("front-desk-1"), backend="django.contrib.auth.backends.ModelBackend"
    )
    client.post("/language/setlang/", {"language": "en", "next": "/desk/"})
    assert office.person("front-desk-1").language == "en"
    client.post("/language/setlang/", {"language": "tlh", "next": "/desk/"})
    assert office.person("front-desk-1").language == "en"
