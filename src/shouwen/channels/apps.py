"""The room's Django configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "shouwen.channels"
    label = "channels"
    verbose_name = _("受理渠道")

    def ready(self) -> None:
        from shouwen.channels import bringing, call_backs, call_records, models, ringing, rules
        from shouwen.records import isolation, personal, retention

        isolation.by_project(models.ImportFile)
        isolation.by_parent(models.ImportRun, "file_id", models.ImportFile)

        isolation.by_project(models.TelephoneLine)
        isolation.by_project(models.Call)
        isolation.by_parent(models.Extension, "line_id", models.TelephoneLine)
        isolation.by_parent(models.CallEvent, "line_id", models.TelephoneLine)

        rules.register()
        ringing.register()
        call_backs.register()
        call_records.register()
        personal.COPIES.append(bringing.remove_all)
        retention.register(
            retention.Kind(
                "imports",
                _("上传的历史投诉表"),
                _("导入用的文件和被退回的行；已导入的投诉不受影响"),
                bringing.FILES_KEPT.days,
                due=lambda cutoff: bringing.unused(cutoff).count(),
                apply=bringing.forget,
            )
        )
