"""Making the demo once, in an empty database."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone, translation

from shouwen.demo import company, complaints
from shouwen.organization.models import Company


def ensure(say: Callable[[int, int], None]) -> bool:
    """Make the demo company and its complaints where there is no company at all.

    All or nothing, so that a start that is killed half-way begins afresh; in an empty database
    nobody is held up by so long a transaction. `say` hears how many steps of how many are taken.
    Returns whether anything was made.
    """
    with translation.override("zh-hans"), transaction.atomic():
        if Company.objects.exists():
            return False
        company.found()
        complaints.enact(timezone.now(), say)
    return True
