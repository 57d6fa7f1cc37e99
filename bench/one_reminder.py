"""One individual reminder, from the click to the PDF: 300 ms at most.

The median of N letters made by the service that the form calls: decide under lock,
write down, typeset, stamp the invoice, join, keep, record. The invoices' PDFs are
already there, as after an import.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import django

django.setup()

from django.utils import timezone  # noqa: E402

from relance.gateways import typesetter  # noqa: E402
from relance.models import Channel, Company, Invoice  # noqa: E402
from relance.services import (  # noqa: E402
    copies,
    customers,
    invoices,
    making,
    reminders,
    setup,
)
from relance.services.company import BankData, CompanyData  # noqa: E402
from relance.services.customers import CustomerData  # noqa: E402
from relance.services.drafts import Wish  # noqa: E402
from relance.services.invoices import InvoiceData  # noqa: E402
from relance.services.preparing import prepare  # noqa: E402
from relance.services.setup import SetupData  # noqa: E402


def main(n: int = 30) -> None:
    now, today = timezone.now(), timezone.localdate()
    unpaid = data(n + 1, today=today)
    seconds = []
    for invoice in unpaid:
        start = time.perf_counter()
        wish = Wish(invoice=invoice, channel=Channel.LETTER)
        made = reminders.remind(wish, key=uuid.uuid4(), by=None, now=now, today=today)
        assert made.document is not None
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figure = {
        "n": n,
        # The first one loads the fonts: a server has them already.
        "seconds": round(statistics.median(seconds[1:]), 4),
        "floor_seconds": floor(unpaid, n),
        "peak_mib": round(peak, 1),
    }
    print(json.dumps(figure))


def data(count: int, *, today: date) -> list[Invoice]:
    """Make as many late invoices with their PDF, each of another customer."""
    now = timezone.now()
    prepare(now=now)
    company = CompanyData(
        name="Ateliers Vauban",
        siren="812345676",
        address="12 rue Vauban",
        postcode="69006",
        city="Lyon",
        phone="04 78 00 00 00",
        signatory_name="Claire Vasseur",
    )
    bank = BankData(iban="FR7630006000011234567890189")
    who = {"name": "Claire", "email": "claire@example.org", "password": "bench-relance"}
    setup.set_up(SetupData(company=company, bank=bank, **who), now=now)
    return [_invoice(rank, today=today) for rank in range(count)]


def _invoice(rank: int, *, today: date) -> Invoice:
    now, due = timezone.now(), today - timedelta(days=40)
    customer = customers.create_customer(
        CustomerData(
            name=f"Client {rank}",
            address=f"{rank + 1} quai de la Fosse",
            postcode="44000",
            city="Nantes",
        ),
        by=None,
        now=now,
    )
    invoice = invoices.create_invoice(
        InvoiceData(
            customer=customer,
            number=f"FA-{rank:05d}",
            issued_on=due - timedelta(days=30),
            due_date=due,
            total=Decimal(1200) + rank,
        ),
        by=None,
        now=now,
    )
    page = typesetter.invoice_pdf(copies.invoice_copy(invoice, Company.objects.get()))
    invoices.attach_pdf(invoice, page, f"{invoice.number}.pdf", by=None, now=now)
    return invoice


def floor(unpaid: list[Invoice], n: int) -> float:
    """Run the same letters and invoices through the libraries alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for rank, invoice in enumerate(unpaid[: n + 1]):
            reminder = invoice.reminder_lines.get().reminder
            letter = making.letter_from_data(reminder.content["letter"])
            written = typesetter._letters_json([letter])
            (folder / f"{rank:05d}.json").write_text(written)
            pdf = copies.invoice_pdf(invoice).data
            (folder / f"{rank:05d}.pdf").write_bytes(pdf)
        done = subprocess.run(
            [sys.executable, "bench/floors/one_reminder.py", name],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env=dict(os.environ),
        )
    return float(done.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
