"""Import in the browser: who may, what the mapping asks, what a run tells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings
from tests.desk.conftest import Office

from shouwen.channels import bringing
from shouwen.channels.models import ImportFile, ImportRun, KeptMapping
from shouwen.clocks.models import HeartBeat
from shouwen.complaints.models import Complaint

AtDesk = Callable[[str], Client]
CSV = """投诉台账导出
单号,登记日期,办结日期,标题,反映内容,类型,来源,状态,手机
A-1,05/06/2020,07/06/2020,电梯异响,夜里响,电梯,来电,已结案,13800001001
A-2,06/06/2020,,漏水,天花板滴水,渗漏,微信,处理中,
A-3,07/06/2020,08/06/2020,绿篱太高,挡住窗户,修剪,来电,已结案,
"""


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings: Settings) -> None:
    """Folders of files of one's own: tests run beside each other."""
    settings.SHOUWEN_HOME = tmp_path


def upload(client: Client, content: str = CSV, name: str = "旧台账.csv") -> ImportFile:
    """Upload a file, and say that the names of the columns stand in its second line."""
    told = {"project": "JX", "file": SimpleUploadedFile(name, content.encode())}
    answer = client.post("/imports/", told)
    file = ImportFile.objects.latest("uploaded_at")
    assert answer.headers["Location"] == f"/imports/{file.pk}/mapping/"
    if content.startswith("投诉台账导出"):
        told = {"encoding": "auto", "delimiter": ",", "header": "2"}
        assert client.post(f"/imports/{file.pk}/mapping/reading/", told).status_code == 302
    return file


def form(client: Client, file: ImportFile) -> dict[str, Any]:
    """The form of the mapping as the page offers it: what was guessed."""
    page = client.get(f"/imports/{file.pk}/mapping/")
    assert page.status_code == 200
    told: dict[str, Any] = {"source": page.context["source"]}
    for line in page.context["lines"]:
        told[f"column-{line.column.place}"] = line.field
        if line.ways:
            told[f"order-{line.field}"] = line.order
        if line.values:
            told[f"given-{line.field}"] = [value.text for value in line.values]
            told[f"ours-{line.field}"] = [value.ours for value in line.values]
    return told


def carry_out(file: ImportFile) -> ImportRun:
    run = file.runs.latest("asked_at")
    bringing.carry_out(str(run.pk))
    run.refresh_from_db()
    return run


def test_a_file_is_mapped_by_looking_tried_and_brought_in(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("centre-head")
    file = upload(client)
    told = form(client, file)
    fields = [told[f"column-{place}"] for place in range(9)]
    assert fields == [
        *("external_id", "received_at", "closed_at", "subject", "content"),
        *("category", "channel", "status", "telephone"),
    ]
    assert dict(zip(told["given-category"], told["ours-category"], strict=True)) == {
        **{"电梯": "lift", "渗漏": "leak", "修剪": ""}
    }
    assert dict(zip(told["given-channel"], told["ours-channel"], strict=True)) == {
        **{"来电": "phone", "微信": "chat"}
    }
    assert dict(zip(told["given-status"], told["ours-status"], strict=True)) == {
        **{"已结案": "closed", "处理中": "open"}
    }
    # The fifth of June or the sixth of May: asked, never guessed.
    assert told["order-received_at"] == told["order-closed_at"] == ""
    refused = client.post(f"/imports/{file.pk}/mapping/", told)
    assert refused.status_code == 422
    assert "日和月哪个在前" in refused.content.decode()

    told |= {"order-received_at": "day", "order-closed_at": "day", "keep": "老系统"}
    assert client.post(f"/imports/{file.pk}/mapping/", told).status_code == 302
    run = carry_out(file)
    assert run.dry_run
    page = client.get(f"/imports/{file.pk}/").content.decode()
    assert "可以导入 2 件" in page
    assert "1 行不能导入" in page
    assert "分类：对照文件中没有这个值" in page
    assert "13800001001" not in page

    # The value that is not known yet is offered in the mapping.
    told["ours-category"] = ["lift", "leak", "greening"]
    client.post(f"/imports/{file.pk}/mapping/", told)
    assert carry_out(file).counts["closed"] == 2
    assert client.post(f"/imports/{file.pk}/begin/").status_code == 302
    run = carry_out(file)
    assert (run.dry_run, run.counts["closed"], run.counts["still_open"]) == (False, 2, 1)
    assert "已导入 3 件" in client.get(f"/imports/{file.pk}/").content.decode()
    first = Complaint.objects.get(external_id="old-system:A-1")
    assert f"{timezone.localtime(first.received_at):%Y-%m-%d}" == "2020-06-05"
    assert KeptMapping.objects.get().name == "老系统"


def test_a_kept_mapping_an_uploaded_and_a_downloaded_one(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("centre-head")
    file = upload(client)
    told = form(client, file)
    told |= {"order-received_at": "day", "order-closed_at": "day", "keep": "老系统"}
    told["otherwise-category"] = "other"
    client.post(f"/imports/{file.pk}/mapping/", told)
    toml = client.get(f"/imports/{file.pk}/mapping/file/")
    assert toml.headers["Content-Disposition"] == 'attachment; filename="old-system.toml"'
    file.refresh_from_db()

    other = upload(client, CSV.replace("A-", "B-"), "第二份.csv")
    page = client.get(f"/imports/{other.pk}/mapping/").content.decode()
    assert "老系统" in page
    known = {"known": f"kept:{KeptMapping.objects.get().pk}"}
    assert client.post(f"/imports/{other.pk}/mapping/take/", known).status_code == 302
    other.refresh_from_db()
    assert other.mapping == file.mapping
    again = form(client, other)
    assert again["order-received_at"] == "day"
    assert client.post(f"/imports/{other.pk}/mapping/", told).status_code == 302

    third = upload(client, CSV, "第三份.csv")
    sent = {"mapping": SimpleUploadedFile("old-system.toml", toml.content)}
    assert client.post(f"/imports/{third.pk}/mapping/take/", sent).status_code == 302
    for wrong, sentence in (
        (b"source = 1", "fields"),
        (b"\xff\xfe", "不是对照文件"),
        (toml.content.replace("单号".encode(), "工单".encode()), "文件里没有这些列：工单"),
    ):
        sent = {"mapping": SimpleUploadedFile("m.toml", wrong)}
        refused = client.post(f"/imports/{third.pk}/mapping/take/", sent)
        assert refused.status_code == 422
        assert sentence in refused.content.decode()


def test_a_shipped_mapping_is_offered_for_its_file(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("administrator")
    head = "id,user,time,subject,content,category,reply,reply_time\n"
    row = "1,用户,2019-01-02 03:04:05,路灯,不亮,城乡建设,已修,2019-01-05 03:04:05\n"
    file = upload(client, head + row)
    page = client.get(f"/imports/{file.pk}/mapping/").content.decode()
    assert "citizen-messages" in page
    assert "nyc-311" not in page
    known = {"known": "shipped:citizen-messages"}
    client.post(f"/imports/{file.pk}/mapping/take/", known)
    told = form(client, file)
    assert told["source"] == "citizen-messages"
    told["otherwise-category"] = "other"
    assert client.post(f"/imports/{file.pk}/mapping/", told).status_code == 302
    file.refresh_from_db()
    mapped = file.mapped
    assert mapped is not None
    assert mapped.fields.received_at.timezone == "Asia/Shanghai"
    assert carry_out(file).counts["closed"] == 1


def test_who_may_import_and_whose_files_one_sees(office: Office, at_desk: AtDesk) -> None:
    file = upload(at_desk("centre-head"))
    for username in ("front-desk-1", "site-manager", "auditor"):
        client = at_desk(username)
        assert client.get("/imports/").status_code == 403
        assert client.get(f"/imports/{file.pk}/").status_code in (403, 404)
        assert "/imports/" not in client.get("/complaints/").content.decode()
    elsewhere = at_desk("yh-centre-head")
    told = {"project": "JX", "file": SimpleUploadedFile("x.csv", CSV.encode())}
    assert elsewhere.post("/imports/", told).status_code == 422
    for address in ("", "mapping/", "mapping/file/", "progress/"):
        assert elsewhere.get(f"/imports/{file.pk}/{address}").status_code == 404
    for address in ("begin/", "stop/", "remove/", "mended/", "mapping/", "mapping/take/"):
        assert elsewhere.post(f"/imports/{file.pk}/{address}").status_code == 404
    assert at_desk("administrator").get(f"/imports/{file.pk}/").status_code == 200


def test_what_cannot_be_read_is_said_with_a_way_on(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("centre-head")
    told = {"project": "JX", "file": SimpleUploadedFile("旧.xls", b"\xd0\xcf\x11\xe0")}
    refused = client.post("/imports/", told)
    assert refused.status_code == 422
    assert "旧式 Excel" in refused.content.decode()
    file = upload(client)
    wrong = client.post(f"/imports/{file.pk}/mapping/reading/", {"header": "50"})
    assert wrong.status_code == 422
    assert "旧台账.csv 没有列名行" in wrong.content.decode()
    assert client.get(f"/imports/{file.pk}/mapping/").status_code == 200


def test_rejected_rows_are_fetched_and_come_back_mended(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("centre-head")
    file = upload(client)
    told = form(client, file) | {"order-received_at": "day", "order-closed_at": "day"}
    client.post(f"/imports/{file.pk}/mapping/", told)
    run = carry_out(file)
    answer: Any = client.get(f"/imports/{file.pk}/rejected/{run.pk}/")
    assert "旧台账_未导入.csv" in unquote(answer.headers["Content-Disposition"])
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    mended = SimpleUploadedFile("改好.csv", text.replace("修剪", "电梯").encode())
    answer = client.post(f"/imports/{file.pk}/mended/", {"file": mended})
    further = ImportFile.objects.get(continues=file)
    assert answer.headers["Location"] == f"/imports/{further.pk}/"
    assert carry_out(further).counts["closed"] == 1
    assert "改好.csv" in client.get(f"/imports/{file.pk}/").content.decode()
    wrong = client.post(
        f"/imports/{file.pk}/mended/", {"file": SimpleUploadedFile("别的.csv", b"a,b\n1,2\n")}
    )
    assert wrong.status_code == 422
    client.post(f"/imports/{file.pk}/remove/")
    assert "文件已删除" in client.get(f"/imports/{file.pk}/").content.decode()
    assert client.get(f"/imports/{file.pk}/mapping/").status_code == 404
    assert client.post(f"/imports/{file.pk}/begin/").status_code == 404


def test_a_run_is_stopped_and_without_a_worker_the_page_says_so(
    office: Office, at_desk: AtDesk
) -> None:
    client = at_desk("centre-head")
    file = upload(client)
    told = form(client, file) | {"order-received_at": "day", "order-closed_at": "day"}
    client.post(f"/imports/{file.pk}/mapping/", told)
    sentence = "后台程序没有运行"
    assert sentence not in client.get(f"/imports/{file.pk}/progress/").content.decode()
    HeartBeat.objects.update(stopped_at=timezone.now())
    assert sentence in client.get(f"/imports/{file.pk}/progress/").content.decode()
    refused = client.post(f"/imports/{file.pk}/remove/")
    assert "请先停止" in refused.content.decode()
    client.post(f"/imports/{file.pk}/stop/")
    assert carry_out(file).state == "cancelled"
    assert "已停止" in client.get(f"/imports/{file.pk}/").content.decode()


def test_the_pages_ask_the_database_the_same_number_of_times(
    office: Office, at_desk: AtDesk
) -> None:
    client = at_desk("centre-head")
    file = upload(client)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        return len(asked)

    def more(number: int) -> None:
        told = {"staff": file.staff, "project": file.project, "size": 1, "kind": "csv"}
        made = ImportFile.objects.bulk_create(
            ImportFile(**told, name="x.csv", uploaded_at=timezone.now()) for _ in range(number)
        )
        ImportRun.objects.bulk_create(
            ImportRun(file=each, staff=file.staff, dry_run=True, asked_at=timezone.now())
            for each in [*made, *[file] * number]
        )

    more(2)
    addresses = ("/imports/", f"/imports/{file.pk}/")
    few = [queries(address) for address in addresses for _ in range(2)]
    more(40)
    assert [queries(address) for address in addresses for _ in range(2)] == few
