"""Mapping by looking: what a person chose for the columns of a file, as a mapping and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from shouwen.channels import dates, guessing
from shouwen.channels.labels import LABELS, label_of
from shouwen.channels.looking import Column, Look
from shouwen.channels.mapping import File, MappingError, validated
from shouwen.channels.mapping import Mapping as FileMapping
from shouwen.complaints.words import Channel, Severity

#: Fields that several columns may make up together, and what stands between them.
JOINED = {
    "content": "\n",
    "subject": " · ",
    "wish": "\n",
    "reply": "\n",
    "place": "，",
    "home": "-",
    "happened": " ",
}
#: What a row is without a column that says it.
CONSTANTS = {"severity": Severity.ROUTINE.value, "channel": Channel.IMPORT.value}
#: The formats of a mapping that the orders of `dates` do not know.
AS_MAPPED = "mapped"
DEFAULT_SOURCE = "old-system"


@dataclass
class Chosen:
    """What was chosen: `fields` column → field, `orders` field → order of the date ("" not yet),
    `values` field → value → our word ("" none), `otherwise` field → our word for all others."""

    source: str = DEFAULT_SOURCE
    fields: dict[str, str] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    otherwise: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=lambda: dict(CONSTANTS))
    closing_time_wins: bool = False

    def columns(self, field: str) -> list[str]:
        """The columns chosen for a field."""
        return [column for column, chosen in self.fields.items() if chosen == field]


def guessed(look: Look) -> Chosen:
    """A beginning, by the names of the columns and by what stands in them."""
    return completed(Chosen(fields=guessing.fields(look)), look)


def completed(chosen: Chosen, look: Look, met: Mapping[str, Iterable[str]] | None = None) -> Chosen:
    """With a guess for everything that the chosen columns ask further and nobody has said yet.

    `met` are values by field that were met further on in the file. The order of day and month is
    left open where both fit.
    """
    for name, of in chosen.fields.items():
        column = look.column(name)
        if column is None:
            continue
        if of in guessing.OF_TIME and not chosen.orders.get(of):
            fit = list(column.orders)
            chosen.orders[of] = fit[0] if len(fit) == 1 else ""
        if of in guessing.OF_VALUES:
            values = [*(column.values if column.few else ()), *(met or {}).get(of, ())]
            said = chosen.values.get(of, {})
            chosen.values[of] = {**guessing.like(of, values), **said}
    return chosen


def of_mapping(
    mapping: FileMapping, look: Look, met: Mapping[str, Iterable[str]] | None = None
) -> Chosen:
    """What a mapping says of this file, as choices; `met` as in `completed`."""
    chosen = Chosen(source=mapping.source)
    for name, source in mapping.fields.given.items():
        for column in source.sources:
            chosen.fields[column] = name
        if name in guessing.OF_TIME:
            chosen.orders[name] = _order_of(source.formats, look.column(source.column))  # type: ignore[union-attr, arg-type]
        elif name in guessing.OF_VALUES:
            chosen.values[name] = dict(source.values)  # type: ignore[union-attr]
            if source.otherwise is not None:  # type: ignore[union-attr]
                chosen.otherwise[name] = source.otherwise  # type: ignore[union-attr]
            if source.constant:  # type: ignore[union-attr]
                chosen.constants[name] = source.constant  # type: ignore[union-attr]
    if mapping.status:
        chosen.fields[mapping.status.column] = "status"
        chosen.values["status"] = {
            **dict.fromkeys(mapping.status.closed, "closed"),
            **dict.fromkeys(mapping.status.open, "open"),
        }
        if not mapping.status.closed:
            chosen.otherwise["status"] = "closed"
        chosen.closing_time_wins = mapping.status.closing_time_wins
    return completed(chosen, look, met)


def _order_of(formats: list[str], column: Column | None) -> str:
    for order in dates.ORDERS.values():
        if set(formats) <= set(order.formats) and (column is None or order.name in column.orders):
            return order.name
    return AS_MAPPED


def to_mapping(
    chosen: Chosen, look: Look, reading: File, base: FileMapping | None = None
) -> FileMapping:
    """The mapping that these choices make. Raises MappingError saying what is missing, a line each.

    What a mapping can say and nobody can choose by looking (time zones, rows to skip, how columns
    are joined) is taken over from `base`.
    """
    wrong = list(_missing(chosen, look))
    if wrong:
        raise MappingError("\n".join(wrong))
    told = base.model_dump(exclude_unset=True) if base else {}
    before: dict[str, Any] = told.get("fields", {})
    fields = {
        name: _field(name, columns, chosen, look, before.get(name, {}))
        for name in LABELS
        if name != "status" and (columns := chosen.columns(name))
    }
    fields |= {
        name: {"constant": chosen.constants.get(name) or otherwise}
        for name, otherwise in CONSTANTS.items()
        if name not in fields
    }
    # A text that is the same for every row can only be said in a mapping file.
    fields |= {
        name: said for name, said in before.items() if name not in fields and said.get("constant")
    }
    told |= {"source": chosen.source, "file": reading.model_dump(exclude_defaults=True)}
    told["fields"] = fields
    told.pop("project", None)
    told.pop("status", None)
    if standing := _standing(chosen):
        told["status"] = standing
    return validated(told, _("对照"))


def fits(mapping: FileMapping, look: Look) -> bool:
    """Whether the file has every column that the mapping names, once."""
    names = [column.name for column in look.columns]
    return all(names.count(each) == 1 for columns in mapping.columns.values() for each in columns)


def _missing(chosen: Chosen, look: Look) -> Iterable[str]:
    chosen_fields = set(chosen.fields.values())
    if "received_at" not in chosen_fields:
        yield _("请指明哪一列是受理时间")
    if not chosen_fields & {"subject", "content"}:
        yield _("请指明哪一列是投诉主题或投诉内容")
    for name in LABELS:
        columns = chosen.columns(name)
        if len(columns) > 1 and name not in JOINED:
            yield _("“{field}”只能选一列").format(field=label_of(name))
        for column in columns:
            if sum(each.name == column for each in look.columns) > 1:
                yield _("文件里不止一列叫“{column}”，请先改列名").format(column=column)
        if columns and name in guessing.OF_TIME and not chosen.orders.get(name):
            yield _("请选择“{field}”的写法：日和月哪个在前").format(field=label_of(name))
    without = [
        name
        for name in guessing.OF_VALUES
        if chosen.columns(name) and name != "status" and not _values(chosen, name)
    ]
    for name in without:
        if not chosen.otherwise.get(name):
            yield _("请为“{field}”的值选择对应").format(field=label_of(name))


def _values(chosen: Chosen, name: str) -> dict[str, str]:
    return {value: ours for value, ours in chosen.values.get(name, {}).items() if ours}


def _field(
    name: str, columns: list[str], chosen: Chosen, look: Look, before: Mapping[str, Any]
) -> dict[str, Any]:
    """One field of the mapping."""
    if name in guessing.OF_TIME:
        order = chosen.orders[name]
        column = look.column(columns[0])
        formats = before.get("formats", [dates.ISO])
        if order != AS_MAPPED:
            fit = column.orders.get(order) if column else None
            formats = fit or list(dates.ORDERS[order].formats)
        zone = {"timezone": before["timezone"]} if before.get("timezone") else {}
        return {"column": columns[0], "formats": formats, **zone}
    if name in guessing.OF_VALUES:
        otherwise = chosen.otherwise.get(name)
        rest = {"otherwise": otherwise} if otherwise else {}
        return {"column": columns[0], "values": _values(chosen, name), **rest}
    if len(columns) == 1:
        return {"column": columns[0]}
    return {"columns": columns, "join": before.get("join", JOINED[name])}


def _standing(chosen: Chosen) -> dict[str, Any] | None:
    columns = chosen.columns("status")
    known = _values(chosen, "status")
    still_open = [value for value, ours in known.items() if ours == "open"]
    if not columns or not still_open:
        return None
    closed = [value for value, ours in known.items() if ours == "closed"]
    return {
        "column": columns[0],
        "open": still_open,
        # Without a list, every other value counts as closed.
        "closed": [] if chosen.otherwise.get("status") else closed,
        "closing_time_wins": chosen.closing_time_wins,
    }
