"""Pages of long lists: the right rows in order, counted, in few queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import QuerySet

from relance.models import Level
from relance.web.paging import long_page

pytestmark = pytest.mark.django_db

SIZE = 3


@pytest.fixture
def found() -> QuerySet[Level]:
    Level.objects.all().delete()
    kind = Level.Kind.REMINDER
    for rank in (4, 1, 7, 2, 6, 3, 5):
        Level.objects.create(name=f"level {rank}", rank=rank, kind=kind)
    return Level.objects.filter(rank__gt=0).order_by("-rank")


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("number", "shown", "ranks"),
    [
        (None, 1, [7, 6, 5]),
        ("1", 1, [7, 6, 5]),
        ("2", 2, [4, 3, 2]),
        ("3", 3, [1]),
        # Past the end: the last one.
        ("4", 3, [1]),
        ("999999999", 3, [1]),
        # No number at all: the first one.
        ("0", 1, [7, 6, 5]),
        ("-1", 1, [7, 6, 5]),
        ("deux", 1, [7, 6, 5]),
        ("²", 1, [7, 6, 5]),
        ("9" * 40, 1, [7, 6, 5]),
    ],
)
def test_a_page_has_its_rows_in_order(
    found: QuerySet[Level],
    number: str | None,
    shown: int,
    ranks: list[int],
    known: bool,
) -> None:
    page = long_page(
        found,
        Level.objects.all(),
        number=number,
        size=SIZE,
        count=7 if known else None,
    )
    assert [level.rank for level in page.object_list] == ranks
    assert (page.number, page.paginator.num_pages, page.paginator.count) == (
        shown,
        3,
        7,
    )


@pytest.mark.parametrize("number", [None, "2"])
def test_an_empty_list_has_one_empty_page(
    found: QuerySet[Level], number: str | None
) -> None:
    nothing = found.filter(rank=99)
    page = long_page(nothing, Level.objects.all(), number=number, size=SIZE)
    assert (list(page.object_list), page.number, page.paginator.count) == ([], 1, 0)


def test_rows_and_their_count_take_two_queries(
    found: QuerySet[Level], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        list(long_page(found, Level.objects.all(), number="2", size=SIZE))
    with django_assert_num_queries(1):
        list(long_page(found, Level.objects.all(), number="2", size=SIZE, count=7))
