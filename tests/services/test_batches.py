"""Imports undone whole, or not at all, with what keeps them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from relance.models import (
    Allocation,
    Customer,
    HistoryEntry,
    ImportBatch,
    Invoice,
    Payment,
    Proposal,
)
from relance.services import batches, merges, proposals
from relance.services.batches import blockers
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY
from tests.spreadsheets import INVOICES, imported

pytestmark = pytest.mark.django_db


def undo(batch: ImportBatch | None) -> ImportBatch:
    assert batch is not None
    return batches.undo(batch, by=None, now=NOW)


def batch_of(text: str, **layout: object) -> ImportBatch:
    found = imported(text, **layout).batch
    assert found is not None
    return found


def test_an_import_goes_whole_and_the_history_keeps_its_words() -> None:
    make.company()
    batch = batch_of(INVOICES)
    proposals.refresh(today=TODAY)
    assert blockers(batch) == []
    undone = undo(batch)
    assert undone.state == ImportBatch.State.UNDONE
    assert undone.undone_at == NOW
    for table in (Invoice, Customer, Payment, Allocation, Proposal):
        assert not table.objects.exists(), table
    words = list(HistoryEntry.objects.values_list("words", flat=True))
    assert any("F1" in said for said in words)
    assert HistoryEntry.objects.filter(action="import.undone").count() == 1
    # Again changes nothing; the same file may come back.
    undo(batch)
    assert HistoryEntry.objects.filter(action="import.undone").count() == 1
    batch_of(INVOICES)
    assert Invoice.objects.count() == 3


@pytest.mark.parametrize(
    "rests",
    ["reminder", "payment", "hold", "invoice", "credit", "line", "contact", "merge"],
)
def test_what_rests_on_it_keeps_it_and_is_named(rests: str) -> None:
    make.company()
    batch = batch_of(INVOICES)
    found = Invoice.objects.get(number="F2")
    if rests == "reminder":
        make.reminder(found)
    if rests == "payment":
        make.payment(found, "10.00")
    if rests == "hold":
        make.hold(found)
    if rests == "invoice":
        make.invoice(found.customer)
    if rests == "credit":
        make.invoice(found.customer, kind="credit_note", corrects=found)
    if rests == "line":
        make.payment(of=found.customer)
    if rests == "contact":
        make.contact(found.customer)
    if rests == "merge":
        # Named by a column that nothing leads back from.
        merges.keep_apart(found.customer, make.customer(), by=None, now=NOW)
    assert blockers(batch)
    before = list(Invoice.objects.values())
    with pytest.raises(Refused) as refused:
        undo(batch)
    assert str(blockers(batch)[0].what) in refused.value.message
    assert list(Invoice.objects.values()) == before


def test_what_was_changed_is_as_before() -> None:
    header = "N° facture;Code client;Client;Date facture;Échéance;TTC;Reste à payer\n"
    first = batch_of(header + "F1;C1;Dupont;01/09/2026;01/10/2026;100;100\n")
    second = batch_of(header + "F1;C1;Dupont;01/09/2026;31/10/2026;120;90\n")
    before = Invoice.objects.get()
    assert (before.total, before.balance) == (Decimal("120.00"), Decimal("90.00"))
    # The older one waits for the newer.
    assert blockers(first)
    undo(second)
    after = Invoice.objects.get()
    assert (after.total, after.balance) == (Decimal("100.00"), Decimal("100.00"))
    assert f"{after.due_date}" == "2026-10-01"
    assert not Payment.objects.exists()
    assert blockers(first) == []


def test_what_was_changed_again_keeps_it() -> None:
    cards = "Code;Raison sociale;Code postal;Ville\nA;Alpha;{}\n"
    batch_of(cards.format("44000;Nantes"))
    second = batch_of(cards.format("29200;Brest"))
    Customer.objects.update(city="Rennes")
    assert [one.count for one in blockers(second)] == [1]
    Customer.objects.update(city="Brest")
    undo(second)
    assert Customer.objects.get().city == "Nantes"


def test_payments_of_an_import_give_back_what_they_settled() -> None:
    of = make.customer(code="C1", name="Dupont")
    one = make.invoice(of, number="F1", total=Decimal("100.00"))
    batch = batch_of("Date règlement;N° facture;Montant\n05/10/2026;F1;100,00\n")
    one.refresh_from_db()
    assert one.state == Invoice.State.SETTLED
    undo(batch)
    one.refresh_from_db()
    assert (one.state, one.balance, one.paid_on) == (
        Invoice.State.OPEN,
        Decimal("100.00"),
        None,
    )


def test_a_payment_that_waited_waits_again() -> None:
    make.customer(code="C1", name="Dupont")
    batch_of("Date règlement;Code client;N° facture;Montant\n05/10/2026;C1;F1;60,00\n")
    second = batch_of("N° facture;Code client;Date facture;TTC\nF1;C1;01/09/2026;100\n")
    assert Allocation.objects.count() == 1
    undo(second)
    assert Payment.objects.count() == 1
    assert not Allocation.objects.exists()


def test_an_import_that_goes_on_is_not_undone() -> None:
    batch = batch_of(INVOICES)
    batch.state = ImportBatch.State.WORKING
    batch.save()
    with pytest.raises(Refused):
        undo(batch)
