"""Taking complaints and taking steps over HTTP, eight clients at once, everything on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from benchmarks import floor, load
from benchmarks.browsing import Browser, fields_of
from benchmarks.figures import Figure, percentiles, times
from benchmarks.installation import Installation
from benchmarks.load import Plan, Target
from benchmarks.people import clerks, signed_in

CLIENTS = 8
SECTION = "Writing over HTTP, 8 clients: a second; p50 / p95 / p99"


def measure(installation: Installation, seconds: float) -> Iterator[Figure]:
    """Intake into one project and into all, a note on one of many complaints, and the floors."""
    host, port = "127.0.0.1", installation.port
    staff = clerks()
    one = [signed_in(staff["JX"], host, port), signed_in("front-desk-2", host, port)]
    everywhere = [signed_in(username, host, port) for username in staff.values()]
    plan = Plan(host, port, [], CLIENTS, seconds=seconds)
    ours = [
        ("intake, one project", [_intake(each, "JX") for each in one]),
        (f"intake, {len(everywhere)} projects", list(map(_intake, everywhere, staff))),
        ("a note, each on another complaint", _notes(one[0])),
    ]
    bare: float = 0.0
    for name, targets in ours:
        told = load.run(replace(plan, targets=targets))
        if told.failures:
            raise RuntimeError(f"{name}: {told.failures}")
        if not bare:
            bare, rows = floor.rows_of_an_intake(installation.connect, CLIENTS, seconds / 3)
        yield Figure(
            SECTION,
            name,
            f"{told.rate:.0f}/s; {times(told.seconds)}",
            {
                "rate": told.rate,
                **percentiles(told.seconds),
                "cores of the generator": told.own_cpu / told.lasted,
            },
            floor=f"{bare:.0f}/s (the same {rows} rows)" if name.startswith("intake") else "",
            target="≥ 300/s" if "projects" in name else "",
        )
    for clients in (1, CLIENTS):
        rate = floor.commits(installation.connect, clients, seconds / 3)
        yield Figure(
            SECTION,
            f"commits of one row, {clients} connection{'s'[: clients - 1]}",
            "",
            {"rate": rate},
            floor=f"{rate:.0f}/s",
        )


def _intake(browser: Browser, project: str) -> Target:
    from shouwen.organization.models import Customer

    caller = Customer.objects.filter(project__code=project, home__isnull=False).first()
    assert caller is not None and caller.home is not None
    fields = fields_of(browser.get("/intake/").body)
    fields |= {
        "content": "{words}。",
        "key": "{key}",
        "channel": "phone",
        "category": "lift",
        "severity": "routine",
        "customer": str(caller.pk),
        "home_text": caller.home.label,
        "name": caller.name,
        "telephone": caller.telephone,
        "relation": caller.relation,
        "place": "电梯厅",
        "happened": "今天早上",
        "wish": "尽快处理",
    }
    return Target(dict(browser.cookies), "/intake/", {k: v for k, v in fields.items() if v})


def _notes(browser: Browser) -> list[Target]:
    from shouwen.complaints.models import Complaint

    numbers = Complaint.objects.filter(project__code="JX").order_by("-pk")
    targets = []
    for number in numbers.values_list("number", flat=True)[:200]:
        path = f"/complaints/{number}/steps/note/"
        fields = {"text": "{words}", "key": "{key}"}
        targets.append(Target(dict(browser.cookies), path, fields))
    return targets
