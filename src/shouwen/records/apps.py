"""The room of records."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "shouwen.records"
    label = "records"
    verbose_name = _("档案")

    def ready(self) -> None:
        from shouwen.records import attachments, facts, personal

        personal.register(
            "records", _("台账中的文字与个人信息"), export=facts.export, erase=facts.erase
        )
        personal.register("records", _("附件"), export=attachments.export, erase=attachments.erase)
