"""Where the words that were searched for stand: marked in a text, and cut out of a long one."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from shouwen.complaints.grams import fold
from shouwen.complaints.spotting import Folded

AROUND = 16  # characters shown on each side of a word that was cut out


def places(text: str, terms: Sequence[str]) -> list[tuple[int, int]]:
    """Where the terms stand in the text, from and to, without overlaps, first to last."""
    folded = Folded.of(text)
    found: list[tuple[int, int]] = []
    for term in filter(None, map(fold, terms)):
        at = folded.folded.find(term)
        while at >= 0:
            end = at + len(term)
            found.append((folded.origin[at], folded.origin[end - 1] + 1))
            at = folded.folded.find(term, end)
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def marked(text: str, terms: Sequence[str]) -> SafeString:
    """The text with the terms marked, safe for a page."""
    if not terms:
        return escape(text)
    parts: list[SafeString] = []
    last = 0
    for start, end in places(text, terms):
        parts.append(format_html("{}<mark>{}</mark>", text[last:start], text[start:end]))
        last = end
    parts.append(format_html("{}", text[last:]))
    return format_html_join("", "{}", ((part,) for part in parts))


def excerpt(text: str, terms: Sequence[str]) -> SafeString | None:
    """A piece of the text around the first term that stands in it, marked; None where none does."""
    found = places(text, terms)
    if not found:
        return None
    start, end = max(0, found[0][0] - AROUND), min(len(text), found[0][1] + 2 * AROUND)
    piece = " ".join(text[start:end].split())
    return format_html(
        "{}{}{}",
        "…" if start else "",
        marked(piece, terms),
        "…" if end < len(text) else "",
    )
