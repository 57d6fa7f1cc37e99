"""Two people and a change at once on the same proposals, in two threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction

from relance.models import Invoice, Proposal
from relance.queries.worklist import Criteria
from relance.services import proposals
from relance.services.proposals import Choice, How
from tests import make
from tests.make import NOW, TODAY
from tests.services.test_concurrency import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def invoices() -> list[Invoice]:
    due = TODAY - timedelta(days=20)
    return [make.invoice(due_date=due) for _ in range(20)]


def test_two_first_looks_make_each_row_once(invoices: list[Invoice]) -> None:
    def look() -> int:
        return proposals.refresh(today=TODAY)

    given = at_once(look, look)

    assert all(isinstance(one, int) for one in given), given
    assert Proposal.objects.count() == len(invoices)
    proposals.refresh(today=TODAY)
    assert not Proposal.objects.exclude(standing=Proposal.Standing.READY).exists()


def test_two_people_choose_the_same_row(invoices: list[Invoice]) -> None:
    proposals.refresh(today=TODAY)
    row = Proposal.objects.get(invoice=invoices[0])
    people = [make.user(), make.user()]

    def choosing(person: int, channel: str) -> object:
        return proposals.choose(
            row.pk, Choice(channel=channel), by=people[person], now=NOW, today=TODAY
        )

    given = at_once(lambda: choosing(0, "letter"), lambda: choosing(1, ""))

    assert all(isinstance(one, Proposal) for one in given), given
    row.refresh_from_db()
    assert (row.channel, row.chosen_by) in (("letter", people[0]), ("", people[1]))


def test_all_are_ticked_and_unticked_at_once(invoices: list[Invoice]) -> None:
    proposals.refresh(today=TODAY)

    def ticking(how: How) -> object:
        return proposals.tick_all(Criteria(), how, by=None, now=NOW, today=TODAY)

    given = at_once(lambda: ticking(How.LETTERS), lambda: ticking(How.NONE))

    assert all(isinstance(one, proposals.Ticked) for one in given), given
    assert Proposal.objects.values("channel").distinct().count() == 1


def test_a_payment_and_a_tick_at_once(invoices: list[Invoice]) -> None:
    proposals.refresh(today=TODAY)
    paid = invoices[0]
    row = Proposal.objects.get(invoice=paid)

    def ticking() -> object:
        choice = Choice(channel="letter")
        return proposals.choose(row.pk, choice, by=None, now=NOW, today=TODAY)

    given = at_once(ticking, lambda: make.payment(paid, "1200.00"))

    assert len(refusals(given)) <= 1
    proposals.refresh(today=TODAY)
    assert not Proposal.objects.filter(invoice=paid).exists()


@pytest.fixture
def commit(invoices: list[Invoice]) -> Iterator[Callable[[], None]]:
    """Another thread has entered a payment, which it commits when this is called."""
    written, asked = threading.Event(), threading.Event()

    def change() -> None:
        with transaction.atomic():
            make.payment(of=invoices[0].customer)
            written.set()
            asked.wait(timeout=30)
        connection.close()

    def committed() -> None:
        asked.set()
        thread.join(timeout=30)

    proposals.refresh(today=TODAY)
    thread = threading.Thread(target=change, daemon=True)
    thread.start()
    assert written.wait(timeout=30)
    yield committed
    committed()


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite writes one after the other"
)
def test_a_change_made_while_one_decides_is_not_lost(
    invoices: list[Invoice], commit: Callable[[], None]
) -> None:
    tomorrow = TODAY + timedelta(days=1)
    proposals.refresh(today=tomorrow)
    row = Proposal.objects.get(invoice=invoices[0])
    assert row.decided_on == TODAY

    commit()
    proposals.refresh(today=tomorrow)

    row.refresh_from_db()
    assert [reason["code"] for reason in row.reasons] == ["unallocated"]
