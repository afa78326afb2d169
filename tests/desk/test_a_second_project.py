"""In the browser: an administrator sets up a second project; its front desk sees its own alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.desk.conftest import Office
from tests.desk.test_organization_pages import workbook

from shouwen.complaints import lifecycle
from shouwen.organization.models import Project, Staff

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = {
    "员工": [
        ("xc-desk", "新城前台一号岗", "", "", "客户中心前台", "XC", "", "2026-01-01"),
        ("xc-night", "新城前台夜班岗", "", "", "客户中心前台", "XC", "", "2026-01-01"),
        ("xc-fix", "新城维修一号岗", "", "", "部门员工", "XC", "xc-engineering", ""),
        ("xc-lost", "没有部门的岗位", "", "", "部门员工", "XC", "", ""),
    ],
    "房屋": [("XC", "1", "", "101"), ("XC", "1", "", "102")],
    "客户": [("XC", "1-101", "一〇一业主", "13900000092", "业主", "")],
}


def signed_in(username: str) -> Client:
    """A client in which somebody is signed in."""
    client = Client()
    client.force_login(
        Staff.objects.get(username=username),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def night() -> list[tuple[str, ...]]:
    """A night shift that is under way now, as the sheet has it, and the day's after it."""
    begins = timezone.localtime() - timedelta(hours=2)
    ends = begins + timedelta(hours=12)
    day, later = f"{begins:%Y-%m-%d}", f"{ends:%Y-%m-%d}"
    return [
        ("XC", "客户中心前台", "", "xc-night", day, f"{begins:%H:%M}", f"{ends:%H:%M}"),
        ("XC", "客户中心前台", "", "xc-desk", later, f"{ends:%H:%M}", f"{begins:%H:%M}"),
        ("XC", "客户中心前台", "", "xc-nobody", later, f"{ends:%H:%M}", f"{begins:%H:%M}"),
    ]


def test_a_second_project_from_a_workbook_whose_front_desk_sees_its_own_alone(
    office: Office, sit_down: Callable[[str], Page], tmp_path: Path
) -> None:
    theirs = office.receive()
    page = sit_down("administrator")
    page.goto("/settings/organization/")
    page.get_by_role("link", name="新增项目").click()
    page.get_by_label("名称").fill("新城雅苑")
    page.get_by_label("代号").fill("XC")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="新增部门").click()
    page.get_by_label("名称").fill("工程部")
    page.get_by_label("代号").fill("xc-engineering")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("link", name="工程部")).to_be_visible()

    file = tmp_path / "新城.xlsx"
    file.write_bytes(workbook(**ROWS, 值班=night()))
    page.goto("/settings/bring-in/")
    page.get_by_label("填好的表").set_input_files(file)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("员工第 5 行")).to_be_visible()
    page.get_by_role("button", name="导入对的 8 行").click()
    expect(page.get_by_text("已导入", exact=True)).to_be_visible()

    clerk = Staff.objects.get(username="xc-desk")
    own = lifecycle.take(
        "receive",
        person=clerk,
        project=Project.objects.get(code="XC"),
        data={"content": "新城一栋门禁坏了", "category": "power"},
    ).complaint
    emergency = lifecycle.take(
        "receive",
        person=clerk,
        project=Project.objects.get(code="XC"),
        data={"content": "一栋电梯困人", "category": "lift", "severity": "emergency"},
    ).complaint
    # At night it lies on the desk of who is on duty, not on the day's, nor the first project's.
    on_duty = signed_in("xc-night").get("/desk/").content.decode()
    assert emergency.number in on_duty
    for other in ("xc-desk", "front-desk-1"):
        duties = signed_in(other).get("/desk/").content.decode().partition("<aside")[0]
        assert emergency.number not in duties

    client = Client()
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    page.context.clear_cookies()
    origin = page.url.partition("/settings")[0]
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": origin}])
    page.goto("/complaints/")
    expect(page.get_by_text(own.number).first).to_be_visible()
    expect(page.get_by_text(theirs.number)).to_have_count(0)
    assert page.goto(f"/complaints/{theirs.number}/").status == 404  # type: ignore[union-attr]
