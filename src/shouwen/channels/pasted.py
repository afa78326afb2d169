"""A chat copied out of a residents' group: who said what, when. Pure; no word is lost.

WeChat, WeCom and QQ copy messages in a few shapes: a line that names speaker and time and the words
below it, the time before the speaker, a divider with the day, or all of it in one line. A line that is
none of these is somebody's words, so nothing that was pasted falls out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

#: Messages longer ago are told with their time, which is then not taken over.
RECENT = timedelta(days=7)

_DAY = (
    r"(?:(?P<year>\d{4})[-/.年])?(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"|(?P<ago>今天|昨天|前天)|(?:星期|周|礼拜)(?P<weekday>[一二三四五六日天])"
)
_TIME = (
    r"(?P<half>凌晨|早上|上午|中午|下午|晚上)?\s?(?P<hour>\d{1,2})[:：](?P<minute>\d{2})(?::\d{2})?"
)
_ON = rf"(?:{_DAY})[\s,，]*{_TIME}"
_WHEN = rf"(?:(?:{_DAY})[\s,，]*)?{_TIME}"
#: A name has no full stop or comma in it; a sentence that ends with a time mostly does.
_WHO = r"(?P<who>[^\s。，！？；,!?;][^。，！？；!?;]{0,38}?)"

_HEADERS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_WHO}[\s:：]+\(?{_WHEN}\)?",  # 张三 2026/11/28 21:03
        rf"{_ON}\s+{_WHO}[:：]?",  # 2026-11-28 21:03:12 张三(12345)
    )
)
_INLINE = re.compile(rf"[\[(（]?{_WHEN}[\])）]?\s+{_WHO}[:：]\s*(?P<words>\S.*)")
# A bare "3-1" or "昨天" is somebody's word; only dashes or a year make a line a divider.
_DASHES = r"[—–─\-=*]{2,}"
_DIVIDER = re.compile(rf"{_DASHES}\s*(?:{_DAY})\s*{_DASHES}")
_WHOLE_DAY = re.compile(rf"(?=\d{{4}})(?:{_DAY})")
_ACCOUNT = re.compile(r"\s*(?:[(（<]\s*(?:\d{5,}|[\w.+-]+@[\w.-]+)\s*[)）>]|@微信)\s*$")
_PICTURE = re.compile(r"\[(?:图片|圖片|照片|image|photo|动画表情)\]", re.IGNORECASE)
_WEEKDAYS = {word: place for place, word in enumerate("一二三四五六日")} | {"天": 6}
_AFTERNOON = frozenset({"中午", "下午", "晚上"})


@dataclass
class Message:
    """What one person said at one time; `at` is None where the chat does not say when."""

    speaker: str
    at: datetime | None
    lines: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The words, line by line."""
        return "\n".join(self.lines).strip("\n")

    @property
    def pictures(self) -> int:
        """How many pictures were among it, which text does not carry."""
        return sum(len(_PICTURE.findall(line)) for line in self.lines)


@dataclass(frozen=True)
class Speaker:
    """Everything that one person said: a draft of what they complain about.

    `at` is when they first spoke; `occurred_at` the same, where it is in the past seven days.
    """

    name: str
    words: str
    at: datetime | None
    occurred_at: datetime | None
    count: int
    pictures: int


def messages(text: str, now: datetime, zone: tzinfo) -> list[Message]:
    """The messages in order; what stands before the first name is nobody's (`speaker` is "")."""
    found: list[Message] = []
    day: date | None = None
    local = now.astimezone(zone)
    for line in lines_of(text):
        said = line.strip()
        inline = _INLINE.fullmatch(said)
        header = inline or next(filter(None, (each.fullmatch(said) for each in _HEADERS)), None)
        if header is not None and (at := _moment(header, local, day)) is not None:
            words = [inline["words"]] if inline else []
            found.append(Message(_name(header["who"]), at, words))
            continue
        divider = _DIVIDER.fullmatch(said) or _WHOLE_DAY.fullmatch(said)
        if divider is not None and (meant := _day(divider, local)) is not None:
            day = meant
            continue
        if not found:
            if not said:
                continue
            found.append(Message("", None))
        found[-1].lines.append(line)
    return found


def lines_of(text: str) -> list[str]:
    """The lines of what was pasted, wherever it was copied."""
    return re.split(r"\r\n|\r|\n", text)


def is_divider(line: str) -> bool:
    """Whether a line (without blanks around it) says only which day it is."""
    return bool(_DIVIDER.fullmatch(line) or _WHOLE_DAY.fullmatch(line))


def speakers(text: str, now: datetime, zone: tzinfo) -> list[Speaker]:
    """Who spoke, in order of their first word; for a person to choose from."""
    by_name: dict[str, list[Message]] = {}
    for message in messages(text, now, zone):
        by_name.setdefault(message.speaker, []).append(message)
    return [_speaker(name, said, now) for name, said in by_name.items()]


def recent(at: datetime | None, now: datetime) -> datetime | None:
    """The time to take over: none that lies ahead, or longer ago than a week."""
    return at if at is not None and now - RECENT <= at <= now else None


def _speaker(name: str, said: list[Message], now: datetime) -> Speaker:
    at = next((each.at for each in said if each.at is not None), None)
    return Speaker(
        name=name,
        words="\n".join(filter(None, (each.words for each in said))),
        at=at,
        occurred_at=recent(at, now),
        count=len(said),
        pictures=sum(each.pictures for each in said),
    )


def _name(who: str) -> str:
    """The name without an account number behind it."""
    return _ACCOUNT.sub("", who).strip() or who.strip()


def _moment(found: re.Match[str], local: datetime, day: date | None) -> datetime | None:
    """The moment that a header names; None where there is no such time."""
    hour, minute = int(found["hour"]), int(found["minute"])
    if found["half"] in _AFTERNOON and hour < 12 and not (found["half"] == "中午" and hour == 11):
        hour += 12
    if hour > 23 or minute > 59:
        return None
    clock = time(hour, minute)
    if found["month"] or found["ago"] or found["weekday"]:
        meant = _day(found, local)
        return datetime.combine(meant, clock, local.tzinfo) if meant else None
    at = datetime.combine(day or local.date(), clock, local.tzinfo)
    # Without a day it was the last time that the clock stood there.
    return at - timedelta(days=1) if day is None and at > local else at


def _day(found: re.Match[str], local: datetime) -> date | None:
    today = local.date()
    if found["ago"]:
        return today - timedelta(days="今天昨天前天".index(found["ago"]) // 2)
    if found["weekday"]:
        return today - timedelta(days=(today.weekday() - _WEEKDAYS[found["weekday"]]) % 7)
    try:
        meant = date(int(found["year"] or today.year), int(found["month"]), int(found["day"]))
        # Without a year it was the last such day.
        if not found["year"] and meant > today:
            meant = meant.replace(year=today.year - 1)
    except ValueError:
        return None
    return meant
