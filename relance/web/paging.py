"""Pages of long lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Model, QuerySet, Window


def long_page[Row: Model](
    found: QuerySet[Row],
    shown: QuerySet[Row],
    *,
    number: str | None,
    size: int,
    count: int | None = None,
) -> Page[Row]:
    """Return a page of a long list, the last one past the end.

    ``found``: the rows of the list in order, of which the database compares and
    counts bare ids; ``count``: how many, where that is known. ``shown``: the rows of
    the table with all that a page shows of them, unfiltered: the fifty of a page need
    not be found again.
    """
    first = (_positive(number) - 1) * size
    ids: Any
    if count is None:
        first, ids, count = _counted(found, first, size)
    else:
        first = min(first, _last(count, size))
        # Within the query of the rows.
        ids = found.values("pk")[first : first + size]
    rows = shown.filter(pk__in=ids).order_by(*found.query.order_by)
    pages: Paginator[Any] = Paginator(rows, size)
    pages.count = count
    return Page(rows, first // size + 1, pages)


def _counted(
    found: QuerySet[Any], first: int, size: int
) -> tuple[int, Sequence[int], int]:
    """Return where a page starts, its ids and how many rows there are, from one query
    unless it is past the end."""
    numbered = found.annotate(_all=Window(Count("*"))).values_list("pk", "_all")
    pairs = list(numbered[first : first + size])
    if not pairs and first:
        first = _last(found.count(), size)
        pairs = list(numbered[first : first + size])
    return first, [pk for pk, _all in pairs], pairs[0][1] if pairs else 0


def _last(count: int, size: int) -> int:
    """Return where the last page starts."""
    return max(count - 1, 0) // size * size


def _positive(number: str | None) -> int:
    """Read the number of a page; what is none is the first."""
    said = number or ""
    # No list is longer, and a database does not count further.
    readable = said.isascii() and said.isdecimal() and len(said) < 10
    return max(int(said), 1) if readable else 1
