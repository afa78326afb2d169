"""Answers as the GeoReport v2 standard writes them: the same content as JSON or as XML."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse

Value = str | int | float | bool | None | datetime | Sequence[Any] | Mapping[str, Any]

JSON = "json"
_TYPES = {JSON: "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}

#: How the members of a list are called in XML.
_MEMBERS = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "attributes": "attribute",
}
# What XML 1.0 cannot hold.
_UNWRITABLE = {code: None for code in range(0x20) if code not in (0x9, 0xA, 0xD)} | {
    0xFFFE: None,
    0xFFFF: None,
}


class Refused(Exception):
    """A request that is answered by an error of the standard: an HTTP status and what to do."""

    def __init__(self, status: int, description: object) -> None:
        super().__init__(str(description))
        self.status = status


def answer(form: str, root: str, content: Value, status: int = 200) -> HttpResponse:
    """`content` under its name `root`, which only XML writes; times as W3C writes them."""
    if form == JSON:
        body = json.dumps(_plain(content), ensure_ascii=False)
    else:
        element = _element(root, content)
        body = ET.tostring(element, encoding="unicode", xml_declaration=False)
        body = f'<?xml version="1.0" encoding="utf-8"?>\n{body}'
    return HttpResponse(body, content_type=_TYPES[form], status=status)


def refusal(form: str, refused: Refused) -> HttpResponse:
    """The standard's list of errors."""
    errors = [{"code": refused.status, "description": str(refused)}]
    return answer(form, "errors", errors, refused.status)


def _plain(value: Value) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value


def _element(name: str, value: Value) -> ET.Element:
    element = ET.Element(name)
    if isinstance(value, Mapping):
        element.extend(_element(key, each) for key, each in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        element.extend(_element(_MEMBERS[name], each) for each in value)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = str(_plain(value)).translate(_UNWRITABLE)
    return element
