"""The category tree that is shipped [A3]."""

from django.utils.translation import gettext_lazy as _

# code → (name, {code: name}). Names are shown in the reader's language while nobody renamed them.
SHIPPED = {
    "environment": (
        _("环境卫生"),
        {"cleaning": _("保洁"), "garbage": _("垃圾清运"), "pests": _("消杀除虫")},
    ),
    "facility": (
        _("设施维护"),
        {
            "lift": _("电梯"),
            "water": _("给排水"),
            "power": _("供电照明"),
            "leak": _("渗漏"),
            "public-parts": _("公共部位"),
        },
    ),
    "safety": (
        _("安全问题"),
        {"access": _("门禁出入"), "fire": _("消防"), "falling": _("高空坠物"), "theft": _("治安")},
    ),
    "service": (_("服务态度"), {"manner": _("言行举止"), "slow": _("响应迟缓")}),
    "fees": (_("收费"), {"property-fee": _("物业费"), "utilities": _("水电代收")}),
    "parking": (_("停车"), {"occupied": _("车位占用"), "gate": _("道闸")}),
    "noise": (_("噪声"), {"neighbour": _("邻里噪声"), "equipment": _("设备噪声")}),
    "greening": (_("绿化"), {}),
    "decoration": (_("装修"), {"works-noise": _("施工扰民"), "illegal-works": _("违规装修")}),
    "other": (_("其他"), {}),
}
SHIPPED_NAMES = {
    code: name
    for top, (top_name, below) in SHIPPED.items()
    for code, name in [(top, top_name), *below.items()]
}
