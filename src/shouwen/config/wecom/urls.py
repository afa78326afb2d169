"""Addresses of signing in by WeCom."""

from allauth.socialaccount.providers.oauth2.urls import default_urlpatterns

from shouwen.config.wecom.provider import WeComProvider

urlpatterns = default_urlpatterns(WeComProvider)
