"""The database itself keeps projects apart: what a query without any filter gives the web's role."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, models, transaction
from django.test import Client
from django.utils import timezone
from tests.channels.mail.held import held_mail
from tests.desk.conftest import Office
from tests.desk.telephone import line_of

from shouwen.api.models import Message, Subscription
from shouwen.channels import bringing, held
from shouwen.channels.models import (
    Call,
    CallEvent,
    Extension,
    HeldArrival,
    Hotline,
    HotlineReply,
    ImportFile,
    ImportRun,
    IncomingMail,
    Mailbox,
    Open311Door,
    Open311Request,
    TelephoneLine,
)
from shouwen.channels.wechat import accounts
from shouwen.channels.wechat import receiving as wechat
from shouwen.channels.wechat.messages import Kind
from shouwen.channels.wechat.messages import Message as FromWechat
from shouwen.channels.wechat.models import WechatAccount, WechatFollower, WechatMessage
from shouwen.clocks.models import ClockRow
from shouwen.complaints import incidents, listing, numbers
from shouwen.complaints.contacts import door
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.models import (
    Complaint,
    Incident,
    NumberBlock,
    RejectedWave,
    SearchText,
    TrackingLink,
    Work,
)
from shouwen.complaints.search import wanted
from shouwen.desk.models import SavedView
from shouwen.desk.views import attachments
from shouwen.notices import escalating, passes, policies, rehearsing, telling, watching
from shouwen.notices.address import Address
from shouwen.notices.customers import keeping
from shouwen.notices.customers.kept import CustomerMessage, CustomerTelling, CustomerTemplate
from shouwen.notices.notice import Delivery, Notice, Pass
from shouwen.notices.policy import Escalation, Hop, Policy, Rehearsal
from shouwen.notices.reports.report import ReportVersion
from shouwen.notices.watching import Watch
from shouwen.organization import isolation as of_persons
from shouwen.organization.models import (
    CalendarAddress,
    Customer,
    Department,
    Handover,
    Home,
    Place,
    Post,
    Project,
    Shift,
    ShiftTime,
    Staff,
    Swap,
)
from shouwen.organization.positions import Position
from shouwen.records import isolation
from shouwen.records.models import Access, Attachment, Chain, Entry, ErasableFact

# What says whose projects somebody works for is read before they are known; the counter of numbers
# is written beside every transaction and says nothing; the access log is written at sign-in, and
# holds numbers only; a customer's link and the code of a place say whose project to look into.
BEFORE = {Department, Post, NumberBlock, Access, CalendarAddress, TrackingLink, Place, Open311Door}

# How each protected row leads to its project.
PROJECT: dict[type[models.Model], Callable[[Any], int | None]] = {
    Complaint: lambda row: row.project_id,
    Incident: lambda row: row.project_id,
    RejectedWave: lambda row: row.project_id,
    SearchText: lambda row: row.complaint.project_id,
    Work: lambda row: row.complaint.project_id,
    Contact: lambda row: row.project_id,
    ClockRow: lambda row: row.project_id,
    Chain: lambda row: row.project_id,
    Entry: lambda row: row.project_id,
    ErasableFact: lambda row: row.entry.project_id,
    Attachment: lambda row: row.project_id,
    Home: lambda row: row.project_id,
    Customer: lambda row: row.project_id,
    Shift: lambda row: row.project_id,
    Swap: lambda row: row.shift.project_id,
    Handover: lambda row: row.project_id,
    ImportFile: lambda row: row.project_id,
    ImportRun: lambda row: row.file.project_id,
    HeldArrival: lambda row: row.project_id,
    WechatAccount: lambda row: row.project_id,
    WechatFollower: lambda row: row.project_id,
    WechatMessage: lambda row: row.project_id,
    Mailbox: lambda row: row.project_id,
    IncomingMail: lambda row: row.project_id,
    SavedView: lambda row: row.project_id,
    Address: lambda row: row.department.project_id if row.department else row.project_id,
    Notice: lambda row: row.project_id,
    Delivery: lambda row: row.notice.project_id,
    Pass: lambda row: row.notice.project_id,
    Policy: lambda row: row.project_id,
    Escalation: lambda row: row.project_id,
    Hop: lambda row: row.escalation.project_id,
    Rehearsal: lambda row: row.project_id,
    CustomerTemplate: lambda row: row.project_id,
    CustomerTelling: lambda row: row.project_id,
    CustomerMessage: lambda row: row.complaint.project_id,
    Watch: lambda row: row.complaint.project_id,
    ReportVersion: lambda row: row.complaint.project_id,
    ShiftTime: lambda row: row.project_id,
    Subscription: lambda row: row.project_id,
    Message: lambda row: row.subscription.project_id,
    TelephoneLine: lambda row: row.project_id,
    Extension: lambda row: row.line.project_id,
    Call: lambda row: row.project_id,
    CallEvent: lambda row: row.line.project_id,
    Open311Request: lambda row: row.project_id,
    Hotline: lambda row: row.project_id,
    HotlineReply: lambda row: row.complaint.project_id,
}


def _of_a_project(model: type[models.Model]) -> bool:
    """Whether the rows of a model are some project's: by a column, or by what they belong to."""
    for field in model._meta.concrete_fields:
        if field.column == "project_id":
            return True
        if field.related_model in isolation.PROTECTED and not field.null:
            return True
    return False


def test_every_table_of_a_project_is_protected() -> None:
    ours = [each for each in apps.get_models() if each.__module__.startswith("shouwen.")]
    unprotected = [
        each.__name__
        for each in ours
        if _of_a_project(each) and each not in isolation.PROTECTED and each not in BEFORE
    ]
    assert unprotected == []
    assert set(PROJECT) == set(isolation.PROTECTED)


@pytest.fixture
def two_projects(office: Office) -> Office:
    """A row of every protected table in the first project and in the second."""
    for code, clerk in (("JX", "front-desk-1"), ("YH", "yh-front-desk-1")):
        project = Project.objects.get(code=code)
        person = office.person(clerk)
        complaint = Office(project).receive(clerk, content="楼道灯不亮", category="power")
        department = Department.objects.filter(project=project).first()
        assert department is not None
        due = timezone.now() + timedelta(days=1)
        Office(project).take(clerk, "dispatch", complaint, department=department.code, due_at=due)
        upload = SimpleUploadedFile("说明.txt", b"12", content_type="text/plain")
        assert attachments.add(person, complaint, [upload]) == []
        said = {"nature": "repair", "content": "滴水"}
        door.receive(person=person, project=project, data=said)
        now = timezone.now()
        incidents.begin(project, person=person, title="停电", complaints=[complaint])
        RejectedWave.objects.create(
            project=project,
            spot="riser:6:1",
            cause="water",
            complaints=[complaint.pk],
            rejected_at=now,
            rejected_by=person,
        )
        turn = Shift.objects.create(
            project=project,
            position=Position.FRONT_DESK,
            staff=person,
            starts_at=now,
            ends_at=now + timedelta(hours=8),
        )
        Swap.objects.create(shift=turn, asked_by=person, asked_of=person, asked_at=now)
        Handover.objects.create(
            project=project, position=Position.FRONT_DESK, handed_by=person, handed_at=now
        )
        table = SimpleUploadedFile("旧台账.csv", "受理时间,标题\n2020-01-02,路灯\n".encode())
        file = bringing.take_in(table, person=person, project=project)
        ImportRun.objects.create(
            id=uuid.uuid4(), file=file, staff=person, dry_run=True, language="zh-hans", asked_at=now
        )
        held.hold(project, {"content": "楼道灯不亮"}, key="1", why="many")
        account = accounts.add(project, name="–", app_id="wx12345678", mode="safe", by=person)
        greeting = FromWechat("1", "oNeighbour01", "gh_1", Kind.SUBSCRIBE)
        wechat.receive(account, greeting, lambda path: path)
        held_mail(project)
        Address.objects.create(project=project, kind="wecom", target="wecombot://0123456789")
        Address.objects.create(department=department, kind="wecom", target="wecombot://0123456789")
        SavedView.objects.create(
            staff=person, project=project, list="complaints", name="夜班", query="is=open"
        )
        shipped = [step.model_dump() for step in policies.SHIPPED["major"]]
        policies.keep(project, "major", shipped, 600)
        rehearsing.start(project, "major", by=person)
        (notice,) = telling.tell([person], kind="urged", matter="1", complaint=complaint)
        passes.issue(notice)
        watching.watch(person, complaint)
        keeping.keep(project, "received", "en", "{number} {next}", by=person)
        keeping.set_telling(project, "en", {"received": False, "delayed": False, "result": False})
        CustomerMessage.objects.create(
            complaint=complaint,
            matter="received",
            occasion="received",
            language="en",
            entry_number=1,
            send_at=now,
        )
        ReportVersion.objects.create(
            complaint=complaint,
            level="company",
            number=1,
            author=person,
            saved_at=now,
            language="zh-hans",
            drawn_to=1,
        )
        Open311Request.objects.create(
            complaint=complaint, project=project, requested_at=now, service="power"
        )
        hotline = Hotline.objects.create(project=project, name="12345", secret="–")
        HotlineReply.objects.create(complaint=complaint, hotline=hotline, entry=1)
        ShiftTime.objects.create(project=project, name="夜班", begins=time(20), ends=time(8))
        hook = Subscription.objects.create(
            owner=person, project=project, url="https://example.com/", secret="–", created_at=now
        )
        Message.objects.create(
            subscription=hook, transaction=1, entry_id=1, body={}, next_at=now, made_at=now
        )
        line = line_of(project)
        Extension.objects.create(line=line, number="801", staff=person)
        CallEvent.objects.create(line=line, event_id="1", received_at=now)
        Call.objects.create(
            project=project,
            line=line,
            external_id="1",
            direction="in",
            state="missed",
            started_at=now,
        )
        Delivery.objects.get_or_create(
            notice=notice, person=person, channel="email", urgency="soon", defaults={"send_at": now}
        )
    escalating.fire()
    return office


@pytest.fixture
def as_web(two_projects: Office) -> Iterator[None]:
    """As the web comes to the database: by the role that owns nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', %s, true)", [settings.SHOUWEN_WEB_ROLE])
    yield
    if not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('role', 'none', true)")


def test_without_a_filter_the_rows_of_ones_own_projects_come_alone(two_projects: Office) -> None:
    person = two_projects.person("front-desk-1")
    for model, project_of in PROJECT.items():
        every = {project_of(row) for row in model._default_manager.all()}
        assert len(every - {None}) > 1, model
        with of_persons.transaction_of(person):
            seen = {project_of(row) for row in model._default_manager.all()}
        assert seen - {None} == {two_projects.project.pk}, model
        assert {project_of(row) for row in model._default_manager.all()} == every, model
    company = Staff.objects.filter(posts__project=None, posts__position="company_leader").first()
    assert company is not None
    with of_persons.transaction_of(company):
        assert Complaint.objects.count() == 2


def test_outside_a_persons_transaction_a_query_raises(two_projects: Office, as_web: None) -> None:
    for model in PROJECT:
        with pytest.raises(DatabaseError), transaction.atomic():
            list(model._default_manager.all())


def test_nothing_of_another_project_is_written_either(two_projects: Office) -> None:
    other = Project.objects.get(code="YH")
    with (
        pytest.raises(DatabaseError),
        of_persons.transaction_of(two_projects.person("front-desk-1")),
    ):
        Home.objects.create(project=other, building="9", room="1", label="9-1")
    with of_persons.transaction_of(two_projects.person("front-desk-1")):
        assert Complaint.objects.filter(project=other).update(subject="–") == 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == (settings.SHOUWEN_WEB_ROLE,)
    with (
        pytest.raises(DatabaseError),
        of_persons.transaction_of(two_projects.person("front-desk-1")),
        connection.cursor() as cursor,
    ):
        cursor.execute("ALTER TABLE complaints_complaint DISABLE ROW LEVEL SECURITY")


def test_the_search_finds_nothing_of_another_project(two_projects: Office) -> None:
    person = two_projects.person("front-desk-1")
    sought = wanted(person, "楼道灯")
    assert sought is not None
    assert Complaint.objects.filter(sought.by_index()).count() == 2
    with of_persons.transaction_of(person), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM shouwen_search(%s, %s)", [sought.index, '[["楼道灯"]]']
        )
        assert cursor.fetchone() == (1,)
        asked = listing.asked({"q": ["楼道灯"]})
        found = listing.find(person, asked)
        assert [row.project_id for row in found.rows] == [two_projects.project.pk]
        # What is asked for in words is text, whatever it looks like.
        cursor.execute(
            "SELECT count(*) FROM shouwen_search(%s, %s)", [sought.index, '[["\' OR 1"]]']
        )
        assert cursor.fetchone() == (0,)
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT shouwen_search(%s, %s)", [sought.index, '[["楼道灯"]]'])


def test_a_page_that_forgets_its_filter_leaks_nothing(
    two_projects: Office, at_desk: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "shouwen.desk.views.complaint.visible_to", lambda person, model: model.objects.all()
    )
    there = Complaint.objects.exclude(project=two_projects.project).get()
    assert at_desk("front-desk-1").get(f"/complaints/{there.number}/").status_code == 404
    assert at_desk("yh-front-desk-1").get(f"/complaints/{there.number}/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_request_that_is_rolled_back_gives_no_number_twice(office: Office) -> None:
    person = office.person("front-desk-1")
    given = []
    for _ in range(3):
        with pytest.raises(RuntimeError), of_persons.transaction_of(person):
            given.append(office.receive().number)
            numbers.forget()
            raise RuntimeError
    assert not Complaint.objects.exists()
    assert len(set(given)) == 3
