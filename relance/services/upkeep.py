"""What the embedded database needs now and then, which a server does by itself."""

from __future__ import annotations

from django.db import connection

from relance.services.preparing import is_embedded

# Rows of an index to look at: some milliseconds, whatever the size of the tables.
_SAMPLE = 400


def measure_tables() -> None:
    """Let SQLite know how its indexes divide the rows, for it to choose the right
    one: a list of 10,000 unpaid invoices among 100,000 takes a quarter less time.

    Takes effect on connections made afterwards. Nothing on PostgreSQL, whose
    autovacuum does the same.
    """
    if not is_embedded():
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {_SAMPLE}")
        cursor.execute("ANALYZE")
