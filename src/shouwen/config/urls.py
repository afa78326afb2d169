"""All addresses: each door's own, signing in and out, and the choice of language."""

from django.urls import include, path

from shouwen.config import language

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("language/setlang/", language.choose, name="set_language"),
    path("", include("shouwen.desk.urls")),
]
