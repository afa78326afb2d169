"""The portal's jobs: sending the code that opens a card's page."""

from __future__ import annotations

from django.db import connections
from django.utils.translation import gettext as _
from django.utils.translation import override
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from shouwen.notices.address import Gateway
from shouwen.notices.message import Message
from shouwen.notices.sending import gateway
from shouwen.notices.sending.failures import Failed
from shouwen.organization import cards
from shouwen.organization.customers import normalise
from shouwen.organization.models import CardCode


@app.task(retry=RetryStrategy(max_attempts=3, wait=5, retry_exceptions={Failed}))
def send_card_code(asked: str) -> None:
    """Find out who is known by the number, and send them the code; nothing where nobody is."""
    try:
        row = CardCode.objects.filter(pk=asked, code_digest="").first()
        found = cards.answer(row) if row is not None else None
        if row is None or found is None:
            return
        staff, code = found
        try:
            gateway.send(
                Gateway.Kind.SMS,
                normalise(staff.telephone),
                _message(staff.language, code),
                asked,
            )
        except Failed:
            CardCode.objects.filter(pk=asked).update(code_digest="")
            raise
    finally:
        connections.close_all()


def _message(language: str, code: str) -> Message:
    with override(language):
        said = _("验证码 {code}，10 分钟内有效，用于打开首问登记页。不是您本人操作请忽略。")
        # As to a customer: a text of its own, that leads to no page where one signs in.
        return Message(
            title=_("首问登记"),
            lines=(said.format(code=code),),
            link="",
            language=language,
            to_customer=True,
        )
