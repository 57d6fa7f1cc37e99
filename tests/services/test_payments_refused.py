"""What cannot be received or set against an invoice is refused, by the tables too."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from relance.models import Allocation, HistoryEntry, Payment
from relance.models.money import LARGEST
from relance.services import invoices, payments
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY
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


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"amount": D("0.00")}, "amount", "supérieur à zéro"),
        ({"amount": D("-1.00")}, "amount", "supérieur à zéro"),
        ({"amount": LARGEST + D("0.01")}, "amount", ""),
        ({"received_on": date(2026, 11, 25)}, "received_on", ""),
        ({"currency": "XXQ"}, "currency", "XXQ"),
        ({"currency": "TND"}, "currency", "TND"),
        ({"currency": ""}, "currency", "?"),
    ],
)
def test_what_cannot_be_received(values, field, message) -> None:
    with pytest.raises(Refused) as caught:
        record(make.customer(), **({"amount": "100.00"} | values))

    assert caught.value.field == field
    assert message in plain(caught.value.message)
    assert not Payment.objects.exists()
    assert not HistoryEntry.objects.exists()


class TestRefusedAllocations:
    def refused(self, source, invoice, amount="10.00") -> Refused:
        before = Allocation.objects.count()
        with pytest.raises(Refused) as caught:
            allocate(source, invoice, amount)
        assert Allocation.objects.count() == before
        return caught.value

    def test_above_what_the_invoice_has_left(self) -> None:
        invoice = make.invoice(total=D("50.00"), number="FA-9")
        refusal = self.refused(record(invoice.customer), invoice, "50.01")
        assert refusal.field == "amount"
        assert (
            plain(refusal.message)
            == "Il ne reste que 50,00 € à payer sur la facture FA-9."
        )

    def test_above_what_the_payment_has_left(self) -> None:
        invoice = make.invoice()
        payment = record(invoice.customer, "100.00", (invoice, "80.00"))
        refusal = self.refused(payment, invoice, "20.01")
        assert refusal.field == "amount"
        assert "20,00 €" in plain(refusal.message)

    def test_above_what_the_credit_note_has_left(self) -> None:
        invoice = make.invoice()
        refusal = self.refused(credit_note(invoice.customer), invoice, "100.01")
        assert "100,00 €" in plain(refusal.message)

    @pytest.mark.parametrize("amount", ["0.00", "-5.00"])
    def test_nothing_or_less(self, amount: str) -> None:
        invoice = make.invoice()
        refusal = self.refused(record(invoice.customer), invoice, amount)
        assert refusal.field == "amount"

    def test_another_customer(self) -> None:
        refusal = self.refused(record(make.customer()), make.invoice())
        assert "autre client" in refusal.message

    def test_another_currency(self) -> None:
        invoice = make.invoice(currency="CHF")
        refusal = self.refused(record(invoice.customer), invoice)
        assert "CHF" in refusal.message

    def test_a_credit_note_is_not_paid(self) -> None:
        credit = credit_note(make.customer())
        refusal = self.refused(record(credit.customer), credit)
        assert "avoir" in refusal.message

    def test_an_invoice_is_no_money(self) -> None:
        invoice = make.invoice()
        refusal = self.refused(make.invoice(invoice.customer), invoice)
        assert "avoir" in refusal.message

    @pytest.mark.parametrize("close", [invoices.cancel_invoice, invoices.write_off])
    def test_a_closed_invoice(self, close) -> None:
        invoice = make.invoice()
        close(invoice, "erreur", by=None, now=NOW)
        refusal = self.refused(record(invoice.customer), invoice)
        assert "annulée ou abandonnée" in refusal.message

    def test_a_cancelled_credit_note(self) -> None:
        invoice = make.invoice()
        credit = credit_note(invoice.customer)
        invoices.cancel_invoice(credit, "erreur", by=None, now=NOW)
        refusal = self.refused(credit, invoice)
        assert "avoir" in refusal.message

    def test_a_corrected_payment_has_nothing_left(self) -> None:
        invoice = make.invoice()
        payment = record(invoice.customer)
        correction = correct(payment)
        assert payments.left_of(payment) == payments.left_of(correction) == 0
        self.refused(payment, invoice)
        self.refused(correction, invoice)


def payment_row(**values) -> Payment:
    return Payment(
        **{
            "customer": make.customer(),
            "received_on": TODAY,
            "amount": D("1.00"),
            "request_key": uuid.uuid4(),
            "recorded_at": NOW,
        }
        | values
    )


def test_the_table_of_payments_refuses_by_itself() -> None:
    known = record(make.customer())
    correct(known)
    wrong = [
        payment_row(amount=D("0.00")),
        payment_row(amount=D("-1.00")),
        payment_row(request_key=known.request_key),
        payment_row(amount=D("-1.00"), corrects=known),
    ]
    for row in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


def test_the_table_of_allocations_refuses_by_itself() -> None:
    invoice = make.invoice()
    payment = record(invoice.customer, "100.00", (invoice, "10.00"))
    credit = credit_note(invoice.customer)
    first = payment.allocations.get()
    undo(first)
    wrong = [
        {"payment": None, "credit": None, "amount": D("1.00")},
        {"payment": payment, "credit": credit, "amount": D("1.00")},
        {"payment": payment, "amount": D("-1.00")},
        {"payment": payment, "amount": D("0.00")},
        {"payment": payment, "amount": D("1.00"), "undoes": payment.allocations.last()},
        {"payment": payment, "amount": D("-1.00"), "undoes": first},
    ]
    for values in wrong:
        row = Allocation(invoice=invoice, effective_on=TODAY, made_at=NOW, **values)
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
