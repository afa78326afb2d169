from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "shouwen.desk"
    label = "desk"
    verbose_name = _("工作台")

    def ready(self) -> None:
        from shouwen.channels.calls import Call
        from shouwen.desk import calls, exporting, matrix, models, rules
        from shouwen.records import isolation, personal, retention, rotation

        isolation.by_project(models.SavedView, shared="project_id IS NULL")

        rules.register()
        matrix.specimen(Call, calls.specimens)
        personal.COPIES.append(exporting.remove_all)
        retention.register(
            retention.Kind(
                "exports",
                _("导出的登记"),
                _("谁在什么时候导出了什么；文件本身一天后删除"),
                exporting.ROW_KEPT.days,
                due=lambda cutoff: exporting.old(cutoff).count(),
                apply=exporting.forget,
            )
        )
        rotation.FILES["exports"] = exporting.files
