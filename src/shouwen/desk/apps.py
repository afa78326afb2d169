from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "shouwen.desk"
    label = "desk"
    verbose_name = _("工作台")

    def ready(self) -> None:
        from shouwen.desk import exporting, models, rules
        from shouwen.records import isolation, personal, rotation

        isolation.by_project(models.SavedView, shared="project_id IS NULL")

        rules.register()
        personal.COPIES.append(exporting.remove_all)
        rotation.FILES["exports"] = exporting.files
