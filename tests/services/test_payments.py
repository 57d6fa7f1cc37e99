"""The ledger: what is received, set against invoices, taken back and corrected."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from relance.models import Allocation, HistoryEntry, Payment
from relance.queries.situations import unallocated_by_customer
from relance.services import invoices, payments
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW
from tests.services._payments import (
    D,
    allocate,
    correct,
    credit_note,
    plain,
    record,
    undo,
)

pytestmark = pytest.mark.django_db


def of(invoice):
    invoice.refresh_from_db()
    return invoice.balance, invoice.state


def left_over(customer, currency="EUR"):
    return unallocated_by_customer([customer.pk])[customer.pk, currency]


def words(action):
    return [plain(e.words) for e in HistoryEntry.objects.filter(action=action)]


def test_a_payment_is_kept_with_who_recorded_it() -> None:
    customer, alice = make.customer(), make.user()

    payment = record(
        customer,
        "1234.50",
        by=alice,
        reference="  VIR 12 ",
        note=" merci ",
        method="card",
    )

    payment.refresh_from_db()
    assert (payment.amount, payment.currency) == (D("1234.50"), "EUR")
    assert (payment.reference, payment.note) == ("VIR 12", "merci")
    assert (payment.recorded_by, payment.recorded_at) == (alice, NOW)
    assert payment.method == Payment.Method.CARD
    assert left_over(customer) == D("1234.50")
    entry = HistoryEntry.objects.get(action="payment.recorded")
    assert (entry.customer, entry.payment, entry.user) == (customer, payment, alice)
    assert plain(entry.words) == "Règlement de 1 234,50 € reçu le 15/10/2026."


def test_parts_settle_invoices_from_the_day_of_the_payment() -> None:
    customer = make.customer()
    first = make.invoice(customer, total=D("60.00"), number="FA-1")
    second = make.invoice(customer, total=D("90.00"), number="FA-2")

    payment = record(customer, "120.00", (second, "50.00"), (first, "60.00"))

    assert of(first) == (D("0.00"), "settled")
    assert of(second) == (D("40.00"), "open")
    assert payments.left_of(payment) == D("10.00")
    assert left_over(customer) == D("10.00")
    days = set(Allocation.objects.values_list("effective_on", flat=True))
    assert days == {date(2026, 10, 15)}
    entry = HistoryEntry.objects.get(action="allocation.made", invoice=second)
    assert entry.payment == payment
    for part in ("50,00 €", "FA-2", "40,00 €"):
        assert part in plain(entry.words)


def test_the_same_key_records_one_payment() -> None:
    customer, key = make.customer(), uuid.uuid4()
    invoice = make.invoice(customer)

    first = record(customer, "100.00", (invoice, "100.00"), key=key)
    again = record(customer, "100.00", (invoice, "100.00"), key=key)

    assert again == first
    assert Payment.objects.count() == Allocation.objects.count() == 1
    assert of(invoice)[0] == D("1100.00")


def test_the_day_is_that_of_paris() -> None:
    # 23:30 in London is already tomorrow in Paris.
    night = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)

    payment = record(make.customer(), now=night, received_on=date(2026, 11, 25))

    assert payment.received_on == date(2026, 11, 25)


def test_all_or_nothing() -> None:
    customer = make.customer()
    first, second = make.invoice(customer), make.invoice(customer, total=D("10.00"))
    HistoryEntry.objects.all().delete()

    with pytest.raises(Refused):
        record(customer, "100.00", (first, "50.00"), (second, "10.01"))

    assert not Payment.objects.exists()
    assert not Allocation.objects.exists()
    assert not HistoryEntry.objects.exists()
    assert of(first) == (D("1200.00"), "open")


def test_a_credit_note_settles_from_the_invoice_date_unless_told() -> None:
    invoice = make.invoice(issued_on=date(2026, 9, 1))
    credit = credit_note(invoice.customer)

    first = allocate(credit, invoice, "60.00")
    later = allocate(credit, invoice, "40.00", effective_on=date(2026, 10, 20))

    assert first.effective_on == date(2026, 9, 1)
    assert later.effective_on == date(2026, 10, 20)
    assert (first.credit, first.payment) == (credit, None)
    assert of(invoice) == (D("1100.00"), "open")
    assert of(credit) == (D("0.00"), "settled")
    assert left_over(invoice.customer) == 0


def test_what_is_taken_back_stays_written() -> None:
    invoice = make.invoice(total=D("100.00"), number="FA-3")
    payment = record(invoice.customer, "100.00", (invoice, "100.00"))
    allocation = payment.allocations.get()
    assert of(invoice)[1] == "settled"

    row = undo(allocation)

    assert (row.undoes, row.amount) == (allocation, D("-100.00"))
    assert row.effective_on == allocation.effective_on
    assert of(invoice) == (D("100.00"), "open")
    assert payments.left_of(payment) == left_over(invoice.customer) == D("100.00")
    entry = HistoryEntry.objects.get(action="allocation.undone")
    assert (entry.invoice, entry.payment) == (invoice, payment)
    assert "100,00 €" in plain(entry.words)
    assert "FA-3" in entry.words
    with pytest.raises(Refused, match="déjà"):
        undo(allocation)
    with pytest.raises(Refused):
        undo(row)
    assert Allocation.objects.count() == 2


def test_invoices_are_locked_in_one_order_whatever_their_due_dates() -> None:
    owner = make.customer()
    later, sooner = (
        make.invoice(owner, total=D("100.00"), due_date=due)
        for due in (date(2026, 10, 30), date(2026, 10, 1))
    )
    payment = record(owner, "200.00", (sooner, "100.00"), (later, "100.00"))

    with CaptureQueriesContext(connection) as queries:
        correct(payment)

    told = "\n".join(query["sql"] for query in queries)
    written = re.findall(r'UPDATE "relance_invoice" .*"id" = (\d+)', told)
    assert list(dict.fromkeys(map(int, written))) == [later.pk, sooner.pk]


def test_a_credit_note_taken_back_is_open_again() -> None:
    invoice = make.invoice()
    credit = credit_note(invoice.customer)

    undo(allocate(credit, invoice, "100.00"))

    assert of(credit) == (D("100.00"), "open")
    assert of(invoice) == (D("1200.00"), "open")
    assert left_over(invoice.customer) == D("100.00")


def test_taking_back_does_not_reopen_what_was_written_off() -> None:
    invoice = make.invoice()
    payment = record(invoice.customer, "100.00", (invoice, "100.00"))
    invoices.write_off(invoice, "liquidation", by=None, now=NOW)

    undo(payment.allocations.get())

    assert of(invoice) == (D("1200.00"), "abandoned")


def test_a_correction_takes_everything_back_by_new_rows() -> None:
    alice, customer = make.user(), make.customer()
    first, second = make.invoice(customer), make.invoice(customer)
    payment = record(customer, "100.00", (second, "40.00"), (first, "50.00"))
    undo(payment.allocations.get(invoice=second))

    key = uuid.uuid4()
    correction = correct(payment, "  chèque impayé ", key=key, by=alice)

    assert (correction.amount, correction.corrects) == (D("-100.00"), payment)
    assert (correction.note, correction.recorded_by) == ("chèque impayé", alice)
    assert correction.received_on == payment.received_on
    assert of(first) == of(second) == (D("1200.00"), "open")
    assert left_over(customer) == 0
    [said] = words("payment.corrected")
    assert "100,00 €" in said
    assert said.endswith("chèque impayé")
    # Both rows were taken back once.
    assert Allocation.objects.filter(undoes__isnull=False).count() == 2
    assert correct(payment, key=key) == correction
    with pytest.raises(Refused, match="déjà"):
        correct(payment)
    with pytest.raises(Refused):
        correct(correction)
    assert Payment.objects.count() == 2


@pytest.mark.parametrize("why", ["", "  "])
def test_a_correction_says_why(why: str) -> None:
    payment = record(make.customer())

    with pytest.raises(Refused) as caught:
        correct(payment, why)

    assert caught.value.field == "why"
    assert Payment.objects.count() == 1


def test_the_oldest_debt_is_paid_first() -> None:
    customer = make.customer()
    late = make.invoice(customer, total=D("50.00"), due_date=date(2026, 10, 1))
    older = make.invoice(customer, total=D("30.00"), due_date=date(2026, 9, 5))
    last = make.invoice(customer, total=D("40.00"), due_date=date(2026, 11, 1))

    found = payments.oldest_first([last, late, older], D("60.00"))

    assert found == {older.pk: D("30.00"), late.pk: D("30.00")}
    assert payments.oldest_first([late], D("0.00")) == {}
    assert payments.oldest_first([late], D("80.00")) == {late.pk: D("50.00")}
