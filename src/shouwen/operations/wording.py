"""What the platform says to the person at the terminal, in that person's language.

Used before Django is there (and where it cannot start at all), hence the standard library's
``gettext`` over the same catalogues that the pages use.
"""

import gettext
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

CATALOGUES = Path(__file__).resolve().parent.parent / "locale"


class CannotGoOn(Exception):
    """A state of the machine that only its keeper can change: one line, with the way out."""


def terminal_language(environment: Mapping[str, str] = os.environ) -> str:
    """The interface language for a terminal: ``zh-hans`` unless its locale names another.

    An unset or ``C`` locale says nothing about the reader, so it means the default.
    """
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        locale = environment.get(variable, "").split(".")[0].lower().replace("_", "-")
        if locale and locale not in ("c", "posix"):
            break
    else:
        return "zh-hans"
    if not locale.startswith("zh"):
        return "en"
    return "zh-hant" if locale.split("-")[-1] in ("tw", "hk", "mo", "hant") else "zh-hans"


@cache
def _catalogue() -> gettext.NullTranslations:
    folder = {"zh-hans": "zh_Hans", "zh-hant": "zh_Hant", "en": "en"}[terminal_language()]
    return gettext.translation("django", CATALOGUES, languages=[folder], fallback=True)


def _(message: str) -> str:
    """The message in the terminal's language (msgids are Simplified Chinese)."""
    return _catalogue().gettext(message)
