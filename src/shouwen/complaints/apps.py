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
        from shouwen.complaints.contacts import personal as contacts_personal
        from shouwen.complaints.contacts import projection as contacts
        from shouwen.complaints.contacts import retention as contacts_retention
        from shouwen.complaints.contacts import rules as contacts_rules
        from shouwen.records import isolation

        isolation.by_project(models.Complaint)
        isolation.by_project(models.Incident)
        isolation.by_project(models.RejectedWave)
        isolation.by_parent(models.SearchText, "complaint_id", models.Complaint)
        isolation.by_parent(models.Work, "complaint_id", models.Complaint)
        isolation.by_project(models.Contact)
        isolation.function(search.SEARCH)

        rules.register()
        subject.register()
        personal.register()
        retention.register_kinds()
        handing_over.register()
        contacts_rules.register()
        contacts.register()
        contacts_personal.register()
        contacts_retention.register_kinds()
