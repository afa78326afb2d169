"""What the rules say is what the pages do: every address × position × own, other and no project.

The addresses come from the URL configuration: a page without a rule fails, and so does one that lets
in whom its rule refuses, or refuses whom it lets in. A new page whose address names something needs a
line in `CASES`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from io import StringIO
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone
from tests.channels.mail.held import held_mail
from tests.desk.telephone import line_of

from shouwen.api import keys
from shouwen.api.models import Subscription
from shouwen.channels import bringing, held
from shouwen.channels.models import Call
from shouwen.channels.wechat import accounts
from shouwen.clocks.models import ClockRow
from shouwen.complaints import categories, incidents, lifecycle
from shouwen.complaints.contacts import door
from shouwen.complaints.state import fold
from shouwen.desk import matrix
from shouwen.desk.addresses import Address, addresses
from shouwen.desk.matrix import Specimens
from shouwen.desk.models import Export, SavedView
from shouwen.desk.views import attachments
from shouwen.notices import telling
from shouwen.notices.models import Address as NoticeAddress
from shouwen.notices.models import Gateway
from shouwen.notices.policy import Escalation
from shouwen.notices.reports.report import ReportVersion
from shouwen.organization import places
from shouwen.organization.models import (
    CalendarAddress,
    Customer,
    Delegation,
    Handover,
    Shift,
    ShiftTime,
    Staff,
    Swap,
    Upload,
)
from shouwen.organization.permissions import READING, RULES, may
from shouwen.organization.positions import Position
from shouwen.records import ledger
from shouwen.records.models import Attachment

Rows = list[dict[str, Any]]


@pytest.fixture
def made(db: None, tmp_path: Any, settings: Any) -> Iterator[Specimens]:
    settings.SHOUWEN_HOME = tmp_path
    categories.ship()
    with matrix.specimens() as found:
        yield found


@pytest.fixture
def printed(db: None) -> dict[str, Any]:
    out = StringIO()
    call_command("permissions", "--json", stdout=out)
    return dict(json.loads(out.getvalue()))


def staff_of(made: Specimens, position: str, project: str = "own") -> Staff:
    return next(
        each.staff
        for each in made.everybody
        if (each.position, each.project) == (position, project)
    )


# -- the rules


def test_every_address_declares_an_operation_that_has_a_rule() -> None:
    without = [
        each.route for each in addresses() if not each.open_to_all and each.operation not in RULES
    ]
    assert without == []


def allowed(rows: Rows, operation: str, subject: str, project: str) -> set[str]:
    """The positions that may do it."""
    return {
        row["position"]
        for row in rows
        if (row["operation"], row["subject"], row["project"]) == (operation, subject, project)
        and row["allowed"]
    }


def test_the_whole_matrix_is_printed_and_says_what_was_agreed(printed: dict[str, Any]) -> None:
    rows: Rows = printed["operations"]
    assert {row["operation"] for row in rows} == set(RULES)
    assert {row["position"] for row in rows} == {"", *Position.values}
    assert len(rows) > 5_000
    assert all(row["rule"] for row in rows)
    assert all(each["operation"] and each["methods"] for each in printed["addresses"])
    assert not Staff.objects.exists()

    company = {"company_leader", "board_leader", "board_office", "general_managers_office"}
    # Company level sees all.
    for kind in ("plain", "dispatched", "confidential", "conduct", "needs_developer"):
        assert company <= allowed(rows, "see_complaint", kind, "none")
    # Another project sees nothing, but what one took oneself.
    for kind in ("plain", "dispatched", "confidential", "conduct", "needs_developer"):
        assert allowed(rows, "see_complaint", kind, "other") == set()
    # The developer's customer service sees what needs the developer, human resources conduct.
    assert "developer_service" not in allowed(rows, "see_complaint", "plain", "own")
    assert "developer_service" in allowed(rows, "see_complaint", "needs_developer", "own")
    assert "human_resources" not in allowed(rows, "see_complaint", "plain", "own")
    for project in ("own", "none"):
        assert "human_resources" in allowed(rows, "see_complaint", "conduct", project)
        assert "human_resources" not in allowed(rows, "see_source", "conduct", project)
    # A confidential source is hidden from departments.
    assert not {"department_head", "department_member", "quality", "auditor"} & allowed(
        rows, "see_source", "confidential", "own"
    )
    # Whom a complaint is about neither sees it nor takes any step on it.
    about = [row for row in rows if row["subject"] == "about" and row["operation"] != "see_source"]
    assert len(about) > 2_000
    assert not [row for row in about if row["allowed"]]
    # An auditor reads all and changes nothing.
    for project in ("own", "none"):
        assert "auditor" in allowed(rows, "see_complaint", "plain", project)
    changed = [row for row in rows if row["position"] == "auditor" and row["allowed"]]
    assert {row["operation"] for row in changed} <= READING
    assert not [name for name in READING if name.startswith("step:")]
    # Without a post: one's own desk, and what one took.
    posts = [row for row in rows if row["position"] == "" and row["allowed"]]
    assert {row["subject"] for row in posts} <= {
        "",
        "taken",
        "own_view",
        "own_export",
        "own_calendar",
        "own_address",
        "own_notice",
        "own_contact",
        "plain",
    } | {row["subject"] for row in posts if row["operation"] == "see_source"}


# -- the pages


class Desk:
    """The pages as the rules are asked about them: one matter of the own project."""

    def __init__(self, made: Specimens, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            "shouwen.desk.pages.render_template",
            lambda request, template, context, status: HttpResponse(status=status),
        )
        # What it says costs time and decides nothing about who may open it.
        monkeypatch.setattr(
            "shouwen.desk.views.morning.Sheet", lambda *told: Mock(day=timezone.localdate())
        )
        self.made = made
        clerk = staff_of(made, "front_desk")
        taken = lifecycle.take(
            "receive",
            person=clerk,
            project=made.project,
            data={"content": "楼道灯不亮", "category": "power", "home": made.home.pk},
        )
        given = {
            "department": made.department.code,
            "due_at": timezone.now() + timedelta(days=1),
        }
        self.complaint = lifecycle.take(
            "dispatch", person=clerk, complaint=taken.complaint, data=given
        ).complaint
        upload = SimpleUploadedFile("说明.txt", b"12", content_type="text/plain")
        assert attachments.add(clerk, self.complaint, [upload]) == []
        self.head = staff_of(made, "centre_head")
        customer = Customer.objects.create(
            project=made.project, home=made.home, since=timezone.localdate()
        )
        view = SavedView.objects.create(
            staff=self.head, project=made.project, list="complaints", name="夜班", query="is=open"
        )
        export = Export.objects.create(
            id=uuid.uuid4(),
            staff=self.head,
            list="complaints",
            format=Export.Format.CSV,
            language="zh-hans",
            asked_at=timezone.now(),
            finished_at=timezone.now(),
            state=Export.State.DONE,
        )
        export.path.parent.mkdir(parents=True)
        table = SimpleUploadedFile("旧台账.csv", "受理时间,标题\n2020-01-02,路灯不亮\n".encode())
        file = bringing.take_in(table, person=self.head, project=made.project)
        run = bringing.ask(file, self.head, dry_run=True)
        number = {"number": self.complaint.number}
        listed = {"name": "complaints"}
        clock = ClockRow.objects.filter(subject_id=self.complaint.pk, rule="R2.handle").get()
        # What an address names, and what its operation is then asked about.
        self.state = fold(ledger.entries("complaint", self.complaint.pk))

        def seen(person: Staff) -> Any:
            return self.complaint

        def standing(person: Staff) -> Any:
            return lifecycle.stand(person, self.complaint, self.state)

        self.cases: dict[str, tuple[dict[str, Any], Callable[[Staff], Any] | None]] = {
            "complaint": (number, seen),
            "telephone": (number, None),
            "link": (number, standing),
            "customer-address": (number, None),
            "attach": (number, None),
            "step": ({**number, "name": "note"}, None),
            "step-preview": ({**number, "name": "note"}, None),
            "step-call": ({**number, "name": "escalate_to_company"}, None),
            "clock": ({**number, "pk": clock.pk}, seen),
            "record": (number, seen),
            "work-order": ({**number, "department": made.department.code}, seen),
            "attachment": ({"pk": Attachment.objects.get().pk}, seen),
            "category": ({"code": "power"}, None),
            "home": ({"pk": made.home.pk}, lambda person: made.home),
            "home-telephone": (
                {"pk": made.home.pk, "customer": customer.pk},
                lambda person: made.home,
            ),
            **{
                name: ({"pk": customer.pk}, lambda person: customer)
                for name in (
                    "customer",
                    "customer-telephone",
                    "customer-export",
                    "customer-correct",
                    "customer-erase",
                )
            },
            "list-count": (listed, None),
            "list-columns": (listed, None),
            "view-save": (listed, None),
            "view-bring-back": (listed, None),
            "view-change": ({**listed, "pk": view.pk}, lambda person: view),
            "view-delete": ({**listed, "pk": view.pk}, lambda person: view),
            "bulk": (listed, None),
            "bulk-step": ({**listed, "step": "note"}, None),
            "import-rejected": ({"pk": file.pk, "run": run.pk}, lambda person: made.project),
        }
        self.incident = incident = incidents.begin(made.project, person=clerk, title="停电")
        of_incident = {"number": incident.number}
        self.cases |= {
            "incident": (of_incident, lambda person: incident),
            "incident-change": (of_incident, lambda person: made.project),
            "incident-end": (of_incident, lambda person: made.project),
            "incident-step": ({**of_incident, "step": "note"}, None),
        }
        self.cases |= self._organization() | self._roster()
        api_key, _text = keys.make(
            owner=self.head, name="–", scopes=["complaints:read"], by=self.head
        )
        hook = Subscription.objects.create(
            owner=self.head, url="https://example.com/", secret="–", created_at=timezone.now()
        )
        self.cases["key-revoke"] = {"pk": api_key.pk}, lambda person: api_key
        self.contact = door.receive(
            person=clerk,
            project=made.project,
            data={
                "nature": "repair",
                "content": "滴水",
                "to": f"department:{made.department.code}",
            },
        ).contact
        of_contact = {"number": self.contact.number}
        first = ClockRow.objects.get(
            subject_type="contact", subject_id=self.contact.pk, rule="H.first_reply"
        )
        self.cases |= {
            name: ({**of_contact, "name": "answer", "pk": first.pk}, None)
            for name in (
                *("contact", "contact-telephone", "contact-step"),
                *("contact-step-preview", "contact-clock"),
            )
        }
        self.cases["webhook"] = {"pk": hook.pk}, lambda person: hook
        account = accounts.add(
            made.project, name="–", app_id="wx12345678", mode="safe", by=self.head
        )
        for act in ("change", "rotate", "switch"):
            self.cases[f"wechat-{act}"] = {"pk": account.pk}, lambda person: account
        self.cases |= self._notices()
        self.cases |= self._channels()
        self.cases |= self._doors()
        self.cases |= self._telephone()
        self.cases |= self._mail()
        self.export, self.file = export, file
        self._sees: dict[int, bool] = {}

    def _notices(self) -> dict[str, tuple[dict[str, Any], Callable[[Staff], Any] | None]]:
        now, project = timezone.now(), self.made.project
        called = Escalation.objects.create(
            complaint=self.complaint,
            project=project,
            stage="R6.alert",
            severity="emergency",
            started_by=1,
            started_at=now,
            route=[{"position": "centre_head", "whole": False, "after": 0}],
            next_at=now,
        )
        (notice,) = telling.tell(
            [self.head],
            kind="alert",
            matter="matrix",
            complaint=self.complaint,
            escalation=called,
            rule="R6.alert",
        )
        code = {"code": project.code}
        return {
            "notice": ({"pk": notice.pk}, lambda person: notice),
            "escalation-project": (code, lambda person: project),
            "escalation-preview": (code, lambda person: project),
            "rehearse": (code, lambda person: project),
            "customer-words-of": (code, lambda person: project),
            "customer-words-preview": (code, lambda person: project),
            "customer-words-automatic": (code, lambda person: project),
            "watch": ({"number": self.complaint.number}, lambda person: self.complaint),
        } | self._reports()

    def _reports(self) -> dict[str, tuple[dict[str, Any], Callable[[Staff], Any] | None]]:
        ReportVersion.objects.create(
            complaint=self.complaint,
            level="company",
            number=1,
            author=self.head,
            saved_at=timezone.now(),
            language="zh-hans",
            drawn_to=1,
        )
        told = {"number": self.complaint.number, "level": "company"}

        def standing(person: Staff) -> Any:
            return lifecycle.stand(person, self.complaint, self.state)

        return {
            "report": (told, standing),
            "report-write": (told, standing),
            "report-version": ({**told, "version": 1}, standing),
            "report-document": ({**told, "version": 1}, standing),
        }

    def _organization(self) -> dict[str, tuple[dict[str, Any], Callable[[Staff], Any] | None]]:
        made = self.made
        code, clerk = {"code": made.project.code}, staff_of(made, "front_desk")
        developer = made.project.developer
        assert developer is not None
        upload = Upload.objects.create(
            staff=staff_of(made, "administrator", "none"),
            language="zh-hans",
            uploaded_at=timezone.now(),
            state=Upload.State.CHECKED,
        )

        def project(person: Staff) -> Any:
            return made.project

        def colleague(person: Staff) -> Any:
            return clerk

        found: dict[str, tuple[dict[str, Any], Callable[[Staff], Any] | None]] = {
            "organization-new": ({"kind": "developer"}, None),
            "organization-change": ({"kind": "developer", "pk": developer.pk}, None),
            "project": (code, project),
            "project-homes": (code, project),
            "department-new": (code, project),
            "department": ({**code, "department": made.department.code}, project),
            "home-remove": ({**code, "pk": made.home.pk}, project),
            "staff-post": ({"pk": clerk.pk, "post": clerk.posts.get().pk}, colleague),
        }
        for name in ("one", "telephone", "posts", "back", "leave", *OF_SIGNING_IN):
            found[f"staff-{name}"] = ({"pk": clerk.pk}, colleague)
        for name in ("", "-begin", "-remove", "-wrong"):
            found[f"organization-import{name}"] = ({"pk": upload.pk}, lambda person: upload)
        return found

    def _roster(self) -> dict[str, tuple[dict[str, Any], Callable[[Staff], Any] | None]]:
        made, now = self.made, timezone.now()
        clerk, other = staff_of(made, "front_desk"), staff_of(made, "front_desk", "none")
        starts = {"position": "front_desk", "project": made.project}
        begins, ends = now + timedelta(days=1), now + timedelta(days=1, hours=8)
        shift = Shift.objects.create(staff=clerk, starts_at=begins, ends_at=ends, **starts)
        swap = Swap.objects.create(shift=shift, asked_by=clerk, asked_of=other, asked_at=now)
        times = ShiftTime.objects.create(
            project=made.project, name="夜班", begins=time(20), ends=time(8)
        )
        sheet = Handover.objects.create(handed_by=clerk, handed_at=now, **starts)
        away = Delegation.objects.create(
            person=clerk, stand_in=other, since=begins, until=ends, made_by=clerk, made_at=now
        )
        address = CalendarAddress.objects.create(staff=clerk, digest="–", made_at=now)
        code = {"code": made.project.code}

        def project(person: Staff) -> Any:
            return made.project

        found: dict[str, tuple[dict[str, Any], Callable[[Staff], Any] | None]] = {
            name: (code, project)
            for name in (
                "roster", "roster-fill", "roster-file", "roster-shift-new", "roster-plan",
                "roster-times", "handovers", "handover-new",
            )
        }  # fmt: skip
        for name in ("roster-shift", "roster-shift-change", "roster-shift-remove", "roster-series"):
            found[name] = ({**code, "pk": shift.pk}, project)
        found |= {
            "roster-times-remove": ({**code, "pk": times.pk}, project),
            "roster-swap-ask": ({"pk": shift.pk}, lambda person: shift),
            "roster-swap-answer": ({"pk": swap.pk}, lambda person: swap),
            "roster-swap-withdraw": ({"pk": swap.pk}, lambda person: shift),
            "delegation-end": ({"pk": away.pk}, lambda person: clerk),
            "handover": ({"pk": sheet.pk}, project),
            "handover-take": ({"pk": sheet.pk}, project),
            "roster-address-revoke": ({"pk": address.pk}, lambda person: address),
        }
        return found

    def _mail(self) -> dict[str, tuple[dict[str, Any], Callable[[Staff], Any] | None]]:
        mail, project = held_mail(self.made.project), self.made.project
        found: dict[str, tuple[dict[str, Any], Callable[[Staff], Any] | None]] = {
            name: ({"pk": mail.mailbox_id}, lambda person: project)
            for name in ("mailbox", "mailbox-try", "mailbox-switch")
        }
        return found | {
            f"mail{act}": ({"pk": mail.pk}, lambda person: mail)
            for act in ("", "-take-up", "-add", "-discard", "-download")
        }

    def _channels(self) -> dict[str, tuple[dict[str, Any], Callable[[Staff], Any] | None]]:
        # By e-mail without a mail server: a trial ends before it leaves.
        address = NoticeAddress.objects.create(
            project=self.made.project, kind="email", target="desk@example.cn"
        )
        row = Gateway.objects.create(kind="sms", is_active=False)
        found: dict[str, tuple[dict[str, Any], Callable[[Staff], Any] | None]] = {
            f"address-{act}": ({"pk": address.pk}, lambda person: address)
            for act in ("try", "switch", "remove")
        }
        found |= {name: ({"kind": row.kind}, None) for name in ("gateway-try", "gateway-switch")}
        return found | {"gateway": ({"kind": "call"}, None)}

    def _doors(self) -> dict[str, tuple[dict[str, Any], Callable[[Staff], Any] | None]]:
        project = self.made.project
        code = {"code": project.code}
        place = places.add(project, "lift", "电梯 1栋")
        row = held.hold(project, {"content": "楼道灯不亮"}, key="matrix", why="many")
        return {
            "places-of": (code, lambda person: project),
            "places-sheet": (code, lambda person: project),
            "place-retire": ({**code, "pk": place.pk}, lambda person: project),
            "held-release": ({"pk": row.pk}, lambda person: row),
            "held-discard": ({"pk": row.pk}, lambda person: row),
            **{
                f"open311-{name}": ({"form": "json", **named}, None)
                for name, named in (
                    ("discovery", {}),
                    ("services", {}),
                    ("service", {"code": "power"}),
                    ("requests", {}),
                    ("request", {"number": "JX-1"}),
                    ("token", {"token": "0"}),
                )
            },
            "hotline-orders": ({"pk": uuid.uuid4()}, None),
            "hotline-again": ({"number": self.complaint.number, "pk": uuid.uuid4()}, None),
        }

    def _telephone(self) -> dict[str, tuple[dict[str, Any], Callable[[Staff], Any] | None]]:
        line = line_of(self.made.project)

        def called(agent: Staff | None, **given: Any) -> Call:
            return Call.objects.create(
                project=self.made.project,
                line=line,
                external_id=uuid.uuid4().hex,
                agent=agent,
                started_at=timezone.now(),
                **given,
            )

        call = called(None, direction="in", state="missed", recording="https://pbx.example.cn/1")
        found: dict[str, tuple[dict[str, Any], Callable[[Staff], Any] | None]] = {
            name: ({"pk": call.pk}, lambda person: call)
            for name in ("call-away", "called-back", "call-number", "recording")
        }
        found |= {
            f"telephone-{name}": ({"pk": line.pk}, lambda person: line.project)
            for name in ("line", "rotate", "switch", "try", "seat")
        }
        # Only who dialled asks what became of it.
        return found | {
            "dialled": ({"pk": called(self.head, direction="out", state="ended").pk}, None)
        }

    def case(self, name: str) -> tuple[dict[str, Any], Callable[[Staff], Any] | None]:
        if name == "export" or name.startswith("export-"):
            return {"pk": self.export.pk}, lambda person: self.export
        if name not in self.cases and (name == "import" or name.startswith("import-")):
            return {"pk": self.file.pk}, lambda person: self.made.project
        return self.cases.get(name, ({}, None))

    def expected(self, each: Address, person: Staff) -> bool:
        """What the rules say of the address as it stands here."""
        if not may(person, each.operation):
            return False
        name = each.name.partition(":")[2]
        parameters, subject = self.case(name)
        if name == "contact" or name.startswith("contact-"):
            seen = bool(may(person, "see_contacts", self.contact))
            return seen and bool(may(person, each.operation, self.contact))
        if parameters.get("number") == self.incident.number:
            seen = may(person, "see_incidents", self.incident)
            return bool(seen and (subject is None or may(person, each.operation, subject(person))))
        if "number" in parameters and not self.sees(person):
            return False
        if each.operation in ("see_source", "take_step") and "number" in parameters:
            at = lifecycle.stand(person, self.complaint, self.state)
            return bool(may(person, each.operation, at))
        if each.operation == "see_complaint" and subject is not None:
            return self.sees(person)
        return subject is None or bool(may(person, each.operation, subject(person)))

    def sees(self, person: Staff) -> bool:
        """Whether the rule shows the person the complaint; asked once of each."""
        if person.pk not in self._sees:
            self._sees[person.pk] = bool(may(person, "see_complaint", self.complaint))
        return self._sees[person.pk]

    def answer(self, each: Address, method: str, person: Staff) -> int:
        """The status that the page answers with; nothing that it writes stays."""
        parameters, _subject = self.case(each.name.partition(":")[2])
        missing = set(each.parameters) - set(parameters)
        assert not missing, f"the page {each.name!r} needs a case: what is {missing} there?"
        named = {name: parameters[name] for name in each.parameters}
        path = reverse(each.name, kwargs=named)
        request: Any = getattr(RequestFactory(), method.lower())(path, SAID.get(each.name, {}))
        request.user, request.htmx, request.session = person, False, {}
        match = resolve(path)
        self.export.path.write_text("–")
        with transaction.atomic():
            try:
                response = match.func(request, *match.args, **match.kwargs)
                status: int = response.status_code
            except PermissionDenied:
                status = 403
            except Http404:
                status = 404
            transaction.set_rollback(True)
        return status


# What whoever keeps an account does about signing in.
OF_SIGNING_IN = (
    *("invite", "invite-withdraw", "unlock", "sign-out", "second-factor"),
    *("card", "card-stop"),
)
# What is said with a request, where without it nothing is there to be answered.
SAID = {
    "desk:live": {"of": "worklist"},
    "desk:notice": {"act": "passed_up"},
    "desk:audit-export": {"format": "csv"},
    "desk:exports": {"list": "complaints", "format": "csv"},
}
# What is not there to be fetched, though one may.
EMPTY = {
    "hotline-again",  # no reply is on its way
    "open311-switch",  # of no project
    "organization-import-wrong",
    "import-rejected",
    "import-take",
    "import-begin",
    "import-mapping-file",
    "dialled",  # another's call
    "incident-step",  # no complaint belongs to it
    "step-call",  # the matter is not such as goes up
}
REFUSED = {403, 404, 409}


def test_pages_let_in_whom_the_rules_let_in_and_nobody_else(
    made: Specimens, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(made, monkeypatch)
    asked, wrong = 0, []
    for each in addresses():
        if each.open_to_all or each.by_key:
            continue  # those by key: tests/api/test_permission_matrix.py
        for method in {"POST", "GET"}.intersection(each.methods):
            for somebody in made.everybody:
                expected = desk.expected(each, somebody.staff)
                if expected and not each.parameters and somebody.project == "other":
                    continue  # nothing of the other project is asked for: as in the own one
                status = desk.answer(each, method, somebody.staff)
                asked += 1
                if each.name.partition(":")[2] in EMPTY and expected:
                    continue
                if expected is (status in REFUSED):
                    wrong.append((each.name, method, somebody.position, somebody.project, status))
    assert wrong == []
    assert asked > 2_500


def test_whoever_is_not_signed_in_is_sent_to_sign_in(made: Specimens, client: Any) -> None:
    for each in addresses():
        if each.open_to_all or each.by_key or each.parameters or each.name == "desk:demo-sign-in":
            continue
        response = getattr(client, each.methods[0].lower())(reverse(each.name))
        assert response.status_code == 302, each.name
        assert response.headers["Location"].startswith("/accounts/login/"), each.name
