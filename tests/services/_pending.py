"""Receipts matched with invoices of Dolibarr, and what is left of these."""

from __future__ import annotations

from decimal import Decimal

from relance.models import BankLine, Invoice, Payment
from relance.services import receipt_matches
from relance.services.payments import Share
from tests.make import NOW


def matched(line: BankLine, *shares: tuple[Invoice, str]) -> Payment | None:
    parts = [Share(invoice=one, amount=Decimal(amount)) for one, amount in shares]
    owner = shares[0][0].customer
    return receipt_matches.accept(line, owner, parts, by=None, now=NOW)


def balance(invoice: Invoice) -> Decimal:
    invoice.refresh_from_db()
    return invoice.balance
