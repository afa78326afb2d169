"""Figures, and the tables that they are shown in."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

#: How the section of the clocks begins, which are measured once a run.
CLOCKS = "Clocks"


@dataclass(frozen=True)
class Figure:
    """One thing measured: as it is said, and in numbers (seconds, counts a second, bytes).

    `floor` is what the bare database needs for the same, `target` what was to be reached.
    """

    section: str
    name: str
    said: str
    numbers: dict[str, float] = field(default_factory=dict)
    floor: str = ""
    target: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile of times, in seconds."""
    if len(seconds) < 2:
        return dict.fromkeys(("p50", "p95", "p99"), seconds[0] if seconds else 0.0)
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {"p50": statistics.median(seconds), "p95": cuts[94], "p99": cuts[98]}


def times(seconds: Sequence[float]) -> str:
    """Times in words: 3.1 / 4.0 / 5.2 ms, median, p95 and p99."""
    return " / ".join(milliseconds(value) for value in percentiles(seconds).values()) + " ms"


def milliseconds(seconds: float) -> str:
    """A time in milliseconds, with as many digits as mean something."""
    value = seconds * 1000
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def megabytes(size: float) -> str:
    """A size of memory."""
    return f"{size / 1024 / 1024:.0f} MB"


def plain(rows: Sequence[Sequence[str]]) -> str:
    """A table as plain text; a row of one cell is a heading."""
    full = [row for row in rows if len(row) > 1]
    widths = [max(map(_width, column)) for column in zip(*full, strict=True)]
    return "\n".join(
        f"\n{row[0]}" if len(row) == 1 else "  ".join(map(_padded, row, widths)).rstrip()
        for row in rows
    )


def _width(text: str) -> int:
    return sum(2 if ord(each) > 0x2E7F else 1 for each in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """The same table in Markdown; a heading becomes a row in bold."""
    head, *rest = rows
    lines = [_line(head), _line(["---"] * len(head))]
    for row in rest:
        lines.append(_line([f"**{row[0]}**", *[""] * (len(head) - 1)] if len(row) == 1 else row))
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def table(by_size: dict[int, list[Figure]]) -> list[list[str]]:
    """All figures, a column for each size; the floor is that of the greatest size."""
    sizes = sorted(by_size)
    order: dict[tuple[str, str], Figure] = {}
    for size in sizes:
        order |= {(each.section, each.name): each for each in by_size[size]}
    rows = [["", *(f"{size:,}" for size in sizes), "bare PostgreSQL", "to be reached"]]
    section = ""
    for key, latest in order.items():
        if key[0] != section:
            section = key[0]
            rows.append([section])
        said = {size: each.said for size in sizes for each in by_size[size] if _key(each) == key}
        cells = [said.get(size, "") for size in sizes]
        rows.append([latest.name, *cells, latest.floor, latest.target])
    return rows


def _key(figure: Figure) -> tuple[str, str]:
    return figure.section, figure.name
