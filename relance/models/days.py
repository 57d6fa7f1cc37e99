"""Days counted in the database, the same way on both."""

from __future__ import annotations

from typing import Any

from django.db.models import Func, IntegerField


class DaysBetween(Func):
    """The days from the first date to the second: negative when it comes before."""

    arity = 2
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        first, second = self.get_source_expressions()
        swapped = self.copy()
        swapped.set_source_expressions([second, first])
        template = "CAST(JULIANDAY(%(expressions)s) AS INTEGER)"
        return swapped.as_sql(
            compiler,
            connection,
            template=template,
            arg_joiner=") - JULIANDAY(",
            **context,
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        first, second = self.get_source_expressions()
        swapped = self.copy()
        swapped.set_source_expressions([second, first])
        return swapped.as_sql(
            compiler,
            connection,
            template="(%(expressions)s)",
            arg_joiner=" - ",
            **context,
        )
