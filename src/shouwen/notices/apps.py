"""The room's Django configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "shouwen.notices"
    label = "notices"
    verbose_name = _("通知")

    def ready(self) -> None:
        from shouwen.notices import models
        from shouwen.records import isolation

        # A person's addresses are theirs wherever they work; a department's lie in its project.
        isolation.by_project(
            models.Address,
            shared="staff_id IS NOT NULL OR EXISTS (SELECT 1 FROM organization_department d"
            " WHERE d.id = department_id AND (d.project_id IS NULL"
            " OR (SELECT shouwen_projects()) IS NULL"
            " OR d.project_id = ANY ((SELECT shouwen_projects())::bigint[])))",
        )
