"""How a complaint stands: what its entries said of it, its round, and whether its work is done."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from shouwen.regulation.entries import Entry
from shouwen.regulation.index import Index, holds
from shouwen.regulation.vocabulary import Regulation, Stands


class Standing:
    """Everything but its clocks that later entries are judged by.

    `facts` are what the entries last said. `shut` is whether the round has ended. `finish` is the
    position of the finishing entry that stands, None where none does.
    """

    def __init__(self, regulation: Regulation, index: Index) -> None:
        self._round, self._work, self._index = regulation.round, regulation.work, index
        self.facts: dict[str, Any] = {n: f.default for n, f in regulation.facts.items()}
        self.shut = False
        self.finish: int | None = None
        self._done = False
        self._finish_taken = False
        self._last: dict[str, int] = {}
        self._became: dict[int, int] = {}

    def copy(self) -> Standing:
        other = copy(self)
        other.facts = self.facts.copy()
        other._last = self._last.copy()
        other._became = self._became.copy()
        return other

    def take_facts(self, entry: Entry, at: int) -> dict[str, Any] | None:
        """Take in what the entry says; the facts before it, None where nothing changed."""
        before = None
        said = [(name, entry.data.get(name)) for name in self._index.said_by.get(entry.kind, ())]
        said += [(name, True) for name in self._index.happened.get(entry.kind, ())]
        for name, value in said:
            if value is not None and value != self.facts[name]:
                before = before or self.facts.copy()
                self.facts[name] = value
        if before is not None:
            for number, condition in enumerate(self._index.becoming):
                if holds(condition, self.facts) and not holds(condition, before):
                    self._became[number] = at
        return before

    def judge_work(self, kind: str, at: int, *, at_work: bool) -> None:
        """Keep which entry of the round finished the work, and whether it still stands.

        Only the first does since the round began, since work was last dispatched and since a
        verification last failed. `at_work` is whether a department is, the entry taken in.
        """
        work = self._work
        if kind in self._round.begins or kind in work.undone_by:
            self._done = self._finish_taken = False
            self.finish = None
        if kind in work.dispatched_by:
            self._finish_taken, self.finish = False, None
        if kind in self._round.ends:
            self.finish = None
        if kind in work.done_by:
            self._done = True
        if kind in work.finished_by and self._done and not self._finish_taken and not at_work:
            self._finish_taken, self.finish = True, at

    def open_round(self, kind: str) -> bool:
        """Whether the entry may start clocks: from the end of a round until the next none may,
        but the entry that ends it may still start one of its own."""
        if kind in self._round.begins:
            self.shut = False
        allowed = not self.shut
        self.shut = self.shut or kind in self._round.ends
        return allowed

    def stands(self, stands: Stands, kind: str) -> bool:
        """Whether something stands in the ledger before the entry now taken in, of that kind."""
        if kind in stands.since:
            return False
        since = max((self._last.get(past, -1) for past in stands.since), default=-1)
        if stands.since_becomes is not None:
            number = self._index.becoming.index(stands.since_becomes)
            since = max(since, self._became.get(number, -1))
        return max(self._last.get(past, -1) for past in stands.kinds) > since

    def with_work(self, *, at_work: bool, work_ended: bool) -> Mapping[str, Any]:
        """The facts with what `when` may ask beside them (model.WORK_FACTS)."""
        return {
            **self.facts,
            "at_work": at_work,
            "work_finished": self.finish is not None,
            "work_ended": work_ended,
        }

    def taken(self, kind: str, at: int) -> None:
        """The entry is taken in: from now on it stands."""
        self._last[kind] = at
