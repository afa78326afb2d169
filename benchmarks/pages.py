"""Lists, my desk, search and pages: one client over HTTP, each page again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks import floor
from benchmarks.browsing import Browser
from benchmarks.figures import Figure, milliseconds, percentiles, times
from benchmarks.installation import Installation
from benchmarks.people import signed_in

SECTION = "Reading over HTTP, 1 client: p50 / p95 / p99; queries"
TARGET = "p95 ≤ 50 ms"
TIMES, WARM_UP = 60, 5
CLERK, HEAD, LEADER = "front-desk-1", "engineering-head", "company-leader"

# What the copies say (shouwen.demo.details), by how often.
COMMON, RARE, ABSENT = "电梯", "马蜂窝", "恐龙化石"


class Page(NamedTuple):
    """A page and who opens it; `floor` is the statement that PostgreSQL cannot do without."""

    name: str
    who: str
    path: str
    floor: str = ""
    post: dict[str, str] | None = None


_NEWEST = "SELECT * FROM complaints_complaint ORDER BY received_at DESC, id DESC LIMIT 51"
_HELD = """
SELECT * FROM clocks_clockrow WHERE state = 'running' AND holder = 'front_desk'
    AND department = '' AND project_id = (SELECT id FROM organization_project WHERE code = 'JX')
    AND person_id IS NULL ORDER BY due_at, id LIMIT 61
"""
_LEDGER = """
SELECT * FROM records_entry WHERE subject_type = 'complaint'
    AND subject_id = (SELECT id FROM complaints_complaint WHERE number = '{}') ORDER BY number
"""


def pages() -> list[Page]:
    """The pages that are measured, of what is in the database."""
    from django.db.models import Count

    from shouwen.complaints.models import Complaint
    from shouwen.complaints.words import ENDED
    from shouwen.organization.models import Home

    jx = Complaint.objects.filter(project__code="JX")
    ended = jx.filter(status__in=ENDED, customer__isnull=False).order_by("-version").first()
    still_open = jx.exclude(status__in=ENDED).order_by("-version").first()
    half = jx.order_by("received_at", "pk")[jx.count() // 2]
    assert ended is not None and still_open is not None
    deep = f"{half.received_at.isoformat()}_{half.pk}".replace("+", "%2B")
    home = Home.objects.filter(project__code="JX").annotate(n=Count("complaints")).latest("n")
    telephone = str(ended.telephone)
    month = f"{half.received_at:%Y-%m}"
    asked = [
        ("newest first", ""),
        ("still open", "?is=open"),
        ("late", "?is=late"),
        ("major", "?severity=major"),
        ("of one category", "?category=lift"),
        ("of one department", "?department=jx-engineering"),
        ("of one month", f"?since={month}-01&until={month}-28"),
        ("open, of one department", "?is=open&department=jx-engineering"),
        ("dissatisfied", "?is=dissatisfied"),
        ("oldest first", "?sort=oldest"),
        ("soonest due first", "?sort=due"),
        ("a page from the middle", f"?after={deep}"),
    ]
    words = [
        ("a common word", COMMON),
        ("a rare word", RARE),
        ("a word that nobody used", ABSENT),
        ("two words", f"{COMMON} {RARE}"),
        ("one character", "梯"),
    ]
    sought = [Page(f"search, {name}", CLERK, f"/complaints/?q={word}") for name, word in words]
    return [
        Page("my desk, front desk", CLERK, "/desk/", _HELD),
        Page("my desk, department head", HEAD, "/desk/"),
        Page("my desk, company leader", LEADER, "/desk/"),
        *(Page(f"list, {name}", CLERK, f"/complaints/{query}", _NEWEST) for name, query in asked),
        Page("list of all projects, newest first", LEADER, "/complaints/", _NEWEST),
        Page("list of a department head", HEAD, "/complaints/"),
        *sought,
        Page("search of all projects, a rare word", LEADER, f"/complaints/?q={RARE}"),
        Page("search, a telephone", CLERK, _sealed(telephone)),
        Page("search, its last four digits", CLERK, f"/complaints/?q={telephone[-4:]}"),
        Page("complaint page, ended", CLERK, _of(ended.number), _LEDGER.format(ended.number)),
        Page("complaint page, open", CLERK, _of(still_open.number)),
        Page("one home", CLERK, f"/homes/{home.pk}/"),
        Page("open matters by age", CLERK, "/complaints/ages/"),
        Page("morning sheet", CLERK, "/morning/"),
        Page("intake, empty", CLERK, "/intake/"),
        Page("how many there are in the list", CLERK, "/lists/complaints/count/"),
    ]


def _of(number: str) -> str:
    return f"/complaints/{number}/"


def _sealed(telephone: str) -> str:
    from shouwen.complaints.listing import Asked
    from shouwen.desk.lists import LISTS

    return LISTS["complaints"].address(Asked(words=telephone))


def measure(installation: Installation) -> Iterator[Figure]:
    """Each page again and again; the times are of HTTP, the queries counted once."""
    trip = floor.round_trip(installation.connect)
    yield Figure(SECTION, "SELECT 1", "", trip, floor=_of_times(trip))
    browsers: dict[str, Browser] = {}
    for page in pages():
        if page.who not in browsers:
            browsers[page.who] = signed_in(page.who, "127.0.0.1", installation.port)
        seconds = _seconds(browsers[page.who], page)
        bare = floor.repeated(installation.connect, page.floor) if page.floor else {}
        queries = queries_of(page)
        yield Figure(
            SECTION,
            page.name,
            f"{times(seconds)}; {queries}",
            {**percentiles(seconds), "queries": queries},
            floor=_of_times(bare) if bare else "",
            target=TARGET,
        )


def _of_times(found: dict[str, float]) -> str:
    return " / ".join(map(milliseconds, found.values())) + " ms"


def _seconds(browser: Browser, page: Page) -> list[float]:
    found = []
    for _time in range(WARM_UP + TIMES):
        answer = browser.get(page.path)
        if answer.status != 200:
            raise RuntimeError(f"{page.name}: {answer.status} {answer.location}")
        found.append(answer.seconds)
    return found[WARM_UP:]


def queries_of(page: Page) -> int:
    """How many questions the page asks the database."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    fetch = inside(page)
    fetch()
    with CaptureQueriesContext(connection) as captured:
        fetch()
    return len(captured)


def inside(page: Page) -> Callable[[], None]:
    """What opens the page in this process, as the web server would."""
    from django.test import Client

    from shouwen.organization.models import Staff

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(
        Staff.objects.get(username=page.who), backend="django.contrib.auth.backends.ModelBackend"
    )

    def fetch() -> None:
        answer = client.get(page.path)
        if answer.status_code != 200:
            raise RuntimeError(f"{page.name}: {answer.status_code}")

    return fetch
