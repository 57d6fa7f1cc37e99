"""Two people at once, in two threads: one is served, the other is told."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from relance.models import (
    Allocation,
    Channel,
    Customer,
    HistoryEntry,
    Hold,
    Invoice,
    Payment,
    Reminder,
)
from relance.services import customers, holds, invoices, payments, reminders
from relance.services.customers import CustomerData
from relance.services.drafts import Wish
from relance.services.holds import HoldData
from relance.services.invoices import InvoiceData
from relance.services.payments import PaymentData, Share
from relance.services.refusal import Refused
from relance.services.reminders import ReminderRefused
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db(transaction=True)

D = Decimal


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Run the actions in threads that start together; return what each gave: a
    value, or the exception it raised."""
    start = threading.Barrier(len(actions))
    given: list[object] = [None] * len(actions)

    def run(place: int, action: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            given[place] = action()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            given[place] = error
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(place, action), daemon=True)
        for place, action in enumerate(actions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return given


def refusals(given: list[object]) -> list[Refused]:
    """Return the refusals; any other error is the test's."""
    for result in given:
        if isinstance(result, Exception) and not isinstance(result, Refused):
            raise result
    return [result for result in given if isinstance(result, Refused)]


def payment_of(invoice: Invoice, amount: str, key: uuid.UUID) -> Payment:
    data = PaymentData(
        customer=invoice.customer, received_on=date(2026, 10, 15), amount=D(amount)
    )
    share = Share(invoice=invoice, amount=D(amount))
    return payments.record_payment(data, [share], key=key, by=None, now=NOW)


def test_the_same_balance_is_not_settled_twice() -> None:
    invoice = make.invoice(total=D("100.00"))
    two = [make.payment(of=invoice.customer) for _ in range(2)]
    share = Share(invoice=invoice, amount=D("100.00"))

    given = at_once(
        *(lambda p=p: payments.allocate(p, share, by=None, now=NOW) for p in two)
    )

    assert len(refusals(given)) == 1
    assert Allocation.objects.count() == 1
    invoice.refresh_from_db()
    assert (invoice.balance, invoice.state) == (D("0.00"), "settled")


def test_the_same_payment_is_not_spent_twice() -> None:
    owner = make.customer()
    payment = make.payment(of=owner)
    two = [make.invoice(owner), make.invoice(owner)]
    hundred = D("100.00")

    given = at_once(
        *(
            lambda i=i: payments.allocate(
                payment, Share(invoice=i, amount=hundred), by=None, now=NOW
            )
            for i in two
        )
    )

    assert len(refusals(given)) == 1
    assert payments.left_of(payment) == 0


def test_a_credit_note_is_not_spent_twice() -> None:
    owner = make.customer()
    credit = make.invoice(owner, kind="credit_note", total=D("100.00"))
    two = [make.invoice(owner), make.invoice(owner)]

    given = at_once(
        *(
            lambda i=i: payments.allocate(
                credit, Share(invoice=i, amount=D("60.00")), by=None, now=NOW
            )
            for i in two
        )
    )

    assert len(refusals(given)) == 1
    credit.refresh_from_db()
    assert credit.balance == D("40.00")


def test_two_clicks_record_one_payment() -> None:
    invoice, key = make.invoice(), uuid.uuid4()

    given = at_once(*[lambda: payment_of(invoice, "100.00", key)] * 2)

    assert refusals(given) == []
    assert given[0] == given[1] == Payment.objects.get()
    assert Allocation.objects.count() == 1
    assert HistoryEntry.objects.filter(action="payment.recorded").count() == 1


def test_an_allocation_is_taken_back_once() -> None:
    invoice = make.invoice()
    allocation = make.payment(invoice).allocations.get()

    given = at_once(
        *[lambda: payments.undo_allocation(allocation, by=None, now=NOW)] * 2
    )

    assert len(refusals(given)) == 1
    invoice.refresh_from_db()
    assert invoice.balance == D("1200.00")


def test_a_payment_is_corrected_once() -> None:
    payment = make.payment(make.invoice())

    def correct() -> Payment:
        return payments.correct_payment(
            payment, "erreur", key=uuid.uuid4(), by=None, now=NOW
        )

    assert len(refusals(at_once(correct, correct))) == 1
    assert Payment.objects.count() == 2


def test_correcting_and_allocating_at_once_never_wait_for_each_other() -> None:
    owner = make.customer()
    one, two = make.invoice(owner), make.invoice(owner)
    share = Share(invoice=one, amount=D("10.00"))
    for _ in range(5):
        payment = make.payment(one, "100.00")
        spare = make.payment(of=owner)
        given = at_once(
            lambda p=payment: payments.correct_payment(
                p, "erreur", key=uuid.uuid4(), by=None, now=NOW
            ),
            lambda p=payment: payments.allocate(p, share, by=None, now=NOW),
            lambda p=spare: payments.allocate(
                p, Share(invoice=two, amount=D("10.00")), by=None, now=NOW
            ),
        )
        [refusal] = refusals(given)
        assert given[1] is refusal
        payments.undo_allocation(spare.allocations.get(), by=None, now=NOW)
    one.refresh_from_db()
    assert one.balance == D("1200.00")


def test_two_payments_of_the_same_invoices_in_any_order() -> None:
    owner = make.customer()
    one, two = make.invoice(owner), make.invoice(owner)

    def pay(*order: Invoice) -> Payment:
        data = PaymentData(
            customer=owner, received_on=date(2026, 10, 15), amount=D("20.00")
        )
        shares = [Share(invoice=i, amount=D("10.00")) for i in order]
        return payments.record_payment(data, shares, key=uuid.uuid4(), by=None, now=NOW)

    for _ in range(5):
        given = at_once(lambda: pay(one, two), lambda: pay(two, one))
        assert refusals(given) == []
    one.refresh_from_db()
    assert one.balance == D("1100.00")


def test_the_same_invoice_number_is_refused_in_words() -> None:
    owner = make.customer(name="Atelier Bleu")
    data = InvoiceData(customer=owner, number="FA-1", issued_on=TODAY, total=D("10.00"))

    given = at_once(*[lambda: invoices.create_invoice(data, by=None, now=NOW)] * 2)

    [refusal] = refusals(given)
    assert refusal.field == "number"
    assert "FA-1" in refusal.message
    assert "Atelier Bleu" in refusal.message
    assert Invoice.objects.count() == 1


def test_two_customers_entered_at_once_have_two_codes() -> None:
    make.company()

    given = at_once(
        *(
            lambda name=name: customers.create_customer(
                CustomerData(name=name), by=None, now=NOW
            )
            for name in ("Un", "Deux")
        )
    )

    assert refusals(given) == []
    codes = Customer.objects.order_by("code").values_list("code", flat=True)
    assert list(codes) == ["C00001", "C00002"]


def test_two_customers_do_not_share_a_code() -> None:
    make.company()
    data = CustomerData(name="Un", code="X1")

    given = at_once(*[lambda: customers.create_customer(data, by=None, now=NOW)] * 2)

    [refusal] = refusals(given)
    assert refusal.field == "code"


def test_two_clicks_suspend_once() -> None:
    invoice = make.invoice()
    data = HoldData(reason=Hold.Reason.DISPUTE, starts_on=TODAY)

    given = at_once(*[lambda: holds.hold(invoice, data, by=None, now=NOW)] * 2)

    assert len(refusals(given)) == 1
    assert Hold.objects.count() == 1


def test_two_people_do_not_remind_of_one_invoice_twice() -> None:
    make.company()
    invoice = make.invoice()

    def remind() -> Reminder:
        wish = Wish(invoice=invoice, channel=Channel.EMAIL)
        return reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)

    given = at_once(remind, remind)

    [refusal] = refusals(given)
    assert isinstance(refusal, ReminderRefused)
    assert Reminder.objects.count() == 1
