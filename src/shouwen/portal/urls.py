"""The portal's addresses; each is opened by a token in it, or is there for everybody."""

from django.urls import URLPattern

app_name = "portal"
urlpatterns: list[URLPattern] = []
