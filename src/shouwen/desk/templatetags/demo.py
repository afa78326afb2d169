"""The demo company's sign-ins: one click a position. Empty outside demo mode."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.organization.models import Post

register = template.Library()


@register.simple_tag
def demo_positions() -> list[dict[str, Any]]:
    """Staff who hold a post today, grouped by project, the company's own last."""
    if not settings.SHOUWEN_DEMO:
        return []
    groups: dict[str, dict[str, Any]] = {}
    posts = Post.objects.held_on(timezone.localdate()).select_related("staff", "project")
    for post in posts.order_by("project__code", "pk"):
        name = post.project.name if post.project else _("公司")
        group = groups.setdefault(name, {"name": name, "staff": {}})
        label = post.get_position_display()
        person = group["staff"].setdefault(
            post.staff.pk, {"username": post.staff.username, "name": post.staff.name, "positions": label}
        )
        if person["positions"] != label:
            person["positions"] += f"、{label}"
    return [{**group, "staff": list(group["staff"].values())} for group in groups.values()]
