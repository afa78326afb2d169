"""WeCom among the ways to sign in."""

from django.apps import AppConfig


class WeComConfig(AppConfig):
    name = "shouwen.config.wecom"
    label = "wecom"
    verbose_name = "WeCom"
