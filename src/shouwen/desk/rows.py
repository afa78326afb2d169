"""The rows of a list as HTML.

Written here rather than in a template: four hundred cells a page took a template 60 ms, these take
5 (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from shouwen.complaints.models import Complaint
from shouwen.desk.columns import Cell


@dataclass(frozen=True)
class Row:
    """One complaint of a page of the list.

    `subject` has what was searched for marked in it; `excerpt` is where else that stands.
    """

    complaint: Complaint
    cells: Sequence[Cell]
    subject: SafeString
    excerpt: SafeString | None

    @property
    def token(self) -> str:
        """Which complaint, as of which entry: what a bulk step is told."""
        return f"{self.complaint.number}@{self.complaint.version}"


def written(rows: Sequence[Row]) -> SafeString:
    """The rows as the table's body holds them."""
    pick = escape(_("选中 {number}"))
    return mark_safe("\n".join(_row(row, pick) for row in rows))


def _row(row: Row, pick: str) -> str:
    pk, number = row.complaint.pk, escape(row.complaint.number)
    cells = "".join(_cell(cell, row) for cell in row.cells)
    return (
        f'<tr data-row id="row-{pk}"><td class="pick"><input class="form-check-input" '
        f'type="checkbox" name="at" value="{escape(row.token)}" form="bulk" data-pick data-key="x" '
        f'id="pick-{pk}" aria-label="{pick.format(number=number)}" autocomplete="off"></td>'
        f"{cells}</tr>"
    )


def _cell(cell: Cell, row: Row) -> str:
    column = cell.column
    title = f' title="{escape(cell.exact)}"' if cell.exact else ""
    return f'<td class="{column.css} c-{column.name}"{title}>{_inside(cell, row)}</td>'


def _inside(cell: Cell, row: Row) -> str:
    if cell.column.name == "subject":
        excerpt = f'<span class="beside excerpt">{row.excerpt}</span>' if row.excerpt else ""
        return f'<a href="{cell.href}" data-opens>{row.subject}</a>{excerpt}'
    if not cell.main:
        return ""
    main: str = escape(cell.main)
    if cell.href:
        main = f'<a href="{cell.href}" tabindex="-1">{main}</a>'
    else:
        late = ' class="late"' if cell.late else ""
        main = f"<span{late}>{main}</span>"
    return main + "".join(f' <span class="beside">{escape(line)}</span>' for line in cell.beside)
