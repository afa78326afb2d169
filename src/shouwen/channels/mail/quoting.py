"""What of a text is new, what it quotes of earlier messages, and what is a signature. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DASHES = r"[-—–_=*]{2,}"
# What programs put before the message that is answered or passed on.
_BREAK = re.compile(
    rf"^\s*{_DASHES}\s*(?:原始邮件|原邮件|原始郵件|原郵件|原始信件|回复的原邮件|回覆的原郵件|转发邮件|转发的邮件"
    rf"|轉寄郵件|轉寄的郵件|Original\s+Message|Original\s+Email|Forwarded\s+(?:message|by.{{0,80}})"
    rf"|Reply\s+message)\s*{_DASHES}",
    re.IGNORECASE,
)
_HEAD = re.compile(r"^\s*\**(?:发件人|寄件者|寄件人|發件人|From)\**\s*[:：]", re.IGNORECASE)
_HEADS = re.compile(
    r"^\s*\**(?:发送时间|发件时间|发送日期|时间|日期|寄件日期|寄件時間|發送時間|收件人|收件者|主题|主題|主旨|抄送|Sent|Date|To"
    r"|Subject|Cc)\**\s*[:：]",
    re.IGNORECASE,
)
_WROTE = re.compile(
    r"^\s*(?:(?:在|于|於)?.{0,200}\d.{0,200}(?:写道|寫道|编写|編寫|写了|撰写|撰寫)"
    r"|On\s.{4,300}\s(?:wrote|writes)|.{2,200}@.{2,200}(?:写道|寫道|wrote))\s*[:：]\s*$",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"^\s*(?:发自|發自|来自|來自|从|從|由)\s*(?:我的|我)?\s*.{1,30}(?:发送|發送|傳送|手机|手機|iPhone|iPad|邮箱.{0,6}|信箱|客户端)\s*$"
    r"|^\s*(?:发自|發自)我的.{1,30}$"
    r"|^\s*Sent\s+from\s+(?:my|Yahoo|Mail|Outlook).{0,60}$|^\s*Get Outlook for \w+.{0,80}$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Folded:
    """A text taken apart: what is new, the signature, and what is quoted."""

    new: str
    signature: str = ""
    quoted: str = ""


def fold(text: str) -> Folded:
    """Take a text apart; every line is in one of the three parts."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = _where_the_old_begins(lines)
    new, quoted = lines[:end], lines[end:]
    if not quoted:
        # Without a line before it, what is marked with > is quoted; what stands between is new.
        marked = [line.lstrip().startswith(">") for line in new]
        quoted = [line for line, old in zip(new, marked, strict=True) if old]
        new = [line for line, old in zip(new, marked, strict=True) if not old]
    cut = _where_the_signature_begins(new)
    return Folded(_tidy(new[:cut]), _tidy(new[cut:]), _tidy(quoted))


def _where_the_old_begins(lines: list[str]) -> int:
    for place, line in enumerate(lines):
        if len(line) > 1_000:
            continue
        if _BREAK.match(line):
            return place
        if _HEAD.match(line) and any(
            _HEADS.match(each[:200]) for each in lines[place + 1 : place + 5]
        ):
            # A rule that Outlook draws over it belongs to it.
            ruled = place and re.fullmatch(r"\s*[_\-=]{5,}\s*", lines[place - 1][:200])
            return place - 1 if ruled else place
        if _wrote(lines, place):
            return place
    return len(lines)


def _wrote(lines: list[str], place: int) -> bool:
    """“On … wrote:”, also broken over up to three lines; only where something follows."""
    near = lines[place : place + 3]
    if not any(line.rstrip().endswith((":", "：")) and len(line) < 400 for line in near):
        return False
    if not any(line.strip() for line in lines[place + 1 :][:40]):
        return False
    line = lines[place]
    if _WROTE.match(line):
        return True
    if not re.match(r"\s*(?:On\s|在|于|於|\d{4}\s*[年/-])", line):
        return False
    return any(
        _WROTE.match(" ".join(part.strip() for part in lines[place : place + more])[:600])
        for more in (2, 3)
    )


def _where_the_signature_begins(lines: list[str]) -> int:
    for place, line in enumerate(lines):
        # RFC 3676 4.3; programs and people drop the space.
        if line.rstrip("\n") in ("-- ", "--") and place:
            return place
    last = len(lines)
    while last and (not lines[last - 1].strip() or _SENT_FROM.match(lines[last - 1][:120])):
        last -= 1
    return last


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n ")
