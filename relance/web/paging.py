"""Pages of long lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator

if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator


class LongPaginator(AnyPaginator):
    """Pages of a long query: the database puts bare ids in order, and reads whole
    rows for one page only."""

    def page(self, number: Any) -> Page[Any]:
        page = super().page(number)
        found: Any = self.object_list
        first = max(page.start_index() - 1, 0)
        chosen = found.values("pk")[first : page.end_index()]
        page.object_list = found.filter(pk__in=chosen)
        return page
