"""Payments and credits used there settle here, in rows that say why."""

from __future__ import annotations

from datetime import date

import pytest

from relance.models import Invoice, Payment
from tests import make
from tests.dolibarr_server import dolibarr
from tests.dolibarr_sync import TODAY, connected, ours, synchronise
from tests.services._dolibarr_invoices import D, State, check
from tests.services._dolibarr_invoices import (
    balances_are_explained as balances_are_explained,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    with dolibarr() as running:
        connected(running)
        yield running


def test_a_partial_payment_is_seen_though_the_invoice_did_not_change(server):
    id = server.add_invoice(server.add_customer())
    synchronise()
    before = server.invoices[id]["_tms"]

    server.moment = "2026-11-24 10:00:00"
    server.pay(id, "500")
    synchronise()

    assert server.invoices[id]["_tms"] == before
    check(id, State.OPEN, "700.00")
    paid = Payment.objects.get()
    assert (paid.amount, paid.received_on) == (D("500.00"), date(2026, 10, 30))
    assert (paid.source, paid.external_id) == ("dolibarr", f"{id}/PAY2610-0001")
    assert paid.method == "transfer"


def test_a_payment_taken_back_there_is_taken_back_here(server):
    id = server.add_invoice(server.add_customer())
    ref = server.pay(id, "1200")
    server.unpay(id, ref)
    ref = server.pay(id, "500")
    synchronise()

    server.unpay(id, ref)
    synchronise()

    check(id, State.OPEN, "1200.00")
    assert [row.amount for row in Payment.objects.order_by("pk")] == [
        D("500.00"),
        D("-500.00"),
    ]


def test_a_number_given_again_there_is_another_payment(server):
    id = server.add_invoice(server.add_customer())
    ref = server.pay(id, "500")
    synchronise()
    server.unpay(id, ref)
    synchronise()
    server.pay(id, "300", ref=ref)
    synchronise()

    check(id, State.OPEN, "900.00")
    assert Payment.objects.filter(external_id=f"{id}/{ref}#2").exists()


def test_a_credit_note_used_there_settles_its_part(server):
    customer = server.add_customer()
    id = server.add_invoice(customer, "1080")
    credit = server.add_invoice(customer, "-180", kind=2, fk_facture_source=str(id))
    server.use(credit, id, "180")

    synchronise()

    check(id, State.OPEN, "900.00")
    found = check(credit, State.SETTLED, "0.00")
    assert found.kind == Invoice.Kind.CREDIT_NOTE
    assert found.corrects == ours(id)
    assert ours(id).allocations.get().credit == found


def test_an_invoice_that_a_credit_note_settles_whole(server):
    customer = server.add_customer()
    id = server.add_invoice(customer, "492")
    synchronise()
    server.use(server.add_invoice(customer, "-492", kind=2), id, "492")
    synchronise()

    assert check(id, State.SETTLED, "0.00").paid_on is None


@pytest.mark.parametrize("converted", [True, False])
def test_a_credit_note_that_is_left_is_an_open_credit(server, converted):
    customer = server.add_customer()
    server.add_invoice(customer)
    credit = server.add_invoice(customer, "-240", kind=2)
    if converted:
        server.convert(credit)

    synchronise()

    found = check(credit, State.OPEN, "240.00")
    assert found not in Invoice.objects.unpaid()


def test_a_credit_used_on_what_is_not_here_holds_nothing_back(server):
    customer = server.add_customer()
    server.add_invoice(customer)
    credit = server.add_invoice(customer, "-240", kind=2)
    synchronise()

    elsewhere = server.add_invoice(customer, "240", status=0)
    server.use(credit, elsewhere, "240")
    synchronise()

    check(credit, State.CANCELLED, "240.00")


def test_a_difference_that_no_payment_explains_has_a_row_that_says_so(server):
    id = server.add_invoice(server.add_customer())
    server.pay(id, "500")
    synchronise()
    server.change_invoice(
        id, total_ttc="900.00000000", multicurrency_total_ttc="900.00000000"
    )
    make.reminder(ours(id))
    sync = synchronise()

    # Already reminded: the total stays as it was sent, the balance is Dolibarr's.
    found = check(id, State.OPEN, "400.00")
    assert found.total == D("1200.00")
    assert "déjà" in sync.warnings[0]
    unexplained = Payment.objects.get(reference="selon Dolibarr")
    assert unexplained.amount == D("300.00")


def test_an_excess_paid_stays_on_the_customer(server):
    id = server.add_invoice(server.add_customer())
    server.pay(id, "500")
    synchronise()
    server.pay(id, "900", on=TODAY)
    synchronise()

    check(id, State.SETTLED, "0.00")
    assert sum(row.amount for row in Payment.objects.all()) == D("1400.00")
