"""A wave: the homes of one riser without water within ninety minutes; and what only looks like one."""

from __future__ import annotations

from shouwen.demo.stories.telling import Act, Ago, Day, In, Story, When


def _story(home: str, when: When, who: str, said: dict[str, str], *further: Act) -> Story:
    return Story("JX", home, (Act(when, who, "receive", said), *further))


def _dry(subject: str, content: str, channel: str = "phone") -> dict[str, str]:
    return {
        "subject": subject,
        "content": content,
        "wish": "尽快来水，来水前说一声要停多久。",
        "happened": "刚才",
        "category": "water",
        "channel": channel,
    }


#: Six homes of one riser, one after another; nobody has put them together yet.
WAVE = (
    _story(
        "6栋1单元1602",
        Ago("2h40m"),
        "front-desk-1",
        _dry("十六楼没水了", "正在洗菜，水龙头突然没水了，一滴都没有，是不是停水没通知？"),
    ),
    _story(
        "6栋1单元1102",
        Ago("2h22m"),
        "front-desk-2",
        _dry("家里水龙头不出水", "厨房卫生间都没有水，热水器也报警，家里还有孩子等着洗澡。"),
    ),
    _story(
        "6栋1单元802",
        Ago("2h4m"),
        "front-desk-1",
        _dry("八楼停水", "我家停水二十分钟了，群里说我们这个单元好几家都没有。", "chat"),
    ),
    _story(
        "6栋1单元302",
        Ago("1h51m"),
        "front-desk-2",
        _dry("三楼水一点点细", "水先是一点点细，现在彻底没水了，饭做到一半。"),
    ),
    _story(
        "6栋1单元502",
        Ago("1h33m"),
        "front-desk-1",
        _dry("没水冲马桶", "没水了，马桶也冲不了，老人在家不方便，什么时候能来水？"),
    ),
    _story(
        "6栋1单元102",
        Ago("1h12m"),
        "front-desk-2",
        _dry("一楼也停水了", "一楼也没有水，刚问了对门也没水，到底是哪里坏了？"),
    ),
)

#: The same building, another cause.
OTHER_CAUSE = (
    _story(
        "6栋1单元801",
        Ago("2h10m"),
        "front-desk-1",
        {
            "subject": "楼上电钻响个不停",
            "content": "楼上装修一上午电钻没停过，说好的周末不施工呢？",
            "wish": "让他们停下来。",
            "place": "6栋1单元楼上",
            "happened": "今天上午起",
            "category": "works-noise",
        },
    ),
)
#: The same cause at the same hours, other buildings.
OTHER_BUILDINGS = (
    _story(
        "1栋2单元302",
        Ago("2h15m"),
        "front-desk-2",
        _dry("热水龙头没水", "热水龙头没水，冷水有，是不是管道堵了？"),
    ),
    _story(
        "4栋2单元801",
        Ago("1h40m"),
        "front-desk-1",
        _dry("卫生间水管不出水", "卫生间水管拧开不出水，厨房是好的。"),
    ),
)


def _days_ago(
    home: str, day: int, clock: tuple[str, str, str], subject: str, said: str, answer: str
) -> Story:
    """One that was dispatched on the day and waits for a part."""
    heard, sent, told = (Day(day, each) for each in clock)
    return _story(
        home,
        heard,
        "front-desk-1",
        _dry(subject, said),
        Act(
            sent,
            "front-desk-1",
            "dispatch",
            {
                "department": "jx-engineering",
                "due_at": In("6d"),
                "instructions": "查入户阀门和减压阀，配件到了就换。",
            },
        ),
        Act(
            told,
            "front-desk-1",
            "inform_customer",
            {"told": answer},
        ),
        Act(Day(day, "11:10"), "engineering-1", "accept", {"department": "jx-engineering"}),
    )


#: The same riser and cause, days apart.
DAYS_APART = (
    _days_ago(
        "2栋1单元501",
        2,
        ("10:20", "10:30", "10:40"),
        "早高峰没有水",
        "早上七点到八点总是没水，过了这个点又有。",
        "已派工程部上门查看，要换的减压阀已订货，到了先给您打电话。",
    ),
    _days_ago(
        "2栋1单元1102",
        1,
        ("10:05", "10:15", "10:25"),
        "早上水压上不来",
        "一到早上水压就上不来，十一楼几乎没有水。",
        "工程部今天上门测水压，测完告诉您要不要换阀。",
    ),
)

WAVES = (*WAVE, *OTHER_CAUSE, *OTHER_BUILDINGS, *DAYS_APART)
