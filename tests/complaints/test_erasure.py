"""What a complaint's row repeats is erased with the ledger's words [PIPL art. 47]."""

from __future__ import annotations

import pytest
from tests.complaints.conftest import Centre

from shouwen.clocks.rebuild import rebuild
from shouwen.complaints.models import Complaint
from shouwen.records import ledger
from shouwen.records.erasure import erase


@pytest.mark.parametrize("names", [{"telephone"}, None])
def test_after_an_erasure_the_row_still_says_what_the_ledger_does(
    centre: Centre, names: set[str] | None
) -> None:
    complaint = centre.receive(telephone="13800001001")
    erase("complaint", complaint.pk, names, actor_id=None, reason="本人申请")
    row = Complaint.objects.get(pk=complaint.pk)
    assert (row.telephone, row.telephone_index, row.telephone_last4_index) == ("", "", "")
    assert row.version == ledger.entries("complaint", complaint.pk)[-1].number
    assert not list(rebuild(write=False))
