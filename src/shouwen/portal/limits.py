"""How often something may be done by one link, card or address; counted in the cache all processes share."""

from __future__ import annotations

from django.core.cache import cache

from shouwen.records.fields import blind_index


def too_often(what: str, whose: str, *, most: int, seconds: int) -> bool:
    """Count one time more, and say whether it was one too many within so many seconds.

    The cache knows a keyed hash of `whose`, so that no token and no number lies there.
    """
    key = f"portal:{what}:{blind_index(whose, 'portal limit')}"
    if cache.add(key, 1, seconds):
        return False
    try:
        return cache.incr(key) > most
    except ValueError:  # it ran out between the two
        cache.set(key, 1, seconds)
        return False
