"""A ledger of accounts is received, checked, brought in once and taken back."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from relance.models import (
    Customer,
    FecAccount,
    FecFile,
    FecItem,
    HistoryEntry,
    ImportBatch,
    Invoice,
    Payment,
)
from relance.services import batches, fec, fec_choices, fec_work, payments
from relance.services.payments import PaymentData
from relance.services.refusal import Refused
from tests import fec_samples as samples
from tests import make
from tests.make import NOW
from tests.services._fec import FIRST, Kind, State, bring, imported, received

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def items(file: FecFile) -> list[tuple[str, str, str]]:
    return [
        (item.kind, item.number, item.state)
        for item in file.items.order_by("kind", "number")
    ]


def rows_in_all() -> tuple[int, ...]:
    tables: tuple[Any, ...] = (Customer, Invoice, Payment)
    return tuple(table.objects.count() for table in tables)


def test_nothing_is_written_before_somebody_says_import() -> None:
    file = received()

    assert file.state == FecFile.State.READY
    assert (file.siren, file.lines, file.entries) == ("812345676", 10, 4)
    assert (file.first_on, file.last_on) == (date(2026, 9, 1), date(2026, 10, 20))
    assert file.balance == file.open_total == Decimal("2600.00")
    assert (file.settled, file.difference) == (1, 0)
    assert rows_in_all() == (0, 0, 0)


def test_the_example_of_the_reference_is_brought_in() -> None:
    file = bring()

    assert file.state == FecFile.State.DONE
    [invoice] = Invoice.objects.all()
    assert (invoice.number, invoice.total) == ("FA2609-002", Decimal("3600.00"))
    assert (invoice.customer.code, invoice.customer.name) == ("C002", "Martin SAS")
    assert (invoice.issued_on, invoice.due_date_computed) == (date(2026, 9, 15), True)
    assert invoice.due_date == date(2026, 10, 15)
    # Named by its words: proposed, and ticked.
    assert invoice.balance == Decimal("2600.00")
    [payment] = Payment.objects.all()
    assert (payment.amount, payment.source) == (Decimal("1000.00"), "entries")
    assert payment.received_on == date(2026, 10, 20)


def test_everything_belongs_to_one_batch_with_its_history() -> None:
    file = bring()
    [batch] = ImportBatch.objects.all()
    assert file.batch == batch
    assert (batch.kind, batch.state) == ("entries", "done")
    assert batch.counts == {
        "created": 2,
        "unchanged": 0,
        "refused": 0,
        "customers": 1,
    }
    for found in (Customer.objects.get(), Invoice.objects.get(), Payment.objects.get()):
        assert found.batch == batch
    actions = set(HistoryEntry.objects.values_list("action", flat=True))
    assert {"fec.imported", "invoice.imported", "payment.recorded"} <= actions


def test_the_same_file_twice_changes_nothing() -> None:
    bring()
    before = rows_in_all()
    again = received()

    assert {state for _kind, _number, state in items(again)} == {State.KNOWN}
    with pytest.raises(Refused, match="déjà connu"):
        fec.start(again, by=None, now=NOW)
    assert rows_in_all() == before


def test_two_clicks_and_two_workers_import_once() -> None:
    file = received()
    first = fec.start(file, by=None, now=NOW)
    second = fec.start(file, by=None, now=NOW)
    assert first.batch == second.batch
    for _worker in range(2):
        fec_work.work(file.pk, now=NOW)
    assert rows_in_all() == (1, 1, 1)
    assert ImportBatch.objects.count() == 1


def test_a_long_one_goes_on_where_it_was_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fec_work, "CHUNK", 2)
    rows = [row for rank in range(5) for row in samples.sale(f"F-{rank}", 100 + rank)]
    file = fec.start(received(rows), by=None, now=NOW)
    assert fec_work.work(file.pk, now=NOW)
    assert Invoice.objects.count() == 2
    # A crash: nothing remembers but the rows.
    assert fec.to_take_up(idle_since=NOW.replace(year=2027)) == [file.pk]
    assert fec.to_take_up(idle_since=NOW) == []
    while fec_work.work(file.pk, now=NOW):
        pass
    assert Invoice.objects.count() == 5
    assert fec.to_take_up(idle_since=NOW.replace(year=2027)) == []


def test_a_partial_lettering_is_an_invoice_partly_paid() -> None:
    bring(
        [
            *samples.sale("F-01", 100, letter="AB"),
            *samples.payment("P-01", 60, letter="AB", day="20261003"),
        ]
    )
    invoice = Invoice.objects.get()
    assert (invoice.total, invoice.balance) == (Decimal(100), Decimal(40))
    payment = Payment.objects.get()
    assert (payment.amount, payment.received_on) == (Decimal(60), date(2026, 10, 3))
    assert "AB" in payment.note


def test_credit_notes_and_unmatched_payments_stay_the_customer_s() -> None:
    bring(
        [
            *samples.sale("F-01", 100),
            *samples.sale("AV-1", -30),
            *samples.payment("VIR", 77),
        ]
    )
    credit = Invoice.objects.get(kind=Invoice.Kind.CREDIT_NOTE)
    assert (credit.number, credit.balance) == ("AV-1", Decimal(30))
    assert Invoice.objects.get(number="F-01").balance == Decimal(100)
    payment = Payment.objects.get()
    assert payments.left_of(payment) == Decimal(77)


def test_an_exact_amount_is_proposed_and_an_unticked_match_settles_nothing() -> None:
    rows = [*samples.sale("F-01", 100), *samples.payment("VIR", 100)]
    file = received(rows)
    paid = file.items.get(kind=Kind.PAYMENT)
    assert paid.matched
    assert paid.shares == [[file.items.get(kind=Kind.INVOICE).mark, "100.00"]]

    fec_choices.keep_matches(file, shown=[paid.pk], ticked=[])
    imported(file)
    assert Invoice.objects.get().balance == Decimal(100)
    assert payments.left_of(Payment.objects.get()) == Decimal(100)


def test_what_is_not_sure_waits_for_a_person() -> None:
    rows = [
        "OD|Divers|9|20260901|411000|Clients|C002|Martin|OD7|20260901|?|5,00|0,00|||||",
        "OD|Divers|9|20260901|658000|Charges|||OD7|20260901|?|0,00|5,00|||||",
        *samples.sale("F-01", 100),
    ]
    file = received(rows)
    other = file.items.get(kind=Kind.OTHER)
    assert not other.wanted
    fec_choices.keep_items(file, shown=[other.pk], ticked=[other.pk])
    imported(file)
    assert set(Invoice.objects.values_list("number", flat=True)) == {"F-01", "OD7"}


def test_what_is_left_out_is_not_brought_in() -> None:
    file = received()
    item = file.items.get(kind=Kind.PAYMENT)
    fec_choices.keep_items(file, shown=[item.pk], ticked=[])
    imported(file)
    assert Payment.objects.count() == 0
    item.refresh_from_db()
    assert item.state == State.LEFT_OUT


def test_an_invoice_that_says_otherwise_is_refused_and_the_others_go_on() -> None:
    martin = make.customer(code="C002", name="Martin SAS")
    make.invoice(martin, number="FA2609-002", total=Decimal(100))
    file = bring([*samples.ROWS, *samples.sale("F-03", 10)])
    refused = file.items.get(state=State.REFUSED)
    assert "FA2609-002" in refused.why
    assert Invoice.objects.filter(number="F-03").exists()
    assert file.batch is not None
    assert file.batch.counts["refused"] == 1


def test_a_payment_recorded_here_counts_once() -> None:
    martin = make.customer(code="C002", name="Martin SAS")
    payments.record_payment(
        PaymentData(
            customer=martin, received_on=date(2026, 10, 22), amount=Decimal(1000)
        ),
        key=uuid.uuid4(),
        by=None,
        now=NOW,
    )
    file = bring()
    assert Payment.objects.count() == 1
    known = file.items.get(kind=Kind.PAYMENT)
    assert (known.state, "22/10/2026" in known.why) == (State.KNOWN, True)


# Refusals


def test_a_file_that_is_none_is_refused_at_the_door() -> None:
    with pytest.raises(Refused, match="FEC"):
        fec.receive("photo.png", b"\x89PNG", by=None, now=NOW)
    assert not FecFile.objects.exists()


def test_what_is_wrong_inside_is_written_on_the_file() -> None:
    file = received(samples.ROWS[:-1])
    assert file.state == FecFile.State.REFUSED
    assert "1000,00" in file.error
    with pytest.raises(Refused):
        fec.start(file, by=None, now=NOW)


def test_a_file_given_up_leaves_nothing() -> None:
    file = received()
    fec.drop(file, by=None, now=NOW)
    fec.drop(file, by=None, now=NOW)
    assert (FecItem.objects.count(), FecAccount.objects.count()) == (0, 0)
    with pytest.raises(Refused):
        fec.start(file, by=None, now=NOW)
    done = bring()
    with pytest.raises(Refused):
        fec.drop(done, by=None, now=NOW)


def test_two_documents_of_one_number_are_told_by_their_customer() -> None:
    bring(
        [
            *samples.sale("1", 100, who="C001|Dupont SARL", entry="7"),
            *samples.sale("1", 200, entry="8"),
        ]
    )
    numbers = set(Invoice.objects.values_list("number", flat=True))
    assert numbers == {"1 C001", "1 C002"}


def test_a_foreign_invoice_is_owed_in_its_currency() -> None:
    rows = samples.sale("F-01", 100)
    rows[0] = rows[0].replace("20260930||", "20260930|110,00|USD")
    bring(rows)
    invoice = Invoice.objects.get()
    assert (invoice.total, invoice.currency) == (Decimal(110), "USD")


# Taken back


def test_an_import_is_undone_whole_and_may_come_again() -> None:
    file = bring()
    assert file.batch is not None
    batches.undo(file.batch, by=None, now=NOW)
    assert rows_in_all() == (0, 0, 0)
    assert bring().state == FecFile.State.DONE
    assert rows_in_all() == (1, 1, 1)


def test_what_a_later_file_settled_is_open_again_when_undone() -> None:
    bring(FIRST)
    second = bring(
        [
            *samples.sale("F-01", 100, letter="AC"),
            *samples.payment("VIR", 100, letter="AC"),
            *samples.sale("F-02", 200),
        ]
    )
    assert second.batch is not None
    batches.undo(second.batch, by=None, now=NOW)
    invoice = Invoice.objects.get(number="F-01")
    assert (invoice.state, invoice.balance) == (Invoice.State.OPEN, Decimal(100))
    assert Payment.objects.count() == 0
