"""On paper: black on white, nothing to click, heads on every page, who printed it when."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader
from tests.desk.conftest import Office

pytestmark = pytest.mark.django_db(transaction=True)


def printed(page: Page, address: str) -> list[str]:
    """The pages that come out of the printer, as text without blanks."""
    page.goto(address, wait_until="networkidle")
    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert all(round(float(sheet.mediabox.height)) == 842 for sheet in paper.pages)
    texts = (unicodedata.normalize("NFKC", sheet.extract_text()) for sheet in paper.pages)
    return [re.sub(r"\s", "", text) for text in texts]


def test_pages_print_without_what_is_only_for_the_screen(
    office: Office, sit_down: Callable[[str], Page]
) -> None:
    complaint = office.receive(home=office.home())
    office.take("front-desk-1", "note", complaint, text="给错楼栋打了电话")
    office.take("front-desk-1", "retract", complaint, entry=3)
    page = sit_down("front-desk-1")
    page.emulate_media(color_scheme="dark")
    one = f"/complaints/{complaint.number}/"
    for address in ("/desk/", "/complaints/", "/regulation/", one):
        sheets = printed(page, address)
        assert "由前台一号岗打印于20" in sheets[-1], address
        assert not any("搜索编号" in each or "登记受理C" in each for each in sheets), address
        ink = page.evaluate("getComputedStyle(document.querySelector('h1, h2')).color")
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        assert page.evaluate("getComputedStyle(document.querySelector('h1, h2')).color") != ink
        page.emulate_media(media="null")
    assert "已撤回的备注" in "".join(sheets)
    assert "给错楼栋" not in "".join(sheets)
