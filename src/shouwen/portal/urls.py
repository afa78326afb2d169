"""The portal's addresses; each is opened by a token in it, or is there for everybody."""

from django.urls import URLPattern, path

from shouwen.portal.views import app, report

app_name = "portal"
_PLACE = "p/<slug:token>/"
_KIOSK = _PLACE + "kiosk/"
urlpatterns: list[URLPattern] = [
    path("p/worker.js", app.worker, name="worker"),
    path(_PLACE, report.report, name="report"),
    path(_PLACE + "look/", report.look, name="look"),
    path(_PLACE + "app.webmanifest", app.manifest, name="manifest"),
    path(_PLACE + "sent/<str:receipt>/", report.receipt, name="receipt"),
    path(_KIOSK, report.report, {"kiosk": True}, name="kiosk"),
    path(_KIOSK + "sent/<str:receipt>/", report.receipt, {"kiosk": True}, name="kiosk-receipt"),
]
