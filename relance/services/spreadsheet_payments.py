"""Payments of a spreadsheet: each once, set against the invoice that it names."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from relance.models import Invoice, Payment, Source
from relance.models.money import LARGEST, ZERO
from relance.rules.spreadsheet_targets import IDENTITY, Target
from relance.rules.spreadsheet_words import payment_mode
from relance.services.spreadsheet_customers import Customers
from relance.services.spreadsheet_decisions import Decision, Status, left_out, refused
from relance.services.spreadsheet_invoices import currency_of, known_invoices
from relance.services.spreadsheet_layout import Layout
from relance.services.spreadsheet_records import Record, Trouble, need

# What names a payment of a file: the same row of another file is the same payment.
NAMESPACE = uuid.UUID("6f2c6c1e-0f6e-4c55-9d0b-7b2f3f6f6a11")


class Payments:
    """Decides for the rows of a file, in their order."""

    def __init__(
        self, layout: Layout, customers: Customers, *, today: date, lock: bool
    ) -> None:
        self._layout = layout
        self._lock = lock
        self._customers = customers
        self._today = today
        # How many rows said the same so far.
        self._times: Counter[tuple[object, ...]] = Counter()

    def remember(self, records: Sequence[Record]) -> None:
        """Count rows that were imported before a worker was interrupted."""
        self.decide(records)

    def decide(self, records: Sequence[Record]) -> list[Decision]:
        """Return what becomes of each row; its problems are added to it."""
        numbers = {record.text(Target.NUMBER) for record in records} - {""}
        known = known_invoices(numbers, lock=self._lock)
        decisions = [self._decision(record, known) for record in records]
        self._leave_known(decisions)
        return decisions

    def _decision(self, record: Record, known: dict[str, Invoice]) -> Decision:
        if record.is_total:
            return left_out(record)
        need(record, Target.DAY, Target.AMOUNT)
        currency = currency_of(record, self._layout)
        day, amount = record.day(Target.DAY), record.money(Target.AMOUNT)
        if day is not None and day > self._today:
            record.warn(Trouble.IN_THE_FUTURE, Target.DAY, f"{day:%d/%m/%Y}")
        if amount is not None and not ZERO < amount <= LARGEST:
            record.warn(Trouble.NOT_POSITIVE, Target.AMOUNT, f"{amount:.2f}")
        invoice = known.get(record.text(Target.NUMBER))
        customer_id = self._payer(record, invoice)
        if record.stopped or customer_id is None or day is None or amount is None:
            return refused(record)
        if invoice is not None and invoice.currency != currency:
            record.warn(Trouble.OTHER_CURRENCY, Target.CURRENCY, currency)
            return refused(record)
        payment = Payment(
            customer_id=customer_id,
            received_on=day,
            amount=amount,
            currency=currency,
            method=_method(record),
            reference=record.text(Target.REFERENCE)[:120],
            invoice_number=record.text(Target.NUMBER)[:60],
            source=Source.SPREADSHEET,
        )
        payment.request_key = self._key(payment)
        return Decision(
            record=record, status=Status.CREATED, invoice=invoice, payment=payment
        )

    def _payer(self, record: Record, invoice: Invoice | None) -> int | None:
        """Return who paid: whom the row names, else whose invoice it names."""
        named = any(record.text(target) for target in IDENTITY)
        if not named:
            if invoice is None and not record.text(Target.NUMBER):
                need(record, Target.NUMBER)
            elif invoice is None:
                number = record.text(Target.NUMBER)
                record.warn(Trouble.INVOICE_UNKNOWN, Target.NUMBER, number)
            return invoice.customer_id if invoice else None
        found = self._customers.find(record)
        if found is None and not record.stopped:
            which = next(target for target in IDENTITY if record.text(target))
            record.warn(Trouble.CUSTOMER_UNKNOWN, which, record.text(which))
        owner = invoice.customer_id if invoice else None
        if found is not None and owner not in (None, found.pk):
            number = record.text(Target.NUMBER)
            record.warn(Trouble.OTHER_CUSTOMER, Target.NUMBER, number)
        return found.pk if found else None

    def _key(self, payment: Payment) -> uuid.UUID:
        told = _told(payment)
        said = (*told, payment.reference.casefold(), payment.invoice_number)
        self._times[said] += 1
        name = "\0".join(map(str, (*said, self._times[said])))
        return uuid.uuid5(NAMESPACE, name)

    def _leave_known(self, decisions: Iterable[Decision]) -> None:
        """Leave what an earlier file brought, and what somebody recorded already: the
        same customer, day and amount, as many times."""
        fresh = [one for one in decisions if one.payment is not None]
        payments = [one.payment for one in fresh if one.payment is not None]
        keys = set(
            Payment.objects.filter(
                request_key__in=[payment.request_key for payment in payments]
            ).values_list("request_key", flat=True)
        )
        recorded = self._recorded(payments)
        for one in fresh:
            payment = one.payment
            if payment is None:
                continue
            if payment.request_key in keys:
                one.status, one.payment = Status.UNCHANGED, None
            elif recorded[_told(payment)] > 0:
                recorded[_told(payment)] -= 1
                one.status, one.payment = Status.UNCHANGED, None

    def _recorded(self, payments: Sequence[Payment]) -> Counter[tuple[object, ...]]:
        """Count payments that no spreadsheet brought, by what makes them the same."""
        others = Payment.objects.filter(
            customer__in={payment.customer_id for payment in payments},
            received_on__in={payment.received_on for payment in payments},
            amount__gt=ZERO,
            correction__isnull=True,
        ).exclude(source=Source.SPREADSHEET)
        return Counter(map(_told, others))


def _told(payment: Payment) -> tuple[int, date, Decimal, str]:
    return (
        payment.customer_id,
        payment.received_on,
        payment.amount,
        payment.currency,
    )


def _method(record: Record) -> str:
    words = record.text(Target.MODE)
    found = payment_mode(words) if words else Payment.Method.TRANSFER.value
    if words and not found:
        record.warn(Trouble.UNKNOWN_MODE, Target.MODE, words)
    known = found in Payment.Method.values
    return found if known else Payment.Method.OTHER.value
