"""The pages by which the organization is kept, and the workbook that fills a project."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.desk.conftest import Office

from shouwen.complaints.models import Category
from shouwen.organization import bringing_in, changing, homes, structure
from shouwen.organization.models import (
    Area,
    Contractor,
    Customer,
    Department,
    Home,
    Post,
    Project,
    Staff,
    Upload,
)
from shouwen.organization.sheets import UnreadableWorkbook
from shouwen.records.models import Access

AtDesk = Callable[[str], Client]

STAFF = ("用户名", "称呼", "电话", "邮箱", "岗位", "项目代号", "部门代号", "任职自")
HOMES = ("项目代号", "楼栋", "单元", "房号")
CUSTOMERS = ("项目代号", "房屋", "称呼", "电话", "身份", "登记日期")


DUTY = ("项目代号", "岗位", "部门代号", "用户名", "日期", "上班", "下班")


def workbook(**sheets: Sequence[Sequence[str]]) -> bytes:
    """A workbook as somebody fills it in."""
    kept = io.BytesIO()
    heads = {"员工": STAFF, "房屋": HOMES, "客户": CUSTOMERS, "值班": DUTY}
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate([heads[name], *rows]):
                sheet.write_row(at, 0, row)
    return kept.getvalue()


FULL = workbook(
    员工=[
        ("xc-head", "新城中心负责人", "13900000091", "", "客户中心负责人", "XC", "", "2026-01-01"),
        ("xc-desk", "新城前台一号岗", "", "", "front_desk", "XC", "", ""),
        ("xc-fix", "新城维修一号岗", "", "", "部门员工", "", "xc-engineering", ""),
        ("xc-desk", "新城前台一号岗", "", "", "楼栋管家", "XC", "", ""),
        ("xc-bad", "缺部门的岗位", "", "", "部门负责人", "XC", "", ""),
    ],
    房屋=[("XC", "1", "", "101"), ("XC", "1栋", "2单元", "801"), ("XX", "1", "", "101")],
    客户=[
        ("XC", "1-101", "业主甲", "13900000092", "业主", "2026-01-01"),
        ("XC", "1栋801", "租户乙", "13900000093", "租户", ""),
        ("XC", "9-101", "业主丙", "13900000094", "", ""),
    ],
)


def post(client: Client, address: str, **data: object) -> object:
    return client.post(address, data, follow=True)


def upload(client: Client, content: bytes) -> Upload:
    response = client.post(
        "/settings/bring-in/", {"file": SimpleUploadedFile("新城.xlsx", content)}
    )
    assert response.status_code == 302, re.findall(r"field-error[^<]+<?", response.text)
    return Upload.objects.latest("uploaded_at")


def new_project(client: Client) -> Project:
    project = {
        "name": "新城雅苑",
        "code": "XC",
        "developer_stand_in": "quality",
        "timezone": "Asia/Shanghai",
        "is_active": "on",
    }
    response = client.post("/settings/organization/project/", project)
    assert response.status_code == 302
    client.post("/settings/projects/XC/departments/", {"name": "工程部", "code": "xc-engineering"})
    return Project.objects.get(code="XC")


def test_a_second_project_from_the_pages_and_one_workbook(
    office: Office, at_desk: AtDesk, settings: object, tmp_path: Path
) -> None:
    settings.SHOUWEN_HOME = tmp_path  # type: ignore[attr-defined]
    client = at_desk("administrator")
    project = new_project(client)
    kept = upload(client, FULL)
    assert kept.state == Upload.State.CHECKED
    assert kept.path.stat().st_mode & 0o077 == 0
    assert kept.counts == {
        "staff": {"new": 2 + 1, "changed": 1, "same": 0, "wrong": 1},
        "homes": {"new": 2, "changed": 0, "same": 0, "wrong": 1},
        "customers": {"new": 2, "changed": 0, "same": 0, "wrong": 1},
    }
    assert not Staff.objects.filter(username="xc-desk").exists()
    page = client.get(f"/settings/bring-in/{kept.pk}/").text
    assert "员工第 6 行" in page
    assert "业主丙" not in page
    wrong = openpyxl.load_workbook(
        io.BytesIO(b"".join(client.get(f"/settings/bring-in/{kept.pk}/wrong/")))
    )
    assert [sheet.max_row for sheet in wrong.worksheets] == [2, 2, 2]
    assert "部门代号" in str(wrong["员工"].cell(2, len(STAFF) + 1).value)

    client.post(f"/settings/bring-in/{kept.pk}/begin/")
    kept.refresh_from_db()
    assert kept.state == Upload.State.DONE
    assert not kept.path.exists()
    desk = Staff.objects.get(username="xc-desk")
    assert {each.position for each in desk.posts.all()} == {"front_desk", "steward"}
    assert desk in changing.newcomers()
    assert Staff.objects.get(username="xc-fix").posts.get().project == project
    assert {home.label for home in project.homes.all()} == {"1栋101", "1栋2单元801"}
    tenant = Customer.objects.get(project=project, relation="tenant")
    assert tenant.home is not None
    assert (tenant.home.label, tenant.telephone) == ("1栋2单元801", "13900000093")
    assert tenant.telephone_index
    assert Access.objects.filter(action="organization_imported").count() == 1
    assert not Staff.objects.filter(username="xc-bad").exists()

    # The same once more changes nothing; another name does.
    again = upload(client, FULL)
    assert {word: counts["new"] + counts["changed"] for word, counts in again.counts.items()} == {
        "staff": 0,
        "homes": 0,
        "customers": 0,
    }
    renamed = workbook(客户=[("XC", "1-101", "业主丁", "13900000092", "业主", "")])
    mended = upload(client, renamed)
    assert mended.counts["customers"]["changed"] == 1
    client.post(f"/settings/bring-in/{mended.pk}/begin/")
    assert Customer.objects.get(project=project, relation="owner").name == "业主丁"


def test_human_resources_bring_in_staff_alone_and_no_administrators(
    office: Office, at_desk: AtDesk, settings: object, tmp_path: Path
) -> None:
    settings.SHOUWEN_HOME = tmp_path  # type: ignore[attr-defined]
    client = at_desk("human-resources")
    file = SimpleUploadedFile("a.xlsx", workbook(房屋=[("JX", "9", "", "101")]))
    refused = client.post("/settings/bring-in/", {"file": file})
    assert refused.status_code == 422
    kept = upload(
        client,
        workbook(
            员工=[
                ("boss", "另一位管理员", "", "", "系统管理员", "", "", ""),
                ("jx-gate", "西门岗", "", "", "部门员工", "JX", "jx-order", ""),
            ]
        ),
    )
    assert kept.counts["staff"] == {"new": 1, "changed": 0, "same": 0, "wrong": 1}
    # Somebody else's file is not theirs.
    assert at_desk("administrator").get(f"/settings/bring-in/{kept.pk}/").status_code == 404
    broken = client.post("/settings/bring-in/", {"file": SimpleUploadedFile("b.xlsx", b"PK12")})
    assert broken.status_code == 422


def test_more_rows_than_are_waited_for_go_by_a_job(
    office: Office,
    at_desk: AtDesk,
    settings: object,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.SHOUWEN_HOME = tmp_path  # type: ignore[attr-defined]
    monkeypatch.setattr(bringing_in, "AT_ONCE", 1)
    client = at_desk("administrator")
    kept = upload(client, workbook(房屋=[("JX", "20", "", "101"), ("JX", "20", "", "102")]))
    assert kept.state == Upload.State.WAITING
    assert "hx-trigger" in client.get(f"/settings/bring-in/{kept.pk}/").text
    bringing_in.go_on(str(kept.pk))
    client.post(f"/settings/bring-in/{kept.pk}/begin/")
    client.post(f"/settings/bring-in/{kept.pk}/begin/")
    bringing_in.go_on(str(kept.pk))
    bringing_in.go_on(str(kept.pk))
    assert Home.objects.filter(project=office.project, building="20").count() == 2
    Upload.objects.update(uploaded_at=timezone.now() - 2 * bringing_in.KEPT)
    bringing_in.sweep()
    assert not list(bringing_in.folder().iterdir())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("homes.csv", b"project,building,unit,room\nJX,9,1,101\nJX,9,1,102\n"),
        ("房屋.csv", "项目代号;楼栋;单元;房号\nJX;9;1;101\nJX;9;1;102\n".encode("gb18030")),
        (
            "homes.tsv",
            "project\tbuilding\troom\tunit\tmore\nJX\t9\t101\t1\t-\nJX\t9\t102\t1\t-\n".encode(
                "utf-16"
            ),
        ),
    ],
)
def test_a_csv_file_of_one_object_is_tried_and_brought_in(
    office: Office, at_desk: AtDesk, name: str, content: bytes
) -> None:
    given = SimpleUploadedFile(name, content)
    upload = bringing_in.take_in(given, office.person("administrator"))
    upload.refresh_from_db()
    assert upload.total == 2 and upload.state == Upload.State.CHECKED
    assert not Home.objects.filter(building="9").exists()
    assert bringing_in.ask(upload)
    assert Home.objects.filter(project=office.project, building="9").count() == 2


@pytest.mark.parametrize(
    "content",
    [b"a,b\n1,2\n", b"project,building\nJX,9\n", b'project,building,room\n"JX,9', b"\xff\xfe\x00"],
)
def test_a_csv_file_that_is_none_of_ours_says_what_to_do(office: Office, content: bytes) -> None:
    with pytest.raises(UnreadableWorkbook):
        bringing_in.take_in(SimpleUploadedFile("x.csv", content), office.person("administrator"))


def test_the_template_is_what_is_read(office: Office, at_desk: AtDesk) -> None:
    response = at_desk("administrator").get("/settings/bring-in/template/")
    book = openpyxl.load_workbook(io.BytesIO(response.getvalue()))
    assert book.sheetnames[:4] == ["说明", "员工", "房屋", "客户"]
    heads = tuple(str(cell.value).rstrip("*") for cell in book["员工"][1])
    assert heads == STAFF
    assert book["员工"].data_validations.dataValidation


def test_a_range_of_homes_is_counted_then_made(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("centre-head")
    asked = {"many-buildings": "30-31", "many-units": "1,2", "many-floors": "1-3", "many-doors": 2}
    shown = client.post("/settings/projects/JX/homes/", asked | {"act": "preview"})
    assert "将新增 24 户" in shown.text
    assert not Home.objects.filter(building="30").exists()
    client.post("/settings/projects/JX/homes/", asked | {"act": "build", "new": "23"})
    assert not Home.objects.filter(building="30").exists()
    client.post("/settings/projects/JX/homes/", asked | {"act": "build", "new": "24"})
    assert Home.objects.filter(project=office.project, building__in=["30", "31"]).count() == 24
    wrong = client.post(
        "/settings/projects/JX/homes/", asked | {"act": "build", "many-floors": "3-1"}
    )
    assert wrong.status_code == 422
    one = {"act": "one", "one-building": "32栋", "one-unit": "", "one-room": "商铺01"}
    client.post("/settings/projects/JX/homes/", one)
    assert Home.objects.get(building="32").label == "32栋商铺01"
    again = client.post("/settings/projects/JX/homes/", one)
    assert "已经有这一户" in again.text
    # What customers or complaints refer to stays; what was a slip goes.
    lived_in = Home.objects.filter(project=office.project, customers__isnull=False).first()
    empty = Home.objects.filter(building="30").first()
    assert lived_in is not None
    assert empty is not None
    client.post(f"/settings/projects/JX/homes/{lived_in.pk}/remove/")
    client.post(f"/settings/projects/JX/homes/{empty.pk}/remove/")
    assert Home.objects.filter(pk=lived_in.pk).exists()
    assert not Home.objects.filter(pk=empty.pk).exists()
    assert client.get("/settings/projects/YH/homes/").status_code in (403, 404)


def test_spread() -> None:
    assert homes.spread("1–3, 5、A-C") == ["1", "2", "3", "5", "A", "B", "C"]
    assert homes.spread(" ") == []


def test_the_company_tree_and_a_department_with_a_contractor(
    office: Office, at_desk: AtDesk
) -> None:
    client = at_desk("administrator")
    client.post("/settings/organization/area/", {"name": "华南区域", "level": "region"})
    region = Area.objects.get()
    client.post(
        "/settings/organization/area/",
        {"name": "深圳公司", "level": "city", "parent": region.pk},
    )
    upside_down = client.post(
        f"/settings/organization/area/{region.pk}/",
        {"name": "华南区域", "level": "region", "parent": Area.objects.get(level="city").pk},
    )
    assert upside_down.status_code == 422
    client.post(
        "/settings/organization/contractor/",
        {"name": "示范电梯公司", "trade": "电梯维保", "is_active": "on"},
    )
    firm = Contractor.objects.get()
    client.post(
        "/settings/projects/JX/departments/jx-engineering/",
        {"name": "工程部", "contractors": [firm.pk], "is_active": "on"},
    )
    assert list(Department.objects.get(code="jx-engineering").contractors.all()) == [firm]
    page = client.get("/settings/organization/").text
    assert "深圳公司" in page
    assert "示范电梯公司" in client.get("/settings/projects/JX/").text
    # Numbered complaints keep their code.
    office.receive()
    data = {
        "name": "锦绣家园",
        "code": "NEW",
        "developer_stand_in": "quality",
        "timezone": "Asia/Shanghai",
        "is_active": "on",
    }
    client.post("/settings/projects/JX/", data)
    assert Project.objects.get(pk=office.project.pk).code == "JX"
    assert at_desk("centre-head").get("/settings/organization/project/").status_code == 403
    assert at_desk("front-desk-1").get("/settings/organization/").status_code == 403


def test_one_person_from_the_first_day_to_the_last(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("centre-head")
    data = {
        "name": "前台三号岗",
        "username": "front-desk-3",
        "telephone": "13900000095",
        "language": "zh-hans",
        "post-position": "front_desk",
        "post-project": office.project.pk,
        "post-since": timezone.localdate().isoformat(),
    }
    above = client.post("/settings/staff/new/", data | {"post-position": "company_leader"})
    assert above.status_code == 422
    client.post("/settings/staff/new/", data)
    somebody = Staff.objects.get(username="front-desk-3")
    page = client.get(f"/settings/staff/{somebody.pk}/").text
    assert "13900000095" not in page
    assert "139****0095" in page
    shown = client.post(f"/settings/staff/{somebody.pk}/telephone/")
    assert "13900000095" in shown.text
    assert Access.objects.get(action="staff_telephone_seen").subject_id == somebody.pk
    # An end is undone by taking it away.
    held = somebody.posts.get()
    ends = {"until": timezone.localdate().isoformat()}
    client.post(f"/settings/staff/{somebody.pk}/posts/{held.pk}/", ends)
    held.refresh_from_db()
    assert held.until == timezone.localdate()
    client.post(f"/settings/staff/{somebody.pk}/posts/{held.pk}/", {"until": ""})
    held.refresh_from_db()
    assert held.until is None

    complaint = office.receive("front-desk-3")
    theirs = at_desk("front-desk-3")
    assert theirs.get("/desk/").status_code == 200
    address = f"/settings/staff/{somebody.pk}/leaving/"
    assert "首问责任的未结投诉" in client.get(address).text
    moves = client.post(address, {"what": "move"}, headers={"HX-Request": "true"}).text
    assert "请勾选要结束的岗位" in moves
    assert "<html" not in moves
    ticked = {"what": "move", "post": held.pk}
    moves = client.post(address, ticked, headers={"HX-Request": "true"}).text
    assert "首问责任的未结投诉" in moves
    leaving = {"what": "leave", "last_day": timezone.localdate().isoformat(), "reason": "离职"}
    refused = client.post(address, leaving | {"do": "1"})
    assert refused.status_code == 422
    assert "请选择由谁接手" in refused.text
    successor = office.person("front-desk-2")
    client.post(address, leaving | {"do": "1", "all": successor.pk})
    complaint.refresh_from_db()
    assert complaint.first_contact == successor
    assert theirs.get("/desk/").status_code == 302  # signed out
    gone = client.get("/settings/staff/", {"gone": "1"}).text
    assert "前台三号岗" in gone
    assert "前台三号岗" not in client.get("/settings/staff/").text


def test_nobody_keeps_the_account_of_who_stands_above_them(office: Office, at_desk: AtDesk) -> None:
    head = at_desk("centre-head")
    for username in ("administrator", "site-manager", "yh-front-desk-1"):
        pk = office.person(username).pk
        assert head.get(f"/settings/staff/{pk}/").status_code in (403, 404), username
    resources = at_desk("human-resources")
    admin = office.person("administrator")
    assert resources.get(f"/settings/staff/{admin.pk}/").status_code == 403
    assert resources.get(f"/settings/staff/{office.person('site-manager').pk}/").status_code == 200
    own = admin.posts.get()
    last = at_desk("administrator").post(
        f"/settings/staff/{admin.pk}/posts/{own.pk}/",
        {"until": timezone.localdate().isoformat()},
    )
    assert last.status_code == 422
    assert Post.objects.get(pk=own.pk).until is None


def test_an_empty_installation_begins_with_the_companys_name(db: None) -> None:
    administrator = Staff.objects.create_user("admin", name="系统管理员")
    structure.appoint(administrator, "administrator")
    client = Client()
    client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    assert "还没有项目" in client.get("/settings/organization/").text
    first = client.get("/settings/organization/project/")
    assert first.headers["Location"] == "/settings/organization/company/"
    client.post("/settings/organization/company/", {"name": "示例物业服务有限公司"})
    assert Category.objects.exists()
    assert new_project(client).company.name == "示例物业服务有限公司"
    assert client.get("/settings/organization/company/").status_code == 404
    # Somebody without a post yet is found by whoever keeps the accounts.
    without = Staff.objects.create_user("newcomer", name="还没有岗位的员工")
    assert client.get(f"/settings/staff/{without.pk}/").status_code == 200
