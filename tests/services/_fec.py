"""A ledger of accounts received and imported whole."""

from __future__ import annotations

from collections.abc import Sequence

from relance.models import FecFile, FecItem
from relance.services import fec, fec_reading, fec_work
from tests import fec_samples as samples
from tests.make import NOW

Kind, State = FecItem.Kind, FecItem.State


def received(rows: Sequence[str] = samples.ROWS, name: str = samples.NAME) -> FecFile:
    data = samples.fec(rows).encode()
    found = fec.receive(name, data, by=None, now=NOW)
    return fec_reading.read(found.pk, now=NOW)


def imported(file: FecFile) -> FecFile:
    fec.start(file, by=None, now=NOW)
    while fec_work.work(file.pk, now=NOW):
        pass
    file.refresh_from_db()
    return file


def bring(rows: Sequence[str] = samples.ROWS) -> FecFile:
    return imported(received(rows))


FIRST = [*samples.sale("F-01", 100), *samples.sale("F-02", 200)]
