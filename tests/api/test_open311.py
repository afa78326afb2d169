"""Open311 GeoReport v2: existing civic clients report and follow, and learn nothing that is private."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
import requests
from georeport import GeoReport
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pytest_django.live_server_helper import LiveServer
from tests.desk.conftest import Office, at_desk

from shouwen.api import keys
from shouwen.api.open311.answers import answer
from shouwen.channels import counting
from shouwen.channels.models import Open311Door
from shouwen.complaints import lifecycle, tracking
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.words import Channel, Severity, Status
from shouwen.records import ledger
from shouwen.records.models import Attachment

__all__ = ["at_desk"]
pytestmark = pytest.mark.django_db(transaction=True)

LAMP = {
    "service_code": "power",
    "description": "3栋楼道灯不亮，请打13812345678找我。",
    "address_string": "3栋1单元楼道",
    "lat": "30.274085",
    "long": "120.155070",
    "first_name": "Li",
    "last_name": "Wang",
    "phone": "13812345678",
    "email": "li@example.com",
}


@pytest.fixture
def root(office: Office, live_server: LiveServer) -> str:
    return f"{live_server.url}/open311/v2"


def post(root: str, form: str = "json", **said: Any) -> requests.Response:
    return requests.post(f"{root}/requests.{form}", data={**LAMP, **said}, timeout=20)


def test_the_client_library_reads_what_a_plain_form_post_created(root: str) -> None:
    client = GeoReport(root)
    offered = {each["service_code"]: each for each in client.get_service_list()}
    assert offered["power"]["type"] == "realtime"
    assert client.get_service_definition("power")["service_code"] == "power"
    made = post(root)
    assert made.status_code == 201
    number = made.json()[0]["service_request_id"]
    one = client.get_service_request(number)
    assert one in client.get_service_requests(status="open", service_code="power")
    assert one["status"] == "open" and one["service_code"] == "power"
    assert (one["lat"], one["long"]) == (30.274085, 120.15507)
    assert one["address"] == "3栋1单元楼道" and one["agency_responsible"]
    assert one["requested_datetime"] <= one["updated_datetime"]
    complaint = Complaint.objects.get(number=number)
    assert complaint.channel == Channel.API and complaint.status == Status.RELAYED
    assert complaint.front_desk and str.__str__(complaint.telephone).endswith("13812345678")
    assert str.__str__(complaint.name) == "Li Wang"
    assert str.__str__(complaint.email) == "li@example.com"


def test_the_same_in_xml(root: str) -> None:
    number = ET.fromstring(post(root, "xml").content).findtext("request/service_request_id")
    client = GeoReport(root, output_format="xml")
    assert client.get_service_requests()["service_request_id"] == number
    assert any(each["service_code"] == "power" for each in client.get_service_list())
    answer = requests.get(f"{root}/requests/{number}.xml", timeout=20)
    assert answer.headers["Content-Type"].startswith("text/xml")
    assert ET.fromstring(answer.content).tag == "service_requests"
    found = ET.fromstring(requests.get(f"{root}/discovery.xml", timeout=20).content)
    assert found.tag == "discovery" and found.findtext("endpoints/endpoint/url") == root
    formats = [each.text for each in found.findall("endpoints/endpoint/formats/format")]
    assert formats == ["application/json", "text/xml"]


def test_nothing_of_a_person_and_nothing_that_came_another_way_is_told(
    root: str, office: Office
) -> None:
    other = office.receive(content="楼下吵架，听得见说什么。")
    number = post(root).json()[0]["service_request_id"]
    told = requests.get(f"{root}/requests.json", timeout=20).text
    for private in ("li@example.com", "13812345678", "Wang", "Li", other.number, "吵架"):
        assert private not in told
    assert requests.get(f"{root}/requests/{other.number}.json", timeout=20).status_code == 404
    # What turns out to be about somebody of the staff is not for everybody either.
    Complaint.objects.filter(number=number).update(confidential=True)
    (one,) = requests.get(f"{root}/requests/{number}.json", timeout=20).json()
    assert one["description"] == ""


def test_danger_is_received_as_an_emergency(root: str) -> None:
    number = post(root, description="电梯停了，里面困着人", service_code="lift").json()[0]
    found = Complaint.objects.get(number=number["service_request_id"])
    assert found.severity == Severity.EMERGENCY


def test_sent_once_more_within_the_hour_it_is_the_same_request(root: str) -> None:
    numbers = {post(root).json()[0]["service_request_id"] for _each in range(3)}
    assert len(numbers) == 1
    assert post(root, description="另一盏").json()[0]["service_request_id"] not in numbers


def test_a_photo_is_kept_and_an_address_of_one_is_never_fetched(root: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "grey").save(picture, "PNG")
    made = requests.post(
        f"{root}/requests.json",
        data=LAMP | {"media_url": "http://127.0.0.1:1/x.jpg"},
        files={"media": ("x.png", picture.getvalue(), "image/png")},
        timeout=20,
    )
    number = made.json()[0]["service_request_id"]
    complaint = Complaint.objects.get(number=number)
    assert Attachment.objects.filter(subject_id=complaint.pk).count() == 1
    (one,) = requests.get(f"{root}/requests/{number}.json", timeout=20).json()
    assert one["media_url"] == "http://127.0.0.1:1/x.jpg"


def test_the_poster_follows_by_a_private_link_and_its_token(root: str) -> None:
    made = post(root).json()[0]
    complaint = Complaint.objects.get(number=made["service_request_id"])
    token = tracking.token_of(complaint)
    assert f"/t/{token}/" in made["service_notice"]
    (told,) = requests.get(f"{root}/tokens/{token}.json", timeout=20).json()
    assert told == {"service_request_id": complaint.number, "token": token}
    assert requests.get(f"{root}/tokens/{'a' * 26}.json", timeout=20).status_code == 404


def test_a_closed_complaint_is_a_closed_request(root: str, office: Office) -> None:
    number = post(root).json()[0]["service_request_id"]
    complaint = Complaint.objects.get(number=number)
    office.take("front-desk-1", "withdraw", complaint, reason="不用了")
    client = GeoReport(root)
    assert client.get_service_requests(status="open") == []
    (one,) = client.get_service_requests(status="closed")
    assert one["service_request_id"] == number


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"service_code": ""}, 400),
        ({"service_code": "no-such"}, 404),
        ({"address_string": "", "lat": "", "long": ""}, 400),
        ({"lat": "91"}, 400),
        ({"lat": "nan"}, 400),
        ({"long": ""}, 400),
        ({"email": "nobody"}, 400),
        ({"media_url": "file:///etc/passwd"}, 400),
        ({"description": "字" * 4001}, 400),
        ({"jurisdiction_id": "YH"}, 404),
        ({"api_key": "shouwen_0_0"}, 403),
    ],
)
def test_what_is_wrong_is_answered_as_the_standard_says_and_nothing_is_written(
    root: str, changed: dict[str, str], status: int
) -> None:
    found = post(root, **changed)
    assert found.status_code == status
    (error,) = found.json()
    assert error["code"] == status and error["description"]
    assert not Complaint.objects.exists()
    (element,) = ET.fromstring(post(root, "xml", **changed).content)
    assert element.tag == "error" and element.findtext("code") == str(status)


def test_lists_are_narrowed_as_the_standard_says(root: str) -> None:
    number = post(root).json()[0]["service_request_id"]
    for query, count in (
        (f"service_request_id={number},JX-0", 1),
        ("service_code=lift", 0),
        ("service_code=lift,power", 1),
        ("start_date=2020-01-01T00:00:00Z", 0),
        ("start_date=2020-01-01T00:00:00Z&end_date=2020-02-01T00:00:00Z", 0),
        ("jurisdiction_id=JX", 1),
    ):
        assert len(requests.get(f"{root}/requests.json?{query}", timeout=20).json()) == count, query
    for query in (
        "status=lost",
        "start_date=yesterday",
        "start_date=2020-01-01T00:00:00Z&end_date=2021-01-01T00:00:00Z",
    ):
        assert requests.get(f"{root}/requests.json?{query}", timeout=20).status_code == 400, query


def test_a_door_is_opened_and_closed_by_those_who_answer_for_the_project(
    root: str, office: Office, at_desk: Any
) -> None:
    page = at_desk("centre-head").post("/settings/api/open311/", {"project": "JX", "open": "0"})
    assert page.status_code == 302 and not Open311Door.objects.exists()
    assert post(root).status_code == 404
    refused = at_desk("centre-head").post("/settings/api/open311/", {"project": "YH", "open": "1"})
    assert refused.status_code == 404
    assert at_desk("engineering-1").post("/settings/api/open311/").status_code == 403
    at_desk("centre-head").post("/settings/api/open311/", {"project": "JX", "open": "1"})
    assert post(root).status_code == 201


def test_a_key_must_be_good_and_may_record(root: str, office: Office) -> None:
    head = office.person("centre-head")
    for scopes, status in ((["complaints:read"], 403), (["complaints:write"], 201)):
        _key, text = keys.make(owner=head, name="–", scopes=scopes, by=head)
        assert post(root, api_key=text).status_code == status


def test_a_flood_is_told_to_wait_but_an_emergency_never(root: str, office: Office) -> None:
    most = counting.FROM_A_TELEPHONE[0]
    for number in range(most):
        assert post(root, description=f"{number}号灯不亮").status_code == 201
    assert post(root, description="又一盏").status_code == 429
    # What was received is told again to whoever lost the answer.
    assert post(root, description="0号灯不亮").status_code == 201
    trapped = post(root, description="电梯里困着人", service_code="lift")
    assert trapped.status_code == 201
    _key, text = keys.make(
        owner=office.person("centre-head"), name="–", scopes=["complaints:write"], by=None
    )
    assert post(root, description="又一盏", api_key=text).status_code == 201


def test_it_is_a_complaint_like_any_other(root: str, office: Office) -> None:
    number = post(root).json()[0]["service_request_id"]
    complaint = Complaint.objects.get(number=number)
    kinds = [entry.kind for entry in ledger.entries(SUBJECT, complaint.pk)]
    assert kinds == ["received", "relayed"]
    office.dispatch(complaint)
    fresh = Complaint.objects.get(pk=complaint.pk)
    assert lifecycle.possible(office.person("engineering-1"), fresh)


@given(st.recursive(st.text() | st.floats() | st.booleans(), lambda more: st.lists(more)))
def test_xml_can_always_be_read(value: Any) -> None:
    rows = [{"description": each} for each in (value if isinstance(value, list) else [value])]
    flat = [row for row in rows if not isinstance(row["description"], list)]
    content = answer("xml", "service_requests", flat).content
    assert len(ET.fromstring(content)) == len(flat)
    json.loads(answer("json", "service_requests", flat).content)
