"""Where the words of rules stand in a text: folded, whole, within one sentence, not denied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from shouwen.complaints.grams import fold
from shouwen.complaints.suggestion_rules import GAP, Rules, Spelling

MOST_BETWEEN = 16  # characters that a gap spans
_SENTENCE_ENDS = frozenset("。.！!？?；;\n")
_WEAK = 1  # what a character of a weak rule's word is worth

# Directly before a danger word these deny it; a question (有没有, 是不是) or "almost" does not.
_DENY = (
    "没有", "没", "未", "无", "不", "不是", "不会", "并非", "别", "no", "not", "without", "isn't", "never",
)  # fmt: skip
_BETWEEN = (
    "人员",
    "人",
    "发生",
    "造成",
    "出现",
    "发现",
    "看到",
    "看见",
    "闻到",
    "再",
    "有",
    "any",
    "a",
)
_NO_DENIAL = ("有没有", "有没", "是不是", "会不会", "差点没", "险些没", "能不能", "不得不")


@dataclass(frozen=True)
class Folded:
    """A text folded for comparison, that still knows how each part was written."""

    text: str
    folded: str
    origin: Sequence[int]  # for each folded character, the place it comes from

    @classmethod
    def of(cls, text: str) -> Folded:
        """Fold `text`, which `fold` does character by character, no character becoming none."""
        folded = fold(text)
        if len(folded) == len(text):
            return cls(text, folded, range(len(text)))
        parts = [fold(character) for character in text]
        origin = tuple(place for place, part in enumerate(parts) for _each in part)
        return cls(text, "".join(parts), origin)

    def written(self, spans: Iterable[tuple[int, int]]) -> str:
        """How the folded characters of these spans were written, with … for what is between."""
        return GAP.join(
            self.text[self.origin[start] : self.origin[end - 1] + 1] for start, end in spans
        )


@dataclass
class Found:
    """A word of a rule that stands in a text: where its parts do, how it was written, its worth."""

    spelling: Spelling
    spans: list[tuple[int, int]]
    written: str
    worth: int = field(default=0)


def spotted(said: str, rules: Rules, worth: int) -> list[Found]:
    """The words of `rules` in what was said, each once, without those inside longer ones.

    `worth` is what a character of a word counts.
    """
    if not said:
        return []
    text = Folded.of(said)
    hidden = [span for word in rules.harmless_folded for span in _occurrences(word, text.folded)]
    found = []
    for spelling in rules.spellings:
        if all(part in text.folded for part in spelling.parts):
            spans = next(_places(spelling, text.folded, hidden), None)
            if spans is not None:
                found.append(Found(spelling, spans, text.written(spans)))
    found.sort(key=lambda each: -each.spelling.length)
    kept: list[Found] = []
    for each in found:
        if not any(_inside(each, longer) for longer in kept):
            weight = _WEAK if each.spelling.rule.weak else worth
            each.worth = each.spelling.length * weight
            kept.append(each)
    return kept


def _inside(found: Found, longer: Found) -> bool:
    """Whether a word only stands inside a longer one. Danger is never hidden by what is none."""
    if longer.spelling.length <= found.spelling.length:
        return False
    if found.spelling.rule.danger and not longer.spelling.rule.danger:
        return False
    return all(
        any(start <= begin and end <= stop for start, stop in longer.spans)
        for begin, end in found.spans
    )


def _places(
    spelling: Spelling, text: str, hidden: list[tuple[int, int]]
) -> Iterator[list[tuple[int, int]]]:
    """Where a word stands: the spans of its parts, each time it does."""
    first, *rest = [
        [span for span in _occurrences(part, text) if not _covered(span, hidden)]
        for part in spelling.parts
    ]
    for begin in first:
        if spelling.rule.danger and denied(text[: begin[0]]):
            continue
        spans = [begin]
        for part in rest:
            at = spans[-1][1]
            following = next((span for span in part if span[0] >= at), None)
            if (
                following is None
                or following[0] - at > MOST_BETWEEN
                or not _SENTENCE_ENDS.isdisjoint(text[at : following[0]])
                or (spelling.rule.danger and denied(text[at : following[0]]))
            ):
                break
            spans.append(following)
        else:
            yield spans


def _occurrences(part: str, text: str) -> Iterator[tuple[int, int]]:
    """Where `part` stands in `text`; a word in letters as a whole, or with -s, -ed, -ing."""
    at = text.find(part)
    while at >= 0:
        end = at + len(part)
        if not part[0].isascii() or (_begins(text, at) and _ends(text, end)):
            yield at, end
        at = text.find(part, at + 1)


def _begins(text: str, at: int) -> bool:
    return at == 0 or not (text[at - 1].isascii() and text[at - 1].isalnum())


def _ends(text: str, end: int) -> bool:
    rest = text[end : end + 4]
    letters = next(
        (
            rest[:place]
            for place, each in enumerate(rest)
            if not (each.isascii() and each.isalnum())
        ),
        rest,
    )
    return letters in ("", "s", "es", "ed", "ing")


def _covered(span: tuple[int, int], hidden: list[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= stop for start, stop in hidden)


def denied(before: str) -> bool:
    """Whether the text directly before a word denies it: 没有冒烟, 无人受伤, no smoke."""
    before = before.rstrip()
    stripped = True
    while stripped:
        stripped = False
        if before.endswith(_NO_DENIAL):
            return False
        if before.endswith(_DENY) and _whole(before):
            return True
        for word in _BETWEEN:
            if before.endswith(word) and _whole(before, word):
                before, stripped = before[: -len(word)].rstrip(), True
                break
    return False


def _whole(before: str, word: str = "") -> bool:
    """Whether the last word stands by itself, where it is in letters (piano ends in no)."""
    if not before or not before[-1].isascii():
        return True
    last = before.split()[-1]
    return last == word if word else last in _DENY
