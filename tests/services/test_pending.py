"""A payment counts once: told by the bank here, recorded in Dolibarr there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from relance.models import (
    Allocation,
    BankLine,
    HistoryEntry,
    Invoice,
    Payment,
    PendingPayment,
    Proposal,
)
from relance.queries.receipts import proposed
from relance.rules.reason_data import reason_from_data
from relance.services import payments, pending, proposals, receipt_matches
from relance.services.payments import Share
from relance.services.reasons import in_words
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY
from tests.services._pending import balance, matched

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 12)


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def states() -> list[str]:
    return list(PendingPayment.objects.order_by("pk").values_list("state", flat=True))


def against(invoice: Invoice) -> list[str]:
    """The sentences against reminding it, of the codes that matter here."""
    proposals.refresh(today=TODAY)
    rows = Proposal.objects.get(invoice=invoice).reasons
    told = ("pending_payment", "unallocated")
    return [in_words(reason_from_data(row)) for row in rows if row["code"] in told]


# --- the bank first -----------------------------------------------------------


def test_a_match_holds_the_reminder_and_touches_no_balance() -> None:
    invoice = make.in_dolibarr()
    assert against(invoice) == []

    assert matched(make.bank_line("500.00"), (invoice, "500.00")) is None

    assert balance(invoice) == Decimal("1200.00")
    assert not Payment.objects.exists()
    assert BankLine.objects.get().state == "matched"
    assert against(invoice) == [
        "Règlement de 500,00\u00a0€ reçu le 12/11/2026 par la banque, pas encore dans "
        "Dolibarr."
    ]
    assert Proposal.objects.get(invoice=invoice).standing == "held"
    entry = HistoryEntry.objects.get(action="pending.made")
    assert (entry.invoice, entry.customer) == (invoice, invoice.customer)


def test_it_ends_when_the_payment_arrives_even_one_that_moves_no_date() -> None:
    """A partial payment: Dolibarr gives the new balance, and the hold is over."""
    invoice = make.in_dolibarr()
    matched(make.bank_line("500.00"), (invoice, "500.00"))

    paid = make.paid_in_dolibarr((invoice, "500.00"), on=date(2026, 11, 16))

    assert balance(invoice) == Decimal("700.00")
    row = PendingPayment.objects.get()
    assert (row.state, row.arrived_as) == ("arrived", paid)
    assert against(invoice) == []
    assert HistoryEntry.objects.filter(action="pending.arrived").count() == 1

    pending.reconcile([invoice.customer_id], now=NOW)
    assert HistoryEntry.objects.filter(action__startswith="pending.").count() == 2


def test_another_amount_leaves_it_waiting_until_nothing_is_owed() -> None:
    """300 € on one invoice and 200 € on another, there: nothing is missed."""
    invoice = make.in_dolibarr()
    matched(make.bank_line("500.00"), (invoice, "500.00"))
    make.paid_in_dolibarr((invoice, "300.00"))
    assert states() == ["waiting"]

    rest = make.paid_in_dolibarr((invoice, "900.00"))
    assert states() == ["settled"]
    # Removed there: the receipt is still not found, and holds again.
    make.removed_in_dolibarr(rest)
    assert states() == ["waiting"]


# --- Dolibarr first -----------------------------------------------------------


def test_what_is_there_already_holds_nothing() -> None:
    invoice = make.in_dolibarr()
    paid = make.paid_in_dolibarr((invoice, "500.00"))

    matched(make.bank_line("500.00"), (invoice, "500.00"))

    row = PendingPayment.objects.get()
    assert (row.state, row.arrived_as) == ("arrived", paid)
    assert balance(invoice) == Decimal("700.00")
    assert against(invoice) == []


def test_more_than_is_left_is_taken_when_it_is_there_already() -> None:
    invoice = make.in_dolibarr()
    make.paid_in_dolibarr((invoice, "700.00"))
    matched(make.bank_line("700.00"), (invoice, "700.00"))
    assert states() == ["arrived"]

    with pytest.raises(Refused, match="500,00"):
        matched(make.bank_line("700.00"), (invoice, "700.00"))
    assert states() == ["arrived"]
    assert BankLine.objects.filter(state="open").count() == 1


def test_a_payment_linked_to_its_line_ends_no_other() -> None:
    invoice = make.in_dolibarr()
    paid = make.paid_in_dolibarr((invoice, "500.00"))
    first, second = make.bank_line(), make.bank_line()
    matched(second, (invoice, "500.00"))
    assert states() == ["arrived"]

    receipt_matches.link(first, paid, by=None, now=NOW)
    assert states() == ["waiting"]
    receipt_matches.reopen(first, by=None, now=NOW)
    assert states() == ["arrived"]


# --- the same amount twice, several invoices ------------------------------------


def test_two_receipts_of_one_amount_on_one_day_are_two() -> None:
    invoice = make.in_dolibarr()
    matched(make.bank_line("500.00"), (invoice, "500.00"))
    matched(make.bank_line("500.00"), (invoice, "500.00"))
    make.paid_in_dolibarr((invoice, "500.00"))
    assert sorted(states()) == ["arrived", "waiting"]
    assert len(against(invoice)) == 1
    make.paid_in_dolibarr((invoice, "500.00"))
    assert states() == ["arrived", "arrived"]
    assert balance(invoice) == Decimal("200.00")


def test_what_waits_is_proposed_to_no_other_receipt() -> None:
    invoice = make.in_dolibarr(number="FA2611-0007")
    matched(make.bank_line("1200.00"), (invoice, "1200.00"))
    make.bank_line("1200.00", label="VIR FA2611-0007")

    [found] = proposed()
    assert found.shares == ()
    with pytest.raises(Refused, match="0,00"):
        matched(found.line, (invoice, "1200.00"))


def test_a_receipt_for_both_kinds_is_split() -> None:
    theirs = make.in_dolibarr()
    ours = make.invoice(theirs.customer)
    payment = matched(make.bank_line("1700.00"), (theirs, "500.00"), (ours, "1200.00"))

    assert payment is not None
    assert payment.amount == Decimal("1200.00")
    assert balance(theirs) == Decimal("1200.00")
    assert balance(ours) == 0
    assert PendingPayment.objects.get().amount == Decimal("500.00")
    assert len(against(theirs)) == 1


def test_what_no_invoice_was_chosen_for_holds_the_customer() -> None:
    first = make.in_dolibarr()
    second = make.in_dolibarr(first.customer)
    matched(make.bank_line("1400.00"), (first, "1200.00"))
    assert against(second) == [
        "200,00\u00a0€ reçus de ce client le 12/11/2026 par la banque, pas encore dans "
        "Dolibarr, règlent peut-être cette facture."
    ]
    # Recorded there as one payment of both: 1 200 on one, 200 on the other.
    make.paid_in_dolibarr((first, "1200.00"), (second, "200.00"))
    assert states() == ["arrived", "arrived"]
    assert against(second) == []


def test_a_payment_in_two_shares_is_told_by_one_receipt() -> None:
    first = make.in_dolibarr()
    second = make.in_dolibarr(first.customer)
    matched(make.bank_line("900.00"), (first, "500.00"), (second, "400.00"))
    make.paid_in_dolibarr((first, "500.00"), (second, "400.00"))
    assert states() == ["arrived", "arrived"]


def test_the_parts_of_one_payment_there_are_one_receipt_of_the_customer() -> None:
    """Dolibarr tells of a payment invoice by invoice, each part under its number."""
    first = make.in_dolibarr()
    second = make.in_dolibarr(first.customer)
    make.paid_in_dolibarr((first, "1200.00"), name="7/PAY2611-0003")
    make.paid_in_dolibarr((second, "200.00"), name="8/PAY2611-0003")
    line, owner = make.bank_line("1400.00"), first.customer
    receipt_matches.accept(line, owner, [], by=None, now=NOW)
    assert states() == ["arrived"]
    assert against(second) == []


def test_a_payment_of_several_invoices_recorded_there_first_is_recognised() -> None:
    first = make.in_dolibarr()
    owner = first.customer
    second = make.in_dolibarr(owner)
    part = make.paid_in_dolibarr((first, "1200.00"), name="7/PAY2611-0003")
    make.paid_in_dolibarr((second, "200.00"), name="8/PAY2611-0003")
    line = make.bank_line("1400.00", payer=owner.name)
    [found] = proposed()
    assert (found.recorded, found.sure) == (part, False)

    receipt_matches.link(line, part, by=None, now=NOW)
    assert states() == ["arrived"]
    assert proposed() == []
    assert against(second) == []
    # Its parts tell of no other receipt.
    make.bank_line("1400.00", payer=owner.name)
    assert proposed()[0].recorded is None
    receipt_matches.reopen(line, by=None, now=NOW)
    assert states() == ["undone"]


def test_parts_that_make_another_amount_are_not_linked() -> None:
    first = make.in_dolibarr()
    part = make.paid_in_dolibarr((first, "1200.00"), name="7/PAY2611-0003")
    line = make.bank_line("1300.00")
    with pytest.raises(Refused, match="autre montant"):
        receipt_matches.link(line, part, by=None, now=NOW)
    assert not PendingPayment.objects.exists()
    line.refresh_from_db()
    assert line.state == "open"


# --- taken back, given up, removed there ----------------------------------------


def test_a_match_taken_back_holds_nothing_more() -> None:
    invoice = make.in_dolibarr()
    line = make.bank_line("500.00")
    matched(line, (invoice, "500.00"))
    receipt_matches.reopen(line, by=None, now=NOW)

    assert states() == ["undone"]
    assert against(invoice) == []
    line.refresh_from_db()
    assert line.state == "open"
    # …and may be made again.
    matched(line, (invoice, "500.00"))
    make.paid_in_dolibarr((invoice, "500.00"))
    assert states() == ["undone", "arrived"]


def test_a_payment_removed_there_is_waited_for_again() -> None:
    invoice = make.in_dolibarr()
    matched(make.bank_line("500.00"), (invoice, "500.00"))
    wrong = make.paid_in_dolibarr((invoice, "500.00"))
    make.removed_in_dolibarr(wrong)

    assert balance(invoice) == Decimal("1200.00")
    assert states() == ["waiting"]
    assert len(against(invoice)) == 1
    make.paid_in_dolibarr((invoice, "500.00"))
    assert states() == ["arrived"]
    assert against(invoice) == []


def test_it_is_given_up_with_a_reason() -> None:
    invoice = make.in_dolibarr()
    matched(make.bank_line("500.00"), (invoice, "500.00"))
    row = PendingPayment.objects.get()
    with pytest.raises(Refused, match="pourquoi"):
        pending.give_up(row, "  ", by=None, now=NOW)
    pending.give_up(row, "saisi en deux fois", by=None, now=NOW)

    assert states() == ["given_up"]
    assert against(invoice) == []
    words = HistoryEntry.objects.get(action="pending.given_up").words
    assert words.endswith("saisi en deux fois")
    with pytest.raises(Refused, match="plus attendu"):
        pending.give_up(row, "encore", by=None, now=NOW)
    # What arrives later is not taken for it.
    make.paid_in_dolibarr((invoice, "500.00"))
    assert states() == ["given_up"]


def test_what_was_written_there_from_here_is_not_taken_back() -> None:
    invoice = make.in_dolibarr()
    line = make.bank_line("500.00")
    matched(line, (invoice, "500.00"))
    PendingPayment.objects.update(state="written", written_as="PAY-77")
    with pytest.raises(Refused, match="supprimez-le"):
        receipt_matches.reopen(line, by=None, now=NOW)
    assert states() == ["written"]
    assert len(against(invoice)) == 1

    wrong = make.paid_in_dolibarr((invoice, "500.00"), name="PAY-77")
    assert states() == ["arrived"]
    make.removed_in_dolibarr(wrong)
    assert states() == ["waiting"]
    receipt_matches.reopen(line, by=None, now=NOW)
    assert states() == ["undone"]


# --- refused ---------------------------------------------------------------------


def test_nothing_is_set_here_against_an_invoice_of_dolibarr() -> None:
    invoice = make.in_dolibarr()
    with pytest.raises(Refused, match="Dolibarr"):
        make.payment(invoice)
    loose = make.payment(of=invoice.customer)
    share = Share(invoice=invoice, amount=Decimal("10.00"))
    with pytest.raises(Refused, match="Dolibarr"):
        payments.allocate(loose, share, by=None, now=NOW)
    there = make.paid_in_dolibarr((invoice, "5.00"))
    with pytest.raises(Refused, match="Dolibarr"):
        payments.undo_allocation(Allocation.objects.get(), by=None, now=NOW)
    with pytest.raises(Refused, match="Dolibarr"):
        payments.correct_payment(there, "x", key=there.request_key, by=None, now=NOW)
    assert balance(invoice) == Decimal("1195.00")


@pytest.mark.parametrize(
    ("amount", "share"), [("500.00", "500.01"), ("500.00", "0.00"), ("900.00", "-1.00")]
)
def test_a_wrong_share_saves_nothing(amount: str, share: str) -> None:
    invoice = make.in_dolibarr()
    with pytest.raises(Refused):
        matched(make.bank_line(amount), (invoice, share))
    assert not PendingPayment.objects.exists()
    assert BankLine.objects.get().state == "open"
