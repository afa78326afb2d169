"""A retried request with the same key gets the first answer; see `records.models.Request`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from shouwen.complaints.refusals import KeyReused
from shouwen.records import models as records


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
        stored = records.Request.objects.filter(key=self.key, actor_id=self.actor_id).first()
        if stored is None:
            return None
        if stored.fingerprint != self.fingerprint:
            raise KeyReused
        return dict(stored.result)

    def answer(self, result: dict[str, Any]) -> None:
        """Keep the answer, in the transaction that earned it. Raises AnsweredMeanwhile."""
        if self.key is None:
            return
        try:
            with transaction.atomic():
                records.Request.objects.create(
                    key=self.key,
                    actor_id=self.actor_id,
                    fingerprint=self.fingerprint,
                    result=result,
                    recorded_at=timezone.now(),
                )
        except IntegrityError as error:
            raise AnsweredMeanwhile from error
