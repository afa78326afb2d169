"""What another system does over HTTP is what somebody does on the pages: the same record and clocks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.api.conftest import Caller
from tests.desk.conftest import Office

from shouwen.api import keys
from shouwen.api.models import ApiKey
from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint
from shouwen.complaints.steps import STEPS
from shouwen.organization.models import Customer
from shouwen.records import ledger
from shouwen.records.models import Access, Entry

Call = Callable[..., Caller]

WORDS = {"content": "3栋电梯停在两层之间。", "category": "lift", "severity": "complex"}


def received(call: Caller, **more: Any) -> str:
    answer = call.post("/complaints", {"project": "JX", "data": WORDS | more})
    assert answer.status == 201, answer.content
    return str(answer.json["number"])


def test_a_complaint_goes_from_receipt_to_dispatch_as_on_the_page(caller: Call) -> None:
    call = caller("front-desk-1")
    answer = call.post("/complaints", {"project": "JX", "data": WORDS})
    assert answer.status == 201
    number = answer.json["number"]
    assert answer.headers["Location"] == f"/api/v1/complaints/{number}"
    found = Complaint.objects.get(number=number)
    assert found.channel == "api" and found.first_contact is not None
    assert ledger.verify() == []

    steps = call.get(f"/complaints/{number}/steps").json["items"]
    possible = {each["name"]: each for each in steps}
    assert possible["dispatch"]["possible"]
    assert not possible["close"]["possible"] and possible["close"]["reason"]

    fields = call.get(f"/complaints/{number}/steps/dispatch").json["fields"]
    departments = next(each for each in fields if each["name"] == "department")["choices"]
    assert "jx-engineering" in {each["value"] for each in departments}

    told = {"data": {"department": "jx-engineering"}}
    foreseen = call.post(f"/complaints/{number}/steps/dispatch/preview", told)
    assert foreseen.status == 200
    assert "R4.respond" in {each["rule"] for each in foreseen.json["started"]}
    taken = call.post(f"/complaints/{number}/steps/dispatch", told)
    assert taken.status == 200, taken.content
    kinds = [each["kind"] for each in call.get(f"/complaints/{number}/entries").json["items"]]
    assert kinds[:2] == ["received", "relayed"] and "dispatched" in kinds
    whole = call.get(f"/complaints/{number}").json
    assert whole["status"]["code"] == "at_work"
    assert whole["parts"][0]["department"] == "jx-engineering"
    # Times carry the offset of the project.
    assert whole["received_at"].endswith("+08:00")


def test_every_step_of_the_table_is_an_operation(caller: Call) -> None:
    document = caller("front-desk-1")("GET", "/openapi.json").json
    assert document["openapi"].startswith("3.1")
    for name in STEPS:
        path = f"/api/v1/complaints/{{number}}/steps/{name}"
        # Those given otherwise, and the customer's own, which no key takes.
        if name in ("receive", "attach") or STEPS[name].by_customer:
            assert path not in document["paths"]
            continue
        body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        model = STEPS[name].data.__name__
        assert body["schema"]["properties"]["data"]["$ref"].endswith(f"/{model}")
        assert model in document["components"]["schemas"]
        assert "example" in body
        # The example fits the model that the step asks for.
        STEPS[name].data.model_validate(body["example"]["data"])


def test_the_same_key_gets_the_same_answer_and_another_request_under_it_is_refused(
    caller: Call,
) -> None:
    call = caller("front-desk-1")
    body = {"project": "JX", "data": WORDS}
    first = call.post("/complaints", body, Idempotency_Key="one")
    again = call.post("/complaints", body, Idempotency_Key="one")
    assert again.status == 201 and again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Complaint.objects.count() == 1
    other = call.post(
        "/complaints", {"project": "JX", "data": WORDS | {"place": "大堂"}}, Idempotency_Key="one"
    )
    assert other.status == 422 and other.json["type"] == "urn:shouwen:problem:key-reused"

    number = first.json["number"]
    note = {"data": {"text": "已联系维保单位"}}
    path = f"/complaints/{number}/steps/note"
    answers = [call.post(path, note, Idempotency_Key="two") for _time in range(2)]
    assert answers[0].json == answers[1].json
    assert Entry.objects.filter(kind="noted").count() == 1
    # Another key of the same person has idempotency keys of its own.
    assert caller("front-desk-1").post(path, note, Idempotency_Key="two").status == 200
    assert Entry.objects.filter(kind="noted").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_request_sent_twice_at_once_over_the_wire_is_done_once(far: Call) -> None:
    call = far("front-desk-1")
    answers: list[Any] = []

    def send() -> None:
        answers.append(
            call.post("/complaints", {"project": "JX", "data": WORDS}, Idempotency_Key="race")
        )

    threads = [threading.Thread(target=send) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each.status for each in answers} == {201}
    assert len({each.json["number"] for each in answers}) == 1
    assert Complaint.objects.count() == 1


def test_whoever_acts_on_an_old_version_is_told_what_happened_meanwhile(caller: Call) -> None:
    call = caller("front-desk-1")
    number = received(call)
    seen = call.get(f"/complaints/{number}").headers["ETag"]
    unchanged = call.get(f"/complaints/{number}", If_None_Match=seen)
    assert unchanged.status == 304
    told = {"data": {"department": "jx-engineering"}}
    assert call.post(f"/complaints/{number}/steps/dispatch", told, If_Match=seen).status == 200
    late = call.post(
        f"/complaints/{number}/steps/assess", {"data": {"facts": "已核实"}}, If_Match=seen
    )
    assert late.status == 412
    assert late.headers["Content-Type"] == "application/problem+json"
    assert "dispatched" in {each["kind"] for each in late.json["changed"]}
    assert late.json["what_to_do"]


def test_refusals_say_what_to_do_in_the_language_asked_for(caller: Call) -> None:
    call = caller("front-desk-1")
    number = received(call)
    empty = call.post(f"/complaints/{number}/steps/dispatch", {"data": {}})
    assert empty.status == 422 and "department" in empty.json["errors"]
    too_early = call.post(f"/complaints/{number}/steps/close", {"data": {}})
    assert too_early.status in (409, 403, 422) and too_early.json["what_to_do"]
    unknown = call.post(f"/complaints/{number}/steps/note", {"data": {"text": "a", "x": 1}})
    assert unknown.status == 422 and "x" in unknown.json["errors"]
    nonsense = call("POST", "/complaints", raw=b"{")
    assert nonsense.status == 400
    nothing = call.get("/no-such-thing")
    assert nothing.status == 404 and nothing.json["type"].endswith("not-found")
    english = call.get(f"/complaints/{number}", Accept_Language="en-GB")
    assert english.headers["Content-Language"] == "en"
    status = english.json["status"]["label"]
    assert (
        status.isascii() and not call.get(f"/complaints/{number}").json["status"]["label"].isascii()
    )


def test_pages_bring_every_complaint_once_while_others_are_recorded(
    caller: Call, office: Office
) -> None:
    call = caller("centre-head")
    for _each in range(11):
        office.receive()
    before = set(Complaint.objects.values_list("number", flat=True))
    for sort in ("newest", "oldest"):
        path, seen = f"/complaints?sort={sort}&limit=3", []
        while path:
            page = call.get(path).json
            seen += [each["number"] for each in page["items"]]
            office.receive()
            path = (page["next_href"] or "").removeprefix("/api/v1")
            if len(seen) > 60:
                break
            if sort == "oldest" and before <= set(seen):
                break
        assert len(seen) == len(set(seen))
        assert before <= set(seen)
    assert call.get("/complaints?after=nonsense").status == 422
    assert call.get("/complaints?staus=open").status == 422


def test_filters_are_those_of_the_page_and_a_telephone_is_in_no_address(
    caller: Call, office: Office
) -> None:
    call = caller("front-desk-1")
    one = office.receive(telephone="13800001001", name="住户", home=office.home())
    office.receive(category="lift")
    numbers = [each["number"] for each in call.get("/complaints?category=power").json["items"]]
    assert numbers == [one.number]
    assert call.get("/complaints?q=13800001001").status == 422
    found = call.post("/complaints/search", {"words": "13800001001"})
    assert [each["number"] for each in found.json["items"]] == [one.number]
    assert "1380000" not in found.content.decode()
    contact = call.get(f"/complaints/{one.number}/contact")
    assert contact.json["telephone"] == "13800001001"
    noted = Access.objects.get(action="api_contact_seen")
    assert noted.subject_id == one.pk and "1380000" not in str(noted.facts)
    entries = call.get(f"/complaints/{one.number}/entries").content.decode()
    assert "13800001001" not in entries


def test_what_may_not_be_seen_is_not_there(caller: Call, office: Office) -> None:
    confidential = office.receive(
        confidential=True, name="住户", telephone="13800001001", home=office.home()
    )
    office.dispatch(confidential)
    other = office.receive()
    worker = caller("engineering-1")
    assert worker.get(f"/complaints/{other.number}").status == 404
    seen = worker.get(f"/complaints/{confidential.number}")
    assert seen.status == 200 and seen.json["source"] is None
    entries = worker.get(f"/complaints/{confidential.number}/entries").json["items"]
    assert "home" not in entries[0]["facts"]
    assert worker.get(f"/complaints/{confidential.number}/contact").status == 403
    refused = worker.post(f"/complaints/{confidential.number}/steps/close", {"data": {}})
    assert refused.status in (403, 422)


def test_a_key_does_what_it_was_made_for_and_no_more(caller: Call, office: Office) -> None:
    reader = caller("front-desk-1", "complaints:read")
    refused = reader.post("/complaints", {"project": "JX", "data": WORDS})
    assert refused.status == 403 and refused.json["type"].endswith("missing-scope")
    assert reader.get("/me").json["scopes"] == ["complaints:read"]
    nobody = Caller(reader.root, "shouwen_000000000000_x", reader.client)
    assert nobody.get("/complaints").status == 401
    assert nobody.get("/complaints").headers["WWW-Authenticate"].startswith("Bearer")

    expired = caller("front-desk-1", expires_at=timezone.now() - timedelta(seconds=1))
    assert expired.get("/complaints").status == 401
    revoked = caller("front-desk-1")
    assert revoked.get("/me").status == 200
    keys.revoke(ApiKey.objects.get(prefix=revoked.key.split("_")[1]), by=None)
    assert revoked.get("/me").status == 401

    person = office.person("front-desk-1")
    person.is_active = False
    person.save()
    assert reader.get("/complaints").status == 401
    person.is_active = True
    person.save()
    # Who comes back gets a new one.
    assert reader.get("/complaints").status == 401
    assert not ApiKey.objects.filter(digest__contains=reader.key).exists()


def test_too_many_requests_are_told_when_to_come_again(caller: Call) -> None:
    call = caller("front-desk-1", per_minute=2)
    answers = [call.get("/me") for _each in range(5)]
    # The minute may turn once in between.
    refused = [each for each in answers if each.status == 429]
    assert refused and answers[0].headers["RateLimit-Limit"] == "2"
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
    assert refused[0].json["type"].endswith("too-many-requests")


def test_clocks_are_told_and_explained(caller: Call) -> None:
    call = caller("front-desk-1")
    number = received(call)
    clocks = call.get(f"/complaints/{number}/clocks").json["items"]
    assert {"R2.dispatch"} <= {each["rule"] for each in clocks}
    for each in clocks:
        explained = call.get(f"/complaints/{number}/clocks/{each['id']}")
        assert explained.status == 200 and explained.json["rule"] == each["rule"]
    assert ClockRow.objects.count() == len(clocks)
    assert call.get(f"/complaints/{number}/clocks/999999").status == 404
    mine = call.get("/duties").json["items"]
    assert number in {each["complaint"] for each in mine}


def test_a_file_comes_back_as_it_was_and_once_for_a_repeated_request(caller: Call) -> None:
    call = caller("front-desk-1")
    number = received(call)
    boundary = "x" * 20
    raw = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="n.txt"\r\n'
        f"Content-Type: text/plain\r\n\r\n维修记录\r\n--{boundary}--\r\n"
    ).encode()
    kind = f"multipart/form-data; boundary={boundary}"
    sent = [
        call(
            "POST",
            f"/complaints/{number}/attachments",
            raw=raw,
            Content_Type=kind,
            Idempotency_Key="file",
        )
        for _time in range(2)
    ]
    assert sent[0].status == 201, sent[0].content
    assert sent[0].json == sent[1].json
    listed = call.get(f"/complaints/{number}/attachments").json["items"]
    assert [each["id"] for each in listed] == [sent[0].json["id"]]
    fetched = call.get(listed[0]["href"].removeprefix("/api/v1"))
    assert fetched.content == "维修记录".encode()
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    stranger = caller("engineering-1")
    assert stranger.get(listed[0]["href"].removeprefix("/api/v1")).status == 404


def test_several_matters_of_one_call_are_linked(caller: Call) -> None:
    call = caller("front-desk-1")
    further = [{"content": "地库漏水。", "category": "power"}]
    answer = call.post("/complaints", {"project": "JX", "data": WORDS, "further": further})
    (second,) = answer.json["further"]
    assert call.get(f"/complaints/{answer.json['number']}").json["group"] == [second]


def test_projects_departments_homes_and_callers_are_found(caller: Call, office: Office) -> None:
    call = caller("front-desk-1")
    assert [each["code"] for each in call.get("/projects").json["items"]] == ["JX"]
    assert "jx-engineering" in {each["code"] for each in call.get("/departments").json["items"]}
    assert "lift" in {each["code"] for each in call.get("/categories").json["items"]}
    homes = call.post("/homes/search", {"project": "JX", "text": "3-1-802"}).json["items"]
    assert [each["id"] for each in homes] == [office.home()]
    customer = Customer.objects.exclude(telephone_last4_index="").first()
    assert customer is not None
    number = str.__str__(customer.telephone)
    found = call.post("/customers/search", {"telephone": number})
    assert customer.pk in {each["id"] for each in found.json["items"]}
    assert number not in found.content.decode()
    assert caller("developer-service").post(
        "/homes/search", {"project": "JX", "text": "3"}
    ).status in (403, 404)


def test_a_repair_is_recorded_answered_and_becomes_a_complaint(caller: Call) -> None:
    call = caller("front-desk-1")
    told = {
        "nature": "repair", "content": "厨房水龙头滴水。", "to": "department:jx-engineering",
        "telephone": "13800001001",
    }  # fmt: skip
    body = {"project": "JX", "data": told}
    made = call.post("/contacts", body, Idempotency_Key="r")
    assert made.status == 201, made.content
    number = made.json["number"]
    again = call.post("/contacts", body, Idempotency_Key="r")
    assert again.json == made.json and again.headers["Idempotent-Replayed"] == "true"
    whole = call.get(f"/contacts/{number}").json
    assert whole["to"] == "department:jx-engineering" and whole["telephone"] == "138****1001"
    assert {each["rule"] for each in whole["clocks"]} == {"H.first_reply", "H.settle"}
    assert all(each["article"] is None for each in whole["clocks"])
    assert whole["possible"] == ["answer", "hand-on", "settle", "become-complaint"]

    promised = (timezone.now() + timedelta(hours=3)).isoformat()
    answer = {"data": {"told": "三小时内上门。", "next_reply_at": promised}}
    path = f"/contacts/{number}/steps"
    assert call.post(f"{path}/answer", answer, If_Match='"1"').status == 412
    assert call.post(f"{path}/answer", answer).status == 200
    assert call.get(f"/contacts/{number}").json["status"]["code"] == "promised"
    became = call.post(f"{path}/become-complaint")
    assert became.status == 200, became.content
    complaint = Complaint.objects.get(number=became.json["complaint"])
    assert complaint.content == "厨房水龙头滴水。"
    received = call.get(f"/complaints/{complaint.number}/entries").json["items"][0]
    assert received["facts"]["from_contact"] == number
    kinds = [each["kind"] for each in call.get(f"/contacts/{number}/entries").json["items"]]
    assert kinds == ["contacted", "handed_on", "answered", "became_complaint"]
    assert "13800001001" not in str(call.get(f"/contacts/{number}/entries").json)


def test_contacts_are_listed_with_filters_page_by_page(caller: Call) -> None:
    call = caller("front-desk-1")
    for nature in ("repair", "repair", "praise"):
        said = {"nature": nature, "content": "…"}
        assert call.post("/contacts", {"project": "JX", "data": said}).status == 201
    first = call.get("/contacts?nature=repair&limit=1").json
    second = call.get(first["next_href"].removeprefix("/api/v1")).json
    assert len(first["items"]) == len(second["items"]) == 1 and second["next"] is None
    assert first["items"][0]["number"] != second["items"][0]["number"]
    assert call.get("/contacts?colour=red").status == 422
    assert caller("yh-front-desk-1").get("/contacts").json["items"] == []
    number = first["items"][0]["number"]
    assert caller("yh-front-desk-1").get(f"/contacts/{number}").status == 404
    assert caller("front-desk-1", "complaints:read").get("/contacts").status == 403
