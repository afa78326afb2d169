"""Events of a telephone line, signed as the Standard Webhooks specification has it. docs/telephony.md"""

from __future__ import annotations

import zoneinfo

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import ValidationError

from shouwen.api.webhooks import signing
from shouwen.channels import telephony
from shouwen.channels.models import TelephoneLine
from shouwen.records import isolation

#: An event is a few hundred bytes.
LARGEST = 64 * 1024


@csrf_exempt
@require_POST
def events(request: HttpRequest, token: str) -> JsonResponse:
    """Take one event: 200 when it is safe, also where it was taken before; else what is wrong.

    An answer of 5xx, or none, means: send it again under the same id.
    """
    now = timezone.now()
    # Whose line it is says whose project to look into.
    with isolation.transaction_of(None):
        found = TelephoneLine.objects.select_related("project").filter(token=token, is_active=True)
        line = found.first()
    if line is None:
        return _no("unknown_line", 404)
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return _no("too_large", 413)
    event_id = request.headers.get("webhook-id", "")
    signed = signing.verified(
        line.secrets(now),
        event_id,
        request.headers.get("webhook-timestamp", ""),
        body,
        request.headers.get("webhook-signature", ""),
        now=now.timestamp(),
    )
    if not signed:
        return _no("signature", 401)
    try:
        event = telephony.Event.model_validate_json(body)
    except ValidationError as refused:
        # Where it is wrong and why, never what was said.
        wrong = [
            {"field": ".".join(map(str, each["loc"])), "code": each["type"]}
            for each in refused.errors(
                include_input=False, include_url=False, include_context=False
            )
        ]
        return _no("invalid", 422, fields=wrong[:20])
    if event.id != event_id:
        return _no("invalid", 422, fields=[{"field": "id", "code": "not_the_header"}])
    zone = zoneinfo.ZoneInfo(line.project.timezone)
    try:
        with timezone.override(zone), isolation.transaction_of({line.project_id}):
            fresh = telephony.taken(line, event, now)
    except telephony.RecordingElsewhere:
        return _no("invalid", 422, fields=[{"field": "recording_url", "code": "elsewhere"}])
    return JsonResponse({"taken": True, "again": not fresh})


def _no(code: str, status: int, **more: object) -> JsonResponse:
    return JsonResponse({"taken": False, "error": code, **more}, status=status)
