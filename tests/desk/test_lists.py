"""Lists: what is asked for stands in the address; views and columns are kept; steps in bulk."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from tests.desk.conftest import Office

from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.steps import STEPS
from shouwen.desk import columns, lists, marking
from shouwen.desk.models import ListColumns, SavedView
from shouwen.organization.permissions import may, visible_to
from shouwen.records import ledger

AtDesk = Callable[[str], Client]
TELEPHONE = "13800001002"


def shown(client: Client, address: str) -> list[str]:
    """The numbers of the rows that a page of the list shows, in their order."""
    page = client.get(address).content.decode()
    return re.findall(r'href="/complaints/([A-Z]+-[0-9-]+)/" data-opens', page)


def kinds(complaint: Complaint) -> list[str]:
    return [entry.kind for entry in ledger.entries(SUBJECT, complaint.pk)]


def token(complaint: Complaint) -> str:
    fresh = Complaint.objects.get(pk=complaint.pk)
    return f"{fresh.number}@{fresh.version}"


# -- filters, order, pages


def test_values_of_one_filter_widen_and_each_is_taken_away_by_its_chip(
    office: Office, at_desk: AtDesk
) -> None:
    routine, complex_, major = (
        office.receive(severity=severity).number for severity in ("routine", "complex", "major")
    )
    client = at_desk("front-desk-1")
    address = "/complaints/?severity=complex&severity=major"
    assert set(shown(client, address)) == {complex_, major}
    page = client.get(address).content.decode()
    chips = re.findall(r'class="chip" href="([^"]+)"', page)
    assert chips == ["/complaints/?severity=major", "/complaints/?severity=complex"]
    assert shown(client, chips[0]) == [major]
    cleared = re.search(r'href="(/complaints/\?was=[^"]+)"', page)
    assert cleared is not None
    after = client.get(cleared[1].replace("&amp;", "&")).content.decode()
    assert routine in after
    assert 'href="/complaints/?severity=complex&amp;severity=major">撤销' in after


def test_a_list_goes_forwards_and_back_with_its_filters(
    office: Office, at_desk: AtDesk, monkeypatch: Any
) -> None:
    monkeypatch.setattr("shouwen.desk.views.listing.PAGE", 2)
    numbers = [office.receive().number for _ in range(5)][::-1]
    client, address = at_desk("front-desk-1"), "/complaints/?is=open"

    def onward(address: str, way: str) -> str:
        page = client.get(address).content.decode()
        found = re.search(rf'href="([^"]+)"[^>]* rel="{way}"', page)
        return found[1].replace("&amp;", "&") if found else ""

    pages = [address]
    while following := onward(pages[-1], "next"):
        pages.append(following)
    assert [shown(client, each) for each in pages] == [numbers[:2], numbers[2:4], numbers[4:]]
    assert all("is=open" in each for each in pages)
    back = onward(pages[2], "prev")
    assert shown(client, back) == numbers[2:4]
    assert shown(client, onward(back, "prev")) == numbers[:2]
    assert shown(client, "/complaints/?is=open&sort=oldest") == numbers[::-1][:2]


def test_the_number_of_rows_is_told_apart(
    office: Office, at_desk: AtDesk, monkeypatch: Any
) -> None:
    monkeypatch.setattr("shouwen.desk.views.listing.PAGE", 2)
    for _ in range(3):
        office.receive()
    client = at_desk("front-desk-1")
    assert "/lists/complaints/count/?is=open" in client.get("/complaints/?is=open").content.decode()
    assert client.get("/lists/complaints/count/?is=open").content.decode() == "共 3 件"
    monkeypatch.setattr("shouwen.desk.views.listing.MOST_COUNTED", 2)
    assert client.get("/lists/complaints/count/").content.decode() == "超过 2 件"


def test_each_empty_list_has_a_way_on(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("front-desk-1")
    assert "还没有投诉" in client.get("/complaints/").content.decode()
    complaint = office.receive()
    page = client.get("/complaints/?severity=major").content.decode()
    assert "没有符合这些条件的投诉" in page
    mark = f"{(complaint.received_at - timedelta(days=1)).isoformat()}_1"
    beyond = client.get("/complaints/", {"after": mark}).content.decode()
    assert "后面没有了" in beyond
    assert 'href="/complaints/"' in beyond


# -- search


def test_no_telephone_number_ever_stands_in_an_address(office: Office, at_desk: AtDesk) -> None:
    complaint = office.receive(telephone=TELEPHONE)
    office.receive()
    client = at_desk("front-desk-1")
    for response in (
        client.post("/complaints/search/", {"q": "138 0000 1002"}),
        client.get("/complaints/", {"q": TELEPHONE}),
    ):
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/complaints/?s=")
        assert "1002" not in response.headers["Location"]
    address = response.headers["Location"]
    assert shown(client, address) == [complaint.number]
    page = client.get(address).content.decode()
    assert "138****1002" in page
    assert TELEPHONE not in page


def test_the_search_of_the_header_leads_to_a_number_or_to_the_words(
    office: Office, at_desk: AtDesk
) -> None:
    complaint = office.receive(content="楼道灯不亮")
    client = at_desk("front-desk-1")
    found = client.post("/complaints/search/", {"q": f" {complaint.number.lower()} "})
    assert found.headers["Location"] == f"/complaints/{complaint.number}/"
    searched = client.post("/complaints/search/", {"q": "楼道"})
    assert shown(client, searched.headers["Location"]) == [complaint.number]
    assert "<mark>楼道</mark>" in client.get(searched.headers["Location"]).content.decode()
    assert client.post("/complaints/search/", {"q": ""}).headers["Location"] == "/complaints/"


def test_where_the_words_stand_elsewhere_a_piece_of_them_is_shown(
    office: Office, at_desk: AtDesk
) -> None:
    first = office.receive(subject="照明", content="三单元的楼道灯坏了，老人上下楼看不清台阶")
    second = office.receive(subject="道闸", content="东门道闸不抬杆")
    office.take("front-desk-1", "note", second, text="厂家说台阶下的线管进水")
    page = at_desk("front-desk-1").get("/complaints/?q=台阶").content.decode()
    pieces = re.findall(r'class="beside excerpt">(.*?)</span>', page)
    assert len(pieces) == 2
    assert all("<mark>台阶</mark>" in piece for piece in pieces)
    assert first.number in page


def test_what_is_marked_is_escaped_and_found_whatever_its_width_case_and_script() -> None:
    assert marking.marked("<b>ＡＢ灯</b>", ["ab"]) == "&lt;b&gt;<mark>ＡＢ</mark>灯&lt;/b&gt;"
    assert marking.marked("電梯門", ["电梯", "梯门"]) == "<mark>電梯門</mark>"
    assert marking.excerpt("没有这个词", ["电梯"]) is None
    piece = marking.excerpt("前" * 50 + "电梯" + "后" * 50, ["电梯"])
    assert piece is not None
    assert piece.startswith("…")
    assert piece.endswith("…")
    assert len(piece) < 80


# -- columns


def test_the_columns_one_chose_stay_in_their_order_until_reset(
    office: Office, at_desk: AtDesk
) -> None:
    complaint = office.dispatch(office.receive(home=office.home()))
    client = at_desk("front-desk-1")

    def heads() -> list[str]:
        page = client.get("/complaints/").content.decode()
        return re.findall(r'<th scope="col" class="[^"]*">([^<]+)</th>', page)

    own = heads()
    chosen = ["age", "subject", "departments", "no-such-column"]
    response = client.post("/lists/complaints/columns/", {"column": chosen, "query": "is=open"})
    assert response.headers["Location"] == "/complaints/?is=open"
    assert heads() == ["历时", "投诉主题", "相关部门"]
    page = client.get("/complaints/").content.decode()
    assert "工程部" in page
    assert complaint.number in page
    client.post("/lists/complaints/columns/", {"column": chosen[:3], "down": "age"})
    assert heads() == ["投诉主题", "历时", "相关部门"]
    client.post("/lists/complaints/columns/", {"column": chosen[:3], "reset": "1"})
    assert heads() == own
    assert not ListColumns.objects.exists()


def test_the_page_shows_of_every_column_just_its_words(office: Office, at_desk: AtDesk) -> None:
    complaint = office.dispatch(office.receive(home=office.home(), place="大堂"))
    office.take("front-desk-1", "urge", complaint)
    client = at_desk("front-desk-1")
    names = list(columns.COLUMNS)
    client.post("/lists/complaints/columns/", {"column": names})
    page = client.get("/complaints/").content.decode()
    row = page[page.index("<tr data-row") :].partition("</tr>")[0]
    on_page = [
        " · ".join(re.findall(r">\s*([^<>\s][^<>]*?)\s*<", f"<i>{cell}</i>"))
        for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)[1:]
    ]
    person = office.person("front-desk-1")
    found = Complaint.objects.select_related("home", "project", "category__parent").get()
    prepared = columns.prepare([found], names, person)
    with timezone.override("Asia/Shanghai"):
        assert on_page == [columns.COLUMNS[name].text(found, prepared) for name in names]
    assert columns.COLUMNS["next_due"].value(found, prepared) == found.next_due_at
    assert columns.COLUMNS["urged"].value(found, prepared) == 1


def test_an_overdue_row_says_so_in_words(office: Office, at_desk: AtDesk) -> None:
    office.receive(occurred_at=timezone.now() - timedelta(days=3))
    page = at_desk("front-desk-1").get("/complaints/?is=late").content.decode()
    assert "已超时：" in page
    assert 'class="late"' in page


# -- saved views


def test_a_view_is_saved_shared_renamed_deleted_and_brought_back(
    office: Office, at_desk: AtDesk
) -> None:
    client, colleague = at_desk("front-desk-1"), at_desk("front-desk-2")
    saved = {"name": "夜班要看的", "query": "is=open&severity=major&page=1", "project": ""}
    response = client.post("/lists/complaints/views/", saved)
    assert response.headers["Location"] == "/complaints/?is=open&severity=major"
    view = SavedView.objects.get()
    assert view.query == "is=open&severity=major"
    assert "夜班要看的" in client.get("/complaints/").content.decode()
    assert "夜班要看的" not in colleague.get("/complaints/").content.decode()
    assert (
        "已有同名" in client.post("/lists/complaints/views/", saved, follow=True).content.decode()
    )
    assert SavedView.objects.count() == 1

    one = f"/lists/complaints/views/{view.pk}/"
    client.post(one, {"name": "夜班", "project": "JX"})
    assert "夜班" in colleague.get("/complaints/").content.decode()
    assert colleague.post(one, {"name": "改名", "project": "JX"}).status_code == 403
    assert colleague.post(one + "delete/").status_code == 403
    assert "夜班" not in at_desk("yh-front-desk-1").get("/complaints/").content.decode()

    told = client.post(one + "delete/", {"query": "is=open"}, follow=True).content.decode()
    assert "已删除：夜班" in told
    assert "/views/undo/" in told
    assert not SavedView.objects.exists()
    client.post("/lists/complaints/views/undo/")
    back = SavedView.objects.get()
    assert (back.name, back.project, back.query) == ("夜班", office.project, view.query)


def test_who_may_change_and_share_a_view(office: Office) -> None:
    author, head = office.person("front-desk-1"), office.person("centre-head")
    own = SavedView.objects.create(staff=author, list="complaints", name="我的", query="is=open")
    shared = SavedView.objects.create(
        staff=author, list="complaints", name="大家的", query="is=late", project=office.project
    )
    assert may(author, "change_view", own)
    assert may(head, "change_view", shared)
    assert not may(head, "change_view", own)
    assert set(visible_to(head, SavedView)) == {shared}
    assert may(author, "share_view", office.project)
    assert not may(office.person("yh-front-desk-1"), "share_view", office.project)


def test_a_view_is_not_shared_with_a_project_of_others_nor_kept_with_a_telephone(
    office: Office, at_desk: AtDesk
) -> None:
    client = at_desk("yh-front-desk-1")
    told = client.post(
        "/lists/complaints/views/",
        {"name": "偷看", "query": "is=open", "project": "JX"},
        follow=True,
    )
    assert "只能共享给您工作的项目" in told.content.decode()
    assert not SavedView.objects.exists()
    address = client.post("/complaints/search/", {"q": TELEPHONE}).headers["Location"]
    client.post("/lists/complaints/views/", {"name": "电话", "query": address.partition("?")[2]})
    assert SavedView.objects.get().query == ""


def test_every_ready_made_view_means_something(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("front-desk-1")
    complaint = office.receive(occurred_at=timezone.now() - timedelta(days=3))
    office.take("front-desk-1", "urge", complaint)
    for each in lists.LISTS.values():
        for built in each.views:
            asked = each.asked(lists.query_of(built.query))
            assert each.query(asked) == built.query
            page = client.get(each.address(asked)).content.decode()
            assert f'aria-current="page">{built.title}<' in page
    assert shown(client, "/complaints/?is=late") == [complaint.number]
    assert shown(client, "/complaints/?is=urged") == [complaint.number]
    assert shown(client, "/complaints/?is=dissatisfied") == []


# -- one step for several


def test_a_step_in_bulk_gives_each_complaint_its_own_entry_once(
    office: Office, at_desk: AtDesk
) -> None:
    complaints = [office.receive() for _ in range(3)]
    client = at_desk("front-desk-1")
    tokens = [token(each) for each in complaints]
    form = client.get("/lists/complaints/bulk/dispatch/", {"at": tokens}).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', form)
    assert key is not None
    said = {"at": tokens, "key": key[1], "department": "jx-engineering"}
    for _retry in range(2):
        page = client.post("/lists/complaints/bulk/dispatch/", said).content.decode()
        assert "派单：办了 3 件，共选 3 件" in page
    assert [kinds(each).count("dispatched") for each in complaints] == [1, 1, 1]


def test_what_is_refused_is_told_with_its_reason_and_the_rest_is_done(
    office: Office, at_desk: AtDesk
) -> None:
    done, changed = office.receive(), office.receive()
    before = token(changed)
    office.take("front-desk-2", "assess", changed, facts="看过了")
    ended = office.receive()
    office.take("front-desk-1", "withdraw", ended, reason="客户说不用了")
    foreign = Complaint(number="XX-20260101-001")
    client = at_desk("front-desk-1")
    tokens = [token(done), before, token(ended), foreign.number]
    page = client.post(
        "/lists/complaints/bulk/dispatch/", {"at": tokens, "department": "jx-engineering"}
    ).content.decode()
    assert "办了 1 件，共选 4 件" in page
    assert "dispatched" in kinds(done)
    for reason in ("已有新的记录", "不能“派单”", "没有这件投诉，或您无权查看"):
        assert reason in page
    assert "dispatched" not in kinds(changed)


def test_what_was_typed_wrong_is_mended_in_the_form_and_nothing_is_written(
    office: Office, at_desk: AtDesk
) -> None:
    complaints = [office.receive() for _ in range(2)]
    client = at_desk("front-desk-1")
    said = {"at": [token(each) for each in complaints], "department": "jx-engineering"}
    past = {"due_at": "2020-01-01T08:00", "instructions": "请先断电"}
    for wrong in ({"department": ""}, past):
        response = client.post("/lists/complaints/bulk/dispatch/", said | wrong)
        assert response.status_code == 422
    page = response.content.decode()
    assert "限期应晚于派单时间" in page
    assert "请先断电" in page
    assert all("dispatched" not in kinds(each) for each in complaints)


def test_what_is_left_empty_stays_with_each_as_it_is(office: Office, at_desk: AtDesk) -> None:
    one = office.receive(severity="major", category="water", needs_developer=True)
    other = office.receive(category="lift")
    client = at_desk("front-desk-1")
    form = client.get("/lists/complaints/bulk/assess/", {"at": [token(one), token(other)]})
    assert "checked" not in form.content.decode().partition("责任判断")[0]
    said = {"at": [token(one), token(other)], "facts": "同一次停水", "justified": "yes"}
    client.post("/lists/complaints/bulk/assess/", said)
    for each, severity, category, developer in (
        (one, "major", "water", True),
        (other, "routine", "lift", False),
    ):
        fresh = Complaint.objects.select_related("category").get(pk=each.pk)
        assert fresh.severity == severity
        assert fresh.category is not None
        assert fresh.category.code == category
        assert fresh.needs_developer is developer
        assert "assessed" in kinds(each)


def test_only_steps_open_to_the_person_on_one_of_them_are_offered(
    office: Office, at_desk: AtDesk
) -> None:
    dispatched, fresh = office.dispatch(office.receive()), office.receive()
    ticked = {"at": [token(dispatched), token(fresh)]}

    def offered(username: str) -> set[str]:
        page = at_desk(username).get("/lists/complaints/bulk/", ticked).content.decode()
        return set(re.findall(r"/lists/complaints/bulk/(\w+)/\?", page))

    desk = {"assess", "claim", "dispatch", "inform_customer", "join_incident", "note"}
    assert offered("front-desk-1") == desk
    assert offered("engineering-1") == {"accept", "inform_customer", "note"}
    assert offered("yh-front-desk-1") == set()
    in_the_list = at_desk("front-desk-1").get(
        "/lists/complaints/bulk/", ticked, HTTP_HX_REQUEST="true"
    )
    assert "<html" not in in_the_list.content.decode()
    assert 'hx-target="#bulk-slot"' in in_the_list.content.decode()
    client = at_desk("engineering-1")
    assert client.get("/lists/complaints/bulk/accept/", ticked).status_code == 200
    client.post("/lists/complaints/bulk/accept/", ticked | {"department": "jx-engineering"})
    assert "accepted" in kinds(dispatched)
    assert client.get("/lists/complaints/bulk/withdraw/", ticked).status_code == 404
    assert not any(step.bulk for step in STEPS.values() if step.name in ("withdraw", "merge"))


def test_no_more_than_fifty_go_in_one_request(office: Office, at_desk: AtDesk) -> None:
    tokens = [f"JX-20260101-{n:03}@1" for n in range(60)]
    page = at_desk("front-desk-1").get("/lists/complaints/bulk/", {"at": tokens}).content.decode()
    assert "已选 50 件" in page
