"""Webhooks: signed, in order, tried again, never lost, and sent nowhere they must not go."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import horizon
from tests.api.conftest import Caller
from tests.desk.conftest import Office

from shouwen.api import tasks
from shouwen.api.models import Message, Subscription
from shouwen.api.webhooks import delivering, following, replaying, sending
from shouwen.api.webhooks.events import Position
from shouwen.records.models import Entry

Call = Callable[..., Caller]


@dataclass
class Receiver:
    """Somebody else's server: what it was sent, and what it answers."""

    url: str
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _headers, body in self.got]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.SHOUWEN_WEBHOOK_NETWORKS = ["127.0.0.0/8"]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(found.answers.pop(0) if found.answers else 204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def subscribed(caller: Call, receiver: Receiver) -> Callable[..., dict[str, Any]]:
    following.begin()

    def made(**more: Any) -> dict[str, Any]:
        answer = caller("centre-head").post("/webhooks", {"url": receiver.url, **more})
        assert answer.status == 201, answer.content
        return dict(answer.json)

    return made


def follow() -> None:
    """As the worker's loop does, and its jobs."""
    horizon.reached()
    while following.look():
        pass
    work()


def work() -> None:
    """Do what is queued for now."""
    for _round in range(20):
        due = ProcrastinateJob.objects.filter(
            status="todo", task_name__in=[delivering.TASK, replaying.TASK]
        ).exclude(scheduled_at__gt=timezone.now())
        jobs = list(due.values_list("pk", "task_name", "args"))
        if not jobs:
            return
        for _pk, name, args in jobs:
            run = delivering.deliver if name == delivering.TASK else replaying.replay
            run(args["subscription"], stopping=lambda: False)
        with_ids = [pk for pk, _name, _args in jobs]
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = ANY(%s)", [with_ids])


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """What docs/api.md tells receivers to do."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(headers["webhook-signature"], f"v1,{expected}")


@pytest.mark.django_db(transaction=True)
def test_a_receiver_is_told_in_order_and_can_verify_who_told_it(
    office: Office, receiver: Receiver, subscribed: Callable[..., dict[str, Any]]
) -> None:
    hook = subscribed(kinds=["received", "dispatched"])
    complaint = office.receive(name="住户", telephone="13800001001", home=office.home())
    office.dispatch(complaint)
    follow()
    assert [each["kind"] for each in receiver.bodies()] == ["received", "dispatched"]
    for headers, body in receiver.got:
        assert verified(hook["secret"], headers, body)
        assert not verified(hook["secret"], headers, body + b" ")
        # Nothing personal, and no words.
        assert set(json.loads(body)) == {
            "position", "kind", "number", "project", "entry", "status", "occurred_at", "recorded_at",
        }  # fmt: skip
        assert "1380000" not in body.decode() and "灯" not in body.decode()
    assert {each.state for each in Message.objects.all()} == {"delivered"}
    assert "whsec_" not in str(Subscription.objects.values_list("id", "url", "kinds").get())


@pytest.mark.django_db(transaction=True)
def test_what_is_refused_is_tried_again_later_and_those_behind_it_wait(
    office: Office, caller: Call, receiver: Receiver, subscribed: Callable[..., dict[str, Any]]
) -> None:
    hook = subscribed()
    receiver.answers = [500]
    office.receive()
    follow()
    assert len(receiver.got) == 1
    first = Message.objects.order_by("transaction", "entry_id").first()
    assert first is not None and first.answer == "500" and first.attempts == 1
    retry = ProcrastinateJob.objects.get(status="todo", task_name=delivering.TASK)
    assert retry.scheduled_at is not None
    assert retry.scheduled_at - timezone.now() > timedelta(seconds=2)
    Message.objects.update(next_at=timezone.now())
    delivering.deliver(hook["id"], stopping=lambda: False)
    # The same message under the same id, then the others.
    assert receiver.got[0][0]["webhook-id"] == receiver.got[1][0]["webhook-id"]
    entries = [each["entry"] for each in receiver.bodies()[1:]]
    assert entries == sorted(entries) and len(entries) == Message.objects.count()
    log = caller("centre-head").get(f"/webhooks/{hook['id']}/messages").json["items"]
    assert {each["state"]["code"] for each in log} == {"delivered"}
    assert max(each["attempts"] for each in log) == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_never_taken_is_given_up_and_can_be_replayed_from_the_ledger(
    office: Office, caller: Call, receiver: Receiver, subscribed: Callable[..., dict[str, Any]]
) -> None:
    hook = subscribed(kinds=["received"])
    office.receive()
    horizon.reached()
    while following.look():
        pass
    receiver.answers = [503] * 20
    for _attempt in range(len(delivering.PAUSES) + 1):
        Message.objects.update(next_at=timezone.now())
        delivering.deliver(hook["id"], stopping=lambda: False)
    message = Message.objects.get()
    assert message.state == Message.State.GIVEN_UP
    assert sum(delivering.PAUSES, timedelta()) < timedelta(days=3)
    receiver.answers.clear()
    receiver.got.clear()
    answer = caller("centre-head").post(f"/webhooks/{hook['id']}/replay", {"after": "0.0"})
    assert answer.status == 202, answer.content
    work()
    assert [each["kind"] for each in receiver.bodies()] == ["received"]
    replayed = Message.objects.exclude(pk=message.pk).get()
    assert replayed.replayed and replayed.state == Message.State.DELIVERED
    assert not caller("centre-head").get(f"/webhooks/{hook['id']}").json["replaying"]


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_nothing(
    office: Office,
    receiver: Receiver,
    subscribed: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hook = subscribed(kinds=["received"])
    office.receive()
    horizon.reached()
    # Killed while it writes the messages: position and messages are as before.
    with monkeypatch.context() as patch:
        patch.setattr(delivering, "begin", _killed)
        with pytest.raises(KeyboardInterrupt):
            following.look()
    assert not Message.objects.exists()
    horizon.reached()
    while following.look():
        pass
    assert Message.objects.count() == 1
    # Killed between sending and writing so down: sent again, under the same id.
    with monkeypatch.context() as patch:
        patch.setattr(delivering, "note", _killed)
        with pytest.raises(KeyboardInterrupt):
            delivering.deliver(hook["id"], stopping=lambda: False)
    delivering.deliver(hook["id"], stopping=lambda: False)
    assert len(receiver.got) == 2
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    assert Message.objects.get().state == Message.State.DELIVERED


def _killed(*args: Any, **more: Any) -> Any:
    raise KeyboardInterrupt


@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_of_what_they_may_not_see_or_after_they_left(
    office: Office, receiver: Receiver, subscribed: Callable[..., dict[str, Any]]
) -> None:
    subscribed()
    head = office.person("centre-head")
    office.receive(about=head.pk)
    follow()
    assert receiver.got == []
    head.is_active = False
    head.save()
    office.receive()
    follow()
    assert receiver.got == []


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/",
        "https://192.168.1.1:8443/",
        "https://[::ffff:127.0.0.1]/",
        "https://0.0.0.0/",
        "https://0x7f000001/",
        "http://8.8.8.8/",
        "ftp://8.8.8.8/",
        "https://user:secret@8.8.8.8/",
        "file:///etc/passwd",
        "https://",
    ],
)
def test_webhooks_go_to_no_machine_of_ones_own(url: str, settings: Any) -> None:
    settings.SHOUWEN_WEBHOOK_NETWORKS = []
    with pytest.raises(sending.AddressRefused):
        sending.target_of(url)
    assert not sending.send(url, b"{}", {}).taken


def test_a_redirect_is_followed_nowhere(receiver: Receiver) -> None:
    receiver.answers = [302]
    answer = sending.send(receiver.url, b"{}", {})
    assert not answer.taken and answer.said == "302" and len(receiver.got) == 1


@pytest.mark.django_db(transaction=True)
def test_events_can_be_fetched_instead_and_none_is_missed(office: Office, caller: Call) -> None:
    call = caller("centre-head")
    after = call.get("/events?after=newest").json["next"]
    for _each in range(3):
        office.dispatch(office.receive())
    horizon.reached()
    seen: list[Any] = []
    more = True
    while more:
        page = call.get(f"/events?after={after}&limit=2").json
        seen += [(each["number"], each["entry"]) for each in page["items"]]
        after, more = page["next"], page["more"]
    written = Entry.objects.filter(subject_type="complaint").count()
    assert len(seen) == len(set(seen)) == written
    assert call.get("/events?after=x").status == 422
    position = Position.read(after)
    assert position is not None and str(position) == after
    assert tasks.deliver_webhooks.name == delivering.TASK
