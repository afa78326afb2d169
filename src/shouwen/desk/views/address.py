"""Address and sign-in: what the present address cannot offer, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.socialaccount.adapter import get_adapter
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shouwen.desk import reachability, words
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization import signing_in

SOON = 30  # days before a certificate expires


@dataclass(frozen=True)
class Function:
    """Something that depends on the address: whether it works, and what to do where it does not."""

    name: str
    works: bool
    advice: str


def functions(here: reachability.Reachability) -> list[Function]:
    """What depends on the address, as it is from this one."""
    domain = _("用域名访问，并配置证书（https）")
    https = _("配置证书（https）")
    return [
        Function(_("通行密钥（指纹、人脸、安全密钥登录）"), here.passkeys, domain),
        Function(_("安装到手机桌面、断网时登记"), here.secure, https),
        Function(_("登录密码和客户资料在网络上加密传输"), here.encrypted, https),
        Function(
            _("通知和追踪链接带完整地址"),
            bool(settings.SHOUWEN_PUBLIC_ADDRESS),
            _("设置 SHOUWEN_PUBLIC_ADDRESS"),
        ),
    ]


@require_safe
@staff_page("see_address")
def address(request: StaffRequest) -> HttpResponse:
    """The page."""
    here = reachability.of(request)
    served = reachability.certificate()
    context = {
        "here": "settings",
        "public": settings.SHOUWEN_PUBLIC_ADDRESS,
        "reached": here,
        "functions": functions(here),
        "certificate": served,
        "certificate_names": words.listed(list(served.names)) if served else "",
        "expires_soon": served is not None and served.days_left < SOON,
        "elsewhere": get_adapter().list_providers(request),
        "without_second_factor": signing_in.without_a_second_factor(),
        "demo": settings.SHOUWEN_DEMO,
    }
    return render(request, "desk/settings/address.html", context)
