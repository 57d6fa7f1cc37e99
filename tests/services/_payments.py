"""Payments recorded, set against invoices and taken back, as tests say it."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from relance.models import Invoice
from relance.services import payments
from relance.services.payments import PaymentData, Share
from tests import make
from tests.make import NOW

D = Decimal


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def record(customer, amount="100.00", *shares, key=None, by=None, now=NOW, **values):
    data = PaymentData(
        **{
            "customer": customer,
            "received_on": date(2026, 10, 15),
            "amount": D(amount),
        }
        | values
    )
    parts = [Share(invoice=invoice, amount=D(part)) for invoice, part in shares]
    return payments.record_payment(data, parts, key=key or uuid.uuid4(), by=by, now=now)


def allocate(source, invoice, amount, **values):
    share = Share(invoice=invoice, amount=D(amount), **values)
    return payments.allocate(source, share, by=None, now=NOW)


def undo(allocation):
    return payments.undo_allocation(allocation, by=None, now=NOW)


def correct(payment, why="chèque impayé", *, key=None, by=None):
    return payments.correct_payment(
        payment, why, key=key or uuid.uuid4(), by=by, now=NOW
    )


def credit_note(customer, total="100.00", **values):
    kind = Invoice.Kind.CREDIT_NOTE
    return make.invoice(customer, kind=kind, total=D(total), **values)
