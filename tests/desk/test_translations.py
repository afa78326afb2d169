"""Every text that a person can meet is there in Traditional Chinese and in English."""

from __future__ import annotations

import gettext
import re
import string
import tomllib
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation
from tests.desk import texts
from tests.desk.conftest import Office
from tests.desk.texts import SOURCE, Found, Text

from shouwen.clocks import wording
from shouwen.desk import words
from shouwen.regulation.durations import Limit, WorkingCalendar

CATALOGUES = {
    folder: SOURCE / "locale" / folder / "LC_MESSAGES" / "django.po" for folder in ("zh_Hant", "en")
}
CAN_STAY = "简体中文"  # a language is called by its own name

# Where Chinese stands in the source on purpose, and why.
IN_CHINESE = {
    "api/bodies.py": "an example of what a complaint says",
    "api/endpoints/incidents.py": "an example of what an incident is called",
    "channels/dates.py": "how files write times",
    "channels/mail/": "how mail programs mark answers, what is quoted and who answers by themselves",
    "channels/pasted.py": "how chats write days and times",
    "channels/guessing.py": "what other systems call their columns and values",
    "demo/": "the demo company's own data",
    "complaints/places.py": "how people write a building, a lift or a garage, and how one is called",
    "organization/homes.py": "how people write a home, and how one is called",
    "organization/customers.py": "how people write an extension",
    "organization/models.py": "languages by their own names",
    "regulation/durations.py": "the name of a make-up working day, kept with the calendar",
    "clocks/wording.py": "the patterns of the library's names of days",
    "complaints/spotting.py": "how a customer denies a danger",
    "complaints/steps/intake.py": "marks that end a sentence",
    "complaints/steps/table.py": "the same message is translated in complaints/parsing.py",
    "complaints/numbers_in_text.py": "how people write a telephone number",
    "notices/reports/anonymity.py": "how people write a home",
    "notices/customers/guarding.py": "what is never said to a customer",
    "desk/templates/desk/parts/choices.html": "languages by their own names",
    "portal/templates/portal/base.html": "languages by their own names",
}
OPERATORS = "management/commands/"  # what --help says of commands

# Traditional Chinese has no use for these, though its older character sets hold them.
MISTAKEN = re.compile("[万与么于几听坏复并异扰据洁离种网胜虫触赶适机构愿余后体]|(?<!鄰)里")


def is_chinese(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def is_simplified(character: str) -> bool:
    """Whether a character is none of the 13,000 that Big5, the older Traditional set, knows."""
    try:
        character.encode("big5")
    except UnicodeEncodeError:
        return is_chinese(character)
    return False


def catalogue(folder: str) -> polib.POFile:
    return polib.pofile(CATALOGUES[folder])


def key(entry: polib.POEntry) -> Text:
    return Text(entry.msgctxt, entry.msgid, entry.msgid_plural or None)


def said(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def placeholders(text: str) -> Counter[str]:
    percent = re.findall(r"%\((\w+)\)[sd]", text)
    braces = [name for _t, name, _s, _c in string.Formatter().parse(text) if name is not None]
    return Counter([*percent, *(f"{{{name}}}" for name in braces)])


@pytest.mark.parametrize("folder", CATALOGUES)
def test_every_text_is_translated(folder: str) -> None:
    lacking = [
        entry.msgid
        for entry in catalogue(folder)
        if entry.fuzzy or entry.obsolete or not all(said(entry))
    ]
    assert not lacking


@pytest.mark.parametrize("folder", CATALOGUES)
def test_the_catalogue_holds_the_texts_of_the_source_and_no_others(folder: str) -> None:
    have, want = {key(entry) for entry in catalogue(folder)}, texts.marked()
    assert len(want) > 500
    assert not want - have, "run django-admin makemessages (CONTRIBUTING.md) and translate"
    assert not have - want, "run django-admin makemessages (CONTRIBUTING.md)"


@pytest.mark.parametrize("folder", CATALOGUES)
def test_a_translation_keeps_the_placeholders(folder: str) -> None:
    differing = [
        (entry.msgid, text)
        for entry in catalogue(folder)
        for text in said(entry)
        if placeholders(text) != placeholders(entry.msgid)
    ]
    assert not differing


def test_plurals_are_those_of_the_language() -> None:
    for folder, forms in (("zh_Hant", 1), ("en", 2)):
        plural = [entry for entry in catalogue(folder) if entry.msgid_plural]
        assert plural
        assert all(len(entry.msgstr_plural) == forms for entry in plural)
        assert catalogue(folder).metadata["Plural-Forms"].startswith(f"nplurals={forms};")


def test_traditional_chinese_has_no_simplified_characters() -> None:
    left = [
        text
        for entry in catalogue("zh_Hant")
        for text in said(entry)
        if text != CAN_STAY and (any(map(is_simplified, text)) or MISTAKEN.search(text))
    ]
    assert not left


def test_english_has_no_chinese() -> None:
    left = [
        text
        for entry in catalogue("en")
        for text in said(entry)
        if entry.msgid not in (CAN_STAY, "繁體中文") and any(map(is_chinese, text))
    ]
    assert not left


@pytest.mark.parametrize("folder", CATALOGUES)
def test_what_is_compiled_is_what_is_written(folder: str) -> None:
    path = CATALOGUES[folder].with_suffix(".mo")
    assert path.exists(), "run make build"
    with path.open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in catalogue(folder):
        if entry.msgid_plural and entry.msgctxt:
            found = compiled.npgettext(entry.msgctxt, entry.msgid, entry.msgid_plural, 2)
            expected = said(entry)[-1]
        elif entry.msgid_plural:
            found = compiled.ngettext(entry.msgid, entry.msgid_plural, 2)
            expected = said(entry)[-1]
        elif entry.msgctxt:
            found, expected = compiled.pgettext(entry.msgctxt, entry.msgid), entry.msgstr
        else:
            found, expected = compiled.gettext(entry.msgid), entry.msgstr
        assert found == expected, "run make build"


def on_purpose(found: Found) -> bool:
    if OPERATORS in found.path or any(found.path.startswith(path) for path in IN_CHINESE):
        return True
    if not found.what.strip():  # a wide space
        return True
    # What joins a list in a message to operators.
    return not found.path.startswith("desk/") and not any(map(is_chinese, found.what))


def test_no_chinese_stands_outside_the_texts_to_be_translated() -> None:
    assert not [found for found in texts.unmarked() if not on_purpose(found)]


def test_every_text_to_be_translated_can_be_found_by_the_tools() -> None:
    assert not list(texts.unseen())


def shipped_files() -> list[Path]:
    return sorted((SOURCE / "regulations").rglob("*.toml"))


@pytest.mark.parametrize("path", shipped_files(), ids=lambda path: path.name)
def test_the_words_of_the_shipped_rules_are_translated(path: Path) -> None:
    file = tomllib.loads(path.read_text("utf-8"))
    spoken = {rule["title"] for rule in file["rules"]}
    spoken |= {article["text"] for article in file.get("articles", ())}
    spoken |= {file["title"]} if "title" in file else set()
    assert spoken
    assert not spoken - set(wording.REGULATION)


def test_the_days_off_are_translated() -> None:
    year = date.today().year
    names = set(WorkingCalendar.from_holidays(2004, year).free.values())
    assert any("补假" in name for name in names)
    assert any("调休" in name for name in names)
    with translation.override("en"):
        assert not [name for name in names if any(map(is_chinese, wording.holiday(name)))]
        assert wording.holiday("中秋节; 国庆节") == "Mid-Autumn Festival; National Day"
    with translation.override("zh-hans"):
        assert {wording.holiday(name) for name in names} == names


@pytest.mark.parametrize(
    ("language", "article", "limit", "late"),
    [
        ("zh-hans", "第六条", "2 个工作日内", "超 26 分"),
        ("zh-hant", "第六條", "2 個工作日內", "超 26 分"),
        ("en", "Art. 6", "within 2 working days", "26 min late"),
    ],
)
def test_articles_and_limits_are_said_in_the_language(
    language: str, article: str, limit: str, late: str
) -> None:
    now = timezone.now()
    with translation.override(language):
        assert words.article("R6") == article
        assert words.within(Limit.parse("2 working days")) == limit
        assert words.time_left(now - timedelta(minutes=26), now) == late


def test_english_says_one_day_and_several() -> None:
    with translation.override("en"):
        assert words.within(Limit.parse("1 working day")) == "within 1 working day"


def test_a_clause_stands_in_chinese_and_its_rendering_beside_it(office: Office) -> None:
    client = Client()
    client.force_login(office.person("front-desk-1"))
    page = {}
    for language in ("zh-hans", "zh-hant", "en"):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        page[language] = client.get("/regulation/").content.decode()
    clause = "接报人或前台人员须于3分钟内知会相关部门作应急处理"
    rendering = "must alert the departments concerned within 3 minutes"
    assert clause in page["zh-hans"]
    assert rendering not in page["zh-hans"]
    assert clause in page["en"]
    assert rendering in page["en"]
    assert "接報人或前台人員須於3分鐘內知會相關部門作應急處理" in page["zh-hant"]
