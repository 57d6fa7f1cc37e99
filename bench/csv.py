"""100,000 invoices of a spreadsheet: checked, then written with their customers,
what was already paid, and the history. CSV; ``python -m bench.csv N xlsx``
for a workbook. Budget: 60 seconds, 300 MiB."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from openpyxl import Workbook  # noqa: E402

from bench import _company  # noqa: E402
from relance.models import Invoice, Payment, Spreadsheet  # noqa: E402
from relance.services import spreadsheet_work, spreadsheets  # noqa: E402
from relance.services.spreadsheet_layout import layout_from_data  # noqa: E402

HEADER = (
    "N° facture", "Code client", "Client", "Date facture", "Échéance", "Montant TTC",
    "Déjà réglé",
)  # fmt: skip
# Invoices of a customer; one in four is partly paid.
OWED, PAID = 20, 4


def main(n: int = 100_000, form: str = "csv") -> None:
    _company.company()
    data = text(n) if form == "csv" else workbook(n)
    now, today = timezone.now(), timezone.localdate()
    start = time.perf_counter()
    found = spreadsheets.drop(f"factures.{form}", data, by=None, now=now)
    layout = replace(layout_from_data(found.layout))
    spreadsheets.choose(found, layout, now=now)
    spreadsheet_work.check(found.pk, clock=timezone.now, today=today)
    checked = time.perf_counter()
    spreadsheets.start(found, by=None, now=now)
    spreadsheet_work.work(found.pk, clock=timezone.now, today=today)
    end = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found.refresh_from_db()
    done = found.state == Spreadsheet.State.DONE
    if not done or (Invoice.objects.count(), Payment.objects.count()) != (n, n // PAID):
        raise SystemExit(f"{found.state}: {found.trouble} {Invoice.objects.count()}")
    figure = {
        "n": n,
        "seconds": round(end - start, 3),
        "floor_seconds": floor(data, form),
        "peak_mib": round(peak, 1),
        "check_seconds": round(checked - start, 3),
    }
    print(json.dumps(figure))


def rows(n: int) -> list[tuple[str, ...]]:
    return [
        (
            f"FA26-{rank:06d}",
            f"C{rank // OWED:05d}",
            f"Client {rank // OWED:05d} SARL",
            f"{rank % 28 + 1:02d}/{rank % 9 + 1:02d}/2026",
            f"{rank % 28 + 1:02d}/{rank % 9 + 2:02d}/2026",
            f"{100 + rank % 997},50",
            "" if rank % PAID else "20,00",
        )
        for rank in range(n)
    ]


def text(n: int) -> bytes:
    return "\n".join(";".join(row) for row in (HEADER, *rows(n))).encode()


def workbook(n: int) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Factures")
    for row in (HEADER, *rows(n)):
        sheet.append(row)
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        book.save(file.name)
        return Path(file.name).read_bytes()


def floor(data: bytes, form: str) -> float:
    """Read the same file and write the same rows with the driver alone."""
    path = str(connection.settings_dict["NAME"])
    connection.close()
    with tempfile.NamedTemporaryFile(suffix=f".{form}") as file:
        Path(file.name).write_bytes(data)
        done = subprocess.run(
            [sys.executable, "bench/floors/spreadsheet.py", path, file.name],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return float(done.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:3])
