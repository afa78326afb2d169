from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "shouwen.complaints"
    label = "complaints"
    verbose_name = _("投诉")

    def ready(self) -> None:
        from shouwen.complaints import (
            handing_over,
            models,
            personal,
            retention,
            rules,
            search,
            subject,
        )
        from shouwen.records import isolation

        isolation.by_project(models.Complaint)
        isolation.by_project(models.Incident)
        isolation.by_project(models.RejectedWave)
        isolation.by_parent(models.SearchText, "complaint_id", models.Complaint)
        isolation.by_parent(models.Work, "complaint_id", models.Complaint)
        isolation.function(search.SEARCH)

        rules.register()
        subject.register()
        personal.register()
        retention.register_kinds()
        handing_over.register()
