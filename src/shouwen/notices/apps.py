"""The room's Django configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "shouwen.notices"
    label = "notices"
    verbose_name = _("通知")

    def ready(self) -> None:
        from shouwen.clocks import loops
        from shouwen.complaints.models import Complaint
        from shouwen.notices import address_rules, models, running, wording
        from shouwen.notices import rules as permission_rules
        from shouwen.notices.reports import rules as report_rules
        from shouwen.records import isolation

        isolation.by_project(models.Notice, shared="project_id IS NULL")
        isolation.by_parent(models.Delivery, "notice_id", models.Notice)
        isolation.by_parent(models.Pass, "notice_id", models.Notice)
        isolation.by_project(models.Escalation)
        isolation.by_parent(models.Hop, "escalation_id", models.Escalation)
        isolation.by_project(models.Policy, shared="project_id IS NULL")
        isolation.by_project(models.Rehearsal)
        isolation.by_parent(models.ReportVersion, "complaint_id", Complaint)

        isolation.by_project(models.CustomerTemplate)
        isolation.by_project(models.CustomerTelling)
        isolation.by_parent(models.CustomerMessage, "complaint_id", Complaint)
        isolation.by_parent(models.Watch, "complaint_id", Complaint)

        # A person's addresses are theirs wherever they work; a department's lie in its project.
        isolation.by_project(
            models.Address,
            shared="staff_id IS NOT NULL OR EXISTS (SELECT 1 FROM organization_department d"
            " WHERE d.id = department_id AND (d.project_id IS NULL"
            " OR (SELECT shouwen_projects()) IS NULL"
            " OR d.project_id = ANY ((SELECT shouwen_projects())::bigint[])))",
        )

        wording.register()
        permission_rules.register()
        address_rules.register()
        report_rules.register()
        loops.register("notices", running.run)
