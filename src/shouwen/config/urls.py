"""All addresses: each door's own, signing in and out, and the choice of language."""

from allauth.account import views as account
from allauth.urls import build_provider_urlpatterns
from django.urls import include, path

from shouwen.config import language

# Of django-allauth what is meant to be here: nobody signs up, and whoever forgot a password is
# invited anew by the administrator, so that no page tells who has an account.
accounts = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("2fa/", include("allauth.mfa.urls")),
    path("3rdparty/", include("allauth.socialaccount.urls")),
    *build_provider_urlpatterns(),
]

urlpatterns = [
    path("accounts/", include(accounts)),
    path("language/setlang/", language.choose, name="set_language"),
    path("", include("shouwen.api.urls")),
    path("", include("shouwen.portal.urls")),
    path("", include("shouwen.desk.urls")),
]
