"""A suggestion stands under the words while they are written, and where a complaint is assessed."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from tests.desk.conftest import Office

from shouwen.complaints.models import Category

AtDesk = Callable[[str], Client]


def asked(client: Client, **said: str) -> str:
    return client.post("/intake/suggestion/", said).content.decode()


def test_what_the_words_say_stands_under_them_with_the_reason(
    office: Office, at_desk: AtDesk
) -> None:
    client = at_desk("front-desk-1")
    found = asked(client, of="", content="我妈困在电梯里了", place="3栋")
    assert "设施维护 › 电梯" in found
    assert "紧急抢险" in found
    assert "因为写了“困在电梯”" in found
    assert 'data-category="lift" data-severity="emergency"' in found
    assert "不要扒门" in found
    assert asked(client, content="您好，我想问一下").strip() == ""


def test_a_sentence_is_tried_out_without_anything_to_accept(
    office: Office, at_desk: AtDesk
) -> None:
    client = at_desk("centre-head")
    tried = asked(client, trial="1", content="垃圾没人倒")
    assert "垃圾清运" in tried
    assert "data-accept" not in tried
    assert "没有认识的词" in asked(client, trial="1", content="您好")


def test_each_matter_of_a_call_is_asked_for_by_itself(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("front-desk-1")
    said = {"content": "楼道灯不亮", "m2-content": "道闸不抬杆", "of": "m2"}
    assert "道闸" in asked(client, **said)
    assert "供电照明" in asked(client, **said | {"of": "../x"})


def test_the_step_that_assesses_shows_it_where_it_would_change_something(
    office: Office, at_desk: AtDesk
) -> None:
    client = at_desk("front-desk-1")
    grave = office.receive(content="配电箱冒火花", category="power")
    form = client.get(f"/complaints/{grave.number}/steps/assess/").content.decode()
    assert "data-accept" in form
    assert "冒火花" in form
    same = office.receive(content="楼道灯不亮", category="power")
    assert (
        "data-accept" not in client.get(f"/complaints/{same.number}/steps/assess/").content.decode()
    )
    assert (
        "data-accept" not in client.get(f"/complaints/{grave.number}/steps/note/").content.decode()
    )


def test_the_centre_head_adds_words_and_switches_rules_off(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("centre-head")
    row = {"name": "电梯", "is_active": "on", "rules": ["lift", "lift-falling", "lift-unsafe"]}
    answer = client.post("/categories/lift/", row | {"words": "观光梯：重大\n"})
    assert answer.status_code == 302
    category = Category.objects.get(code="lift")
    assert category.words == [{"word": "观光梯", "severity": "major"}]
    assert category.rules_off == ["lift-trapped"]
    assert "重大" in asked(client, content="观光梯不动")
    page = client.get("/categories/").content.decode()
    assert "观光梯：重大" in page
    assert 'value="lift-trapped">' in page
    assert 'value="lift" checked>' in page


def test_a_wrong_word_is_named_and_nothing_changes(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("centre-head")
    row = {"name": "电梯", "is_active": "on", "rules": ["lift"], "words": "梯"}
    answer = client.post("/categories/lift/", row)
    assert answer.status_code == 422
    assert "第 1 行：“梯”须有 2 至 30 个字" in answer.content.decode()
    client.post("/categories/noise/", {"name": "噪声", "is_active": "on", "words": "风铃"})
    answer = client.post("/categories/lift/", row | {"words": "风铃"})
    assert "“风铃”已经是“噪声”的词" in answer.content.decode()
    assert Category.objects.get(code="lift").words == []


def test_what_is_not_asked_on_a_form_stays(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("centre-head")
    client.post("/categories/noise/", {"name": "噪声", "is_active": "on", "words": "风铃"})
    client.post("/categories/noise/", {"name": "噪声", "is_active": "on", "hours-routine": "6"})
    category = Category.objects.get(code="noise")
    assert (category.hours, category.words[0]["word"]) == ({"routine": 6}, "风铃")
