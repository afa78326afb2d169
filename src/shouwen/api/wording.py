"""What the access log calls what happens here."""

from django.utils.translation import gettext_lazy as _

from shouwen.records import audit


def register() -> None:
    """Make the room's actions known."""
    audit.register("api_key_made", _("创建接口密钥"))
    audit.register("api_key_revoked", _("吊销接口密钥"))
    audit.register("api_contact_seen", _("接口读取投诉人电话"))
    audit.register("api_customers_found", _("接口按电话查找客户"))
    audit.register("webhook_added", _("新增推送订阅"))
    audit.register("hotline_changed", _("修改外部热线"))
    audit.register("open311_switched", _("开放或关闭 Open311"))
    audit.register("webhook_changed", _("修改推送订阅"))
    audit.register("webhook_removed", _("删除推送订阅"))
    audit.register("webhook_replayed", _("重放推送"))
