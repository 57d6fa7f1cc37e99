"""Statuses of e-invoices that hold, stop and release the follow-up."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from relance.models import (
    HistoryEntry,
    Hold,
    Invoice,
    LifecycleStatus,
    Payment,
    Proposal,
)
from relance.services import holds, payments
from relance.services.import_results import Status
from relance.services.imports import ImportResult, import_files
from relance.services.payments import PaymentData
from relance.services.proposals import refresh
from tests import lifecycle_samples as samples
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def invoice() -> Invoice:
    return make.invoice(
        number="FA-1",
        total=Decimal(1000),
        issued_on=date(2026, 9, 1),
        due_date=date(2026, 10, 1),
    )


def told(*files: bytes) -> list[ImportResult]:
    named = [(f"statut-{place}.xml", data) for place, data in enumerate(files)]
    return import_files(named, by=None, now=NOW)


def proposal(invoice: Invoice) -> Proposal:
    refresh(today=TODAY)
    return Proposal.objects.get(invoice=invoice)


def running(invoice: Invoice) -> list[Hold]:
    return list(Hold.objects.running(on=TODAY).filter(invoice=invoice))


def codes(invoice: Invoice) -> set[str]:
    return {reason["code"] for reason in proposal(invoice).reasons}


def test_a_dispute_suspends_and_an_approval_takes_up_again(invoice: Invoice) -> None:
    [result] = told(samples.status("207", reason="Prix", reason_code="PU_ERR"))

    assert result.status == Status.UPDATED
    assert "suspendues" in " ".join(result.warnings)
    [hold] = running(invoice)
    assert hold.reason == Hold.Reason.EINVOICE
    assert "prix unitaire erroné" in hold.note
    assert "einvoice_hold" in codes(invoice)
    told(samples.status("205", day="20261020"))
    assert running(invoice) == []
    assert "einvoice_hold" not in codes(invoice)
    invoice.refresh_from_db()
    assert invoice.einvoice_status == "205"


def test_a_refusal_stops_every_reminder(invoice: Invoice) -> None:
    told(samples.status("210", reason_code="DOUBLON"))
    assert "einvoice_stopped" in codes(invoice)
    told(samples.status("204", day="20261020"))
    assert "einvoice_stopped" not in codes(invoice)


def test_a_part_refused_holds_that_part(invoice: Invoice) -> None:
    told(samples.status("206", amount="120.50", kind="MNATTC"))
    [hold] = running(invoice)
    assert hold.amount == Decimal("120.50")


def test_a_payment_announced_leaves_five_working_days(invoice: Invoice) -> None:
    told(samples.status("211", day="20261120"))
    [hold] = running(invoice)
    assert hold.until == date(2026, 11, 27)
    told(samples.status("211", day="20261001"))
    assert [one.until for one in running(invoice)] == [date(2026, 11, 27)]


def test_what_was_paid_is_recorded_once_whatever_comes_first(invoice: Invoice) -> None:
    told(samples.status("212", amount="400.00"))
    invoice.refresh_from_db()
    assert invoice.balance == Decimal(600)
    told(samples.status("212", amount="600.00", day="20261020"))
    invoice.refresh_from_db()
    assert (invoice.state, invoice.paid_on) == ("settled", date(2026, 10, 20))
    assert Payment.objects.count() == 2


def test_a_payment_known_from_the_bank_counts_once(invoice: Invoice) -> None:
    data = PaymentData(
        customer=invoice.customer,
        received_on=date(2026, 10, 11),
        amount=Decimal(1000),
    )
    payments.record_payment(data, key=uuid.uuid4(), by=None, now=NOW)
    told(samples.status("212", amount="1000.00"))
    invoice.refresh_from_db()
    assert invoice.state == Invoice.State.SETTLED
    assert Payment.objects.count() == 1


def test_the_same_file_twice_changes_nothing(invoice: Invoice) -> None:
    data = samples.status("207")
    told(data)
    before = HistoryEntry.objects.count(), Hold.objects.count()
    [again] = told(data)
    assert again.status == Status.UNCHANGED
    assert (HistoryEntry.objects.count(), Hold.objects.count()) == before


def test_an_older_status_never_overrides_a_newer_one(invoice: Invoice) -> None:
    told(samples.status("205", day="20261020"))
    [result] = told(samples.status("207", day="20261012"))
    assert "ne change rien" in " ".join(result.warnings)
    invoice.refresh_from_db()
    assert invoice.einvoice_status == "205"
    assert running(invoice) == []
    assert LifecycleStatus.objects.count() == 2


@pytest.mark.parametrize(
    "order",
    list(permutations([("203", "20261001"), ("207", "20261005"), ("205", "20261009")])),
)
def test_whatever_the_order_of_the_files(
    invoice: Invoice, order: tuple[tuple[str, str], ...]
) -> None:
    for code, day in order:
        told(samples.status(code, day=day))
    invoice.refresh_from_db()
    assert invoice.einvoice_status == "205"
    assert running(invoice) == []


def test_a_hold_of_another_reason_stays(invoice: Invoice) -> None:
    dispute = holds.HoldData(reason="dispute", starts_on=TODAY)
    holds.hold(invoice, dispute, by=None, now=NOW)
    told(samples.status("207"), samples.status("205", day="20261020"))
    assert [hold.reason for hold in running(invoice)] == ["dispute"]


def test_what_was_proposed_is_decided_again(invoice: Invoice) -> None:
    assert not proposal(invoice).stale
    told(samples.status("204"))
    assert Proposal.objects.get(invoice=invoice).stale


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (samples.status("207", "INCONNUE"), "Aucune facture"),
        (samples.status("299"), "statut"),
        (samples.status("212"), "montant"),
        (samples.status("207", seller="732829320"), "732829320"),
        (samples.status("2O7"), "trois chiffres"),
    ],
)
def test_what_cannot_be_applied_is_said(
    invoice: Invoice, data: bytes, words: str
) -> None:
    [result] = told(data)
    assert result.status == Status.REFUSED
    assert words in result.error
    invoice.refresh_from_db()
    assert invoice.einvoice_status == ""
    assert not LifecycleStatus.objects.exists()


def test_one_that_is_wrong_leaves_the_others(invoice: Invoice) -> None:
    data = samples.cdar(samples.reference("207", "X"), samples.reference("205"))
    results = told(data)
    assert sorted(result.status for result in results) == [
        Status.REFUSED,
        Status.UPDATED,
    ]


def test_a_table_does_as_much(invoice: Invoice) -> None:
    results = told(samples.TABLE.encode())
    assert [result.status for result in results] == [Status.UPDATED, Status.REFUSED]
    assert running(invoice)


def test_two_invoices_of_one_number_are_told_by_their_date(invoice: Invoice) -> None:
    other = make.invoice(
        number="FA-0",
        issued_on=date(2026, 5, 1),
        due_date=date(2026, 6, 1),
    )
    Invoice.objects.filter(pk=other.pk).update(number="FA-1", numbering="dolibarr")
    told(samples.status("207", issued="20260501"))
    assert running(other)
    assert not running(invoice)
    [result] = told(samples.status("207", issued="20250101"))
    assert "Plusieurs factures" in result.error
