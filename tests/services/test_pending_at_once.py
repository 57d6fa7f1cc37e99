"""The bank here and Dolibarr there, at the same moment: a payment counts once."""

from __future__ import annotations

import uuid
from collections import Counter
from decimal import Decimal

import pytest
from django.db import transaction

from relance.models import (
    BankLine,
    Channel,
    DolibarrWrite,
    Invoice,
    Payment,
    PendingPayment,
)
from relance.services import dolibarr_writing, receipt_matches, reminders
from relance.services.dolibarr_writing import WritingData
from relance.services.drafts import Wish
from relance.services.payments import Share
from tests import make
from tests.dolibarr_server import dolibarr
from tests.dolibarr_sync import connected, ours, synchronise
from tests.make import NOW, TODAY
from tests.services.test_concurrency import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def match(line: BankLine, invoice: Invoice) -> Payment | None:
    share = Share(invoice=invoice, amount=line.amount)
    owner = invoice.customer
    return receipt_matches.accept(line, owner, [share], by=None, now=NOW)


@transaction.atomic
def arrive(invoice: Invoice) -> Payment:
    return make.paid_in_dolibarr((invoice, "500.00"))


def test_a_receipt_matched_while_its_payment_arrives_is_not_missed() -> None:
    invoice, line = make.in_dolibarr(), make.bank_line("500.00")
    at_once(lambda: match(line, invoice), lambda: arrive(invoice))
    assert PendingPayment.objects.get().state == "arrived"
    invoice.refresh_from_db()
    assert invoice.balance == Decimal("700.00")


def test_two_clicks_wait_for_one_payment() -> None:
    invoice, line = make.in_dolibarr(), make.bank_line("500.00")
    given = at_once(*(lambda: match(line, invoice) for _ in range(2)))
    assert len(refusals(given)) == 1
    assert PendingPayment.objects.count() == 1


def test_two_receipts_never_wait_for_more_than_is_left() -> None:
    invoice = make.in_dolibarr()
    lines = [make.bank_line("800.00") for _ in range(2)]
    given = at_once(*(lambda line=line: match(line, invoice) for line in lines))
    assert len(refusals(given)) == 1
    assert PendingPayment.objects.get().amount == Decimal("800.00")
    assert Counter(BankLine.objects.values_list("state", flat=True)) == {
        "open": 1,
        "matched": 1,
    }


def test_two_workers_write_each_thing_once() -> None:
    with dolibarr() as server:
        connected(server, user_id=1)
        ids = [server.add_invoice(server.add_customer()) for _nth in range(3)]
        synchronise()
        data = WritingData(write_events=True, write_letters=True)
        dolibarr_writing.choose(data, by=None, now=NOW)
        for id in ids:
            wish = Wish(invoice=ours(id), channel=Channel.LETTER)
            reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)

        def worker() -> None:
            dolibarr_writing.note_due(now=NOW)
            dolibarr_writing.write_waiting(clock=lambda: NOW)

        at_once(worker, worker)
        worker()
        noted = Counter(event["elementid"] for event in server.events.values())
    assert noted == dict.fromkeys(ids, 1)
    assert DolibarrWrite.objects.filter(state="done").count() == 6
