"""Why a step was not taken. Every refusal leaves everything as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from shouwen.records.models import Entry


class Refused(Exception):
    """A step was not taken; `words` say why and what to do next."""

    def __init__(self, words: str | Promise) -> None:
        super().__init__(str(words))
        self.words = str(words)


class NotAllowed(Refused):
    """The person may not take this step; `rule` is the rule that decided."""

    def __init__(self, rule: Any) -> None:
        super().__init__(_("您没有办理这一步的权限：%(rule)s") % {"rule": rule})
        self.rule = rule


class WrongStatus(Refused):
    """The complaint does not stand where this step can be taken."""

    def __init__(self, verb: str | Promise, status: str | Promise) -> None:
        super().__init__(
            _("这件投诉现在是“%(status)s”，不能“%(verb)s”。请刷新后再看。")
            % {"status": status, "verb": verb}
        )


class Changed(Refused):
    """Somebody else acted meanwhile; `entries` are what they wrote."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__(_("您打开页面之后，这件投诉已有新的记录。请看过后再提交。"))
        self.entries = list(entries)


class InvalidData(Refused):
    """What the step was told does not fit: messages by field, `""` for the whole."""

    def __init__(self, errors: Mapping[str, Sequence[str | Promise]]) -> None:
        super().__init__(_("请改正标出的内容后再提交。"))
        self.errors = {name: [str(words) for words in all_] for name, all_ in errors.items()}


class KeyReused(Refused):
    """The same idempotency key came with another request."""

    def __init__(self) -> None:
        super().__init__(_("这个幂等键已用于另一个请求。请换一个新键。"))
