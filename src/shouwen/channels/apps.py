"""The room's Django configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "shouwen.channels"
    label = "channels"
    verbose_name = _("受理渠道")

    def ready(self) -> None:
        from shouwen.channels import bringing, models, rules
        from shouwen.channels.mail import holding, receipts, running, wording
        from shouwen.channels.mail import rules as mail_rules
        from shouwen.clocks import loops
        from shouwen.notices import threads
        from shouwen.records import isolation, personal, retention

        isolation.by_project(models.ImportFile)
        isolation.by_parent(models.ImportRun, "file_id", models.ImportFile)
        isolation.by_project(models.Mailbox)
        isolation.by_project(models.IncomingMail)

        rules.register()
        mail_rules.register()
        wording.register()
        holding.register()
        threads.FINDERS.append(receipts.thread_of)
        loops.register("mail", running.run)
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
