"""Complaints that have come to their end: kept, late, mediated, withdrawn [R3][R5]."""

from __future__ import annotations

from shouwen.demo.stories.telling import Act, Day, In, Story

CHARGED_TWICE = Story(
    "JX",
    "4栋2单元102",
    (
        Act(
            Day(9, "14:00"),
            "front-desk-1",
            "receive",
            {
                "subject": "水费重复扣款",
                "content": "上个月的水费从我卡里扣了两次，一次七十二块四，隔了三天又扣一次一样的。",
                "wish": "把多扣的钱退回来。",
                "happened": "上个月",
                "category": "utilities",
            },
        ),
        Act(
            Day(8, "09:00"),
            "front-desk-2",
            "assess",
            {"facts": "系统流水显示同一账单两次扣款成功。", "justified": "yes"},
        ),
        # [R2] nineteen hours after receipt: late, and it stays late.
        Act(
            Day(8, "09:05"),
            "front-desk-2",
            "dispatch",
            {
                "department": "jx-finance",
                "due_at": In("2d"),
                "instructions": "核对银行回单，多扣的原路退回。",
            },
        ),
        Act(
            Day(8, "09:10"),
            "front-desk-2",
            "inform_customer",
            {"told": "确实多扣了一次，财务部正在办理退款，到账会再告诉您。"},
        ),
        Act(Day(8, "09:30"), "finance-head", "accept", {"department": "jx-finance"}),
        Act(
            Day(7, "11:00"),
            "finance-head",
            "complete",
            {"department": "jx-finance", "result": "多扣的七十二元四角已原路退回。"},
            # [R5] told four hours after it was done
            written="4h",
        ),
        Act(Day(7, "16:00"), "front-desk-1", "verify", {"how": "看过退款回单，金额与账户无误。"}),
        Act(
            Day(6, "10:00"),
            "front-desk-2",
            "attempt_visit",
            {"medium": "phone", "result": "no_answer"},
        ),
        Act(
            Day(6, "19:30"),
            "front-desk-1",
            "visit",
            {
                "outcome": "solved",
                "satisfaction": "3",
                "words": "钱收到了，就是回话慢了点。",
            },
        ),
        Act(Day(5, "09:00"), "front-desk-1", "close", {"summary": "退款到账。"}),
    ),
)


ENCLOSED_BALCONY = Story(
    "JX",
    "6栋1单元1601",
    (
        Act(
            Day(8, "15:10"),
            "front-desk-1",
            "receive",
            {
                "channel": "front_desk",
                "subject": "不让封露台，认为区别对待",
                "content": "我家露台装玻璃房，材料都运到门口了被保安拦下，别的小区都可以装，凭什么不让。",
                "wish": "放行材料，或者赔偿损失。",
                "place": "6栋1单元1601露台",
                "happened": "当天上午",
                "category": "illegal-works",
            },
        ),
        Act(
            Day(8, "16:20"),
            "front-desk-1",
            "assess",
            {
                "facts": "露台属外立面，装修协议与管理规约都写明不得封闭，材料未经申报。",
                "justified": "no",
            },
        ),
        Act(
            Day(8, "17:05"),
            "centre-head",
            "confirm",
            {"agreed": "yes", "reason": "协议有本人签字，同楼栋近两年无一例放行。"},
        ),
        Act(
            Day(8, "17:30"),
            "front-desk-1",
            "explain",
            {
                "explanation": "带业主看了规约和外立面图，说明承重与消防的顾虑，介绍可申报的遮阳篷样式。",
                "accepted": "no",
                "department": "jx-order",
            },
        ),
        Act(
            Day(7, "10:00"),
            "order-head",
            "mediate",
            {
                "outcome": "agreed",
                "account": "上门面谈，同意改装统一样式的遮阳篷，协助联系厂家退回玻璃材料。",
            },
        ),
        Act(Day(7, "10:30"), "front-desk-1", "close", {"summary": "业主谅解，改装遮阳篷。"}),
    ),
)


CLEANING = Story(
    "JX",
    "1栋1单元502",
    (
        Act(
            Day(6, "09:12"),
            "steward-1",
            "receive",
            {
                "channel": "chat",
                "subject": "电梯厅地面油渍未清理",
                "content": "五楼电梯厅昨天装修搬东西洒了油，到今天早上都没人擦，老人差点滑倒。",
                "wish": "尽快清理干净，装修搬运要有人跟着检查。",
                "place": "1栋1单元五楼电梯厅",
                "happened": "前一天傍晚起",
                "category": "cleaning",
            },
        ),
        Act(Day(6, "09:40"), "steward-1", "relay"),
        Act(
            Day(6, "10:05"),
            "front-desk-1",
            "assess",
            {
                "facts": "管家照片与监控都看得到油渍，装修搬运后未按要求清场。",
                "justified": "yes",
            },
        ),
        Act(
            Day(6, "10:10"),
            "front-desk-1",
            "dispatch",
            {
                "department": "jx-environment",
                "due_at": In("6h50m"),
                "instructions": "先放防滑警示牌，再除油；清理后拍照。",
            },
        ),
        Act(
            Day(6, "10:14"),
            "front-desk-1",
            "inform_customer",
            {
                "told": "已安排环境部处理，预计今天下午五点前清理完毕，请老人暂走另一侧。",
                "medium": "wechat",
            },
        ),
        Act(Day(6, "10:30"), "environment-1", "accept", {"department": "jx-environment"}),
        Act(
            Day(6, "11:00"),
            "environment-1",
            "investigate",
            {
                "department": "jx-environment",
                "findings": "油渍约两平方米，来自前一天的装修材料搬运。",
                "cause": "搬运后未清场，晚班保洁未巡到该层。",
                "responsible": "company",
            },
        ),
        Act(
            Day(6, "15:20"),
            "environment-1",
            "complete",
            {
                "department": "jx-environment",
                "result": "已除油并冲洗两遍，地面干燥不滑；晚班巡查表加上装修楼层。",
            },
            written="25m",
        ),
        Act(
            Day(6, "16:05"),
            "front-desk-2",
            "verify",
            {"how": "到五楼电梯厅看过，用手擦拭无油感，警示牌已收。"},
        ),
        Act(
            Day(6, "16:20"),
            "front-desk-2",
            "inform_first_contact",
            {"told": "五楼电梯厅已经清理干净并现场看过，可以告诉业主放心走。", "medium": "wechat"},
        ),
        Act(
            Day(5, "10:30"),
            "front-desk-1",
            "visit",
            {
                "outcome": "solved",
                "satisfaction": "5",
                "medium": "phone",
                "words": "清得很干净，谢谢你们当天就处理了。",
            },
        ),
        Act(Day(5, "10:40"), "front-desk-1", "close", {"summary": "当天处理完毕，业主很满意。"}),
    ),
)


CAR_IN_THE_WAY = Story(
    "JX",
    "2栋2单元501",
    (
        Act(
            Day(3, "08:10"),
            "front-desk-2",
            "receive",
            {
                "subject": "固定车位被占",
                "content": "我的固定车位停了别人的车，没有留电话，我要上班出不去也停不进。",
                "wish": "马上把车挪走。",
                "place": "地下一层固定车位",
                "happened": "当天早上",
                "category": "occupied",
            },
        ),
        Act(
            Day(3, "08:14"),
            "front-desk-2",
            "dispatch",
            {"department": "jx-order", "due_at": In("1h"), "instructions": "联系车主挪车。"},
        ),
        Act(Day(3, "08:16"), "order-gate", "accept", {"department": "jx-order"}),
        Act(
            Day(3, "08:31"),
            "front-desk-2",
            "withdraw",
            {"reason": "来电说车主自己把车开走了，不用再处理。"},
        ),
    ),
)

ENDED = (
    CHARGED_TWICE,
    ENCLOSED_BALCONY,
    CLEANING,
    CAR_IN_THE_WAY,
)
