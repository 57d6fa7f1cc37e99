"""What the embedded database needs now and then."""

from __future__ import annotations

import pytest
from django.db import connection

from relance.models import Level
from relance.services.upkeep import measure_tables

pytestmark = pytest.mark.django_db

of_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="a server measures its tables itself"
)


@of_sqlite
def test_sqlite_learns_how_its_indexes_divide_the_rows() -> None:
    for rank in range(20, 40):
        Level.objects.create(name=f"level {rank}", rank=rank)
    measure_tables()
    with connection.cursor() as cursor:
        cursor.execute("SELECT idx, stat FROM sqlite_stat1 WHERE tbl = 'relance_level'")
        known = dict(cursor.fetchall())
    assert any(
        int(stat.split()[0]) == Level.objects.count() for stat in known.values()
    ), known
