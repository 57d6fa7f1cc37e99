"""Pages of long lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator

if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator


class LongPaginator(AnyPaginator):
    """Pages of a query in which one may go far: the database puts bare ids in order,
    and reads whole rows for one page only."""

    def page(self, number: Any) -> Page[Any]:
        page = super().page(number)
        # The first rows are put in order as quickly whole.
        if page.number > 1:
            found: Any = self.object_list
            chosen = found.values("pk")[page.start_index() - 1 : page.end_index()]
            page.object_list = found.filter(pk__in=chosen)
        return page
