"""Complaints that wait for a word of the customer centre or a leader [R1][R2][R3][R5]."""

from __future__ import annotations

from shouwen.demo.stories.telling import Act, Ago, Day, In, Story

NEIGHBOURS_PIANO = Story(
    "JX",
    "3栋1单元802",
    (
        Act(
            Ago("20h"),
            "steward-1",
            "receive",
            {
                "channel": "front_desk",
                "subject": "楼上夜里弹琴",
                "content": "楼上902晚上十点半以后还在弹琴，孩子第二天要上学，说过两次都没用。",
                "wish": "晚上十点以后不要再弹。",
                "place": "3栋1单元802楼上",
                "happened": "最近一个星期",
                "category": "neighbour",
            },
        ),
        Act(Ago("15h"), "steward-1", "relay"),
        Act(
            Ago("14h40m"),
            "front-desk-2",
            "inform_customer",
            {"told": "已记下，我们核实后安排人与楼上沟通。"},
        ),
    ),
)


DARK_CORRIDOR = Story(
    "JX",
    "4栋1单元302",
    (
        Act(
            Ago("7h"),
            "front-desk-1",
            "receive",
            {
                "subject": "三楼走廊灯不亮",
                "content": "三楼走廊的灯三天没亮了，晚上回家摸黑开锁。",
                "wish": "今晚之前修好。",
                "place": "4栋1单元三楼走廊",
                "happened": "三天前起",
                "category": "power",
            },
        ),
        Act(
            Ago("6h30m"),
            "front-desk-1",
            "dispatch",
            {"department": "jx-order", "due_at": In("1d"), "instructions": "查看并处理。"},
        ),
        Act(
            Ago("6h"),
            "order-head",
            "decline",
            {"department": "jx-order", "reason": "灯具维修属工程部，本部门无维修资质。"},
        ),
    ),
)


NOBODYS_WALL = Story(
    "JX",
    "1栋商铺03",
    (
        Act(
            Ago("5h"),
            "front-desk-2",
            "receive",
            {
                "subject": "店门口墙砖脱落",
                "content": "店门口上方的墙砖掉了两块，客人进出都要绕着走，没有人管。",
                "wish": "先围起来，再补好。",
                "place": "1栋商铺03门口",
                "happened": "今天",
                "category": "public-parts",
            },
        ),
        Act(
            Ago("4h40m"),
            "front-desk-2",
            "dispatch",
            {"department": "jx-engineering", "due_at": In("1d"), "instructions": "围挡并修补。"},
        ),
        Act(
            Ago("4h20m"),
            "engineering-head",
            "decline",
            {
                "department": "jx-engineering",
                "reason": "商铺外立面由商户装修时改动，应由商户自修。",
            },
        ),
        Act(
            Ago("3h40m"),
            "front-desk-2",
            "dispatch",
            {"department": "jx-order", "due_at": In("1d"), "instructions": "先围挡，再联系修补。"},
        ),
        Act(
            Ago("2h50m"),
            "order-head",
            "decline",
            {"department": "jx-order", "reason": "围挡已摆好；修补不是本部门能做的。"},
        ),
    ),
)


PARKING_FEE = Story(
    "JX",
    "4栋2单元1602",
    (
        Act(
            Day(1, "15:00"),
            "front-desk-1",
            "receive",
            {
                "subject": "说临停不该收费",
                "content": "我是业主，朋友来看我停了三个小时就收十块钱，业主的客人凭什么收费。",
                "wish": "退还停车费。",
                "place": "东门停车场",
                "happened": "当天中午",
                "category": "parking",
            },
        ),
        Act(
            Day(1, "15:40"),
            "front-desk-1",
            "assess",
            {"facts": "收费标准经公示备案，免费时段一小时，收费记录无误。", "justified": "no"},
        ),
        Act(
            Day(1, "16:20"),
            "centre-head",
            "confirm",
            {"agreed": "yes", "reason": "公示与记录一致。"},
        ),
        Act(
            Day(1, "17:20"),
            "front-desk-1",
            "explain",
            {
                "explanation": "说明临停公示标准与免费时段，介绍可代客登记减免的办法。",
                "accepted": "no",
                "department": "jx-finance",
            },
        ),
    ),
)


ONLY_HIS_WORD = Story(
    "JX",
    "1栋2单元302",
    (
        Act(
            Ago("5h20m"),
            "front-desk-2",
            "receive",
            {
                "channel": "hotline",
                "subject": "要求物业赔偿自行车",
                "content": "放在楼道里的自行车不见了，你们收了物业费就要赔。",
                "wish": "照价赔偿。",
                "place": "1栋2单元一楼楼道",
                "happened": "周末",
                "category": "theft",
            },
        ),
        Act(
            Ago("5h15m"),
            "front-desk-2",
            "register_hotline",
            {
                "order": "12345-0427-1180",
                "due_at": In("2d"),
                "asked": "请两日内联系来电人并回复办理结果。",
            },
        ),
        Act(
            Ago("4h30m"),
            "front-desk-2",
            "assess",
            {
                "facts": "监控显示车主家人自己推走；楼道停放也属消防规定不允许。",
                "justified": "no",
            },
        ),
        Act(
            Ago("4h20m"),
            "front-desk-2",
            "inform_customer",
            {"told": "正在核对监控，今天会给您答复。", "next_update_at": In("8h")},
        ),
    ),
)


GATE_REMOTE = Story(
    "JX",
    "6栋1单元502",
    (
        Act(
            Day(5, "09:00"),
            "front-desk-1",
            "receive",
            {
                "subject": "道闸识别不了车牌",
                "content": "我的车进门每次都要倒车重来，后面的车一直按喇叭。",
                "wish": "把识别调好。",
                "place": "东门道闸",
                "happened": "换新能源车牌以后",
                "category": "gate",
            },
        ),
        Act(
            Day(5, "09:10"),
            "front-desk-1",
            "dispatch",
            {
                "department": "jx-engineering",
                "due_at": In("1d"),
                "instructions": "重新登记车牌并试车。",
            },
        ),
        Act(Day(5, "09:30"), "engineering-1", "accept", {"department": "jx-engineering"}),
        Act(
            Day(5, "14:00"),
            "engineering-1",
            "complete",
            {"department": "jx-engineering", "result": "车牌重新登记，试车三次均一次识别。"},
        ),
        Act(Day(5, "15:00"), "front-desk-2", "verify", {"how": "调看道闸记录，三次识别正常。"}),
        Act(
            Day(5, "17:20"),
            "front-desk-1",
            "visit",
            {"outcome": "solved", "satisfaction": "4", "words": "今天好了，谢谢。"},
        ),
        Act(Day(5, "17:25"), "front-desk-1", "close", {"summary": "识别恢复正常。"}),
        Act(
            Ago("3h"),
            "front-desk-2",
            "reopen",
            {"reason": "客户来电：下雨天又识别不了，昨晚倒车三次才进来。"},
        ),
    ),
)


NEW_CALL = Story(
    "JX",
    "6栋2单元302",
    (
        Act(
            Ago("5m"),
            "front-desk-1",
            "receive",
            {
                "subject": "楼下草坪积水",
                "content": "楼下草坪一下雨就积一大片水，小孩老去踩，蚊子也多。",
                "wish": "把排水弄通。",
                "place": "6栋南侧草坪",
                "happened": "昨天下雨以后",
                "category": "greening",
            },
        ),
    ),
)


SCRATCHED_DOOR = Story(
    "YH",
    "A栋501",
    (
        Act(
            Ago("3h"),
            "yh-steward-1",
            "receive",
            {
                "channel": "chat",
                "subject": "搬家公司刮坏入户门",
                "content": "楼上搬家的时候把我家入户门刮了一道，没有人跟我说一声。",
                "wish": "找到责任人，把门修好。",
                "place": "A栋501入户门",
                "happened": "当天上午",
                "category": "decoration",
            },
        ),
    ),
)

WAITING = (
    NEIGHBOURS_PIANO,
    DARK_CORRIDOR,
    NOBODYS_WALL,
    PARKING_FEE,
    ONLY_HIS_WORD,
    GATE_REMOTE,
    NEW_CALL,
    SCRATCHED_DOOR,
)
