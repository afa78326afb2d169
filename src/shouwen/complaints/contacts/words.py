"""The words of contacts: natures of a matter, and where a contact stands."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: What most matters are; it is no contact.
COMPLAINT = "complaint"


class Nature(TextChoices):
    """What a matter is, if it is no complaint."""

    REPAIR = "repair", _("报修")
    ENQUIRY = "enquiry", _("咨询")
    PRAISE = "praise", _("表扬")
    SUGGESTION = "suggestion", _("建议")


#: Kept for the person's page and for the suggestion box; nobody has to answer.
KEPT = frozenset({Nature.PRAISE, Nature.SUGGESTION})


class ContactStatus(TextChoices):
    """Where a contact stands."""

    OPEN = "open", _("待答复")
    PROMISED = "promised", _("已答复，待再次答复")
    KEPT = "kept", _("留存")
    SETTLED = "settled", pgettext_lazy("contact", "已办结")
    COMPLAINT = "complaint", _("已转投诉")


#: Somebody has to do something.
WAITING = frozenset({ContactStatus.OPEN, ContactStatus.PROMISED})
#: Nobody has to any more.
ENDED = frozenset({ContactStatus.SETTLED, ContactStatus.COMPLAINT})
