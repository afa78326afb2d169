"""The state diagram of a complaint, drawn from the step table (docs/architecture.md)."""

from __future__ import annotations

from shouwen.complaints.steps import STEPS
from shouwen.complaints.words import ENDED, Status


def mermaid() -> str:
    """The diagram in Mermaid's words: statuses, and the steps that lead from one to another."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for step in STEPS.values():
        for after in step.becomes:
            if not step.statuses:
                arrows.setdefault(("[*]", str(after)), []).append(step.name)
            for before in sorted(map(str, step.statuses)):
                if before != after:
                    arrows.setdefault((before, str(after)), []).append(step.name)
    lines = ["stateDiagram-v2"]
    order = ["[*]", *map(str, Status)]
    for (start, end), names in sorted(
        arrows.items(), key=lambda item: (order.index(item[0][0]), order.index(item[0][1]))
    ):
        lines.append(f"    {start} --> {end}: {', '.join(sorted(names))}")
    lines += [f"    {status} --> [*]" for status in sorted(ENDED)]
    return "\n".join(lines)
