"""Bank statements brought in and matched, on a real database."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from relance.models import (
    BankLine,
    BankStatement,
    HistoryEntry,
    Invoice,
    PayerAccount,
    Payment,
    Proposal,
)
from relance.queries.receipts import Proposed, lines, proposed
from relance.rules.matching import Why
from relance.services import payments, proposals, receipt_matches, receipts
from relance.services.payments import Share
from relance.services.refusal import Refused
from tests import bank_samples as samples
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 2)


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def read(data: bytes, name: str = "releve.xml") -> receipts.StatementResult:
    [result] = receipts.import_statements([(name, data)], by=None, now=NOW)
    return result


def owed(number: str = "FA2609-001", **values: Any) -> Invoice:
    defaults = {
        "number": number,
        "issued_on": date(2026, 8, 1),
        "due_date": date(2026, 9, 1),
    }
    of = values.pop("of", None) or make.customer(name="Dupont SARL")
    return make.invoice(of, **(defaults | values))


def waiting() -> Proposed:
    [found] = proposed()
    return found


def take(found: Proposed) -> Payment:
    assert found.customer
    shares = [Share(invoice=one.invoice, amount=one.amount) for one in found.shares]
    return receipt_matches.accept(found.line, found.customer, shares, by=None, now=NOW)


# --- read -------------------------------------------------------------------


def test_receipts_are_kept_and_what_went_out_is_counted() -> None:
    result = read(samples.camt())

    assert (result.new, result.known, result.out, result.error) == (1, 0, 1, "")
    line = BankLine.objects.get()
    assert (line.booked_on, line.amount) == (DAY, Decimal("1200.00"))
    assert line.payer == "DUPONT SARL"
    statement = BankStatement.objects.get()
    assert (statement.first_on, statement.last_on) == (DAY, date(2026, 10, 5))
    assert statement.document.kind == "statement"
    assert HistoryEntry.objects.filter(action="receipts.imported").count() == 1


@pytest.mark.parametrize(
    "data",
    [
        samples.camt(),
        samples.OFX.encode("cp1252"),
        samples.MT940.encode(),
        samples.cfonb(),
    ],
)
def test_the_same_file_twice_adds_nothing(data: bytes) -> None:
    assert read(data).new == 1
    again = read(data, "copie.txt")
    assert (again.new, again.known) == (0, 1)
    assert BankLine.objects.count() == BankStatement.objects.count() == 1


def test_periods_that_overlap_add_what_is_new() -> None:
    """Two equal transfers of one day are two, and stay two."""
    twice = samples.OFX.replace(
        "<STMTTRN><TRNTYPE>DEBIT",
        "<STMTTRN><DTPOSTED>20261002<TRNAMT>7,00<NAME>VIR\n</STMTTRN>\n"
        "<STMTTRN><DTPOSTED>20261002<TRNAMT>7,00<NAME>VIR\n</STMTTRN>\n"
        "<STMTTRN><TRNTYPE>DEBIT",
    )
    assert read(samples.OFX.encode()).new == 1
    assert read(twice.encode()).new == 2
    assert read(twice.encode()).new == 0
    assert BankLine.objects.filter(amount="7.00").count() == 2


def test_one_bad_file_costs_no_other() -> None:
    results = receipts.import_statements(
        [("a.xml", b"<a/>"), ("..\\b.xml", samples.camt()), ("", b"")],
        by=None,
        now=NOW,
    )
    assert [result.new for result in results] == [0, 1, 0]
    assert "relevé" in results[0].error
    assert results[1].file == "b.xml"
    assert results[2].error == "Le fichier est vide."


def test_a_currency_with_three_decimals_is_refused_whole() -> None:
    result = read(samples.OFX.replace("EUR", "TND").encode())
    assert "TND" in result.error
    assert not BankLine.objects.exists()


# --- proposed, then decided -------------------------------------------------


def test_a_sure_match_is_accepted_and_settles_the_invoice() -> None:
    invoice = owed()
    proposals.refresh(today=TODAY)
    read(samples.camt())
    found = waiting()
    assert found.sure
    assert found.why == (Why.NUMBER, Why.EXACT)
    payment = take(found)

    invoice.refresh_from_db()
    assert invoice.balance == 0
    assert invoice.paid_on == DAY
    assert payment.received_on == DAY
    line = BankLine.objects.get()
    assert (line.state, line.payment) == ("matched", payment)
    assert proposed() == []
    proposals.refresh(today=TODAY)
    assert not Proposal.objects.exists()


def test_the_account_that_paid_is_known_the_next_time() -> None:
    owner = make.customer(name="Holding Zed")
    owed(of=owner)
    read(samples.camt())
    take(waiting())
    assert PayerAccount.objects.get().customer == owner

    second = owed("FA2610-007", of=owner, total=Decimal("90.00"))
    later = samples.MT940.replace("1200,00", "90,00").replace("FA2609", "X")
    later = later.replace("EUR1054,90", "EUR0,00").replace("45,10", "190,00")
    later = later.replace("D261001EUR100,00", "C261001EUR100,00").replace("B-1", "B-2")
    assert read(later.encode(), "b.sta").error == ""
    found = waiting()
    assert (found.customer, found.why) == (owner, (Why.KNOWN_ACCOUNT, Why.EXACT))
    assert [share.invoice for share in found.shares] == [second]


def test_two_clicks_record_one_payment() -> None:
    owed()
    read(samples.camt())
    found = waiting()
    take(found)
    with pytest.raises(Refused, match="déjà rapproché"):
        take(found)
    assert Payment.objects.count() == 1


def test_a_share_above_the_balance_saves_nothing() -> None:
    invoice = owed()
    read(samples.camt())
    found = waiting()
    make.payment(invoice, "500.00")
    with pytest.raises(Refused, match="700,00"):
        take(found)
    assert Payment.objects.count() == 1
    assert BankLine.objects.get().state == "open"
    assert waiting().shares[0].amount == Decimal("700.00")


def test_what_settles_nothing_holds_reminders_back() -> None:
    invoice = owed(total=Decimal("5000.00"))
    read(samples.camt())
    receipt_matches.accept(BankLine.objects.get(), invoice.customer, by=None, now=NOW)
    proposals.refresh(today=TODAY)
    [proposal] = Proposal.objects.all()
    assert "unallocated" in {reason["code"] for reason in proposal.reasons}


def test_a_payment_typed_by_hand_is_recognised_and_counts_once() -> None:
    invoice = owed()
    typed = make.payment(invoice, "1200.00", received_on=date(2026, 10, 5))
    read(samples.camt())
    found = waiting()
    assert (found.recorded, found.sure) == (typed, False)

    receipt_matches.link(found.line, typed, by=None, now=NOW)
    assert Payment.objects.count() == 1
    assert BankLine.objects.get().payment == typed
    assert PayerAccount.objects.get().customer == invoice.customer


def test_a_payment_is_that_of_one_line_only() -> None:
    """Two receipts of one amount, one of them typed by hand: the other is new."""
    invoice = owed(total=Decimal("14.00"))
    typed = make.payment(invoice, "7.00", received_on=DAY)
    two = samples.OFX.replace("+1200,00", "7,00").replace("1054,90", "0,00")
    two = two.replace(
        "<STMTTRN><TRNTYPE>DEBIT",
        "<STMTTRN><DTPOSTED>20261003<TRNAMT>7,00<NAME>VIR\n</STMTTRN>\n"
        "<STMTTRN><TRNTYPE>DEBIT",
    )
    read(two.encode())
    first, second = sorted(proposed(), key=lambda one: one.line.booked_on)
    assert (first.recorded, second.recorded) == (typed, None)

    receipt_matches.link(first.line, typed, by=None, now=NOW)
    with pytest.raises(Refused, match="autre ligne"):
        receipt_matches.link(second.line, typed, by=None, now=NOW)


def test_another_amount_or_a_corrected_payment_is_not_linked() -> None:
    invoice = owed()
    other = make.payment(invoice, "1.00", received_on=DAY)
    read(samples.camt())
    line = BankLine.objects.get()
    with pytest.raises(Refused, match="autre montant"):
        receipt_matches.link(line, other, by=None, now=NOW)
    wrong = make.payment(make.invoice(), "1200.00", received_on=DAY)
    payments.correct_payment(wrong, "erreur", key=uuid.uuid4(), by=None, now=NOW)
    with pytest.raises(Refused, match="corrigé"):
        receipt_matches.link(line, wrong, by=None, now=NOW)


def test_a_wrong_match_is_taken_back_and_made_again() -> None:
    invoice = owed()
    read(samples.camt())
    wrong = take(waiting())
    receipt_matches.reopen(BankLine.objects.get(), by=None, now=NOW)

    invoice.refresh_from_db()
    assert invoice.balance == Decimal("1200.00")
    assert Payment.objects.get(corrects=wrong).amount == Decimal("-1200.00")
    found = waiting()
    assert found.recorded is None
    take(found)
    invoice.refresh_from_db()
    assert invoice.balance == 0


def test_taking_a_link_back_leaves_the_payment_that_was_typed() -> None:
    typed = make.payment(owed(), "1200.00", received_on=DAY)
    read(samples.camt())
    receipt_matches.link(BankLine.objects.get(), typed, by=None, now=NOW)
    receipt_matches.reopen(BankLine.objects.get(), by=None, now=NOW)
    assert Payment.objects.get() == typed
    assert waiting().recorded == typed


def test_a_line_is_set_aside_and_taken_back() -> None:
    read(samples.camt())
    line = BankLine.objects.get()
    receipt_matches.ignore(line, "  Virement interne ", by=None, now=NOW)
    assert proposed() == []
    assert lines("ignored").get().why_ignored == "Virement interne"
    with pytest.raises(Refused, match="mis de côté"):
        receipt_matches.accept(line, make.customer(), by=None, now=NOW)

    receipt_matches.reopen(line, by=None, now=NOW)
    receipt_matches.reopen(line, by=None, now=NOW)
    assert lines().get() == line
    assert HistoryEntry.objects.filter(action="receipts.reopened").count() == 1


@pytest.mark.parametrize(
    ("words", "count"), [("dupont", 1), ("1200,00", 1), ("fa2609", 1), ("martin", 0)]
)
def test_lines_are_searched_by_words_and_amounts(words: str, count: int) -> None:
    read(samples.camt())
    assert lines(words=words).count() == count
