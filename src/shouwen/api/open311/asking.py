"""What a client asks for and says, read and checked: nothing here is trusted, nothing is guessed."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from shouwen.api.open311.answers import Refused
from shouwen.channels.models import Open311Door, Open311Request
from shouwen.complaints.models import Category
from shouwen.complaints.words import ENDED
from shouwen.organization.models import Project

#: What a list spans where it is not asked for less, by the standard.
SPAN = timedelta(days=90)
MOST = 1_000
_MOST_IDS = 100


@dataclass(frozen=True)
class Said:
    """A request as a client posts it."""

    service: Category
    description: str
    address: str
    latitude: float | None
    longitude: float | None
    name: str
    telephone: str
    email: str
    media_url: str

    @property
    def place(self) -> str:
        """Where it is, in the words of the record."""
        if self.latitude is None:
            return self.address
        point = f"({self.latitude:.6f}, {self.longitude:.6f})"
        return f"{self.address[:160]} {point}".strip()


def open_projects() -> QuerySet[Project]:
    """The projects that opened this door; they are the standard's jurisdictions."""
    return Project.objects.filter(
        is_active=True, pk__in=Open311Door.objects.values("project_id")
    ).order_by("code")


def jurisdiction(asked: Mapping[str, str], *, one: bool = False) -> list[Project]:
    """The projects that are meant; `one` of them is needed to record anything.

    Raises Refused (404) for an unknown one, (400) where several are open and none was said.
    """
    projects = list(open_projects())
    said = asked.get("jurisdiction_id", "").strip()
    if said:
        projects = [each for each in projects if each.code == said]
        if not projects:
            raise Refused(404, _("没有这个 jurisdiction_id，或它没有开放"))
    if one and len(projects) > 1:
        codes = ", ".join(each.code for each in projects)
        raise Refused(400, _("请写明 jurisdiction_id：{codes}").format(codes=codes))
    if not projects:
        raise Refused(404, _("没有项目开放这个接口"))
    return projects


def services() -> list[Category]:
    """What can be reported: the categories in use that have none below them, with their groups."""
    found = Category.objects.filter(is_active=True, children__isnull=True)
    return list(found.select_related("parent").order_by("parent__order", "order", "code"))


def service(code: str) -> Category:
    """A service by its code. Raises Refused (404)."""
    for each in services():
        if each.code == code:
            return each
    raise Refused(404, _("没有这个 service_code"))


def said(posted: Mapping[str, str]) -> Said:
    """A posted request. Raises Refused (400, 404) for the first thing that is missing or wrong."""
    if not posted.get("service_code"):
        raise Refused(400, _("缺少 service_code"))
    latitude, longitude = _coordinate(posted, "lat", 90), _coordinate(posted, "long", 180)
    address = _line(posted, "address_string", 200) or _line(posted, "address_id", 200)
    if (latitude is None) != (longitude is None):
        raise Refused(400, _("lat 和 long 要一起写"))
    if latitude is None and not address:
        raise Refused(400, _("请写 lat 和 long，或 address_string"))
    description = posted.get("description", "").strip()
    if len(description) > 4_000:
        raise Refused(400, _("description 最多 4000 字"))
    media_url = _line(posted, "media_url", 500)
    if media_url:
        try:
            URLValidator(schemes=["http", "https"])(media_url)
        except ValidationError:
            raise Refused(400, _("media_url 不是网址")) from None
    name = "".join(filter(None, (_line(posted, "last_name", 80), _line(posted, "first_name", 80))))
    if name.isascii():
        name = f"{_line(posted, 'first_name', 80)} {_line(posted, 'last_name', 80)}".strip()
    chosen = service(posted["service_code"])
    return Said(
        chosen,
        description or chosen.label,
        address,
        latitude,
        longitude,
        name,
        _line(posted, "phone", 40),
        _line(posted, "email", 200),
        media_url,
    )


def fingerprint(
    posted: Mapping[str, str], files: list[UploadedFile], project: Project, now: datetime
) -> str:
    """What is the same once more: the standard knows no key, so the same words within an hour."""
    digest = hashlib.sha256(f"{project.pk}\0{now:%Y%m%d%H}".encode())
    for name in sorted(posted):
        if name != "api_key":
            digest.update(f"\0{name}\0{posted[name]}".encode("utf-8", "replace"))
    for file in files:
        digest.update(f"\0{file.name}\0{file.size}".encode("utf-8", "replace"))
    return digest.hexdigest()


def wanted(asked: Mapping[str, str], projects: list[Project]) -> QuerySet[Open311Request]:
    """The requests that a list is asked for, the newest first. Raises Refused (400)."""
    found = Open311Request.objects.filter(project__in=projects)
    found = found.select_related("complaint__category__parent", "project")
    found = found.order_by("-requested_at", "-complaint")
    numbers = _several(asked, "service_request_id")
    if numbers:
        # By the standard this overrides all the others.
        return found.filter(complaint__number__in=numbers[:_MOST_IDS])
    codes = _several(asked, "service_code")
    if codes:
        found = found.filter(complaint__category__code__in=codes)
    states = _several(asked, "status")
    if states:
        if not set(states) <= {"open", "closed"}:
            raise Refused(400, _("status 只能是 open 或 closed"))
        ended = Q(complaint__status__in=sorted(ENDED))
        if set(states) == {"closed"}:
            found = found.filter(ended)
        elif set(states) == {"open"}:
            found = found.filter(~ended)
    since, until = _time(asked, "start_date"), _time(asked, "end_date")
    if since is not None and until is not None and until - since > SPAN:
        raise Refused(400, _("start_date 和 end_date 最多相隔 90 天"))
    until = until or (since + SPAN if since else timezone.now())
    since = since or until - SPAN
    return found.filter(requested_at__gte=since, requested_at__lte=until)


def _several(asked: Mapping[str, str], name: str) -> list[str]:
    return [each.strip() for each in asked.get(name, "").split(",") if each.strip()]


def _time(asked: Mapping[str, str], name: str) -> datetime | None:
    text = asked.get(name, "").strip()
    if not text:
        return None
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None:
        raise Refused(400, _("{name} 要写成 2026-01-01T00:00:00Z").format(name=name))
    return found if found.tzinfo else timezone.make_aware(found)


def _coordinate(posted: Mapping[str, str], name: str, most: int) -> float | None:
    text = posted.get(name, "").strip()
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not abs(found) <= most:
        raise Refused(400, _("{name} 不是经纬度").format(name=name))
    return found


def _line(posted: Mapping[str, str], name: str, most: int) -> str:
    text = " ".join(posted.get(name, "").split())
    if len(text) > most or "\0" in posted.get(name, ""):
        raise Refused(400, _("{name} 太长，或有无法保存的字符").format(name=name))
    return text
