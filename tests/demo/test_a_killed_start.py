"""A first start that is killed while the demo is made leaves nothing half-made."""

from __future__ import annotations

import pytest

from shouwen.complaints.models import Complaint
from shouwen.demo.making import ensure
from shouwen.organization.models import Company, Staff


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.django_db
def test_nothing_is_left_half_made() -> None:
    def kill(done: int, of: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        ensure(kill)
    assert not Company.objects.exists()
    assert not Staff.objects.exists()
    assert not Complaint.objects.exists()
