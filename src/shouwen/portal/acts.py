"""What the customer can do on the tracking page: each act is one of their steps, asked for in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Longer words are a letter: whoever has so much to say is better called.
LONGEST = 2000


@dataclass(frozen=True)
class Act:
    """One act: its step, the field its words go to, and what its page says.

    `needs_words`: without a word it says nothing. `photos`: pictures can go with it. `done` is said
    when it has been written.
    """

    step: str
    title: Promise
    button: Promise
    done: Promise
    hint: Promise | str = ""
    label: Promise | str = ""
    field: str = "words"
    needs_words: bool = True
    photos: bool = False


ACTS: dict[str, Act] = {
    "add": Act(
        step="customer_add",
        title=_("补充情况或照片"),
        label=_("要补充什么"),
        button=_("发送"),
        done=_("已收到您补充的情况，我们看过后答复您。"),
        needs_words=False,
        photos=True,
    ),
    "answer": Act(
        step="customer_answer",
        title=_("回答我们的问题"),
        label=_("您的回答"),
        button=_("发送"),
        done=_("已收到您的回答，谢谢。"),
        photos=True,
    ),
    "urge": Act(
        step="customer_urge",
        title=_("催一下"),
        label=_("想说什么（可以不写）"),
        hint=_("客服中心和正在处理的人都会收到。"),
        button=_("催一下"),
        done=_("已转告客服中心和正在处理的人。"),
        needs_words=False,
    ),
    "confirm": Act(
        step="customer_confirm",
        title=_("确认已经处理好"),
        label=_("想说什么（可以不写）"),
        hint=_("我们仍会回访您。"),
        button=_("已经处理好了"),
        done=_("谢谢您告诉我们。我们仍会回访您。"),
        needs_words=False,
    ),
    "dispute": Act(
        step="customer_dispute",
        title=_("还没有处理好"),
        label=_("哪里还没有处理好"),
        button=_("告诉我们"),
        done=_("已收到，我们会再去看，并答复您。"),
        photos=True,
    ),
    "reopen": Act(
        step="customer_reopen",
        title=_("要求重新处理"),
        label=_("现在是什么情况"),
        button=_("重新处理"),
        done=_("已重新受理，编号不变。"),
        field="reason",
        photos=True,
    ),
    "rate": Act(
        step="customer_rate",
        title=_("评价这次处理"),
        label=_("想说什么（可以不写）"),
        button=_("提交评价"),
        done=_("谢谢您的评价。"),
        needs_words=False,
    ),
    "withdraw": Act(
        step="customer_withdraw",
        title=_("确定要撤回吗？"),
        label=_("为什么撤回（可以不写）"),
        hint=_("撤回后我们不再处理这件事。以后仍可以在这里要求重新处理。"),
        button=_("确定撤回"),
        done=_("已按您的意思撤回。"),
        field="reason",
        needs_words=False,
    ),
}
