"""A company with many late invoices and their PDFs, as after an import."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import django

django.setup()

import pikepdf  # noqa: E402
from django.utils import timezone  # noqa: E402

from relance.gateways import typesetter  # noqa: E402
from relance.models import (  # noqa: E402
    Channel,
    Company,
    Customer,
    Document,
    Invoice,
    Level,
    Run,
    RunLine,
)
from relance.services import copies, documents, setup  # noqa: E402
from relance.services.company import BankData, CompanyData  # noqa: E402
from relance.services.documents import NewFile  # noqa: E402
from relance.services.preparing import prepare  # noqa: E402
from relance.services.setup import SetupData  # noqa: E402
from relance.services.signatories import SignatoryData  # noqa: E402

BATCH = 500


def company() -> None:
    """Set the program up."""
    now = timezone.now()
    prepare(now=now)
    identity = CompanyData(
        name="Ateliers Vauban",
        siren="812345676",
        address="12 rue Vauban",
        postcode="69006",
        city="Lyon",
        phone="04 78 00 00 00",
    )
    bank = BankData(iban="FR7630006000011234567890189")
    who = {"name": "Claire", "email": "claire@example.org", "password": "bench-relance"}
    signatory = SignatoryData(name="Claire Vasseur")
    setup.set_up(
        SetupData(
            company=identity,
            bank=bank,
            signatory=signatory,
            nothing_to_take_over=True,
            **who,
        ),
        now=now,
    )


def late_invoices(count: int, *, today: date, kilobytes: int = 0) -> None:
    """Write as many customers, each with one invoice 40 days late and its own PDF.

    The rows and files are written in batches and the place of the stamp is looked
    for once: the pages are alike, their files are not. ``kilobytes``: the least
    weight of a PDF.
    """
    now, due = timezone.now(), today - timedelta(days=40)
    customers = Customer.objects.bulk_create(
        Customer(
            code=f"B{rank:06d}",
            name=f"Client {rank:05d}",
            legal_form="SARL",
            address=f"{rank % 200 + 1} quai de la Fosse",
            postcode="44000",
            city="Nantes",
            email=f"compta{rank}@client.example",
        )
        for rank in range(count)
    )
    invoices = [
        Invoice(
            customer=customer,
            number=f"FA-{rank:06d}",
            issued_on=due - timedelta(days=30),
            due_date=due,
            total=Decimal(1200) + rank,
            balance=Decimal(1200) + rank,
            created_at=now,
        )
        for rank, customer in enumerate(customers)
    ]
    page = typesetter.invoice_pdf(
        copies.invoice_copy(invoices[0], Company.objects.get())
    )
    places = copies.stamp_places(page)
    for start in range(0, count, BATCH):
        batch = invoices[start : start + BATCH]
        rows = documents.stored(
            [
                NewFile(
                    data=data,
                    kind=Document.Kind.INVOICE,
                    name=f"{invoice.number}.pdf",
                    pages=1,
                    stamp_places=places,
                )
                for invoice, data in zip(
                    batch, _pages(page, batch, kilobytes), strict=True
                )
            ],
            now=now,
        )
        for invoice, row in zip(batch, Document.objects.bulk_create(rows), strict=True):
            invoice.document = row
        Invoice.objects.bulk_create(batch)


def approved_apart(count: int, channel: Channel, *, kilobytes: int = 0) -> Run:
    """Write the company, its late invoices and a run of all of them down in a process
    of its own: the memory that it takes, migrations too, is no part of a figure."""
    subprocess.run(
        [sys.executable, "-m", "bench._company", str(count), channel, str(kilobytes)],
        check=True,
    )
    return Run.objects.get()


def approved(channel: Channel) -> Run:
    """Write a run of all the invoices down, as the button does."""
    now = timezone.now()
    run = Run.objects.create(
        number=1,
        request_key=uuid.uuid4(),
        approved_at=now,
        made_on=timezone.localdate(now),
        print_cover=False,
    )
    level = Level.objects.get(rank=2)
    RunLine.objects.bulk_create(
        RunLine(
            run=run,
            position=rank,
            group=rank,
            invoice=invoice,
            customer_id=invoice.customer_id,
            level=level,
            channel=channel,
            overrides={"level_above": "mesure"},
        )
        for rank, invoice in enumerate(Invoice.objects.order_by("pk"))
    )
    return run


def _pages(page: bytes, invoices: list[Invoice], kilobytes: int) -> Iterator[bytes]:
    """Yield the page once for each invoice, each a file of its own."""
    for invoice in invoices:
        with pikepdf.open(io.BytesIO(page)) as pdf:
            pdf.docinfo["/Title"] = invoice.number
            missing = kilobytes * 1000 - len(page)
            if missing > 0:
                weight = random.Random(invoice.number).randbytes(missing)
                pdf.Root.Weight = pdf.make_stream(weight)
            out = io.BytesIO()
            pdf.save(out)
            yield out.getvalue()


if __name__ == "__main__":
    wanted, by, weight = sys.argv[1:]
    company()
    late_invoices(int(wanted), today=timezone.localdate(), kilobytes=int(weight))
    approved(Channel(by))
