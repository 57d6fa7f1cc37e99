"""What stands in the way of a merge, or of undoing one, refuses it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from relance.models import Customer, Invoice, RunLine
from relance.services import payments
from relance.services.payments import Share
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW
from tests.services._merges import _level, merge, undo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def kept() -> Customer:
    return make.customer(name="Dupont SARL", code="C1", email="", phone="01")


@pytest.fixture
def absorbed() -> Customer:
    return make.customer(name="Dupont", code="C2", email="c@dupont.example", phone="02")


def test_one_is_not_merged_twice_nor_into_itself(
    kept: Customer, absorbed: Customer
) -> None:
    merge(kept, absorbed)

    for one, other, words in (
        (kept, absorbed, "déjà été fusionné"),
        (absorbed, kept, "déjà été fusionné"),
        (kept, kept, "deux clients différents"),
    ):
        with pytest.raises(Refused, match=words):
            merge(one, other)
    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.filter(pk=kept.pk).update(merged_into=kept)


def test_two_siren_are_two_companies_unless_somebody_is_sure(
    kept: Customer, absorbed: Customer
) -> None:
    Customer.objects.filter(pk=kept.pk).update(siren="732829320")
    Customer.objects.filter(pk=absorbed.pk).update(siren="552100554")

    with pytest.raises(Refused, match="732829320 et 552100554") as refused:
        merge(kept, absorbed)
    assert refused.value.field == "sure"
    assert merge(kept, absorbed, sure=True).kept == kept


@pytest.mark.parametrize("state", ["being_made", "queued", "uncertain"])
@pytest.mark.parametrize("whose", ["kept", "absorbed"])
def test_nothing_changes_hands_while_a_reminder_leaves(
    kept: Customer, absorbed: Customer, state: str, whose: str
) -> None:
    done = merge(kept, make.customer())
    owner = {"kept": kept, "absorbed": absorbed}[whose]
    reminder = make.reminder(make.invoice(owner), state=state)

    with pytest.raises(Refused, match=reminder.reference):
        merge(kept, absorbed)
    if whose == "kept":
        with pytest.raises(Refused, match=reminder.reference):
            undo(done)


def test_nothing_changes_hands_while_a_run_waits(
    kept: Customer, absorbed: Customer
) -> None:
    invoice = make.invoice(absorbed)
    run = make.run_of(state="working", finished_at=None)
    line = RunLine.objects.create(
        run=run,
        position=1,
        group=1,
        invoice=invoice,
        customer=absorbed,
        level=_level(),
        channel="letter",
    )

    with pytest.raises(Refused, match=run.reference):
        merge(kept, absorbed)
    line.state = RunLine.State.MADE
    line.save()
    assert merge(kept, absorbed)


def test_money_since_across_the_two_must_be_taken_back_first(
    kept: Customer, absorbed: Customer
) -> None:
    mine, theirs = make.invoice(kept), make.invoice(absorbed)
    waiting = make.payment(of=absorbed, amount="50.00")
    done = merge(kept, absorbed)
    paid = make.payment(Invoice.objects.get(pk=theirs.pk), "100.00")

    with pytest.raises(Refused, match=theirs.number):
        undo(done)
    payments.undo_allocation(paid.allocations.get(), by=None, now=NOW)
    waiting.refresh_from_db()
    share = Share(invoice=mine, amount=Decimal("50.00"))
    crossing = payments.allocate(waiting, share, by=None, now=NOW)
    with pytest.raises(Refused, match=mine.number):
        undo(done)
    payments.undo_allocation(crossing, by=None, now=NOW)

    undo(done)
    waiting.refresh_from_db()
    paid.refresh_from_db()
    assert (waiting.customer, paid.customer) == (absorbed, kept)


def test_a_credit_since_across_the_two_must_be_taken_back_first(
    kept: Customer, absorbed: Customer
) -> None:
    mine = make.invoice(kept)
    credit = make.invoice(absorbed, kind="credit_note", total=Decimal("50.00"))
    done = merge(kept, absorbed)
    credit.refresh_from_db()
    share = Share(invoice=mine, amount=Decimal("50.00"))
    payments.allocate(credit, share, by=None, now=NOW)

    with pytest.raises(Refused, match=f"avoir règle la facture {mine.number}"):
        undo(done)


def test_merges_are_undone_from_the_last(kept: Customer, absorbed: Customer) -> None:
    third = make.customer(name="Groupe Dupont")
    old = make.invoice(absorbed)
    first = merge(kept, absorbed)
    last = merge(third, Customer.objects.get(pk=kept.pk))
    absorbed.refresh_from_db()
    # One step from anybody who was merged to who they are.
    assert absorbed.survivor == third

    with pytest.raises(Refused, match="Groupe Dupont"):
        undo(first)
    undo(last)
    absorbed.refresh_from_db()
    assert absorbed.survivor == kept
    undo(first)
    old.refresh_from_db()
    assert old.customer == absorbed
    with pytest.raises(Refused, match="déjà été défaite"):
        undo(first)
