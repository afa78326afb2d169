"""Complaints whose work is done, and whose customers are yet to be visited or closed [R5]."""

from __future__ import annotations

from shouwen.demo.stories.telling import Act, Ago, Day, In, Story

GARBAGE_SMELL = Story(
    "JX",
    "2栋2单元1102",
    (
        Act(
            Day(1, "08:30"),
            "gardener",
            "receive",
            {
                "subject": "垃圾桶边异味",
                "content": "楼下垃圾桶旁边汤水流了一地，苍蝇很多，一开窗就是味道。",
                "wish": "每天冲洗，桶要盖上。",
                "place": "2栋东侧垃圾点",
                "happened": "这两天",
                "category": "garbage",
            },
        ),
        Act(Day(1, "08:50"), "gardener", "relay"),
        Act(
            Day(1, "09:05"),
            "front-desk-1",
            "dispatch",
            {
                "department": "jx-environment",
                "due_at": In("2d"),
                "instructions": "冲洗消杀，改为一日两清。",
            },
        ),
        Act(
            Day(1, "09:08"),
            "front-desk-1",
            "inform_customer",
            {"told": "今天上午冲洗消杀，以后改为一日两清。"},
        ),
        Act(Day(1, "09:30"), "environment-head", "accept", {"department": "jx-environment"}),
        Act(
            Ago("5h"),
            "environment-1",
            "complete",
            {
                "department": "jx-environment",
                "result": "已冲洗消杀，换了带盖桶，清运改为早晚各一次。",
            },
            written="15m",
        ),
        Act(
            Ago("4h"),
            "front-desk-2",
            "verify",
            {"how": "到现场看过，地面干净，桶盖完好，无明显异味。"},
        ),
        Act(
            Ago("3h10m"),
            "front-desk-2",
            "inform_first_contact",
            {"told": "垃圾点已冲洗消杀、换了带盖桶，可以告诉业主。", "medium": "wechat"},
        ),
    ),
)


PARCELS = Story(
    "YH",
    "C栋302",
    (
        Act(
            Day(3, "10:15"),
            "yh-front-desk-1",
            "receive",
            {
                "channel": "hotline",
                "subject": "信箱旁常年堆快递盒",
                "content": "一楼信箱旁边的快递盒堆得比人高，推婴儿车根本过不去，说过几回都没人收。",
                "wish": "每天清走，给快递定个地方放。",
                "place": "C栋一楼",
                "happened": "几个月来一直这样",
                "category": "public-parts",
            },
        ),
        Act(
            Day(3, "10:20"),
            "yh-front-desk-1",
            "register_hotline",
            {
                "order": "12345-0424-0932",
                "due_at": In("5d"),
                "asked": "限三日办结，回访来电人后回复。",
            },
        ),
        Act(
            Day(3, "10:40"),
            "yh-front-desk-1",
            "dispatch",
            {
                "department": "yh-environment",
                "due_at": In("2d"),
                "instructions": "清走空盒，划定快递暂存区。",
            },
        ),
        Act(
            Day(3, "10:45"),
            "yh-front-desk-1",
            "inform_customer",
            {"told": "今天下午清走空盒，暂存区画线后贴通知。"},
        ),
        Act(Day(3, "11:05"), "yh-environment-head", "accept", {"department": "yh-environment"}),
        Act(
            Day(2, "15:20"),
            "yh-environment-head",
            "complete",
            {
                "department": "yh-environment",
                "result": "空盒清走两车，画了暂存区，约定每晚八点清一次。",
            },
            written="30m",
        ),
        Act(
            Day(2, "17:00"),
            "yh-centre-head",
            "verify",
            {"how": "晚饭前到一楼看过，通道全宽，暂存区内只有当天的件。"},
        ),
        Act(
            Ago("100m"),
            "yh-front-desk-1",
            "visit",
            {
                "outcome": "partly",
                "satisfaction": "4",
                "words": "路通了，就是晚上送来的件又压到线外面。",
            },
        ),
        Act(
            Ago("90m"),
            "yh-front-desk-1",
            "answer_hotline",
            {
                "reply": "空盒已清，一楼划了暂存区，每晚八点清理；已回访，来电人说通道已通。",
                "resolution": "partly",
                "satisfaction": "fairly",
            },
        ),
    ),
)

DONE = (
    GARBAGE_SMELL,
    PARCELS,
)
