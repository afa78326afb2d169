"""How far the making of the demo has come, so that a start killed in between goes on from there."""

from __future__ import annotations

from django.db import models


class Making(models.Model):
    """The one making of the demo in this database: from which seed and moment, and how far.

    What was taken cannot be taken back from an append-only ledger, so a making that was broken off
    is never begun afresh: `seed` and `moment` give the same acts again, and the first `taken` of
    them are passed over. `course` is a digest of the acts: another version may tell others.
    """

    seed = models.BigIntegerField()
    moment = models.DateTimeField()
    course = models.CharField(max_length=64)
    taken = models.PositiveIntegerField(default=0)
    complaints = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.seed}: {self.taken}"
