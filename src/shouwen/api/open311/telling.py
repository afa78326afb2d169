"""What is told of a request, and of what can be reported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Max, Min
from django.utils.translation import gettext as _

from shouwen.api.open311.answers import Value
from shouwen.channels.models import Open311Request
from shouwen.clocks.models import ClockRow
from shouwen.complaints import numbers_in_text
from shouwen.complaints.models import Category, Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.records.models import Entry

_HANDLE = "R2.handle"


def discovery(address: str, changed: str) -> dict[str, Value]:
    """Where the endpoint is and what it speaks."""
    return {
        "changeset": changed,
        "contact": _("联系物业客户服务中心。"),
        "key_service": _("由物业公司用 shouwen api-key create 发放；住户报事不需要密钥。"),
        "endpoints": [
            {
                "specification": "http://wiki.open311.org/GeoReport_v2",
                "url": address,
                "changeset": changed,
                "type": "production",
                "formats": ["application/json", "text/xml"],
            }
        ],
    }


def service(category: Category) -> dict[str, Value]:
    """One thing that can be reported."""
    return {
        "service_code": category.code,
        "service_name": category.label,
        "description": str(category),
        "metadata": False,
        "type": "realtime",
        "keywords": ", ".join(category.words),
        "group": category.parent.label if category.parent else "",
    }


def definition(category: Category) -> dict[str, Value]:
    """A service asks for nothing beyond what every request has."""
    return {"service_code": category.code, "attributes": []}


def requests(rows: Iterable[Open311Request]) -> list[dict[str, Value]]:
    """What is told of requests: three queries, however many they are."""
    rows = list(rows)
    ids = [row.complaint_id for row in rows]
    written = _by_subject(Entry.objects.filter(subject_type=SUBJECT), ids, Max("recorded_at"))
    running = ClockRow.objects.filter(rule=_HANDLE, state=ClockRow.State.RUNNING)
    due = _by_subject(running.filter(subject_type=SUBJECT), ids, Min("due_at"))
    return [_request(row, written.get(row.pk), due.get(row.pk)) for row in rows]


def _by_subject(rows: Any, ids: list[int], what: Any) -> dict[int, Any]:
    found = rows.filter(subject_id__in=ids).values_list("subject_id").annotate(said=what)
    return dict(found.order_by())


def _request(row: Open311Request, updated_at: Any, due_at: Any) -> dict[str, Value]:
    complaint = row.complaint
    category = complaint.category
    return {
        "service_request_id": complaint.number,
        "status": "closed" if complaint.ended else "open",
        "status_notes": _("已办结") if complaint.ended else _("正在办理"),
        "service_name": category.label if category else "",
        "service_code": category.code if category else row.service,
        "description": _description(complaint),
        "agency_responsible": row.project.name,
        "service_notice": "",
        "requested_datetime": row.requested_at,
        "updated_datetime": updated_at,
        "expected_datetime": due_at,
        "address": numbers_in_text.masked(row.address),
        "address_id": "",
        "zipcode": "",
        "lat": row.latitude,
        "long": row.longitude,
        "media_url": row.media_url,
    }


def _description(complaint: Complaint) -> str:
    """What the standard makes public: the words without telephone numbers, nothing of a person's."""
    if complaint.confidential or complaint.about_id is not None:
        return ""
    return numbers_in_text.masked(complaint.content)
