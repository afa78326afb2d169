"""What is held about one customer, told to people: by kind, each value with its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.steps import BY_KIND as OF_CONTACTS
from shouwen.complaints.contacts.steps import ContactStep
from shouwen.complaints.models import Complaint
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.table import Step
from shouwen.desk import telling, words
from shouwen.organization.customers import mask
from shouwen.organization.models import Customer

_LABELS = {
    "number": gettext_lazy("编号"),
    "received_at": gettext_lazy("受理时间"),
    "stored_at": gettext_lazy("存入时间"),
    "home_label": gettext_lazy("房屋"),
    "reason": gettext_lazy("原因"),
}
#: Of a file its name is told, and when it came in; the rest is in the JSON.
_OF_FILES = ("name", "stored_at")
_FILE = {"content_type", "sha256", "file"}
_BEFORE = "_before"


@dataclass(frozen=True)
class Item:
    """One value with its name."""

    label: str
    value: str


@dataclass(frozen=True)
class Kind:
    """Everything of one kind that a room holds."""

    what: str
    values: list[Item]


def kinds(held: Iterable[dict[str, Any]], *, masked: bool) -> list[Kind]:
    """What :func:`personal.export` gives of one subject; `masked`: telephones as anybody sees them."""
    told = []
    for each in held:
        items = [item for row in each["held"] for item in _items(row, masked=masked)]
        if items:
            told.append(Kind(each["what"], items))
    return told


def _items(row: dict[str, Any], *, masked: bool) -> Iterable[Item]:
    if "entry" in row:
        name, value = str(row["name"]), str(row["value"])
        label = _("{what}（{where}）").format(
            what=label_of(name, row["kind"]), where=telling.title(row["kind"])
        )
        yield Item(label, _spoken(name.removesuffix(_BEFORE), value, masked=masked))
        return
    names = _OF_FILES if row.keys() >= _FILE else tuple(row)
    for name in names:
        if row[name] not in ("", None):
            label = str(_("文件")) if names is _OF_FILES and name == "name" else label_of(name)
            yield Item(label, _spoken(name, row[name], masked=masked))


def label_of(name: str, kind: str = "") -> str:
    """What a value is called: as the form of its step calls it, or the column that keeps it."""
    plain = name.removesuffix(_BEFORE)
    steps: list[Step | ContactStep] = [*STEPS.values(), *OF_CONTACTS.values()]
    for step in steps:
        if step.kind == kind and plain in step.data.shown():
            return str(step.data.shown()[plain].label)
    if plain in _LABELS:
        label = str(_LABELS[plain])
    else:
        models = (Contact, Complaint, Customer)
        fields = [field for model in models for field in model._meta.fields if field.name == plain]
        label = str(fields[-1].verbose_name) if fields else plain
    return _("原{label}").format(label=label) if plain != name else label


def shown(name: str, value: str) -> str:
    """One value as anybody sees it."""
    return _spoken(name.removesuffix(_BEFORE), value, masked=True)


def _spoken(name: str, value: Any, *, masked: bool) -> str:
    text = str(value)
    if name == "telephone":
        return mask(text) if masked else text
    if name == "relation" and text in Customer.Relation.values:
        return str(Customer.Relation(text).label)
    if name == "preferred_channel" and text in Customer.Reach.values:
        return str(Customer.Reach(text).label)
    if name.endswith("_at"):
        at = parse_datetime(text)
        return words.exact(at) if at else text
    if name == "since":
        day = parse_date(text)
        return date_format(day, "Y-m-d") if day else text
    return text
