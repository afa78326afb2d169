"""The register of personal data: each room says what it holds about a subject.

So that handing over [PIPL art. 45] and erasing [PIPL art. 47] are complete, every room that
keeps a name, a telephone or words about a subject registers it once, when Django starts.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

Export = Callable[[str, Collection[int]], dict[int, list[dict[str, Any]]]]
"""What is held about subjects of a type, by their id, as plain values; in a constant number of
queries. A subject about which nothing is held may be left out."""

Erase = Callable[[str, int, Collection[str] | None], int]
"""Erase what is held about (subject type, subject id) under these names (None: all), in the
running transaction; returns how many values there were."""


@dataclass(frozen=True)
class Holding:
    """One kind of personal data that a room keeps."""

    room: str
    what: Any
    export: Export
    erase: Erase


HELD: list[Holding] = []

COPIES: list[Callable[[], int]] = []
"""How each room removes the files that may repeat what was erased (exports, uploads); each
returns how many files there were. They are called once the erasure is committed."""


def register(room: str, what: Any, *, export: Export, erase: Erase) -> Holding:
    """Say that `room` holds `what` (a label, may be lazy) and how to hand it over and erase it."""
    holding = Holding(room, what, export, erase)
    HELD.append(holding)
    return holding


def export(subject_type: str, subject_id: int) -> list[dict[str, Any]]:
    """Everything held about a subject: room, what, and the values."""
    return export_many(subject_type, [subject_id])[subject_id]


def export_many(subject_type: str, subject_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """Everything held about each of these subjects, as :func:`export` has it of one."""
    told: dict[int, list[dict[str, Any]]] = {each: [] for each in subject_ids}
    for held in HELD:
        for subject_id, found in held.export(subject_type, subject_ids).items():
            if found:
                told[subject_id].append({"room": held.room, "what": str(held.what), "held": found})
    return told
