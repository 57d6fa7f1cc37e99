"""A ledger to count, and amounts and days as pages write them."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from django.urls import resolve, reverse
from django.utils import timezone

from relance.models import Invoice
from relance.services import payments
from tests import make

D = Decimal
EXPORTS = {"invoices": "invoices-export", "payments": "payments-export"}


def ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def invoice(late: int, total: str = "100.00", **values) -> Invoice:
    due = ago(late)
    return make.invoice(
        due_date=due, issued_on=due - timedelta(days=30), total=D(total), **values
    )


def pay(on: Invoice, amount: str, day: date) -> None:
    data = payments.PaymentData(
        customer=on.customer,
        received_on=day,
        amount=D(amount),
        currency=on.currency,
    )
    share = payments.Share(invoice=on, amount=D(amount))
    payments.record_payment(
        data, [share], key=uuid.uuid4(), by=None, now=timezone.now()
    )


def fill() -> None:
    for late in (-10, 0, 1, 30, 45, 75, 200):
        invoice(late, f"{100 + late}.25")
        invoice(late, "80.00", currency="CHF")
    for days, currency in ((5, "EUR"), (5, "CHF"), (60, "EUR")):
        paid = invoice(90, "300.00", currency=currency)
        make.reminder(paid, made_on=ago(days + 3), state="posted")
        pay(paid, "120.00", ago(days + 1))
        pay(paid, "180.00", ago(days))
    pay(invoice(50, "60.00"), "60.00", ago(2))
    make.invoice(kind="credit_note")
    held = invoice(20, "999.00")
    make.hold(held)


def exported(client, url: str) -> list[list[str]]:
    """Return the rows that the list of this address exports, all its pages."""
    parts = urlsplit(url)
    name = EXPORTS[resolve(parts.path).url_name]
    response = client.get(f"{reverse(name)}?{parts.query}")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    _header, *rows = csv.reader(io.StringIO(text), delimiter=";")
    return rows
