"""The ledger's law, whatever the sequence: the balance is what the rows say."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relance.models import Allocation, Customer, Invoice, Payment
from relance.queries.situations import unallocated_by_customer
from relance.services import invoices, payments
from relance.services.payments import PaymentData, Share
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

amounts = st.integers(min_value=-100, max_value=20_000).map(lambda n: Decimal(n) / 100)
which = st.integers(min_value=0, max_value=7)
steps = st.one_of(
    st.tuples(st.just("record"), which, amounts, st.lists(amounts, max_size=2)),
    st.tuples(st.sampled_from(["allocate", "credit"]), which, which, amounts),
    st.tuples(
        st.sampled_from(["undo", "correct", "cancel", "write_off", "reopen"]), which
    ),
)


def pick(rows, number: int):
    found = list(rows.order_by("pk"))
    return found[number % len(found)] if found else None


def owed():
    return Invoice.objects.receivable()


def credits():
    return Invoice.objects.filter(kind=Invoice.Kind.CREDIT_NOTE)


def record(customer: Customer, number: int, amount: Decimal, parts) -> None:
    shares = [
        Share(invoice=pick(owed(), number + n), amount=part)
        for n, part in enumerate(parts)
    ]
    data = PaymentData(customer=customer, received_on=date(2026, 10, 15), amount=amount)
    payments.record_payment(data, shares, key=uuid.uuid4(), by=None, now=NOW)


def play(customer: Customer, step) -> None:
    """Do one step, or be refused: a refusal changes nothing."""
    name, *rest = step
    if name == "record":
        record(customer, *rest)
    elif name in ("allocate", "credit"):
        rows = Payment.objects.all() if name == "allocate" else credits()
        if source := pick(rows, rest[0]):
            share = Share(invoice=pick(owed(), rest[1]), amount=rest[2])
            payments.allocate(source, share, by=None, now=NOW)
    elif name == "undo":
        if row := pick(Allocation.objects.all(), rest[0]):
            payments.undo_allocation(row, by=None, now=NOW)
    elif name == "correct":
        if row := pick(Payment.objects.all(), rest[0]):
            payments.correct_payment(row, "x", key=uuid.uuid4(), by=None, now=NOW)
    else:
        invoice = pick(Invoice.objects.all(), rest[0])
        if name == "reopen":
            invoices.reopen(invoice, by=None, now=NOW)
        else:
            close = (
                invoices.write_off if name == "write_off" else invoices.cancel_invoice
            )
            close(invoice, "x", by=None, now=NOW)


def last_payment(invoice: Invoice) -> date | None:
    """Return the day of the last payment of a settled invoice, from its rows."""
    if invoice.balance:
        return None
    rows = invoice.allocations.exclude(payment=None)
    undone = {row.undoes_id for row in rows}
    days = [row.effective_on for row in rows if row.amount > 0 and row.pk not in undone]
    return max(days, default=None)


def check(customer: Customer) -> None:
    credited = Decimal(0)
    for invoice in Invoice.objects.all():
        received = sum(row.amount for row in invoice.allocations.all())
        given_away = sum(row.amount for row in invoice.given_allocations.all())
        assert invoice.balance == invoice.total - received - given_away
        assert 0 <= invoice.balance <= invoice.total
        if invoice.state in ("open", "settled"):
            assert (invoice.state == "settled") == (invoice.balance == 0)
            assert invoice.paid_on == last_payment(invoice)
        if invoice.is_credit_note and invoice.state == "open":
            credited += invoice.balance
    received = sum(row.amount for row in Payment.objects.all())
    used = sum(row.amount for row in Allocation.objects.filter(credit=None))
    waiting = unallocated_by_customer([customer.pk])[customer.pk, "EUR"]
    assert waiting == received - used + credited
    assert waiting - credited == sum(map(payments.left_of, Payment.objects.all()))
    for payment in Payment.objects.all():
        assert payments.left_of(payment) >= 0


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(steps, max_size=14))
def test_whatever_the_sequence_the_balance_is_what_the_rows_say(played) -> None:
    with transaction.atomic():
        run(played)
        transaction.set_rollback(True)


def run(played) -> None:
    customer = make.customer()
    for total, kind in [
        ("100.00", "invoice"),
        ("50.00", "invoice"),
        ("0.01", "deposit"),
        ("80.00", "credit_note"),
        ("20.00", "credit_note"),
    ]:
        make.invoice(customer, total=Decimal(total), kind=kind)
    for step in played:
        before = Allocation.objects.count(), Payment.objects.count()
        try:
            play(customer, step)
        except Refused:
            assert before == (Allocation.objects.count(), Payment.objects.count())
        check(customer)
