"""Stored regulations: which version a complaint is judged by.

The files that come with Shouwen are stored at their first use, and anew when an update changes
one; a company's own house rules make versions of their own. A complaint keeps for good the version
that was in force on the local date of its receipt, as known when the receipt was recorded.
"""

from __future__ import annotations

import logging
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from shouwen.clocks.models import StoredRegulation
from shouwen.clocks.versions import ALWAYS, SETTLING, Newest, newest, one_writer, sha256
from shouwen.records import audit
from shouwen.regulation import model
from shouwen.regulation.vocabulary import Regulation

logger = logging.getLogger(__name__)


class _Version(NamedTuple):
    id: int
    identifier: str
    in_force_from: date
    known_since: datetime
    sha256: str
    shipped_sha256: str


def in_force(day: date, known_at: datetime | None = None) -> Regulation:
    """The regulation, with the house rules, that what is received on the local `day` is judged by.

    `known_at` is when the receipt is recorded (default: now).
    """
    return version(day, known_at)[1]


def version(
    day: date, known_at: datetime | None = None, stored: Newest | None = None
) -> tuple[int, Regulation]:
    """As `in_force`, with the id of the stored version. Days before the first have the first.

    `stored` are the newest versions where they have been asked for already.
    """
    known_at = known_at or timezone.now()
    known = [each for each in _versions(stored) if each.known_since <= known_at]
    begun = [each for each in known if each.in_force_from <= day]
    found = (
        max(begun, key=lambda each: (each.in_force_from, each.known_since))
        if begun
        else min(known, key=lambda each: (each.in_force_from, -each.known_since.timestamp()))
    )
    return found.id, _regulation(found.id, found.sha256)


def all_versions(stored: Newest | None = None) -> dict[int, Regulation]:
    """Every stored version by its row's id; `stored` as for `version`."""
    return {each.id: _regulation(each.id, each.sha256) for each in _versions(stored)}


def adopt(
    identifier: str,
    house_text: str,
    in_force_from: date,
    *,
    now: datetime | None = None,
) -> StoredRegulation:
    """Put a company's house rules in force beside a shipped regulation, from a local date on.

    Complaints received on or after that date, and recorded later than a few seconds from now, are
    judged by them; all others keep theirs. An empty text takes the house rules back. Where the
    newest version for that date says the same, it is returned as it stands. Raises
    RegulationError where the text is wrong, KeyError for an identifier not shipped.
    """
    now = now or timezone.now()
    model.with_house(_parsed(identifier), house_text)
    _versions()
    with transaction.atomic():
        one_writer()
        text = _shipped_text(identifier)
        same_date = StoredRegulation.objects.filter(in_force_from=in_force_from)
        last = same_date.order_by("known_since").last()
        if last is not None and last.sha256 == sha256(text, house_text):
            return last
        audit.note(
            "regulation_changed",
            actor_id=None,
            at=now,
            fields=["house_text"],
            in_force_from=in_force_from.isoformat(),
        )
        return _store(identifier, text, house_text, in_force_from, now)


def _versions(stored: Newest | None = None) -> tuple[_Version, ...]:
    found = _up_to((stored or newest()).regulation)
    if set(_shipped().items()) <= {(each.identifier, each.shipped_sha256) for each in found}:
        return found
    with transaction.atomic():
        one_writer()
        _store_shipped(timezone.now())
    return _up_to(newest().regulation)


@lru_cache(maxsize=4)
def _up_to(newest_id: int | None) -> tuple[_Version, ...]:
    rows = StoredRegulation.objects.filter(pk__lte=newest_id or 0)
    return tuple(map(_Version._make, rows.values_list(*_Version._fields)))


@lru_cache(maxsize=1)
def _shipped() -> dict[str, str]:
    return {identifier: sha256(_shipped_text(identifier)) for identifier in model.shipped()}


def _shipped_text(identifier: str) -> str:
    """The regulation's file, and behind it the house rules of what is no complaint (contacts).

    Those ship with every regulation, so that a company's own file never leaves contacts without.
    """
    files = (f"{identifier}.toml", "house/contacts.toml")
    return "".join((model.SHIPPED / file).read_text("utf-8") for file in files)


def _parsed(identifier: str) -> Regulation:
    return model.parse(_shipped_text(identifier), file=identifier)


def _beginning() -> str:
    """The house rules of a company that has not written its own yet."""
    return (model.SHIPPED / "house" / "waits.toml").read_text("utf-8")


def _store_shipped(now: datetime) -> None:
    """Store what came with this version of Shouwen and is not stored yet."""
    for identifier, digest in _shipped().items():
        text = _shipped_text(identifier)
        rows = list(StoredRegulation.objects.order_by("in_force_from", "known_since"))
        own = [row for row in rows if row.identifier == identifier]
        if any(row.shipped_sha256 == digest for row in own):
            continue
        # The newest word for each date is what an updated file has to be beside.
        houses = {row.in_force_from: row.house_text for row in own}
        if not own:
            in_force_from = model.load_shipped(identifier).in_force_from
            houses = {in_force_from: rows[-1].house_text if rows else _beginning()}
        for in_force_from, house_text in houses.items():
            _store(
                identifier,
                text,
                _still_fitting(identifier, house_text),
                in_force_from,
                now,
                first=not rows,
            )


def _still_fitting(identifier: str, house_text: str) -> str:
    try:
        model.with_house(_parsed(identifier), house_text)
    except model.RegulationError as error:
        logger.error(
            "House rules left out of regulation %s, adopt them anew: %s", identifier, error
        )
        return ""
    return house_text


def _store(
    identifier: str,
    text: str,
    house_text: str,
    in_force_from: date,
    now: datetime,
    *,
    first: bool = False,
) -> StoredRegulation:
    return StoredRegulation.objects.create(
        identifier=identifier,
        in_force_from=in_force_from,
        text=text,
        house_text=house_text,
        sha256=sha256(text, house_text),
        shipped_sha256=sha256(text),
        recorded_at=now,
        known_since=ALWAYS if first else now + SETTLING,
    )


@lru_cache(maxsize=32)
def _regulation(row_id: int, digest: str) -> Regulation:
    # The digest takes part so that a row of the same id in another database is another version.
    row = StoredRegulation.objects.get(pk=row_id)
    regulation = model.parse(row.text, file=row.identifier)
    return model.with_house(regulation, row.house_text) if row.house_text else regulation
