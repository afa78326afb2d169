"""Emergencies and what only the leaders or the developer can solve [R6][R7][P4]."""

from __future__ import annotations

from shouwen.demo.stories.telling import Act, Ago, Day, In, Staff, Story

LIFT = Story(
    "JX",
    "5栋2单元802",
    (
        Act(
            Day(12, "18:20"),
            "front-desk-2",
            "receive",
            {
                "subject": "电梯困人，里面有老人和孩子",
                "content": "5栋2单元左边的电梯停在六楼和七楼之间，里面有两个大人一个孩子，按铃没有人应。",
                "wish": "马上把人救出来。",
                "place": "5栋2单元左梯",
                "happened": "刚刚",
                "category": "lift",
                "severity": "emergency",
                "needs_developer": True,
            },
        ),
        Act(
            Day(12, "18:21"),
            "front-desk-2",
            "alert",
            {
                "departments": ["jx-engineering", "jx-order"],
                "site_manager": True,
                "developer": True,
                "reached": "工程部值班已接听，带工具赶往现场；管理处负责人已知悉。",
            },
        ),
        Act(
            Day(12, "18:23"),
            "front-desk-2",
            "dispatch",
            {
                "department": "jx-engineering",
                "assisting": ["jx-order"],
                "due_at": In("2h"),
                "instructions": "先安抚轿厢内人员，不要自行扒门；联系维保单位放人。",
            },
        ),
        Act(Day(12, "18:24"), "engineering-duty", "accept", {"department": "jx-engineering"}),
        Act(Day(12, "18:25"), "order-head", "accept", {"department": "jx-order"}),
        Act(
            Day(12, "18:25"),
            "site-manager",
            "escalate_to_company",
            {
                "spoke_to": "公司主管领导",
                "reason": "维保单位答复四十分钟后才能到，轿厢内有老人和孩子。",
            },
        ),
        Act(
            Day(12, "18:27"),
            "front-desk-2",
            "inform_customer",
            {
                "told": "救援人员正在路上，请告诉里面的人保持镇静、不要扒门，前台的电话一直开着。",
                "next_update_at": In("15m"),
            },
        ),
        Act(
            Day(12, "18:31"), "engineering-duty", "arrive", {"scene": "已与轿厢内通话，人员无恙。"}
        ),
        Act(
            Day(12, "18:33"),
            "company-leader",
            "escalate_to_board",
            {
                "spoke_to": "董事领导",
                "reason": "需要另请救援单位，并与开发商交涉该梯的质保责任。",
            },
        ),
        Act(
            Day(12, "18:37"),
            "board-leader",
            "decide",
            {"decision": "立即请就近的救援单位放人，费用由公司先付；该梯停用，查清前不恢复。"},
        ),
        Act(
            Day(12, "18:41"),
            "front-desk-2",
            "inform_customer",
            {"told": "另一家救援单位五分钟内到，里面的人一切正常。"},
        ),
        Act(
            Day(12, "18:52"),
            "engineering-duty",
            "control",
            {"measures": "三人全部走出轿厢，身体无恙；该梯断电挂牌停用。"},
        ),
        Act(
            Day(12, "19:40"),
            "order-head",
            "complete",
            {"department": "jx-order", "result": "疏散围观人员，电梯厅两侧拉起警戒带。"},
        ),
        Act(
            Day(12, "20:10"),
            "engineering-duty",
            "complete",
            {
                "department": "jx-engineering",
                "result": "更换门锁触点，载重与空载各试运行二十次正常，恢复使用。",
            },
            written="10m",
        ),
        Act(
            Day(12, "21:30"),
            "developer-service",
            "verify_jointly",
            {
                "how": "双方在现场乘坐往返三次，对讲与警铃均有应答。",
                "developer_by": "开发商客服部",
                "company_by": "管理处负责人",
            },
        ),
        Act(
            Day(11, "09:30"),
            "site-manager",
            "file_report",
            {
                "level": "company",
                "facts": "十八点二十分接报困梯三人，十八点五十二分全部救出，无人受伤。",
                "measures": "三分钟内知会，救援、停梯、更换门锁触点，会同开发商试运行。",
                "cause": "门锁触点磨损，上次维保未更换。",
                "open_points": "全部电梯门锁触点限期普查；与维保单位约定到场时间。",
            },
        ),
        Act(
            Day(11, "10:00"),
            "developer-service",
            "visit",
            {
                "outcome": "solved",
                "satisfaction": "4",
                "words": "人没事就好，希望以后不要再发生，对讲要有人接。",
            },
        ),
        Act(Day(11, "11:00"), "front-desk-2", "close", {"summary": "人员安全救出，电梯恢复使用。"}),
        Act(
            Day(10, "16:00"),
            "company-leader",
            "file_report",
            {
                "level": "board",
                "facts": "困梯三人三十二分钟内全部救出，救援与善后已完成。",
                "measures": "按董事领导决定另请救援单位；该梯修复并经双方验证后恢复。",
                "open_points": "建议更换维保单位，费用方案另报。",
            },
        ),
    ),
)


BURST_PIPE = Story(
    "JX",
    "2栋1单元801",
    (
        Act(
            Ago("52m"),
            "front-desk-1",
            "receive",
            {
                "subject": "地下二层水管爆裂，水往电梯井流",
                "content": "地下二层3号柱旁边的水管爆了，水很大，已经快流到电梯井，旁边停着好几辆车。",
                "wish": "赶紧关水，别把车和电梯泡了。",
                "place": "地下二层3号柱",
                "happened": "几分钟前",
                "category": "water",
                "severity": "emergency",
            },
        ),
        Act(
            Ago("50m"),
            "front-desk-1",
            "alert",
            {
                "departments": ["jx-engineering", "jx-order"],
                "site_manager": True,
                "reached": "工程部值班已接听，去关阀；秩序部通知车主挪车。",
            },
        ),
        Act(
            Ago("49m"),
            "front-desk-1",
            "dispatch",
            {
                "department": "jx-engineering",
                "assisting": ["jx-order", "jx-environment"],
                "due_at": In("4h"),
                "instructions": "先关阀断电，电梯停到高层；再抽水抢修。",
            },
        ),
        Act(Ago("47m"), "engineering-duty", "accept", {"department": "jx-engineering"}),
        Act(
            Ago("46m"),
            "site-manager",
            "escalate_to_company",
            {"spoke_to": "公司主管领导", "reason": "主阀锈死关不住，需要协调供水单位停水。"},
        ),
        Act(
            Ago("44m"),
            "front-desk-1",
            "inform_customer",
            {
                "told": "抢修人员已到位，请不要靠近积水处，车辆由秩序部联系车主挪走。",
                "next_update_at": In("1h"),
            },
        ),
        Act(
            Ago("41m"),
            "company-leader",
            "take_charge",
            {"measures": "已联系供水单位关闭片区总阀；备用水泵从云河湾调来。"},
        ),
        Act(
            Ago("38m"),
            "engineering-duty",
            "arrive",
            {"scene": "水深约五厘米，离电梯井两米，沙袋已围。"},
            written="3m",
        ),
        Act(Ago("34m"), "order-gate", "accept", {"department": "jx-order"}),
    ),
)


WATER_STAIN = Story(
    "JX",
    "6栋2单元1101",
    (
        Act(
            Day(4, "10:20"),
            "front-desk-2",
            "receive",
            {
                "channel": "email",
                "subject": "外墙渗水，次卧墙面发霉",
                "content": "一下雨次卧靠外墙那面就渗水，墙纸全起泡了，去年报过一次没有下文。",
                "wish": "把外墙做好防水，恢复墙面。",
                "place": "6栋2单元1101次卧外墙",
                "happened": "最近两次大雨",
                "category": "leak",
                "severity": "complex",
                "needs_developer": True,
            },
        ),
        Act(
            Day(4, "10:22"),
            "front-desk-2",
            "alert",
            {
                "developer": True,
                "departments": ["jx-engineering"],
                "reached": "开发商客服部已接听，同意派人会勘。",
            },
        ),
        Act(Day(4, "10:40"), "centre-head", "name_manager", {"manager": Staff("site-manager")}),
        Act(
            Day(4, "11:00"),
            "front-desk-2",
            "assess",
            {"facts": "现场有水渍与霉斑，房屋仍在防水保修期内。", "justified": "yes"},
        ),
        Act(
            Day(4, "11:10"),
            "front-desk-2",
            "dispatch",
            {
                "department": "jx-engineering",
                "due_at": In("5d"),
                "instructions": "会同开发商勘查，定修补做法。",
            },
        ),
        Act(
            Day(4, "11:15"),
            "front-desk-2",
            "inform_customer",
            {"told": "工程部和开发商会上门勘查，做法定下后再跟您约时间。"},
        ),
        Act(Day(4, "11:40"), "engineering-head", "accept", {"department": "jx-engineering"}),
        Act(
            Day(3, "15:00"),
            "engineering-head",
            "investigate",
            {
                "department": "jx-engineering",
                "findings": "窗台下口密封胶开裂，外墙分格缝渗水。",
                "cause": "外墙防水施工不到位。",
                "responsible": "developer",
            },
        ),
        Act(
            Ago("6h"),
            "engineering-1",
            "complete",
            {
                "department": "jx-engineering",
                "result": "分格缝重新打胶，外墙补做防水，室内墙面已铲除霉斑待干。",
            },
            written="20m",
        ),
    ),
)


GARAGE_CEILING = Story(
    "JX",
    "3栋2单元502",
    (
        Act(
            Day(1, "10:00"),
            "front-desk-1",
            "receive",
            {
                "subject": "车库顶板掉水泥块砸车",
                "content": "地下车库顶上掉下一块水泥，把我车前盖砸了个坑，幸好没有人。",
                "wish": "赔修车，把顶板查清楚，别再砸到人。",
                "place": "地下一层固定车位",
                "happened": "早上取车时发现",
                "category": "public-parts",
                "severity": "major",
            },
        ),
        Act(
            Day(1, "10:02"),
            "front-desk-1",
            "alert",
            {
                "departments": ["jx-engineering", "jx-order"],
                "site_manager": True,
                "reached": "管理处负责人已知悉，秩序部封闭该区域。",
            },
        ),
        Act(
            Day(1, "10:04"),
            "site-manager",
            "take_charge",
            {"measures": "封闭该区域车位，排查同批顶板，安排定损。"},
        ),
        Act(
            Day(1, "10:08"),
            "front-desk-1",
            "dispatch",
            {
                "department": "jx-engineering",
                "assisting": ["jx-customer-service"],
                "due_at": In("3d"),
                "instructions": "排查全部顶板，报修补方案；客服部陪同定损。",
            },
        ),
        Act(Day(1, "10:15"), "site-manager", "name_manager", {"manager": Staff("site-manager")}),
        Act(
            Day(1, "10:20"),
            "front-desk-1",
            "inform_customer",
            {"told": "区域已封闭，客服部今天陪您去定损，修补方案两天内给您看。"},
        ),
        Act(Day(1, "10:30"), "engineering-1", "accept", {"department": "jx-engineering"}),
        Act(Day(1, "10:40"), "service-head", "accept", {"department": "jx-customer-service"}),
        Act(
            Ago("3h"),
            "engineering-1",
            "propose",
            {
                "department": "jx-engineering",
                "solution": "凿除空鼓，挂网修补，同批二十六处一并处理。",
                "actions": "先支护后凿除；夜间施工，逐区封闭。",
                "customer_agrees": "yes",
                "cost": 18600,
            },
        ),
    ),
)

GRAVE = (
    LIFT,
    BURST_PIPE,
    WATER_STAIN,
    GARAGE_CEILING,
)
