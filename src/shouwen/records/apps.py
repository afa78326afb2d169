"""The room of records."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def _isolate(**told: Any) -> None:
    """The policies follow the tables."""
    from shouwen.records import isolation

    isolation.enforce()


class RecordsConfig(AppConfig):
    name = "shouwen.records"
    label = "records"
    verbose_name = _("档案")

    def ready(self) -> None:
        from shouwen.records import (
            attachments,
            facts,
            isolation,
            models,
            personal,
            retention,
            rotation,
        )

        isolation.by_project(models.Chain, shared="project_id = 0")
        isolation.by_project(models.Entry, shared="project_id = 0")
        isolation.by_project(models.Attachment)
        isolation.by_parent(models.ErasableFact, "entry_id", models.Entry, in_one_statement=True)
        post_migrate.connect(_isolate, sender=self)

        personal.register(
            "records", _("台账中的文字与个人信息"), export=facts.export, erase=facts.erase
        )
        personal.register("records", _("附件"), export=attachments.export, erase=attachments.erase)
        retention.register_access_log()
        rotation.FILES["attachments"] = attachments.files
