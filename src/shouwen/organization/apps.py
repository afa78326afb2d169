"""The room's Django configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationConfig(AppConfig):
    name = "shouwen.organization"
    label = "organization"
    verbose_name = _("组织")

    def ready(self) -> None:
        from shouwen.organization import (
            bringing_in,
            duties_held,
            editors,  # noqa: F401 (rules register themselves)
            models,
            personal,
            roster_rules,  # noqa: F401
            rules,  # noqa: F401
        )
        from shouwen.records import isolation, retention
        from shouwen.records.personal import COPIES

        isolation.by_project(models.Home)
        isolation.by_project(models.Customer)
        isolation.by_project(models.Shift, shared="project_id IS NULL")
        isolation.by_parent(models.Swap, "shift_id", models.Shift)
        isolation.by_project(models.Handover)
        isolation.by_project(models.ShiftTime)
        personal.register()
        COPIES.append(bringing_in.remove_all)
        retention.register(
            retention.Kind(
                "workbooks",
                _("上传的组织资料表"),
                _("员工、房屋、客户、值班的导入文件；已导入的资料不受影响"),
                bringing_in.KEPT.days,
                due=lambda cutoff: bringing_in.unused(cutoff).count(),
                apply=bringing_in.forget,
            )
        )
        duties_held.register()
