"""Customers and their telephones: normalising, finding, masking, enrolling, correcting."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

import phonenumbers
from django.db.models import QuerySet
from django.utils import timezone

from shouwen.organization.models import Customer, Home, Project
from shouwen.records.fields import blind_index

REGION = "CN"

#: What separates a number from its extension: 转, 分机, #, or a last dash.
_EXTENSION = re.compile(r"\s*(?:转|轉|分机|分機|ext\.?|#|-)\s*\d{1,6}$", re.IGNORECASE)
#: Country, mobile or area code, and the rest of a mainland number in E.164.
_MOBILE = re.compile(r"\+861\d{10}")
_MAINLAND = re.compile(r"\+86(?![48]00)(10|2\d|[3-9]\d{2})(\d{7,8})")


def normalise(number: str) -> str:
    """The one form in which a telephone number is compared.

    A complete number, dialled from mainland China or with its country code, becomes E.164
    without extension (`+8613800001001`, `+8675526000001`). Anything else, such as 12345 or a
    local number without area code, is kept as its digits. Text without digits gives "".
    """
    text = unicodedata.normalize("NFKC", number).strip()
    for candidate in (text, _EXTENSION.sub("", text)):
        try:
            parsed = phonenumbers.parse(candidate, REGION)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return "".join(character for character in text if character in "0123456789")


def telephone_indexes(number: str) -> tuple[str, str]:
    """The blind indexes of a number: of the whole of it and of its last four digits.

    Both are "" for a text without digits; the second also for a number of fewer than four.
    """
    normal = normalise(number)
    digits = normal.lstrip("+")
    return (
        blind_index(normal, "telephone") if normal else "",
        blind_index(digits[-4:], "telephone-last4") if len(digits) >= 4 else "",
    )


def mask(number: str) -> str:
    """The number as it may be shown to everybody: 138****1001, 0755****0001, ***45.

    Of a short number the last two digits stay, of a text without digits nothing.
    """
    normal = normalise(number)
    if _MOBILE.fullmatch(normal):
        return f"{normal[3:6]}****{normal[-4:]}"
    if landline := _MAINLAND.fullmatch(normal):
        return f"0{landline[1]}****{normal[-4:]}"
    digits = normal.lstrip("+")
    kept = 4 if len(digits) >= 8 else 2
    return "*" * len(digits[:-kept]) + digits[-kept:]


def find_by_telephone(project_ids: Iterable[int], number: str) -> QuerySet[Customer]:
    """Customers of these projects with that number, or, given four digits, ending in them.

    Nobody for a text without digits. Earliest enrolled first, with their homes.
    """
    found = Customer.objects.filter(project__in=project_ids).select_related("home", "project")
    whole, last_four = telephone_indexes(number)
    if not whole:
        return found.none()
    if len(normalise(number)) == 4:
        found = found.filter(telephone_last4_index=last_four)
    else:
        found = found.filter(telephone_index=whole)
    return found.order_by("since", "pk")


def at_home(home: Home) -> QuerySet[Customer]:
    """The customers of that home, earliest enrolled first."""
    return home.customers.order_by("since", "pk")


def enrol(
    *, project: Project, home: Home | None = None, name: str = "", telephone: str = "", **rest: Any
) -> Customer:
    """Enter a customer, findable by telephone. `rest` are further fields of `Customer`.

    Raises ValueError where the home belongs to another project.
    """
    if home is not None and home.project_id != project.pk:
        raise ValueError("The home belongs to another project.")
    whole, last_four = telephone_indexes(telephone)
    rest.setdefault("since", timezone.localdate())
    return Customer.objects.create(
        project=project,
        home=home,
        name=name.strip(),
        telephone=telephone.strip(),
        telephone_index=whole,
        telephone_last4_index=last_four,
        **rest,
    )


def correct(customer: Customer, **changes: Any) -> None:
    """Change fields of a customer [PIPL art. 46], the indexes with the telephone."""
    if "telephone" in changes:
        whole, last_four = telephone_indexes(changes["telephone"])
        changes |= {"telephone_index": whole, "telephone_last4_index": last_four}
    for field, value in changes.items():
        setattr(customer, field, value)
    customer.save(update_fields=list(changes))
