"""The room's Django configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "shouwen.channels"
    label = "channels"
    verbose_name = _("受理渠道")

    def ready(self) -> None:
        from shouwen.channels import (
            bringing,
            call_backs,
            call_records,
            held,
            hotline_replies,
            models,
            ringing,
            rules,
        )
        from shouwen.channels.mail import holding, receipts, running, wording
        from shouwen.channels.mail import rules as mail_rules
        from shouwen.channels.wechat import personal as wechat
        from shouwen.clocks import loops
        from shouwen.complaints.models import Complaint
        from shouwen.notices import threads
        from shouwen.records import attachments, audit, isolation, personal, retention

        isolation.by_project(models.ImportFile)
        isolation.by_project(models.Open311Request)
        isolation.by_project(models.Hotline)
        isolation.by_parent(models.HotlineReply, "complaint_id", Complaint)
        isolation.by_parent(models.ImportRun, "file_id", models.ImportFile)
        isolation.by_project(models.Mailbox)
        isolation.by_project(models.IncomingMail)

        isolation.by_project(models.TelephoneLine)
        isolation.by_project(models.Call)
        isolation.by_parent(models.Extension, "line_id", models.TelephoneLine)
        isolation.by_parent(models.CallEvent, "line_id", models.TelephoneLine)

        isolation.by_project(models.HeldArrival)
        isolation.by_project(models.WechatAccount)
        isolation.by_project(models.WechatFollower)
        isolation.by_project(models.WechatMessage)

        rules.register()
        loops.register("hotlines", hotline_replies.run)
        audit.register("arrival_released", _("放行待查看的来件"))
        audit.register("arrival_discarded", _("不受理待查看的来件"))
        attachments.KEPT_ELSEWHERE.add(held.SUBJECT)
        personal.register("channels", _("待查看的来件"), export=held.export, erase=held.erase)
        personal.register("channels", _("微信用户"), export=wechat.export, erase=wechat.erase)
        ringing.register()
        call_backs.register()
        call_records.register()
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
        retention.register(
            retention.Kind(
                "held_arrivals",
                _("待查看的来件"),
                _("网页上被拦下来的来件；放行后成为投诉的不受影响"),
                held.KEPT_DAYS,
                due=lambda cutoff: held.old(cutoff).count(),
                apply=held.forget,
            )
        )
        retention.register(
            retention.Kind(
                "wechat",
                _("微信消息和用户"),
                _("微信里的回复和久未来信的人；由此登记的投诉不受影响"),
                wechat.KEPT_DAYS,
                due=wechat.due,
                apply=wechat.forget,
            )
        )
