"""The portal's addresses; each is opened by a token in it, or is there for everybody."""

from django.urls import URLPattern, path

from shouwen.portal.views import app, card, card_entry, report, tracking

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
    path("t/<str:token>/", tracking.track, name="track"),
    path("t/<str:token>/stop/", tracking.stop, name="track-stop"),
    path("t/<str:token>/photo/<uuid:pk>/", tracking.photo, name="track-photo"),
    path("t/<str:token>/<slug:name>/", tracking.act, name="track-act"),
    path("card/", card_entry.entry, name="card-entry"),
    path("card/worker.js", card_entry.worker, name="card-worker"),
    path("card/<str:token>/", card.card, name="card"),
    path("card/<str:token>/c/<str:number>/", card.one, name="card-one"),
    path("card/<str:token>/c/<str:number>/<slug:name>/", card.act, name="card-act"),
]
