"""Addresses of the API, of its document, and of the pages where keys are kept."""

from __future__ import annotations

from django.urls import path, re_path, register_converter
from django.urls.converters import StringConverter
from django.urls.resolvers import URLPattern, URLResolver
from ninja.utils import replace_path_param_notation

from shouwen.api import hotlines, pages, v1, wechat, wechat_settings
from shouwen.api.open311 import pages as open311_pages
from shouwen.api.open311 import views as open311
from shouwen.api.telephony import pages as telephony
from shouwen.api.telephony import receiving

app_name = "api"


def _operations() -> list[URLPattern | URLResolver]:
    """The addresses of the operations, each with the rules that its methods declare."""
    found: list[URLPattern | URLResolver] = []
    for bound in v1.api._get_bound_routers():
        for address, view in bound.path_operations.items():
            answering = view.get_view()
            answering.operations = {  # type: ignore[attr-defined]
                method: each.view_func.operation  # type: ignore[attr-defined]
                for each in view.operations
                for method in each.methods
            }
            name = v1.api.get_operation_url_name(view.operations[0], bound.template)
            route = "api/v1" + replace_path_param_notation(address)
            found.append(path(route, answering, name=view.url_name or name))
    return found


class Format(StringConverter):
    """How an answer of Open311 is written."""

    regex = "json|xml"


register_converter(Format, "open311")

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/docs", pages.docs, name="docs"),
    path("api/v1/openapi.json", pages.openapi, name="openapi"),
    *_operations(),
    re_path(r"^api/v1/.*$", pages.nothing_there, name="nothing-there"),
    path("wechat/<slug:token>/", wechat.receive, name="wechat"),
    path("settings/wechat/", wechat_settings.page, name="wechat-accounts"),
    path("settings/wechat/<int:pk>/", wechat_settings.change, name="wechat-change"),
    path("settings/wechat/<int:pk>/rotate/", wechat_settings.rotate, name="wechat-rotate"),
    path("settings/wechat/<int:pk>/switch/", wechat_settings.switch, name="wechat-switch"),
    path("telephony/<str:token>/events", receiving.events, name="telephony-events"),
    path("settings/telephony/", telephony.lines, name="telephone-lines"),
    path("settings/telephony/<int:pk>/", telephony.line, name="telephone-line"),
    path("settings/telephony/<int:pk>/rotate/", telephony.rotate, name="telephone-rotate"),
    path("settings/telephony/<int:pk>/switch/", telephony.switch, name="telephone-switch"),
    path("settings/telephony/<int:pk>/try/", telephony.try_out, name="telephone-try"),
    path("settings/telephony/<int:pk>/seat/", telephony.seat, name="telephone-seat"),
    *(
        path(f"open311/v2/{address}.<open311:form>", view, name=f"open311-{name}")
        for address, view, name in (
            ("discovery", open311.discovery, "discovery"),
            ("services", open311.services, "services"),
            ("services/<slug:code>", open311.service, "service"),
            ("requests", open311.requests, "requests"),
            ("requests/<slug:number>", open311.request_, "request"),
            ("tokens/<slug:token>", open311.token, "token"),
        )
    ),
    path("hotline/<uuid:pk>/orders", hotlines.orders, name="hotline-orders"),
    path("settings/hotlines/", hotlines.keep, name="hotlines"),
    path("settings/api/open311/", open311_pages.switch, name="open311-switch"),
    path("settings/api/", pages.keys, name="keys"),
    path("settings/api/<int:pk>/revoke/", pages.revoke, name="key-revoke"),
    path("settings/api/webhooks/<uuid:pk>/", pages.webhook, name="webhook"),
]
