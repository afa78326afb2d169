"""The three stories of the regulation, told from the first word to the closed file."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.desk.conftest import Office
from tests.journeys.conftest import Answer, Book, Desk

from shouwen.records import ledger

PASSWORD = "first-contact-802"
KEPT = {"met", "void"}


def all_is_kept(book: Book) -> None:
    """Every clock was kept or no longer counts, and the book is whole."""
    assert {rule: states for rule, states in book.clocks().items() if states - KEPT} == {}
    assert ledger.verify() == []


def the_page_says_closed(desk: Desk) -> None:
    """The file is closed, and the page says so to whoever opens it; nothing is owed any more."""
    desk.open("front-desk-1")
    expect(desk.now()).to_contain_text("已结案")
    clocks = desk.page.get_by_role("heading", name="时限")
    expect(clocks).to_contain_text("个按时")
    expect(clocks).not_to_contain_text("计时中")
    desk.page.goto("/desk/")
    expect(desk.row()).to_have_count(0)


def test_a_telephone_complaint_from_the_call_to_the_closed_file(desk: Desk, office: Office) -> None:
    steward = office.person("steward-1")
    steward.set_password(PASSWORD)
    steward.save()

    # [R1] Whoever takes the call is the first contact, and hands it to the front desk.
    desk.sign_in("steward-1", PASSWORD)
    book = Book(
        desk.record(
            "厨房下水管漏水，楼下邻居也来敲门了。希望今天有人来看。",
            ("设施维护", "给排水"),
            {"地点": "3栋1单元802 厨房", "客户诉求": "今天上门修好"},
            telephone="13800001002",
            effect="反馈客户中心前台",
        )
    )
    expect(desk.now()).to_contain_text("反馈前台")
    expect(desk.page.get_by_role("region", name="投诉人")).to_contain_text("3栋1单元802")
    desk.take_from_desk("steward-1", "反馈前台", {}, effect="第二条")

    # [R2] The front desk verifies, judges and sends it to a department, with a limit.
    desk.take_from_page(
        "front-desk-1", "核实评估", {"核实情况": "电话核实：角阀渗水，已请客户关闭"}
    )
    desk.take_from_desk(
        "front-desk-1",
        "派单",
        {"主办部门": "工程部", "处理要求": "先止水，再查楼下有没有受损"},
        effect="第四条",
    )

    # [R4][R5] The department takes it up, does it, and tells the centre.
    desk.take_from_desk("engineering-duty", "接单", {})
    desk.take_from_desk(
        "engineering-duty", "完成反馈", {"处理结果": "更换角阀，试水半小时不漏"}, effect="第五条"
    )

    # [R5][R8] Somebody else verifies, the first contact hears of it, the customer is visited.
    desk.take_from_page("front-desk-2", "跟进验证", {"怎样验证、看到什么": "到场看过，台面已干"})
    desk.take_from_desk(
        "front-desk-2", "反馈首问责任人", {"告诉首问责任人什么": "角阀已更换，可以告诉业主"}
    )
    desk.take_from_desk("front-desk-1", "回访", {"客户说": "已解决", "满意度": "很满意"})
    desk.take_from_desk("front-desk-1", "结案", {"结案说明": "漏水已修好，客户满意"})

    the_page_says_closed(desk)
    all_is_kept(book)
    assert book.complaint.status == "closed"
    assert book.complaint.first_contact == steward
    assert book.kinds() == [
        "received", "relayed", "assessed", "dispatched", "accepted", "assigned", "completed",
        "verified", "first_contact_informed", "visited", "closed",
    ]  # fmt: skip
    assert {
        rule for rule, states in book.clocks().items() if states == {"met"}
    } >= {"R1.relay", "R2.dispatch", "R2.handle", "R4.respond", "R5.feedback", "R5.visit",
          "R8.inform", "H.contact", "H.close", "H.total"}  # fmt: skip


def test_an_emergency_at_night_reaches_the_board(desk: Desk) -> None:
    desk.page.emulate_media(color_scheme="dark")
    desk.click_in("front-desk-2")
    book = Book(
        desk.record(
            "地下车库水已经没过脚踝，还在涨。",
            ("设施维护", "给排水"),
            {"紧急程度": "紧急抢险", "地点": "地下车库 B2"},
            effect="知会相关部门",
        )
    )
    # [R6] Three minutes: the departments concerned and the site manager know.
    expect(desk.now()).to_contain_text("第六条")
    desk.take_at_once(
        "front-desk-2",
        "知会",
        {"知会部门": ("工程部", "秩序部"), "已知会管理处负责人": True, "方式": "对讲机"},
        effect="到达现场",
    )
    assert book.clocks()["R6.alert"] == {"met"}
    desk.take_from_page("front-desk-2", "派单", {"主办部门": "工程部"})

    # [R6][R7] On a telephone in the dark: the site manager and the company leader pass it up.
    desk.page.set_viewport_size({"width": 390, "height": 844})
    up: dict[str, Answer] = {
        "接报的领导（岗位）": "公司主管领导",
        "不能解决的原因": "抽水设备不够，需要调车",
    }
    desk.take_at_once("site-manager", "上报公司主管领导", up, effect="第七条")
    up = {"接报的领导（岗位）": "董事领导", "不能解决的原因": "需要外单位支援"}
    desk.take_at_once("company-leader", "电话上报董事领导", up)
    desk.take_from_page("board-leader", "我来处置", {"现场处置安排": "调两台抽水车，四十分钟内到"})
    assert book.clocks()["R6.escalate"] == book.clocks()["R7.escalate"] == {"met"}

    # Who is on site says so, and that the danger is over.
    desk.take_from_desk("engineering-duty", "接单", {})
    desk.take_from_page("engineering-duty", "到场", {"现场情况": "B2 积水约十五厘米"})
    desk.take_from_page("engineering-duty", "险情解除", {"怎样解除险情": "堵住涌水点，水位已降"})
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.take_from_desk("engineering-duty", "完成反馈", {"处理结果": "积水抽净，管道已更换"})

    # [R6][R7] Both written reports, by who passed it up.
    report = {"事情经过": "车库给水管爆裂", "采取的措施": "抽水、换管、清洁"}
    desk.file_report("site-manager", report, article="第六条")
    desk.file_report("company-leader", report, article="第七条")

    # [R7] The board was involved: developer and company verify together, and the customer is visited.
    together: dict[str, Answer] = {
        "怎样验证、看到什么": "两方同到现场，管道不漏",
        "开发商方验证人（岗位）": "开发商客服部",
        "物业方验证人（岗位）": "管理处负责人",
    }
    desk.open("front-desk-1")
    expect(desk.steps()).to_contain_text("会同验证")
    expect(desk.steps()).not_to_contain_text("跟进验证")
    desk.take_from_desk("developer-service", "会同验证", together)
    desk.take_from_desk("developer-service", "回访", {"客户说": "已解决"})
    desk.take_from_desk("front-desk-1", "结案", {})

    the_page_says_closed(desk)
    all_is_kept(book)
    assert book.clocks()["R6.report"] == book.clocks()["R7.report"] == {"met"}
    assert book.clocks()["R7.verify"] == book.clocks()["R7.visit"] == {"met"}


def test_an_unjustified_complaint_is_explained_mediated_and_closed(desk: Desk) -> None:
    desk.click_in("front-desk-1")
    book = Book(
        desk.record(
            "访客车停了三个小时要收费，以前都不收。",
            ("收费",),
            {"渠道": "现场"},
            effect="核实、派单",
        )
    )

    # [R3] Nobody calls a complaint unjustified alone: until a second person agrees, nothing is
    # explained, and it does not count as such.
    desk.take_from_page(
        "front-desk-1",
        "核实评估",
        {"核实情况": "收费标准已公示并经业主大会通过", "责任判断": "无责"},
        effect="复核",
    )
    desk.open("front-desk-1")
    expect(desk.page.get_by_text("无责（待复核）")).to_be_visible()
    expect(desk.steps()).to_contain_text("核实评估")
    expect(desk.steps()).not_to_contain_text("复核")
    expect(desk.steps()).not_to_contain_text("解释答复")
    assert not book.complaint.justified_confirmed
    desk.take_from_desk("centre-head", "复核", {"复核意见": "同意"})

    # [R3] Patiently explained; not persuaded, the head of the department named speaks with them.
    desk.take_from_page(
        "front-desk-1",
        "解释答复",
        {"解释内容": "出示公示与决议，说明减免办法", "客户态度": "未接受", "协调部门": "秩序部"},
        effect="出面协调",
    )
    desk.open("front-desk-1")
    expect(desk.steps()).to_contain_text("派单")
    expect(desk.steps()).not_to_contain_text("结案")
    desk.take_from_desk(
        "order-head", "出面协调", {"协调结果": "客户谅解", "协调经过": "当面说明，客户表示理解"}
    )
    desk.take_from_desk("front-desk-1", "结案", {})

    the_page_says_closed(desk)
    all_is_kept(book)
    assert book.complaint.justified is False
    assert book.complaint.justified_confirmed
    assert book.kinds() == [
        "received", "relayed", "assessed", "confirmation_asked", "confirmed", "explained",
        "mediated", "closed",
    ]  # fmt: skip
    assert book.clocks()["H.mediate"] == book.clocks()["H.close"] == {"met"}
