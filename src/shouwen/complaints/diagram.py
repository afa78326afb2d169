"""The state diagram of a complaint, drawn from the step table (docs/architecture.md)."""

from __future__ import annotations

from shouwen.complaints.steps import STEPS
from shouwen.complaints.words import Status


def mermaid() -> str:
    """The diagram in Mermaid's words: statuses, and the steps that lead from one to another."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for step in STEPS.values():
        for after in step.becomes:
            if not step.statuses:
                arrows.setdefault(("[*]", after), []).append(step.name)
            for before in sorted(step.statuses):
                if before != after:
                    arrows.setdefault((before, after), []).append(step.name)
    lines = ["stateDiagram-v2"]
    order = ["[*]", *Status]
    for (before, after), names in sorted(
        arrows.items(), key=lambda item: (order.index(item[0][0]), order.index(item[0][1]))
    ):
        lines.append(f"    {before} --> {after}: {', '.join(sorted(names))}")
    lines += [f"    {status} --> [*]" for status in ("closed", "withdrawn", "merged")]
    return "\n".join(lines)
