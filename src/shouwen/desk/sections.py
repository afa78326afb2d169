"""The sections of the settings, and who may enter which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from shouwen.organization.models import Staff
from shouwen.organization.permissions import may


@dataclass(frozen=True)
class Section:
    """One kind of settings: the address of its page, who may open it, and what it is for."""

    address: str
    operation: str
    title: Any
    hint: Any


#: In the order in which a new company needs them.
SECTIONS: list[Section] = [
    Section(
        "desk:categories", "edit_categories", _("类别与时限"), _("投诉类别、默认部门和办理时限")
    ),
]


def sections_for(person: Staff) -> list[Section]:
    """The sections that somebody may enter."""
    return [section for section in SECTIONS if may(person, section.operation)]
