"""The customer's private link: unguessable, said again the same, dead once revoked."""

from __future__ import annotations

from tests.complaints.conftest import Centre, centre  # noqa: F401

from shouwen.channels.arriving import arrive
from shouwen.complaints import tracking
from shouwen.complaints.models import Complaint, TrackingLink
from shouwen.complaints.words import Channel


def received(centre: Centre, key: str = "1") -> Complaint:  # noqa: F811
    told = {"content": "楼道灯不亮。"}
    return arrive(centre.project, told, channel=Channel.WEB, key=key, now=centre.now).complaint


def test_a_link_is_said_again_the_same_and_opens_one_complaint(centre: Centre) -> None:  # noqa: F811
    one, other = received(centre), received(centre, "2")
    token = tracking.token_of(one)
    assert token == tracking.token_of(one) != tracking.token_of(other)
    link = tracking.found(token)
    assert link is not None and link.complaint_id == one.pk
    assert tracking.found(token.upper()) == link
    for guess in ("", token[:-1], token + "a", "a" * 26, "é" * 26):
        assert tracking.found(guess) is None
    assert token not in "".join(TrackingLink.objects.values_list("digest", flat=True))


def test_a_revoked_link_opens_nothing_and_another_can_be_made(centre: Centre) -> None:  # noqa: F811
    complaint = received(centre)
    token = tracking.token_of(complaint)
    tracking.revoke(complaint)
    assert tracking.found(token) is None and tracking.token_of(complaint) == ""
    fresh = tracking.renew(complaint)
    assert fresh != token and tracking.found(token) is None
    link = tracking.found(fresh)
    assert link is not None and link.complaint_id == complaint.pk
    again = tracking.renew(complaint)
    assert tracking.found(fresh) is None and tracking.found(again) is not None
