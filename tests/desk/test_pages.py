"""Every page opens, for whoever may see it, and only for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from tests.desk.conftest import Office

from shouwen.clocks.models import ClockRow

AtDesk = Callable[[str], Client]


def test_every_page_opens_at_the_front_desk(office: Office, at_desk: AtDesk) -> None:
    complaint = office.dispatch(office.receive(home=office.home(), name="3栋1单元802 业主"))
    clock = ClockRow.objects.filter(subject_id=complaint.pk).first()
    assert clock is not None
    client = at_desk("front-desk-1")
    for address in (
        "/desk/",
        "/intake/",
        "/complaints/",
        "/complaints/?q=楼道",
        "/regulation/",
        f"/complaints/{complaint.number}/",
        f"/complaints/{complaint.number}/clocks/{clock.pk}/",
        f"/complaints/{complaint.number}/print/record/",
        f"/complaints/{complaint.number}/print/work-order/jx-engineering/",
        f"/complaints/{complaint.number}/steps/note/",
    ):
        response = client.get(address)
        assert response.status_code == 200, address
        assert "Content-Security-Policy" in response.headers


@pytest.mark.parametrize(
    "address", ["/desk/", "/intake/", "/complaints/", "/regulation/", "/live/"]
)
def test_nobody_sees_anything_before_signing_in(db: None, address: str) -> None:
    response = Client().get(address)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/")
