"""What is ticked, as the reminders that it makes; the choices of the filters."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from relance.models import Customer, Invoice, Level, Proposal, Tag
from relance.queries.ticked import joined, narrowing_choices, ticked_notices
from relance.queries.worklist import totals
from relance.services import proposals, runs
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def ticked(of: Customer, channel: str, **values: Any) -> Invoice:
    invoice = make.invoice(of, **values)
    proposals.refresh(today=TODAY)
    Proposal.objects.filter(invoice=invoice).update(channel=channel, chosen_at=NOW)
    return invoice


@pytest.mark.parametrize("together", [True, False])
def test_as_many_reminders_as_the_run_makes(together: bool) -> None:
    one, two, apart = (
        make.customer(),
        make.customer(),
        make.customer(group_invoices=False),
    )
    for customer in (one, one, two, apart, apart):
        ticked(customer, "letter")
    ticked(one, "email")
    for _index in range(32):
        ticked(two, "letter")
    ticked(one, "letter", currency="GBP")

    fewer = joined(together=together, today=TODAY)
    said = {
        one.currency: Counter(
            letter=one.letters - fewer[one.currency]["letter"],
            email=one.emails - fewer[one.currency]["email"],
        )
        for one in totals()
    }

    run = runs.approve(
        key=uuid.uuid4(),
        by=None,
        now=NOW,
        today=TODAY,
        grouped=together,
        confirmed=False,
    )
    made: dict[str, Counter[str]] = {"EUR": Counter(), "GBP": Counter()}
    groups = {
        (line.group, line.invoice.currency, line.channel)
        for line in run.lines.select_related("invoice")
    }
    for _group, currency, channel in groups:
        made[currency][channel] += 1
    assert {currency: +counts for currency, counts in said.items()} == {
        currency: +counts for currency, counts in made.items()
    }


def test_notices_are_those_ticked_and_the_largest_comes_first() -> None:
    small = noticed(total=Decimal("100.00"))
    large = noticed(total=Decimal("900.00"))
    ticked(make.customer(), "letter")
    left = noticed()
    Proposal.objects.filter(invoice=left).update(channel="")
    assert [row.invoice for row in ticked_notices()] == [large, small]


def test_the_filters_offer_what_there_is() -> None:
    Tag.objects.create(name="VIP")
    tag = Tag.objects.create(name="export")
    ticked(make.customer(), "letter", currency="GBP")
    ticked(make.customer(), "letter")
    found = narrowing_choices()
    assert list(found.currencies) == ["EUR", "GBP"]
    assert (tag.pk, "export") in found.tags
    assert len(found.tags) == 2


def noticed(**values: Any) -> Invoice:
    invoice = make.invoice(**values)
    for level in Level.objects.filter(active=True, kind="reminder"):
        make.reminder(
            invoice,
            level=level,
            level_rank=level.rank,
            level_name=level.name,
            level_kind=level.kind,
            made_on=date(2026, 10, 2 + level.rank),
            next_on=date(2026, 11, 1),
        )
    proposals.refresh(today=TODAY)
    return invoice
