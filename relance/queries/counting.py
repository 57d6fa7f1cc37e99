"""Several counts in one query."""

from __future__ import annotations

from typing import Any

from django.db.models import Func, IntegerField, QuerySet, Subquery
from django.db.models.functions import Coalesce


def count_of(found: QuerySet[Any]) -> Coalesce:
    """Return the number of rows of a query as a column of another one."""
    number = Func("pk", function="COUNT", output_field=IntegerField())
    # A query that Django knows to be empty is no subquery at all.
    return Coalesce(Subquery(found.order_by().values(n=number)), 0)
