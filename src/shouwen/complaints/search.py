"""Finding complaints by words: what grep would find in their texts, and by telephone number.

All of several words must be there, each anywhere in the texts. Width, case, and Traditional or
Simplified make no difference. Telephone numbers lie encrypted and are found whole or by their last
four digits, by those who may see them; in an address they stand sealed.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from cryptography.fernet import InvalidToken
from django.contrib.postgres.search import SearchVectorField
from django.db.models import Lookup, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import translation

from shouwen.complaints import grams, rules
from shouwen.complaints.models import Category, Complaint, SearchText
from shouwen.organization.customers import telephone_indexes
from shouwen.organization.models import Staff
from shouwen.records import isolation
from shouwen.records.fields import decrypt, encrypt

LANGUAGES = Staff.Language.values

_TELEPHONE = re.compile(r"\+?\d(?:[\s().-]*\d){6,14}")
_LAST_FOUR = re.compile(r"\d{4}")
# The number of a complaint is no telephone number, whatever digits are in it.
_NUMBER = re.compile(r"[A-Za-z][A-Za-z0-9]*-\d{8}-\d{3,}")


@SearchVectorField.register_lookup
class Holds(Lookup):
    """`grams @@ query`, the query as it is: no parser takes Chinese apart."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} @@ {right}::tsquery", (*left_params, *right_params)


@dataclass(frozen=True)
class Wanted:
    """What a search asks for.

    `texts` is the condition on a text, given the name of its column; `index` what the index of the
    texts is asked for (a `tsquery`); `ways` each word with the codes of the categories that it names;
    `telephone` a condition on `Complaint` that is enough by itself.
    """

    texts: Callable[[str], Q]
    index: str
    ways: Mapping[str, list[str]]
    telephone: Q | None = None

    @property
    def on_complaints(self) -> Q:
        """The condition on the complaint, by looking at its text; the index is not asked."""
        found = self.texts("search__text")
        return found if self.telephone is None else found | self.telephone

    def by_index(self, *further: str) -> Q:
        """The complaints found by way of the index, which is asked for `further` as well.

        In a person's transaction the policy would keep the index from being used, since the
        operators on texts are not leakproof; so the function asks it there, for their projects.
        """
        index = " & ".join(f"({each})" for each in [self.index, *further])
        if isolation.active():
            pieces = [[word, *map(grams.mark, codes)] for word, codes in self.ways.items()]
            asked = [index, json.dumps(pieces, ensure_ascii=False)]
            return Q(pk__in=RawSQL("SELECT shouwen_search(%s, %s::jsonb)", asked))
        texts = SearchText.objects.filter(self.texts("text"), grams__holds=index).values("pk")
        return Q(pk__in=RawSQL(*fenced(texts)))


# The one way in which the web asks the index of the texts: it applies the person's projects itself
# and returns ids alone, which are then read under the policies.
SEARCH = """
CREATE OR REPLACE FUNCTION shouwen_search(asked text, ways jsonb) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE
    mine bigint[] := shouwen_projects();
    texts text;
BEGIN
    SELECT string_agg('(' || word.said || ')', ' AND ') INTO texts
    FROM jsonb_array_elements(ways) AS way,
    LATERAL (
        SELECT string_agg(format('strpos(s.text, %L) > 0', piece), ' OR ') AS said
        FROM jsonb_array_elements_text(way) AS piece
    ) AS word;
    RETURN QUERY EXECUTE
        'SELECT s.complaint_id FROM complaints_searchtext s WHERE s.grams @@ $1::tsquery AND '
        || texts
        || CASE WHEN mine IS NULL THEN '' ELSE
           ' AND EXISTS (SELECT 1 FROM complaints_complaint c'
           ' WHERE c.id = s.complaint_id AND c.project_id = ANY ($2))' END
        USING asked, mine;
END $$
"""


def fenced(found: QuerySet[Any, Any]) -> tuple[str, list[Any]]:
    """A query that the planner plans by itself, whatever is around it."""
    sql, params = found.query.sql_with_params()
    return f"{sql} OFFSET 0", list(params)


def restrict(found: QuerySet[Complaint], person: Staff, words: str) -> QuerySet[Complaint]:
    """Those among `found` (which the person may see) that the words find; all for no words."""
    sought = wanted(person, words)
    if sought is None:
        return found
    condition = sought.by_index()
    return found.filter(condition if sought.telephone is None else condition | sought.telephone)


def wanted(person: Staff, words: str) -> Wanted | None:
    """What these words ask for; None where they are nothing but spaces."""
    each = grams.fold(words).split()
    if not each:
        return None
    known = _labels()
    ways = {
        word: [code for code, labels in known if any(_names(word, label) for label in labels)]
        for word in each
    }
    index = [
        " | ".join(f"({way})" for way in [grams.query(word), *map(grams.marked, codes)])
        for word, codes in ways.items()
    ]
    return Wanted(
        partial(_in_text, ways),
        " & ".join(f"({one})" for one in index),
        ways,
        _by_telephone(person, words),
    )


def _names(word: str, label: str) -> bool:
    """Whether the word is said of a category: a part of its Chinese name, or how others begin."""
    if not word.isascii():
        return word in label
    return len(word) >= 3 and any(part.startswith(word) for part in label.split())


def _in_text(ways: Mapping[str, list[str]], column: str) -> Q:
    """Every word, or the mark of a category that it names."""
    found = Q()
    for word, codes in ways.items():
        one = Q(**{f"{column}__contains": word})
        for code in codes:
            one |= Q(**{f"{column}__contains": grams.mark(code)})
        found &= one
    return found


def is_personal(words: str) -> bool:
    """Whether the words hold what may be a telephone number, and so must be sealed."""
    plain = _NUMBER.sub(" ", unicodedata.normalize("NFKC", words))
    return _TELEPHONE.search(plain) is not None


def seal(words: str) -> str:
    """The words as they may stand in an address: encrypted, of letters that need no escape."""
    return encrypt(words)


def unseal(token: str) -> str | None:
    """The words of a sealed token; None where it is none of ours, or was altered."""
    try:
        return str.__str__(decrypt(token))
    except (InvalidToken, UnicodeError):
        return None


def _by_telephone(person: Staff, words: str) -> Q | None:
    plain = unicodedata.normalize("NFKC", words).strip()
    whole, last_four = telephone_indexes(plain)
    if _LAST_FOUR.fullmatch(plain):
        found = Q(telephone_last4_index=last_four)
    elif _TELEPHONE.fullmatch(plain):
        found = Q(telephone_index=whole)
    else:
        return None
    return found & rules.source_known_to(person) & rules.served_by(person)


def _labels() -> list[tuple[str, tuple[str, ...]]]:
    found = Category.objects.values_list("code", "name", "renamed")
    return [(code, _folded_labels(code, name, renamed)) for code, name, renamed in found]


@lru_cache(maxsize=1000)
def _folded_labels(code: str, name: str, renamed: bool) -> tuple[str, ...]:
    """The names of a category in every language, folded."""
    category, labels = Category(code=code, name=name, renamed=renamed), set()
    for language in LANGUAGES:
        with translation.override(language):
            labels.add(grams.fold(category.label))
    return tuple(sorted(labels))
