"""All addresses: each door's own, signing in and out, and the choice of language."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.account.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("", include("shouwen.desk.urls")),
]
