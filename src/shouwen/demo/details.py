"""Words that make one copy of a complaint differ from the next: common ones and rare ones."""

from __future__ import annotations

import random
from itertools import accumulate

_SEEN = (
    ("已经反映过一次", 400),
    ("物业来看过但没有修好", 200),
    ("晚上尤其明显", 150),
    ("邻居也这样说", 100),
    ("家里有老人和孩子", 80),
    ("下雨之后更严重", 40),
    ("电梯厅也有同样的情况", 30),
    ("门禁卡也刷不开", 20),
    ("地下车库积水", 10),
    ("对讲机没有声音", 6),
    ("信报箱锁坏了", 4),
    ("充电桩跳闸", 3),
    ("外墙瓷砖松动", 2),
    ("草坪里有白蚁", 1),
    ("屋檐下有马蜂窝", 0.2),
    ("单元门口的石狮子歪了", 0.1),
)
_WHEN = ("今天早上", "昨天傍晚", "前天夜里", "上周末", "这几天", "国庆假期里", "春节前", "入夏以来")
_ASKED = ("请尽快处理", "请给个答复", "请派人来看", "希望不要再拖", "请告诉我什么时候修好", "")
_SPOTS = (
    "大堂",
    "电梯厅",
    "二楼走廊",
    "顶楼平台",
    "地下一层",
    "单元门口",
    "东侧步道",
    "儿童乐园旁",
)
_LIMITS = list(accumulate(weight for _words, weight in _SEEN))


def sentence(chance: random.Random) -> str:
    """A sentence more for what the customer said."""
    seen = chance.choices(_SEEN, cum_weights=_LIMITS)[0][0]
    asked = chance.choice(_ASKED)
    return f"{chance.choice(_WHEN)}{seen}" + (f"，{asked}。" if asked else "。")


def spot(building: str, chance: random.Random) -> str:
    """A place in that building."""
    return f"{building}栋{chance.choice(_SPOTS)}"
