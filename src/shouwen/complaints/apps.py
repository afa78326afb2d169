from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "shouwen.complaints"
    label = "complaints"
    verbose_name = _("投诉")

    def ready(self) -> None:
        from shouwen.complaints import handing_over, personal, rules, subject

        rules.register()
        subject.register()
        personal.register()
        handing_over.register()
