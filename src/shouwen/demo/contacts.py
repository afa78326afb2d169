"""The demo's contacts: a fortnight of what came in and was no complaint, told from `now`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shouwen.complaints.contacts import door
from shouwen.organization.homes import find
from shouwen.organization.models import Project, Staff

ENGINEERING, ORDER = "department:jx-engineering", "department:jx-order"


@dataclass(frozen=True)
class Act:
    """What somebody did, so many hours after the contact came in."""

    after: float
    who: str
    step: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """A contact: so many hours ago, who took it, what was said, what was done since."""

    ago: float
    nature: str
    content: str
    who: str = "front-desk-1"
    acts: Sequence[Act] = ()
    further: Mapping[str, Any] = field(default_factory=dict)


_CALLER = {"name": "周女士", "telephone": "13800001002", "relation": "owner", "home": "3-1-802"}

CONTACTS: tuple[Told, ...] = (
    Told(
        310,
        "repair",
        "厨房下水慢，请师傅来通一下。",
        acts=(
            Act(3, "engineering-1", "answer", {"told": "明天上午九点上门。", "promised": 20}),
            Act(22, "engineering-1", "answer", {"told": "已疏通，试水正常。"}),
        ),
        further={"to": ENGINEERING, "place": "2栋1单元1203", **_CALLER},
    ),
    Told(
        262,
        "enquiry",
        "停车月卡怎么办，要带什么？",
        further={"answer": "带行驶证和身份证到前台办理，当场生效。"},
    ),
    Told(
        215,
        "praise",
        "昨晚下大雨，秩序部的小伙子帮我把老人背上楼，谢谢他。",
        who="front-desk-2",
        further={"channel": "front_desk", "praised": "order-gate"},
    ),
    Told(170, "suggestion", "建议在2栋门口装一个快递临时架。", further={"channel": "chat"}),
    Told(
        145,
        "repair",
        "主卧窗户关不严，漏风。",
        acts=(Act(30, "engineering-1", "answer", {"told": "密封条已更换。"}),),
        further={"to": ENGINEERING, "place": "4栋2单元601", "name": "林先生"},
    ),
    Told(
        98,
        "enquiry",
        "年底水费为什么比上个月多一倍？",
        acts=(
            Act(
                1, "front-desk-1", "hand-on", {"to": "position:centre_head", "note": "请核对账单。"}
            ),
            Act(6, "centre-head", "answer", {"told": "上月抄表晚了五天，本月补上，明细已发您。"}),
        ),
    ),
    Told(
        74,
        "repair",
        "卫生间排气扇有异响，报修后一直没人来。",
        acts=(Act(26, "front-desk-1", "become-complaint"),),
        further={"to": ENGINEERING, "place": "5栋1单元902", **_CALLER},
    ),
    Told(52, "praise", "保洁阿姨每天把大堂拖得很干净。", further={"channel": "front_desk"}),
    Told(
        30,
        "repair",
        "阳台晾衣架摇不动。",
        acts=(
            Act(2, "engineering-1", "answer", {"told": "配件明天到，到了就来。", "promised": 48}),
        ),
        further={"to": ENGINEERING, "place": "1栋1单元402", "name": "黄女士"},
    ),
    Told(27, "repair", "车位锁遥控失灵。", further={"to": ORDER, "place": "地下车库 B1-117"}),
    Told(20, "suggestion", "儿童游乐区能不能加一张长椅？", who="steward-1"),
    Told(5, "repair", "厨房水龙头滴水，下午在家。", further={"to": ENGINEERING, **_CALLER}),
    Told(2, "enquiry", "小区什么时候清洗水箱，会停水吗？"),
)


def enact(now: datetime) -> None:
    """Have the demo's people record and answer them, in the order in which it happened."""
    project = Project.objects.get(code="JX")
    staff = {each.username: each for each in Staff.objects.all()}
    scenes = sorted(
        (
            (now - timedelta(hours=told.ago - act.after), number, act)
            for number, told in enumerate(CONTACTS)
            for act in (Act(0, told.who, ""), *told.acts)
        ),
        key=lambda scene: scene[0],
    )
    made = {}
    for at, number, act in scenes:
        person = staff[act.who]
        if not act.step:
            made[number] = door.receive(
                person=person, project=project, data=_data(CONTACTS[number], project, staff), now=at
            ).contact
            continue
        data = dict(act.data)
        if "promised" in data:
            data["next_reply_at"] = at + timedelta(hours=data.pop("promised"))
        door.take(act.step, person=person, contact=made[number], data=data, now=at)


def _data(told: Told, project: Project, staff: Mapping[str, Staff]) -> dict[str, Any]:
    data = {"nature": told.nature, "content": told.content, **told.further}
    if "praised" in data:
        data["praised"] = staff[data["praised"]].pk
    if "home" in data:
        home = find(project, data["home"])
        data["home"] = home.pk if home else None
    return data
