"""What the embedded database needs now and then, which a server does by itself."""

from __future__ import annotations

from django.db import connection

from relance.services.preparing import is_embedded

# Entries of an index to look at: a fifth of a second for 100,000 invoices. Fewer, and
# SQLite takes an index for shorter than its table, and goes through that instead.
_SAMPLE = 20_000


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
