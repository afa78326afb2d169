"""Text out of HTML: what a reader would see, in time that grows with the length alone.

Nothing is fetched, run or kept of it. Written by hand because a parser that repairs everything may
take minutes over a page that was made to take long; here each character is looked at once.
"""

from __future__ import annotations

import re
from html import unescape

#: No more of an HTML part is read.
LONGEST = 2_000_000
_UNSEEN = ("script", "style", "head", "title", "template", "noscript", "textarea", "svg", "object")
_LINES = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    ]
)
_NAME = re.compile(r"/?\s*([A-Za-z][A-Za-z0-9]*)")
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")
_QUOTE = re.compile(r"gmail_quote|moz-cite|yahoo_quoted|OutlookMessageHeader|qmbox", re.IGNORECASE)


def to_text(html: str) -> str:
    """The visible text with its line breaks; what stands in a blockquote begins with `>`."""
    html = html[:LONGEST]
    low = html.lower()
    out: list[str] = []
    place, depth = 0, 0
    while place < len(html):
        begin = html.find("<", place)
        if begin < 0:
            out.append(_seen(html[place:]))
            break
        out.append(_seen(html[place:begin]))
        if low.startswith("<!--", begin):
            end = html.find("-->", begin + 4)
            place = len(html) if end < 0 else end + 3
            continue
        end = html.find(">", begin + 1)
        if end < 0:
            break
        tag = _NAME.match(html, begin + 1)
        name = tag[1].lower() if tag else ""
        closing = html.startswith("/", begin + 1)
        place = end + 1
        if name in _UNSEEN and not closing and html[end - 1] != "/":
            close = low.find(f"</{name}", place)
            place = len(html) if close < 0 else max(low.find(">", close) + 1, close + 2)
            continue
        if not name and not low.startswith("<!", begin):
            # No tag at all: a smaller-than sign in what somebody wrote.
            if not low.startswith("<?", begin):
                out.append("<")
                place = begin + 1
            continue
        if name == "blockquote":
            depth = max(0, depth + (-1 if closing else 1))
            out.append(f"\n\0{depth}\0")
        elif name in _LINES:
            if _QUOTE.search(html, begin, min(end, begin + 300)) and not closing:
                out.append("\n")
            out.append("\n")
        elif name in ("td", "th") and closing:
            out.append(" ")
    return _quoted("".join(out))


def _seen(text: str) -> str:
    # Line breaks of the source are spaces to a reader.
    return unescape(text.replace("\0", "")).replace("\0", "").replace("\n", " ")


def _quoted(text: str) -> str:
    lines, depth, empty = [], 0, True
    for line in text.split("\n"):
        if line.startswith("\0"):
            _nothing, level, line = line.split("\0", 2)
            depth = int(level)
        line = _SPACES.sub(" ", line).strip()
        if not line:
            if not empty:
                lines.append("")
            empty = True
            continue
        empty = False
        lines.append("> " * min(depth, 3) + line)
    return "\n".join(lines).strip()
