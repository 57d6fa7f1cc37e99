"""The books of a company at the sizes of the budgets, written straight to the tables.

A hundred thousand invoices, 10,000 of them unpaid, a third of those held; 20,000
customers; 150,000 reminders. Nothing is random: the same rows every time.
"""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import batched

import django

django.setup()

from django.db import connection, models  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench import _company  # noqa: E402
from relance.models import (  # noqa: E402
    Allocation,
    Channel,
    Contact,
    Customer,
    Hold,
    Invoice,
    Level,
    Payment,
    Posting,
    Reminder,
    ReminderLine,
)
from relance.services import proposals  # noqa: E402

CUSTOMERS = 20_000
PAID = 90_000
UNPAID = 10_000
REMINDERS = 150_000
BATCH = 5_000

_TOWNS = (("44000", "Nantes"), ("69006", "Lyon"), ("29200", "Brest"), ("", ""))
_WORDS = ("Ateliers", "Menuiserie", "Éts Lefèvre", "Boulangerie", "Garage", "SCI")


def build_apart(unpaid: int = UNPAID, *, decided: bool = False) -> None:
    """Write the books down in a process of its own: the memory that it takes is no
    part of a figure. ``decided``: the proposals too."""
    subprocess.run(
        [sys.executable, "-m", "bench._ledger", str(unpaid), str(int(decided))],
        check=True,
    )


def build(unpaid: int = UNPAID, decided: int = 0) -> None:
    """Write the books down: ``unpaid`` invoices, the rest in proportion."""
    _company.company()
    today, share = timezone.localdate(), unpaid / UNPAID
    customers = _customers(int(CUSTOMERS * share))
    late = _invoices(customers, 0, unpaid, today=today)
    paid = _invoices(customers, unpaid, int(PAID * share), today=today)
    _payments(paid)
    _unmatched(customers, today=today)
    _holds(late, today=today)
    _reminders(late, paid, int(REMINDERS * share), today=today)
    if decided:
        proposals.refresh(today=today)


def _save[Row: models.Model](rows: Iterable[Row]) -> list[Row]:
    """Save rows of one table, batch after batch."""
    saved: list[Row] = []
    for batch in batched(rows, BATCH):
        saved += type(batch[0])._default_manager.bulk_create(batch)
    return saved


def _customers(count: int) -> list[Customer]:
    regimes = ("B2B", "B2B", "B2B", "B2B", "PUBLIC", "B2B", "B2C", "NON_PRO")
    customers = _save(
        Customer(
            code=f"B{rank:06d}",
            name=f"{_WORDS[rank % len(_WORDS)]} {rank:05d}",
            legal_form="SARL",
            address=f"{rank % 200 + 1} quai de la Fosse",
            postcode=_TOWNS[rank % 31 % 4][0],
            city=_TOWNS[rank % 31 % 4][1],
            email=f"compta{rank}@client.example" if rank % 10 else "",
            regime=regimes[rank % len(regimes)],
            language="en" if rank % 25 == 0 else "fr",
            preferred_channel="letter" if rank % 7 == 0 else "",
        )
        for rank in range(count)
    )
    _save(
        Contact(customer=one, name="Mme Rault", email=f"rault{one.pk}@client.example")
        for one in customers[::5]
    )
    return customers


def _invoices(
    customers: list[Customer], first: int, count: int, *, today: date
) -> list[Invoice]:
    """Unpaid ones are due from 100 days ago to ten days hence; paid ones before."""
    now, unpaid = timezone.now(), first == 0

    def one(rank: int) -> Invoice:
        days = rank * 7 % 400 - 20 if unpaid else 60 + rank * 7 % 1500
        due = today - timedelta(days=days)
        total = Decimal(40 + rank * 37 % 9000) + Decimal(rank % 100) / 100
        part = unpaid and rank % 8 == 0
        return Invoice(
            # A third of the customers owe all that is unpaid.
            customer=customers[rank * 7 % len(customers) // (3 if unpaid else 1)],
            number=f"FA-{first + rank:06d}",
            issued_on=due - timedelta(days=30),
            due_date=due,
            currency="CHF" if unpaid and rank % 50 == 0 else "EUR",
            total=total,
            balance=(total / 2).quantize(Decimal("0.01")) if part else total,
            state=Invoice.State.OPEN,
            content={"lines": [{"label": "Travaux", "total": str(total)}]},
            created_at=now,
        )

    rows = [one(rank) for rank in range(count)]
    if not unpaid:
        for row in rows:
            row.balance, row.state = Decimal(0), Invoice.State.SETTLED
            row.paid_on = row.due_date
    saved = _save(rows)
    if unpaid:
        _payments([row for row in saved if row.balance < row.total])
    return saved


def _payments(invoices: list[Invoice]) -> None:
    now = timezone.now()
    payments = _save(
        Payment(
            customer_id=invoice.customer_id,
            received_on=invoice.due_date,
            amount=invoice.total - invoice.balance,
            currency=invoice.currency,
            request_key=uuid.uuid4(),
            recorded_at=now,
        )
        for invoice in invoices
    )
    _save(
        Allocation(
            payment=payment,
            invoice=invoice,
            amount=payment.amount,
            effective_on=payment.received_on,
            made_at=now,
        )
        for payment, invoice in zip(payments, invoices, strict=True)
    )


def _unmatched(customers: list[Customer], *, today: date) -> None:
    _save(
        Payment(
            customer=customer,
            received_on=today - timedelta(days=1),
            amount=Decimal(150),
            request_key=uuid.uuid4(),
            recorded_at=timezone.now(),
        )
        for customer in customers[::100]
    )


def _holds(invoices: list[Invoice], *, today: date) -> None:
    reasons = (Hold.Reason.MANUAL, Hold.Reason.DISPUTE, Hold.Reason.PROMISE)
    _save(
        Hold(
            invoice=invoice,
            reason=reasons[rank % 3],
            starts_on=today - timedelta(days=5),
            until=today + timedelta(days=20) if rank % 3 == 2 else None,
            made_at=timezone.now(),
        )
        for rank, invoice in enumerate(invoices[::3])
    )


def _reminders(
    late: list[Invoice], paid: list[Invoice], count: int, *, today: date
) -> None:
    """Half of the unpaid invoices have one or two reminders, the paid ones the
    rest."""
    levels = {level.rank: level for level in Level.objects.all()}
    pairs = enumerate(_reminded(late, paid, count), start=1)
    for batch in batched(pairs, BATCH):
        saved = _save(
            _reminder(number, invoice, levels[rank], today=today)
            for number, (invoice, rank) in batch
        )
        _save(
            ReminderLine(reminder=reminder, invoice=invoice, balance=invoice.total)
            for reminder, (_number, (invoice, _rank)) in zip(saved, batch, strict=True)
        )
        _save(
            Posting(
                reminder=reminder,
                posted_on=reminder.made_on,
                recorded_at=timezone.now(),
            )
            for reminder in saved
            if reminder.state == Reminder.State.POSTED
        )


def _reminded(
    late: list[Invoice], paid: list[Invoice], count: int
) -> Iterator[tuple[Invoice, int]]:
    first = [(invoice, 1) for invoice in late[::2]]
    second = [(invoice, 2) for invoice in late[::4]]
    rest = count - len(first) - len(second)
    for place in range(rest):
        yield paid[place % len(paid)], 1 + place // len(paid)
    yield from (*first, *second)


def _reminder(number: int, invoice: Invoice, level: Level, *, today: date) -> Reminder:
    by_email = number % 3 != 0
    made_on = max(
        invoice.due_date + timedelta(days=5 + 10 * level.rank),
        invoice.issued_on + timedelta(days=1),
    )
    if made_on >= today:
        made_on = today - timedelta(days=3)
    text = (
        f"Madame, Monsieur, sauf erreur de notre part, la facture {invoice.number} "
        "reste impayée à ce jour. Nous vous prions de bien vouloir la régler. " * 4
    )
    return Reminder(
        number=number,
        customer_id=invoice.customer_id,
        level=level,
        level_rank=level.rank,
        level_name=level.name,
        level_kind=level.kind,
        stamp=level.stamp,
        channel=Channel.EMAIL if by_email else Channel.LETTER,
        language="fr",
        currency=invoice.currency,
        recipient={"name": "Mme Rault", "email": "", "copies": [], "address": []},
        made_on=made_on,
        made_at=timezone.now(),
        next_on=made_on + timedelta(days=15),
        state=Reminder.State.SENT if by_email else Reminder.State.POSTED,
        subject=f"Facture {invoice.number}",
        body=text,
        content={"text": text, "html": f"<p>{text}</p>"},
        amounts={"balance": str(invoice.total), "total": str(invoice.total)},
        request_key=uuid.uuid4(),
    )


if __name__ == "__main__":
    build(*map(int, sys.argv[1:]))
    # All of it in the database's own file, as after a night.
    connection.close()
