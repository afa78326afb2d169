"""The whole document, asked at random: no answer but those it describes, and never a fault of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.desk.conftest import Office

from shouwen.complaints import incidents
from shouwen.complaints.models import Complaint, Incident

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 3
DOCUMENT = "/api/v1/openapi.json"


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The product as a WSGI application, in the transaction of the test."""
    answer = ClientHandler(enforce_csrf_checks=False)(environ)
    start_response(f"{answer.status_code} {answer.reason_phrase}", list(answer.items()))
    return [answer.getvalue()]


@pytest.fixture
def complaint(office: Office) -> Complaint:
    found = office.receive(home=office.home(), telephone="13800001001")
    return office.dispatch(found)


@pytest.fixture
def incident(office: Office, complaint: Complaint) -> Incident:
    clerk = office.person("front-desk-1")
    return incidents.begin(office.project, person=clerk, title="停电", complaints=[complaint])


def test_the_document_is_served_to_everybody_and_has_examples() -> None:
    document = Client().get(DOCUMENT).json()
    assert document["openapi"] == "3.1.0"
    told = str(document)
    assert '"/api/v1' not in document["servers"][0]["url"] and "example" in told
    assert "Bearer" in told or "bearer" in told
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"] and operation["description"], path
            assert operation["security"], path
            assert "application/problem+json" in operation["responses"]["404"]["content"]


@pytest.mark.parametrize("part", range(4))
def test_every_operation_keeps_to_its_document(
    part: int, complaint: Complaint, incident: Incident, key_of: Callable[..., str]
) -> None:
    key = key_of("centre-head", per_minute=10**6)
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": "en"}
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, application)
    every = [result.ok() for result in schema.get_all_operations()]
    assert len(every) > 100
    statuses: set[int] = set()
    for operation in every[part::4]:
        known = {"number": complaint.number, "incident": incident.number, "step": "note"}
        named = {name: known[name] for name in known if f"{{{name}}}" in operation.path}
        # The three operations of a step are alike for all steps but in the data.
        reads = (
            operation.label.endswith("/preview") or "/steps/" in operation.label.split("POST")[0]
        )
        modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        for mode in modes[:1] if reads else modes:
            cases = operation.as_strategy(mode, path_parameters=named or None)

            @settings(
                max_examples=1 if reads else EXAMPLES,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(cases)
            def ask(case: Any) -> None:
                # Nothing that an example wrote stays for the next.
                with transaction.atomic():
                    answer = case.call(headers=headers)
                    transaction.set_rollback(True)
                statuses.add(answer.status_code)
                case.validate_response(answer, checks=CHECKS)

            ask()
    assert statuses >= {200, 422}
