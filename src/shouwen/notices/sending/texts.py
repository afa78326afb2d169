"""A message as text: what every channel says alike, cut to what each takes."""

from __future__ import annotations

from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from shouwen.notices.message import Message


def title(message: Message) -> str:
    """The title on one line, marked where it is an emergency or a rehearsal."""
    words = " ".join(message.title.split())
    with translation.override(message.language):
        mark = _("【演练】") if message.rehearsal else _("【紧急】") if message.urgent else ""
    # Whoever wrote the title may have marked it already.
    return words if words.startswith(mark) else mark + words


def whereabouts(message: Message) -> str:
    """The link or, where the installation has no public address, where to look in words."""
    if message.link:
        return message.link
    with translation.override(message.language):
        return _("请登录首问系统，在“通知”里查看和办理。")


def lines(message: Message) -> list[str]:
    """What stands below the title."""
    said = [line for each in message.lines if (line := each.strip())]
    if message.rehearsal:
        with translation.override(message.language):
            said.insert(0, _("这是演练，没有真实投诉；请按平时那样接警。"))
    return said


def plain(message: Message, *, limit: int = 0) -> str:
    """Title, lines and link as text; `limit`: bytes of UTF-8 at most, the link kept whole."""
    body = "\n".join([title(message), *lines(message)])
    end = "" if message.to_customer else "\n" + whereabouts(message)
    if limit:
        body = cut(body, limit - len(end.encode()))
    return body + end


def html(message: Message) -> str:
    """The same as a small HTML document without pictures, styles or anything from elsewhere."""
    with translation.override(message.language):
        button = _("打开并办理")
    end = (
        ""
        if message.to_customer
        else (
            format_html(
                '<p><a href="{}"><b>{}</b></a></p><p>{}</p>', message.link, button, message.link
            )
            if message.link
            else format_html("<p>{}</p>", whereabouts(message))
        )
    )
    return format_html(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>'
        "<body><h1>{}</h1>{}{}</body></html>",
        message.language,
        title(message),
        title(message),
        format_html_join("", "<p>{}</p>", ((line,) for line in lines(message))),
        end,
    )


def cut(text: str, limit: int) -> str:
    """The text within `limit` bytes of UTF-8, never through a character, with … where it was cut."""
    whole = text.encode()
    if len(whole) <= limit:
        return text
    return whole[: max(limit - 3, 0)].decode(errors="ignore") + "…"
