"""Keeping the complainant out of a report: names and telephones, of a confidential one the home too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from shouwen.complaints.models import Complaint
from shouwen.records.models import Entry

# Chinese mobile numbers, however they are spaced; not inside longer numbers.
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d(?:[\s-]?\d{4}){2}(?!\d)")

# What people write between the building, the unit and the room of a home.
_BETWEEN = r"\s*[-—栋棟幢座单單元号號楼樓]+\s*"
_ANY_HOME = rf"\d{{1,3}}{_BETWEEN}(?:\d{{1,2}}{_BETWEEN})?\d{{3,4}}"

# Entries whose `name` is a person's, not a file's.
_OF_THE_RECORD = frozenset({"received", "amended", "imported"})


class Mask:
    """Takes the complainant of one ledger out of texts."""

    def __init__(self, complaint: Complaint, entries: Sequence[Entry]) -> None:
        records = [entry for entry in entries if entry.kind in _OF_THE_RECORD]
        told = [complaint.name, *(entry.said.get("name") for entry in records)]
        names = sorted({str(name).strip() for name in told if name}, key=len, reverse=True)
        #: A single character is no name that one could look for.
        self._names = [name for name in names if len(name) > 1]
        numbers = [complaint.telephone, *(entry.said.get("telephone") for entry in records)]
        digits = {re.sub(r"\D", "", str(number)) for number in numbers if number}
        self._numbers = [re.compile(r"[\s-]?".join(each)) for each in digits if len(each) >= 5]
        self._home = _home_of(complaint) if complaint.confidential else None

    def __call__(self, text: str) -> str:
        """The text without them."""
        for number in (*self._numbers, _MOBILE):
            text = number.sub(_("（电话略）"), text)
        for name in self._names:
            text = text.replace(name, _("投诉人"))
        if self._home is not None:
            text = self._home.sub(_("（住址保密）"), text)
        return text


def _home_of(complaint: Complaint) -> re.Pattern[str]:
    """How the home of a confidential source may be written; where none is on record, any at all."""
    parts = re.findall(r"\d+", complaint.home.label) if complaint.home else []
    written = _BETWEEN.join(map(re.escape, parts)) if len(parts) > 1 else _ANY_HOME
    return re.compile(rf"(?<![\d-])(?:{written})(?![\d-])\s*(?:室|房|号|號|户|戶)?")
