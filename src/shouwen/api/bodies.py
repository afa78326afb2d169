"""What the OpenAPI document says of requests that are read by the step table and the filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from shouwen.complaints import listing, together
from shouwen.complaints.contacts import listing as contacts
from shouwen.complaints.contacts import steps as of_contacts
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.table import Asks, Shown, Step, StepData

_REF = "#/components/schemas/{model}"
_MOMENT = {
    "type": ["string", "null"],
    "format": "date-time",
    "description": "when it happened, with offset; left out: now",
}
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "maxLength": 150},
    "description": "a repeated request with the same key gets the first answer",
}
_MATCH = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string"},
    "description": "the ETag last read; refused (412) where somebody has acted since",
}
# Given by the upload itself, or a way in of its own.
WITHOUT_OPERATION = frozenset({"receive", "attach"})


def steps() -> list[Step]:
    """The steps that are operations of the API: those of the staff, not the customer's own."""
    return [
        step
        for step in STEPS.values()
        if step.name not in WITHOUT_OPERATION and not step.by_customer
    ]


def _body(
    properties: dict[str, Any], example: dict[str, Any], required: list[str]
) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    if required:
        schema["required"] = required
    return {
        "content": {"application/json": {"schema": schema, "example": example}},
        "required": bool(required),
    }


def _data(step: Asks) -> dict[str, Any]:
    return {"$ref": _REF.format(model=step.data.__name__)}


def of_receive() -> dict[str, Any]:
    """Recording a complaint."""
    data = _data(STEPS["receive"])
    properties = {
        "project": {"type": "string", "description": "code of the project"},
        "data": data,
        "further": {"type": "array", "items": data, "maxItems": 4},
        "occurred_at": _MOMENT,
    }
    example = {
        "project": "JX",
        "data": {
            "content": "3栋1单元电梯停在两层之间。",
            "category": "lift",
            "severity": "emergency",
            "place": "3栋1单元",
        },
    }
    return {
        "requestBody": _body(properties, example, ["project", "data"]),
        "parameters": [_KEY],
    }


def of_step(step: Step, *, writes: bool) -> dict[str, Any]:
    """Taking a step, or its preview."""
    required = any(field.is_required() for field in step.data.model_fields.values())
    body = _body(
        {"data": _data(step), "occurred_at": _MOMENT},
        {"data": example(step)},
        ["data"] if required else [],
    )
    return {"requestBody": body, "parameters": [_KEY, _MATCH] if writes else []}


def together_names() -> list[str]:
    """The steps that may be taken for all complaints of an incident."""
    return [step.name for step in together.steps()]


def of_together() -> dict[str, Any]:
    """Taking a step for all complaints of an incident: the data are those of the step."""
    data = {
        "type": "object",
        "description": "as the step is told of one complaint: …/complaints/{number}/steps/{step}",
    }
    numbers = {
        "type": ["array", "null"],
        "items": {"type": "string"},
        "description": "only these of its complaints; left out: all that are open",
    }
    body = _body(
        {"data": data, "occurred_at": _MOMENT, "complaints": numbers},
        {"data": {"told": "正在抢修供水主阀，预计两小时来水。"}},
        [],
    )
    return {"requestBody": body, "parameters": [_KEY]}


def conditional() -> dict[str, Any]:
    """Reading only what is new."""
    parameter = {"in": "header", "name": "If-None-Match", "schema": {"type": "string"}}
    return {"parameters": [parameter]}


def of_list() -> dict[str, Any]:
    """The filters of the list."""
    found = [_filter(each.name, str(each.label)) for each in listing.FILTERS.values()]
    words = {
        "in": "query",
        "name": "q",
        "schema": {"type": "string", "maxLength": listing.LONGEST_WORDS},
        "description": "words; a telephone number goes to POST /complaints/search",
    }
    return {"parameters": [*found, words, *_paging(list(listing.SORTS))]}


def _filter(name: str, label: str) -> dict[str, Any]:
    return {
        "in": "query",
        "name": name,
        "schema": {"type": "array", "items": {"type": "string"}},
        "style": "form",
        "explode": True,
        "description": label,
    }


def _paging(sorts: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "in": "query",
            "name": "sort",
            "schema": {"type": "string", "enum": sorts, "default": "newest"},
        },
        {"in": "query", "name": "after", "schema": {"type": "string"}, "description": "`next`"},
        {
            "in": "query",
            "name": "limit",
            "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
        },
    ]


def of_contact() -> dict[str, Any]:
    """Recording what is no complaint."""
    properties = {
        "project": {"type": "string", "description": "code of the project"},
        "data": _data(of_contacts.RECORD),
        "occurred_at": _MOMENT,
    }
    example = {
        "project": "JX",
        "data": {
            "nature": "repair",
            "content": "厨房水龙头滴水，下午在家。",
            "place": "3栋1单元",
            "to": "department:jx-engineering",
        },
    }
    return {
        "requestBody": _body(properties, example, ["project", "data"]),
        "parameters": [_KEY],
    }


def of_contact_step(step: of_contacts.ContactStep) -> dict[str, Any]:
    """Taking a step on a contact."""
    required = any(field.is_required() for field in step.data.model_fields.values())
    body = _body({"data": _data(step)}, {"data": example(step)}, ["data"] if required else [])
    return {"requestBody": body, "parameters": [_KEY, _MATCH]}


def of_contacts_list() -> dict[str, Any]:
    """The filters of the list of contacts."""
    found = [_filter(each.name, str(each.label)) for each in contacts.FILTERS.values()]
    return {"parameters": [*found, *_paging(list(contacts.SORTS))]}


_EXAMPLES: dict[str, Any] = {
    "datetime": "2026-03-02T18:00:00+08:00",
    "contact_holder": "department:jx-engineering",
    "department": "jx-engineering",
    "own_department": "jx-engineering",
    "working_department": "jx-engineering",
    "dispatched_department": "jx-engineering",
    "departments": ["jx-engineering"],
    "staff": 12,
    "department_staff": 12,
    "category": "lift",
    "complaint": "JX-20260301-002",
    "incident": 7,
    "home": 802,
    "hidden": 3,
    "number": 1,
}


def example(step: Asks) -> dict[str, Any]:
    """What a step may be told: the fields that it needs, filled in."""
    fields = step.data.model_fields
    shown = step.data.shown()
    return {name: _value(shown[name]) for name, field in fields.items() if field.is_required()}


def _value(shown: Shown) -> Any:
    if shown.choices:
        return shown.choices[0][0]
    if shown.widget == "flag":
        return True
    return _EXAMPLES.get(shown.widget, "……")


def schemas() -> dict[str, Any]:
    """The data of all steps as JSON schemas, their fields named in the reader's language."""
    of_staff = [step for step in STEPS.values() if not step.by_customer]
    asked: list[Asks] = [*of_staff, of_contacts.RECORD, *of_contacts.STEPS.values()]
    models: list[type[StepData]] = list({step.data: None for step in asked})
    _map, found = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    made: dict[str, Any] = found["$defs"]
    for model in models:
        _label(made[model.__name__]["properties"], model)
    return made


def _label(properties: dict[str, Any], model: type[StepData]) -> None:
    for name, shown in model.shown().items():
        words: Sequence[str] = [str(shown.label), str(shown.help)]
        properties[name]["description"] = "；".join(filter(None, words)) or name
        if shown.kept == "personal":
            properties[name]["description"] += " (encrypted)"
