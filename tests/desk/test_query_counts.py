"""No page asks the database more often because there are more complaints.

The pages are taken from the addresses themselves: one that is new is held to it at once, or, where
its address needs something that is not known here, fails until it has been given it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse
from django.utils import timezone
from tests.channels.mail.held import held_mail
from tests.desk.conftest import Office
from tests.desk.telephone import line_of

from shouwen.channels import bringing
from shouwen.channels.models import Call, ImportRun, IncomingMail, TelephoneLine
from shouwen.clocks.models import ClockRow, HeartBeat
from shouwen.complaints import incidents
from shouwen.complaints.contacts import door
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.history import Kept, bring_in
from shouwen.complaints.models import Complaint, Incident
from shouwen.desk import urls
from shouwen.desk.models import Export, SavedView
from shouwen.desk.views import attachments
from shouwen.notices import addresses, passes, telling
from shouwen.notices.policy import Escalation
from shouwen.notices.reports.report import ReportVersion
from shouwen.organization.customers import enrol, find_by_telephone, telephone_indexes
from shouwen.organization.models import Customer, Handover, Shift, Upload
from shouwen.records.models import Attachment

FEW, MANY = 10, 1_000
LIVE = 6  # of the few; of the many four times as many are live
TELEPHONE = "13800001002"

MAPPING = """
source = "old-system"
[fields.received_at]
column = "受理时间"
[fields.subject]
column = "标题"
"""

# Who opens a page, where it is not the head of the centre.
BY = {
    "home": "front-desk-1",
    "find-home": "front-desk-1",
    "audit": "auditor",
    "retention": "administrator",
    "organization-new": "administrator",
    "organization-change": "administrator",
    "organization-imports": "administrator",
    "organization-template": "administrator",
    "organization-import": "administrator",
    "organization-import-wrong": "administrator",
    "gateway": "administrator",
    "notice-floor": "administrator",
    "address": "administrator",
    "channels": "administrator",
    "mailboxes": "administrator",
    "mailbox": "administrator",
    "mailbox-new": "administrator",
}
# What a page answers, where it is not a page: the way to my desk, nothing new, a file not yet written.
ANSWERS = {
    "": 302,
    "live": 204,
    "rosters": 302,
    "recording": 302,
    "calendar-feed": 404,
    "escalation": 302,
    "customer-words": 302,
    "export-file": 404,
    "import-rejected": 404,
    "invitation": 410,
    "organization-import-wrong": 404,
}
# What pages are asked for, where it is not just their address.
ASKED: dict[str, tuple[str, ...]] = {
    "live": ("of=worklist&token=none",),
    "complaints": (
        "",
        "sort=due",
        "q=楼道",
        "q=线管",
        "q=1002",
        "is=open&project=JX&status=received&status=at_work&severity=routine&first_contact=me",
        "category=facility&channel=import&since=2020-01-01&until=2999-01-01",
        "department=jx-engineering&home={home}",
    ),
    "contacts": ("", "is=open&nature=repair&sort=due&project=JX&praised=me"),
    "audit": ("", "who=front-desk-1&action=seeing&project=JX&since=2020-01-01"),
    "list-count": ("", "is=open&q=楼道"),
    "bulk": ("{at}",),
    "bulk-step": ("{at}",),
    "intake": ("", "home={home}"),
}


class Pages:
    """Every address of the staff pages that answers a GET, as it stands for one complaint."""

    def __init__(self, office: Office, complaint: Complaint) -> None:
        at = "&".join(urlencode({"at": number}) for number in self._ticked())
        person = office.person("centre-head")
        clock = ClockRow.objects.filter(subject_id=complaint.pk, rule="R2.handle").get()
        self.known: dict[str, Any] = {
            "number": complaint.number,
            "department": "jx-engineering",
            "code": "power",
            "username": "front-desk-1",
        }
        self.asked = {"at": at, "home": str(complaint.home_id)}
        self.special: dict[str, dict[str, Any]] = {
            "clock": {"pk": clock.pk},
            "attachment": {"pk": Attachment.objects.get().pk},
            "home": {"pk": complaint.home_id},
            "invitation": {"token": "–"},
            "customer": {"pk": _caller(office)},
            "customer-telephone": {"pk": _caller(office)},
            "customer-export": {"pk": _caller(office)},
            "customer-correct": {"pk": _caller(office)},
            "customer-erase": {"pk": _caller(office)},
            "step": {"name": "note"},
            "step-preview": {"name": "note"},
            "list-count": {"name": "complaints"},
            "list-columns": {"name": "complaints"},
            "view-save": {"name": "complaints"},
            "view-bring-back": {"name": "complaints"},
            "view-change": {"name": "complaints", "pk": SavedView.objects.get().pk},
            "view-delete": {"name": "complaints", "pk": SavedView.objects.get().pk},
            "bulk": {"name": "complaints"},
            "bulk-step": {"name": "complaints", "step": "note"},
            "home-telephone": {"pk": complaint.home_id, "customer": _customer()},
        }
        contact = Contact.objects.earliest("pk")
        first = ClockRow.objects.get(
            subject_type="contact", subject_id=contact.pk, rule="H.first_reply"
        )
        of_contact = {"number": contact.number, "name": "answer", "pk": first.pk}
        self.special |= {name: of_contact for name in _names() if name.startswith("contact")}
        self.special |= self._telephone(office, complaint)
        self.special["hotline-again"] = {"pk": uuid.uuid4()}
        self.special |= self._organization(office, complaint)
        self.special |= self._incidents(office)
        self.special |= self._notices(office, complaint)
        self.special |= self._mail(office)
        for name in _names():
            if name.startswith("export-") or name == "export":
                self.special[name] = {"pk": Export.objects.get(staff=person).pk}
            if name.startswith("import-") or name == "import":
                run = ImportRun.objects.get()
                self.special[name] = {"pk": run.file_id, "run": run.pk}

    @staticmethod
    def _telephone(office: Office, complaint: Complaint) -> dict[str, dict[str, Any]]:
        head = office.person("centre-head")
        line = TelephoneLine.objects.first() or line_of(office.project)

        def called(direction: str, state: str, **given: Any) -> Call:
            return Call.objects.create(
                project=office.project,
                line=line,
                external_id=uuid.uuid4().hex,
                direction=direction,
                state=state,
                agent=head,
                number=TELEPHONE,
                number_index=telephone_indexes(TELEPHONE)[0],
                started_at=timezone.now(),
                **given,
            )

        Call.objects.all().delete()
        recorded = called("in", "ended", complaint=complaint, recording="https://pbx.example.cn/1")
        missed = called("in", "missed")
        for _ in range(Complaint.objects.count() // FEW):
            called("in", "missed")
        called("in", "ringing")
        return {
            "recording": {"pk": recorded.pk},
            "dialled": {"pk": called("out", "ended").pk},
            **{name: {"pk": missed.pk} for name in ("call-away", "called-back", "call-number")},
        }

    @staticmethod
    def _mail(office: Office) -> dict[str, dict[str, Any]]:
        mail = IncomingMail.objects.first() or held_mail(office.project)
        found: dict[str, dict[str, Any]] = {
            f"mail{act}": {"pk": mail.pk}
            for act in ("", "-take-up", "-add", "-discard", "-download")
        }
        return found | {f"mailbox{act}": {"pk": mail.mailbox_id} for act in ("", "-try", "-switch")}

    @staticmethod
    def _notices(office: Office, complaint: Complaint) -> dict[str, dict[str, Any]]:
        called, _made = Escalation.objects.get_or_create(
            complaint=complaint,
            stage="R6.alert",
            started_by=1,
            defaults={
                "project": office.project,
                "severity": "emergency",
                "started_at": timezone.now(),
                "route": [{"position": "centre_head", "whole": False, "after": 0}],
            },
        )
        (notice,) = telling.tell(
            [office.person("centre-head")],
            kind="alert",
            matter="page",
            complaint=complaint,
            escalation=called,
            rule="R6.alert",
            article="R6",
        )
        return {
            "notice": {"pk": notice.pk},
            "notice-link": {"token": passes.issue(notice)},
            "escalation-project": {"code": "JX"},
            "escalation-preview": {"code": "JX"},
            "rehearse": {"code": "JX"},
            **{f"customer-words-{page}": {"code": "JX"} for page in ("of", "preview", "automatic")},
            **Pages._reports(office, complaint),
        }

    @staticmethod
    def _reports(office: Office, complaint: Complaint) -> dict[str, dict[str, Any]]:
        ReportVersion.objects.get_or_create(
            complaint=complaint,
            level="company",
            number=1,
            defaults={
                "author": office.person("centre-head"),
                "saved_at": timezone.now(),
                "language": "zh-hans",
                "drawn_to": 1,
                "sections": {"facts": "楼道灯不亮"},
            },
        )
        found: dict[str, dict[str, Any]] = {
            name: {"level": "company", "version": 1}
            for name in ("report", "report-write", "report-version", "report-document")
        }
        return found | {"step-call": {"name": "escalate_to_company"}}

    @staticmethod
    def _organization(office: Office, complaint: Complaint) -> dict[str, dict[str, Any]]:
        clerk, developer = office.person("front-desk-1"), office.project.developer
        assert developer is not None
        upload = Upload.objects.create(
            staff=office.person("administrator"), language="zh-hans", uploaded_at=timezone.now()
        )
        found: dict[str, dict[str, Any]] = {
            "organization-new": {"kind": "contractor"},
            "organization-change": {"kind": "developer", "pk": developer.pk},
            **{name: {"kind": "sms"} for name in ("gateway", "gateway-try", "gateway-switch")},
            "home-remove": {"pk": complaint.home_id, "code": "JX"},
            "place-retire": {"pk": office.project.places.order_by("pk")[0].pk, "code": "JX"},
            **{name: {"pk": 1} for name in ("held-release", "held-discard")},
            "staff-post": {"pk": clerk.pk, "post": clerk.posts.get().pk},
        }
        found |= {
            name: {"code": "JX"}
            for name in (
                "project",
                "project-homes",
                "department-new",
                "department",
                "places-of",
                "places-sheet",
            )
        }
        found |= Pages._roster(office)
        of_signing_in = (
            *("invite", "invite-withdraw", "second-factor", "sign-out", "unlock"),
            *("card", "card-stop"),
        )
        for name in ("one", "telephone", "posts", "back", "leave", *of_signing_in):
            found[f"staff-{name}"] = {"pk": clerk.pk}
        for name in ("", "-begin", "-remove", "-wrong"):
            found[f"organization-import{name}"] = {"pk": upload.pk}
        address = addresses.in_app(office.person("centre-head"))
        for name in ("try", "switch", "remove"):
            found[f"address-{name}"] = {"pk": address.pk}
        return found

    @staticmethod
    def _roster(office: Office) -> dict[str, dict[str, Any]]:
        now, head = timezone.now(), office.person("centre-head")
        shift = Shift.objects.create(
            project=office.project,
            position="centre_head",
            staff=head,
            starts_at=now + timedelta(hours=1),
            ends_at=now + timedelta(hours=9),
        )
        sheet = Handover.objects.create(
            project=office.project, position="centre_head", handed_by=head, handed_at=now
        )
        found: dict[str, dict[str, Any]] = {
            name: {"code": "JX", "pk": shift.pk, "token": "–"}
            for name in _names()
            if name.startswith(("roster", "delegation", "handovers", "handover-new", "calendar"))
        }
        return found | {name: {"pk": sheet.pk} for name in ("handover", "handover-take")}

    @staticmethod
    def _incidents(office: Office) -> dict[str, dict[str, Any]]:
        """One incident to which all live complaints belong."""
        head = office.person("centre-head")
        live = Complaint.objects.filter(imported=False).exclude(status="merged")
        incident = Incident.objects.first()
        if incident is None:
            incident = incidents.begin(office.project, person=head, title="停电")
        for complaint in live.select_related("first_contact"):
            incidents.join(incident, complaint, person=head)
        return {
            "incident": {"number": incident.number},
            "incident-change": {"number": incident.number},
            "incident-end": {"number": incident.number},
            "incident-step": {"number": incident.number, "step": "note"},
        }

    @staticmethod
    def _ticked() -> list[str]:
        live = Complaint.objects.filter(imported=False).order_by("pk")[:LIVE]
        return [complaint.number for complaint in live]

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Each page's name and address, with whatever may be asked of it."""
        for pattern in _patterns():
            name = pattern.name or ""
            wanted = pattern.pattern.converters
            given = {
                each: self.special.get(name, {}).get(each, self.known.get(each)) for each in wanted
            }
            missing = [each for each, value in given.items() if value is None]
            assert not missing, f"the page {name!r} needs a case: what is {missing} there?"
            address = reverse(f"desk:{name}", kwargs=given) if name else "/"
            for asked in ASKED.get(name, ("",)):
                query = re.sub(r"\{(\w+)\}", lambda said: self.asked[said[1]], asked)
                yield name, f"{address}?{query}" if query else address


def _patterns() -> list[URLPattern]:
    return [each for each in urls.urlpatterns if isinstance(each, URLPattern)]


def _names() -> list[str]:
    return [pattern.name or "" for pattern in _patterns()]


def _customer() -> int:
    return Customer.objects.values_list("pk", flat=True).order_by("pk")[0]


def _caller(office: Office) -> int:
    """The customer whose number the complaints come from."""
    found = find_by_telephone([office.project.pk], TELEPHONE).first()
    return (found or enrol(project=office.project, telephone=TELEPHONE)).pk


def _brought_in(office: Office, first: int, number: int) -> None:
    now, home = timezone.now(), office.home()
    rows = [
        Kept(
            external_id=f"old-{n}",
            received_at=now - timedelta(hours=n % 1_500 + 1),
            closed_at=now - timedelta(minutes=n % 50 + 1),
            content=f"第{n}件：楼道灯不亮，线管进水",
            place="2栋大堂",
            category="power",
            home=home if n % 2 else None,
            telephone=TELEPHONE if n % 3 else "",
        )
        for n in range(first, first + number)
    ]
    bring_in(office.project, rows, person=office.person("front-desk-1"))


def _live(office: Office, number: int) -> Complaint:
    """Complaints at work and just received, at one home, from one caller.

    They came in over a day and a night, few or many alike: which parts of a page are empty must not
    hang on the hour that it is looked at.
    """
    for n in range(number):
        data = {"home": office.home(), "telephone": TELEPHONE, "place": "2栋大堂"}
        received = timezone.now() - timedelta(hours=5 * (n % LIVE))
        complaint = office.receive(
            "centre-head", occurred_at=received, content="楼道灯不亮", **data
        )
        told = {"nature": "repair", "content": "滴水", "to": "position:centre_head"}
        door.receive(person=office.person("centre-head"), project=office.project, data=told)
        if n % LIVE:
            complaint = office.dispatch(complaint)
            office.take("centre-head", "note", complaint, text="线管进水")
            office.take("centre-head", "urge", complaint)
    return complaint


def _beside(office: Office, complaint: Complaint) -> None:
    """What pages beside those of complaints are about: a file, a view, an export."""
    person = office.person("centre-head")
    upload = SimpleUploadedFile("说明.txt", b"12", content_type="text/plain")
    assert attachments.add(person, complaint, [upload]) == []
    SavedView.objects.create(staff=person, list="complaints", name="夜班", query="is=open")
    Export.objects.create(
        id=uuid.uuid4(),
        staff=person,
        list="complaints",
        format=Export.Format.CSV,
        language="zh-hans",
        asked_at=timezone.now(),
    )
    table = SimpleUploadedFile("旧台账.csv", "受理时间,标题\n2020-01-02,路灯不亮\n".encode())
    file = bringing.take_in(table, person=person, project=office.project)
    file.mapping = MAPPING
    file.save()
    bringing.ask(file, person, dry_run=True)


def _counted(pages: Pages, clients: Callable[[str], Client]) -> dict[str, list[str]]:
    """The queries of every page, by its address."""
    asked: dict[str, list[str]] = {}
    # A timekeeper who seems to stand still is asked about once more.
    HeartBeat.objects.update(beat_at=timezone.now() + timedelta(hours=1))
    for name, address in pages.addresses():
        with CaptureQueriesContext(connection) as queries:
            response = clients(BY.get(name, "centre-head")).get(address)
        if response.status_code == 405:  # it is no page: it takes what is sent to it
            continue
        assert response.status_code == ANSWERS.get(name, 200), (address, response.status_code)
        asked[address] = [query["sql"][:200] for query in queries]
    return asked


def test_no_page_asks_more_often_because_there_are_more_complaints(
    office: Office, at_desk: Callable[[str], Client]
) -> None:
    signed_in: dict[str, Client] = {}

    def client_of(username: str) -> Client:
        if username not in signed_in:
            signed_in[username] = at_desk(username)
        return signed_in[username]

    complaint = _live(office, LIVE)
    _beside(office, complaint)
    _brought_in(office, 0, FEW - LIVE)
    assert Complaint.objects.count() == FEW
    pages = Pages(office, complaint)
    _counted(pages, client_of)  # fills what is kept in memory
    few = _counted(pages, client_of)
    _live(office, 3 * LIVE)
    _brought_in(office, FEW, MANY - FEW - 3 * LIVE)
    assert Complaint.objects.count() == MANY
    many = _counted(pages, client_of)
    assert len(few) > 30
    grown = {
        address: (len(few[address]), len(many[address]), _more(few[address], many[address]))
        for address in few
        if len(many[address]) > len(few[address])  # fewer where a page is full before its end
    }
    assert grown == {}


def _more(few: list[str], many: list[str]) -> list[str]:
    """The queries that were only asked of the many, to see whose they are."""
    left = list(few)
    for query in many:
        if query in left:
            left.remove(query)
    return [query for query in many if many.count(query) > few.count(query)][:5]
