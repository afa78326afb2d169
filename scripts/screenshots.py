"""Screenshots of every staff page from a running demo, at desk and phone width, light and dark.

    python scripts/screenshots.py [ADDRESS] [FOLDER] [--language zh-hans|zh-hant|en] [--only NAME]
    python scripts/screenshots.py [ADDRESS] --readme     the three pictures of the READMEs, in docs/images/

ADDRESS is that of a demo (default http://localhost:8000); nothing in it is changed.
"""

import argparse
import os
import re
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

WIDTHS = {"desk": 1440, "phone": 390}
IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
IN_README = {"desk": "worklist", "complaint": "complaint-emergency", "intake": "intake"}
WORDS = "地下车库东侧水管爆了，水往配电房那边流，车位边已经有积水。"
LANGUAGES = {"zh-hans": "zh-CN", "zh-hant": "zh-TW", "en": "en-GB"}


def sign_in(page: Page, username: str) -> None:
    """One click on a position of the demo company."""
    page.context.clear_cookies(name=re.compile("session"))
    page.goto("/accounts/login/")
    page.locator(f'form[action$="/demo/sign-in/{username}/"] button').click()
    page.wait_for_url("**/desk/")


def choose_language(page: Page, language: str) -> None:
    """The same for everybody who signs in from this browser."""
    page.goto("/accounts/login/")
    page.locator(f'button[name="language"][value="{language}"]').click()
    page.wait_for_load_state()


def open_first(page: Page, where: str) -> None:
    """The complaint page that the first link of that kind leads to."""
    page.goto(str(page.locator(where).first.get_attribute("href")))


def shots(page: Page) -> "dict[str, object]":
    """What is photographed, in the order of a day: a name and how to get there."""

    def worklist(username: str):  # type: ignore[no-untyped-def]
        return lambda: sign_in(page, username)

    def step() -> None:
        sign_in(page, "front-desk-1")
        page.locator("[data-opens]").first.click()
        page.locator(".slot form").wait_for()
        page.wait_for_timeout(900)

    def intake() -> None:
        sign_in(page, "front-desk-2")
        page.goto("/intake/")
        page.evaluate("localStorage.clear()")
        page.goto("/intake/")
        page.locator("[data-words]").first.fill(WORDS)
        page.locator('[name="telephone"]').fill("1001")
        page.locator("label[for='c-facility']").click()
        page.locator("label[for='s-emergency']").click()
        page.wait_for_timeout(1800)

    def complaint(username: str):  # type: ignore[no-untyped-def]
        def go() -> None:
            sign_in(page, username)
            open_first(page, ".duty .what a")

        return go

    def grave(username: str):  # type: ignore[no-untyped-def]
        def go() -> None:
            sign_in(page, username)
            page.goto("/complaints/?is=open&severity=emergency")
            open_first(page, "[data-row] a[href^='/complaints/']")

        return go

    def listed(address: str):  # type: ignore[no-untyped-def]
        def go() -> None:
            sign_in(page, "front-desk-1")
            page.goto(address)

        return go

    def office(address: str):  # type: ignore[no-untyped-def]
        def go() -> None:
            sign_in(page, "centre-head")
            page.goto(address)

        return go

    def home() -> None:
        sign_in(page, "front-desk-1")
        page.goto("/complaints/")
        open_first(page, "[data-row] a[href^='/complaints/']")
        open_first(page, "a[href^='/homes/']:not([href='/homes/'])")

    def clock() -> None:
        sign_in(page, "front-desk-1")
        open_first(page, ".duty .what a")
        open_first(page, ".clock-line > a")

    def printed(which: str):  # type: ignore[no-untyped-def]
        def go() -> None:
            sign_in(page, "engineering-head" if which == "work-order" else "front-desk-1")
            open_first(page, ".duty .what a")
            open_first(page, f'a[href*="/print/{which}/"]')

        return go

    return {
        "sign-in": lambda: page.goto("/accounts/login/"),
        "worklist": worklist("front-desk-1"),
        "worklist-department": worklist("engineering-head"),
        "worklist-empty": worklist("auditor"),
        "step": step,
        "intake": intake,
        "complaint": complaint("front-desk-1"),
        "complaint-emergency": grave("site-manager"),
        "complaint-department": complaint("engineering-head"),
        "complaints": listed("/complaints/"),
        "complaints-late": listed("/complaints/?is=late&sort=due"),
        "search": listed("/complaints/?q=电梯"),
        "search-nothing": listed("/complaints/?q=zzz"),
        "morning": listed("/morning/"),
        "ages": listed("/complaints/ages/"),
        "homes": listed("/homes/"),
        "home": home,
        "exports": listed("/exports/"),
        "imports": office("/imports/"),
        "categories": office("/categories/"),
        "clock": clock,
        "regulation": listed("/regulation/"),
        "record": printed("record"),
        "work-order": printed("work-order"),
        "not-found": listed("/complaints/JX-0/"),
    }


def photograph(
    browser: Browser, address: str, folder: Path, language: str, only: str | None
) -> None:
    """Every page at both widths in both themes."""
    for width_name, width in WIDTHS.items():
        for theme in ("light", "dark"):
            context = browser.new_context(
                base_url=address,
                viewport={"width": width, "height": 900 if width > 500 else 844},
                color_scheme=theme,
                locale=LANGUAGES[language],
            )
            page = context.new_page()
            choose_language(page, language)
            for name, go in shots(page).items():
                if only and not re.fullmatch(only, name):
                    continue
                go()  # type: ignore[operator]
                page.wait_for_timeout(250)
                target = folder / f"{name}-{width_name}-{theme}.png"
                page.screenshot(path=target, full_page=True)
                print(target)
            context.close()


def illustrate(browser: Browser, address: str) -> None:
    """The pictures of the READMEs: English and Chinese, as much as one screen of a desk shows."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for language in ("en", "zh-hans"):
        context = browser.new_context(
            base_url=address,
            viewport={"width": 1440, "height": 900},
            color_scheme="light",
            locale=LANGUAGES[language],
        )
        page = context.new_page()
        choose_language(page, language)
        found = shots(page)
        for name, shot in IN_README.items():
            found[shot]()  # type: ignore[operator]
            page.wait_for_timeout(250)
            target = IMAGES / f"{name}.{language}.png"
            page.screenshot(path=target)
            print(target)
        context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", nargs="?", default="http://localhost:8000")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("var/screenshots"))
    parser.add_argument("--language", choices=LANGUAGES, default="zh-hans")
    parser.add_argument("--readme", action="store_true", help="the pictures of the READMEs instead")
    parser.add_argument("--only", help="names to take, as a pattern")
    chosen = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=root)
        if chosen.readme:
            illustrate(browser, chosen.address)
        else:
            chosen.folder.mkdir(parents=True, exist_ok=True)
            photograph(browser, chosen.address, chosen.folder, chosen.language, chosen.only)
        browser.close()


if __name__ == "__main__":
    main()
