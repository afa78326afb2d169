"""A retried request with the same key gets the first answer; see `records.models.Request`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from shouwen.complaints.refusals import KeyReused
from shouwen.records import models as records

_TABLE = records.Request._meta.db_table
_STORED = f"SELECT fingerprint, result::text FROM {_TABLE} WHERE key = %s AND actor_id = %s"
# Waits for another connection that is answering the same request, and says that it was first.
_KEEP = f"""
    INSERT INTO {_TABLE} (key, actor_id, fingerprint, result, recorded_at)
    VALUES (%s, %s, %s, %s, %s) ON CONFLICT (key, actor_id) DO NOTHING
"""


#: Who asks where no member of staff does: what came in by itself.
NOBODY = 0


class AnsweredMeanwhile(Exception):
    """The same request was answered by another connection while this one was at work."""


@dataclass(frozen=True)
class Request:
    """One request: its key (None: it is not retried) and what it asks."""

    key: str | None
    actor_id: int
    step: str
    subject_id: int
    data: Mapping[str, Any]

    @property
    def fingerprint(self) -> str:
        """Tells one request from another under the same key."""
        said = json.dumps(
            [self.step, self.subject_id, self.data], sort_keys=True, default=str, ensure_ascii=False
        )
        return hashlib.sha256(said.encode()).hexdigest()

    def answered(self) -> dict[str, Any] | None:
        """The first answer, if there was one. Raises KeyReused where it was another request's."""
        if self.key is None:
            return None
        with connection.cursor() as cursor:
            cursor.execute(_STORED, [self.key, self.actor_id])
            stored = cursor.fetchone()
        if stored is None:
            return None
        if stored[0] != self.fingerprint:
            raise KeyReused
        return dict(json.loads(stored[1]))

    def answer(self, result: dict[str, Any]) -> None:
        """Keep the answer, in the transaction that earned it. Raises AnsweredMeanwhile."""
        if self.key is None:
            return
        values: list[Any] = [
            self.key,
            self.actor_id,
            self.fingerprint,
            json.dumps(result),
            timezone.now(),
        ]
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, values)
            if cursor.rowcount == 0:
                raise AnsweredMeanwhile
