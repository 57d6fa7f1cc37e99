"""The payments of invoices that were just brought in, recorded together.

One by one each takes a score of queries: too long for the thousands that a first
synchronisation finds.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from relance.models import Allocation, Invoice, Payment
from relance.models.money import ZERO
from relance.services import history
from relance.services.history import About, Entry
from relance.services.ledger_words import received_words
from relance.services.payments import PaymentData
from relance.services.refusal import Refused


@dataclass(frozen=True, kw_only=True)
class FirstPayment:
    """A payment that settles, whole, a part of an invoice that nothing else has
    settled yet; ``key``: the same one is recorded once."""

    invoice: Invoice
    data: PaymentData
    key: uuid.UUID


@transaction.atomic
def record_together(rows: Sequence[FirstPayment], *, now: datetime) -> None:
    """Record them, inside the transaction that created or locked the invoices.

    Refused, all of them, where they are more than an invoice's total.
    """
    made = Payment.objects.bulk_create(
        Payment(
            customer=row.data.customer,
            received_on=row.data.received_on,
            amount=row.data.amount,
            currency=row.data.currency,
            method=row.data.method,
            reference=row.data.reference,
            note=row.data.note,
            source=row.data.source,
            external_id=row.data.external_id,
            request_key=row.key,
            recorded_at=now,
        )
        for row in rows
    )
    Allocation.objects.bulk_create(
        Allocation(
            payment=payment,
            invoice=row.invoice,
            amount=payment.amount,
            effective_on=payment.received_on,
            made_at=now,
        )
        for row, payment in zip(rows, made, strict=True)
    )
    _settle(rows)
    entries = [_entry(row, payment) for row, payment in zip(rows, made, strict=True)]
    history.record_many(entries, at=now)


def _settle(rows: Sequence[FirstPayment]) -> None:
    """Bring balances and states to what was just set against them."""
    by_invoice: dict[int, list[FirstPayment]] = defaultdict(list)
    for row in rows:
        by_invoice[row.invoice.pk].append(row)
    settled = []
    for together in by_invoice.values():
        invoice = together[0].invoice
        invoice.balance = invoice.total - sum(
            (one.data.amount for one in together), ZERO
        )
        if invoice.balance < ZERO:
            raise Refused(
                _("More was paid than invoice %(number)s asks for.")
                % {"number": invoice.number}
            )
        if invoice.balance == ZERO:
            invoice.state = Invoice.State.SETTLED
            invoice.paid_on = max(one.data.received_on for one in together)
        settled.append(invoice)
    Invoice.objects.bulk_update(settled, ["balance", "state", "paid_on"])


def _entry(row: FirstPayment, payment: Payment) -> Entry:
    words = received_words(payment)
    about = About(payment=payment, invoice=row.invoice)
    return Entry(action="payment.recorded", words=words, about=about)
