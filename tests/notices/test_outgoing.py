"""What leaves the house: gathered, never too much, an emergency at once, the next channel where one fails."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Handler
from django.utils import timezone
from tests.complaints.conftest import Centre, centre  # noqa: F401 (a fixture)

from shouwen.notices import outgoing, reaching, storm, telling
from shouwen.notices.models import Address, Delivery, Envelope, Notice, OwnRules
from shouwen.organization.models import Staff

AWAKE = {"quiet_since": None, "quiet_until": None}
#: The hours that ship.
NIGHT = {"quiet_since": "22:00", "quiet_until": "07:00"}


class Mailbox(Handler):
    """Keeps what a real SMTP server was given."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[email.message.Message] = []

    def handle_message(self, message: email.message.Message) -> None:
        self.letters.append(message)


@pytest.fixture
def mail(settings: Any) -> Iterator[Mailbox]:
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        settings.SHOUWEN_SMTP_URL = f"smtp://127.0.0.1:{port}/?from=shouwen@example.cn&tls=no"
        yield box
    finally:
        server.stop()


@pytest.fixture
def desk(centre: Centre) -> Centre:  # noqa: F811
    centre.now = timezone.now()
    return centre


def reachable(person: Staff, *, channel: str = "dingtalk", **rules: Any) -> Address:
    """An address of the person's own and no quiet hours, whatever the hour of the test."""
    OwnRules.objects.update_or_create(staff=person, defaults={"rules": AWAKE | rules})
    return Address.objects.create(
        staff=person,
        kind=channel,
        target="https://oapi.dingtalk.com/robot/send?access_token=0",
        reaches_one=True,
    )


def told(person: Staff, number: int, at: datetime, **said: Any) -> Notice:
    (notice,) = telling.tell([person], kind="urged", matter=f"urged:{number}", now=at, **said)
    return notice


def test_the_first_goes_at_once_and_what_follows_goes_together(desk: Centre) -> None:
    person, now = desk.staff["front_desk"], desk.now
    reachable(person)
    told(person, 0, now)
    assert len(outgoing.collect(now)) == 1
    for number in range(1, 30):
        told(person, number, now + timedelta(seconds=number))
        assert outgoing.collect(now + timedelta(seconds=number)) == []
    (envelope,) = outgoing.collect(now + outgoing.GATHER)
    assert Delivery.objects.filter(envelope=envelope).count() == 29


def test_an_emergency_is_a_message_of_its_own_and_never_held(desk: Centre) -> None:
    person, now = desk.staff["front_desk"], desk.now
    reachable(person)
    told(person, 0, now)
    outgoing.collect(now)
    told(person, 1, now + timedelta(seconds=5), urgency="emergency")
    told(person, 2, now + timedelta(seconds=5))
    (envelope,) = outgoing.collect(now + timedelta(seconds=5))
    assert Envelope.objects.get(pk=envelope).urgency == "emergency"


def test_what_was_read_meanwhile_is_not_sent(desk: Centre) -> None:
    person, now = desk.staff["front_desk"], desk.now
    reachable(person)
    notice = told(person, 0, now)
    Notice.objects.filter(pk=notice.pk).update(read_at=now)
    assert outgoing.collect(now) == []
    assert Delivery.objects.get().state == Delivery.State.DROPPED


def test_a_matter_that_comes_again_is_one_notice_and_sent_again(desk: Centre) -> None:
    person, now = desk.staff["front_desk"], desk.now
    reachable(person)
    told(person, 0, now)
    outgoing.collect(now)
    later = now + 2 * outgoing.GATHER
    assert told(person, 0, later).times == 2
    told(person, 0, later)  # still waits to be sent: once is enough
    assert Notice.objects.count() == 1
    assert len(outgoing.collect(later)) == 1
    assert Delivery.objects.count() == 2


def test_a_channel_that_fails_is_kept_and_the_next_is_used_at_once(desk: Centre) -> None:
    person, now = desk.staff["front_desk"], desk.now
    broken = reachable(person, steps={"emergency": {"dingtalk": 0, "apprise": 5}})
    Address.objects.filter(pk=broken.pk).update(target="nothing that can be reached")
    following = reachable(
        person, channel="apprise", steps={"emergency": {"dingtalk": 0, "apprise": 5}}
    )
    told(person, 0, now, urgency="emergency")
    (envelope,) = outgoing.collect(now)
    with pytest.raises(outgoing.Again) if _temporary(envelope, now) else _nothing():
        outgoing.send(envelope, now)
    waiting = Delivery.objects.get(address_id=following.pk)
    assert waiting.send_at == now
    failed = Delivery.objects.get(address_id=broken.pk)
    assert failed.error
    assert Address.objects.get(pk=broken.pk).fails
    # And the administrator sees it.
    report = Notice.objects.get(person=desk.staff["administrator"], kind="channel_failed")
    assert report.facts["why"] == failed.error


def _temporary(envelope: int, now: datetime) -> bool:
    """Whether the broken address is one that may work later, as its own sender says."""
    try:
        outgoing.send(envelope, now)
    except outgoing.Again:
        Envelope.objects.filter(pk=envelope).update(attempts=0)
        return True
    return False


class _nothing:
    def __enter__(self) -> None: ...
    def __exit__(self, *told: object) -> bool:
        return False


def test_a_letter_says_what_why_and_what_next_and_nothing_of_the_customer(
    desk: Centre, mail: Mailbox, settings: Any
) -> None:
    settings.SHOUWEN_PUBLIC_ADDRESS = "https://complaints.example.cn"
    person = desk.staff["front_desk"]
    person.email = "desk@example.cn"
    person.save(update_fields=["email"])
    OwnRules.objects.create(staff=person, rules=AWAKE)
    desk.receive("steward", name="张三", telephone="13900000001", place="三号楼")
    telling.tell(
        [person],
        kind="to_dispatch",
        matter="1",
        complaint=desk.complaint,
        rule="R2.dispatch",
        article="R2",
        step="dispatch",
        now=desk.now,
    )
    for envelope in outgoing.collect(desk.now):
        outgoing.send(envelope)
        outgoing.send(envelope)  # begun again after it was sent: not sent twice
    (letter,) = mail.letters
    whole = "".join(
        part.get_payload(decode=True).decode()  # type: ignore[union-attr]
        for part in letter.walk()
        if not part.is_multipart()
    )
    assert "三号楼" in whole and "派单" in whole
    assert "https://complaints.example.cn/notices/" in whole
    assert "张三" not in whole and "13900000001" not in whole
    assert Envelope.objects.get().state == Envelope.State.SENT


def test_a_storm_brings_nobody_more_than_two_messages_and_holds_no_emergency(
    desk: Centre,
) -> None:
    for person in desk.staff.values():
        reachable(person, **NIGHT)
    half_past_ten = timezone.localtime().replace(hour=22, minute=30, second=0, microsecond=0)
    before = Notice.objects.count()
    outcome = storm.play(desk.project, half_past_ten)
    assert outcome.complaints == 50
    assert outcome.most <= 2
    assert outcome.held == timedelta(0)
    assert Notice.objects.count() == before
    assert sum(each.in_app for each in outcome.told) > 50  # the app keeps all of them


def test_a_failure_brings_nothing_forward_that_can_wait(desk: Centre) -> None:
    person, now = desk.staff["front_desk"], desk.now
    reachable(person, steps={"later": {"dingtalk": 0}})
    notice = told(person, 0, now, urgency="later")
    assert reaching.bring_forward([notice.pk], now) == 0
