"""Complaints that a department is at work on [R4][R8]."""

from __future__ import annotations

from shouwen.demo.stories.telling import Act, Ago, Day, In, Staff, Story

HUMMING_LIFT = Story(
    "JX",
    "5栋1单元1102",
    (
        Act(
            Day(2, "09:00"),
            "front-desk-2",
            "receive",
            {
                "subject": "电梯机房嗡嗡响",
                "content": "电梯一动，家里就听见嗡嗡的声音，晚上特别明显，睡不好。",
                "wish": "把噪声降下来。",
                "place": "5栋1单元电梯机房",
                "happened": "半个月以来",
                "category": "equipment",
            },
        ),
        Act(
            Day(2, "09:30"),
            "front-desk-2",
            "dispatch",
            {
                "department": "jx-engineering",
                "due_at": In("3d"),
                "instructions": "会同维保单位检查减振。",
            },
        ),
        Act(
            Day(2, "09:35"),
            "front-desk-2",
            "inform_customer",
            {"told": "工程部会同维保单位检查，结果出来就答复您。"},
        ),
        Act(Day(2, "10:00"), "engineering-1", "accept", {"department": "jx-engineering"}),
        Act(
            Ago("70m"),
            "engineering-1",
            "report_delay",
            {
                "department": "jx-engineering",
                "reason": "减振垫须向厂家订货，三天后到。",
                "new_due_at": In("4d"),
            },
        ),
    ),
)


BARKING = Story(
    "JX",
    "2栋1单元1602",
    (
        Act(
            Day(2, "20:00"),
            "front-desk-2",
            "receive",
            {
                "subject": "邻居的狗整天叫",
                "content": "隔壁白天没有人，狗从早叫到晚，我上夜班根本睡不了。",
                "wish": "请邻居把狗管好。",
                "place": "2栋1单元1602隔壁",
                "happened": "一个月以来",
                "category": "neighbour",
            },
        ),
        Act(
            Day(2, "20:30"),
            "front-desk-2",
            "dispatch",
            {"department": "jx-order", "due_at": In("3d"), "instructions": "上门与养犬住户沟通。"},
        ),
        Act(
            Day(2, "20:35"),
            "front-desk-2",
            "inform_customer",
            {"told": "秩序部会上门沟通，有进展马上告诉您。"},
        ),
        Act(Day(2, "21:10"), "order-gate", "accept", {"department": "jx-order"}),
        Act(Day(1, "13:00"), "front-desk-1", "urge", {"words": "今天又叫了一上午。"}),
        Act(
            Ago("8h"), "front-desk-2", "urge", {"words": "到底有没有人去说过？", "medium": "wechat"}
        ),
        Act(Ago("100m"), "front-desk-1", "urge", {"words": "第三次打来了，再不管我就找街道。"}),
    ),
)


RUDE_AT_THE_GATE = Story(
    "JX",
    "1栋1单元101",
    (
        Act(
            Ago("26h"),
            "centre-head",
            "receive",
            {
                "channel": "front_desk",
                "subject": "东门岗态度生硬",
                "content": "老人忘带门禁卡，门岗不让进也不帮忙核实，说话很冲，老人在门口站了二十分钟。",
                "wish": "道歉，并教会他们怎么接待老人。",
                "place": "东门",
                "happened": "前一天傍晚",
                "category": "manner",
                "about": Staff("order-gate"),
                "confidential": True,
            },
        ),
        Act(
            Ago("25h30m"),
            "centre-head",
            "dispatch",
            {
                "department": "jx-order",
                "due_at": In("2d"),
                "instructions": "由队长本人核实处理，勿追问是谁反映的。",
            },
        ),
        Act(
            Ago("25h"),
            "centre-head",
            "inform_customer",
            {"told": "由队长亲自核实，处理结果会告诉您。"},
        ),
        Act(Ago("24h30m"), "order-head", "accept", {"department": "jx-order"}),
    ),
)


WEAK_WATER = Story(
    "YH",
    "B栋1101",
    (
        Act(
            Day(1, "19:30"),
            "yh-front-desk-1",
            "receive",
            {
                "subject": "晚上水压小，热水器打不着火",
                "content": "一到晚上七八点水就像线一样细，热水器打不着，洗澡洗到一半没热水。",
                "wish": "晚上水压要正常。",
                "place": "B栋高区",
                "happened": "入冬以来",
                "category": "water",
            },
        ),
        Act(
            Day(1, "19:50"),
            "yh-front-desk-1",
            "dispatch",
            {
                "department": "yh-engineering",
                "due_at": In("2d"),
                "instructions": "查高区加压泵与减压阀，上门测压。",
            },
        ),
        Act(
            Day(1, "19:55"),
            "yh-front-desk-1",
            "inform_customer",
            {"told": "工程部会检查加压泵并上门测压，时间先跟您约。"},
        ),
        Act(Day(1, "20:20"), "yh-engineering-1", "accept", {"department": "yh-engineering"}),
        Act(
            Ago("2h"),
            "yh-engineering-1",
            "appoint",
            {"department": "yh-engineering", "at": In("6h"), "where": "B栋1101，业主在家"},
        ),
    ),
)

AT_WORK = (
    HUMMING_LIFT,
    BARKING,
    RUDE_AT_THE_GATE,
    WEAK_WATER,
)
