"""The words of a complaint: its statuses, severities, channels and their Chinese labels.

Only words; what may follow what is in the step table (`steps/`) and the fold (`state.py`).
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    """Where a complaint stands; a department's own part has `WorkStatus`."""

    RECEIVED = "received", _("已受理")
    RELAYED = "relayed", _("待核实派单")
    AT_WORK = "at_work", _("处理中")
    FINISHED = "finished", _("已处理，待验证")
    VERIFIED = "verified", _("已验证，待回访")
    VISITED = "visited", _("已回访，待结案")
    EXPLAINED = "explained", _("已解释")
    CLOSED = "closed", _("已结案")
    WITHDRAWN = "withdrawn", _("客户撤回")
    MERGED = "merged", _("已并案")


ENDED = frozenset({Status.CLOSED, Status.WITHDRAWN, Status.MERGED})
OPEN = frozenset(Status) - ENDED


class WorkStatus(TextChoices):
    """Where one department's part of a complaint stands [R2][R4]."""

    DISPATCHED = "dispatched", _("已派单")
    ACCEPTED = "accepted", _("已接单")
    DECLINED = "declined", _("已退单")
    RECALLED = "recalled", _("已收回")
    COMPLETED = "completed", _("已完成")


AT_WORK = frozenset({WorkStatus.DISPATCHED, WorkStatus.ACCEPTED})


class Severity(TextChoices):
    """How grave a complaint is [R2][R4][R6][P4]; it decides the clocks."""

    ROUTINE = "routine", _("一般")
    COMPLEX = "complex", _("较复杂")
    MAJOR = "major", _("重大")
    EMERGENCY = "emergency", _("紧急抢险")


GRAVE = frozenset({Severity.MAJOR, Severity.EMERGENCY})


class Channel(TextChoices):
    """How a complaint came in [A1]."""

    PHONE = "phone", _("电话")
    FRONT_DESK = "front_desk", _("现场")
    EMAIL = "email", _("电子邮件")
    WEB = "web", _("网页")
    CHAT = "chat", _("微信")
    HOTLINE = "hotline", _("热线转办")
    API = "api", _("接口")
    IMPORT = "import", _("导入")
