"""A bank statement of 5,000 receipts against 20,000 unpaid invoices.

Read, kept, and each receipt proposed with the invoices it settles: what happens when
a statement is dropped on the page of the bank.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench import _company  # noqa: E402
from relance.models import Customer, Invoice  # noqa: E402
from relance.queries.receipts import proposed  # noqa: E402
from relance.services import receipts  # noqa: E402

# Invoices for each receipt, and for each customer.
UNPAID, OWED = 4, 4


def main(n: int = 5_000) -> None:
    today = timezone.localdate()
    _company.company()
    invoices = _unpaid(n * UNPAID, today=today)
    data = statement(invoices[::UNPAID], today=today)
    start = time.perf_counter()
    [result] = receipts.import_statements(
        [("releve.ofx", data)], by=None, now=timezone.now()
    )
    found = proposed()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sure = sum(one.sure for one in found)
    if result.new != n or len(found) != n or not n // 4 < sure < n // 2:
        raise SystemExit(f"{result.new} read of {n}, {sure} sure: {result.error}")
    figure = {
        "n": n,
        "seconds": round(seconds, 3),
        "floor_seconds": floor(data),
        "peak_mib": round(peak, 1),
        "sure": sure,
    }
    print(json.dumps(figure))


def _unpaid(count: int, *, today: date) -> list[Invoice]:
    now, due = timezone.now(), today - timedelta(days=40)
    customers = Customer.objects.bulk_create(
        Customer(code=f"B{rank:06d}", name=f"Client {rank:05d} SARL", city="Nantes")
        for rank in range(count // OWED)
    )
    return Invoice.objects.bulk_create(
        (
            Invoice(
                customer=customers[rank // OWED],
                number=f"FA26-{rank:06d}",
                issued_on=due - timedelta(days=30),
                due_date=due,
                total=Decimal(100 + rank % 997),
                balance=Decimal(100 + rank % 997),
                created_at=now,
            )
            for rank in range(count)
        ),
        batch_size=1000,
    )


def statement(paid: list[Invoice], *, today: date) -> bytes:
    """Return an OFX file: a third of the receipts names its invoice, a third its
    customer, the others nothing."""
    day = f"{today - timedelta(days=1):%Y%m%d}"
    rows = []
    for rank, invoice in enumerate(paid):
        words = (f"FACTURE {invoice.number}", f"{invoice.customer.name}", "VIREMENT")
        rows.append(
            f"<STMTTRN><DTPOSTED>{day}<TRNAMT>{invoice.balance}<FITID>{rank}"
            f"<NAME>VIR SEPA {words[rank % 3]}\n</STMTTRN>"
        )
    text = (
        "OFXHEADER:100\n\n<OFX><STMTRS><CURDEF>EUR<ACCTID>1<BANKTRANLIST>\n"
        + "\n".join(rows)
        + "\n</BANKTRANLIST></STMTRS></OFX>"
    )
    return text.encode()


def floor(data: bytes) -> float:
    """Read the same file and look the same numbers up with the driver alone."""
    path = str(connection.settings_dict["NAME"])
    connection.close()
    with tempfile.NamedTemporaryFile(suffix=".ofx") as file:
        Path(file.name).write_bytes(data)
        done = subprocess.run(
            [sys.executable, "bench/floors/matching.py", path, file.name],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return float(done.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
