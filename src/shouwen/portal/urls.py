"""The portal's addresses; each is opened by a token in it, or is there for everybody."""

from django.urls import URLPattern, path

from shouwen.portal.views import card, card_entry, tracking

app_name = "portal"
urlpatterns: list[URLPattern] = [
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
