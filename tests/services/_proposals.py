"""Unpaid invoices that have come to a level, and the rows that propose it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from relance.models import Customer, Invoice, Level, Proposal, Reminder, User
from relance.rules.reason_data import reason_from_data
from relance.services import proposals
from relance.services.proposals import Choice
from tests import make
from tests.make import NOW, TODAY

Standing = Proposal.Standing
TOMORROW = TODAY + timedelta(days=1)


def late(of: Customer | None = None, *, days: int = 20, **values: Any) -> Invoice:
    """An invoice late enough for a first reminder."""
    due = TODAY - timedelta(days=days)
    dates = {"due_date": due, "issued_on": due - timedelta(days=30)}
    return make.invoice(of, **(dates | values))


def reminded(invoice: Invoice, rank: int, *, days: int = 20, **values: Any) -> Reminder:
    """The reminder of a level, so many days ago; the next may follow today."""
    level = Level.objects.get(rank=rank)
    known = {
        "level": level,
        "level_rank": rank,
        "level_name": level.name,
        "level_kind": level.kind,
        "made_on": TODAY - timedelta(days=days),
        "next_on": TODAY - timedelta(days=1),
    }
    return make.reminder(invoice, **(known | values))


def notice(**values: Any) -> Invoice:
    """An invoice that has come to its formal notice."""
    found = late(days=60, **values)
    reminded(found, 1, days=45)
    reminded(found, 2)
    return found


def row_of(invoice: Invoice, *, today: date = TODAY) -> Proposal:
    proposals.refresh(today=today)
    return Proposal.objects.get(invoice=invoice)


def codes(row: Proposal) -> list[str]:
    return [reason_from_data(data).code.value for data in row.reasons]


def choose(row: Proposal, *, by: User | None = None, **choice: Any) -> Proposal:
    proposals.choose(row.pk, Choice(**choice), by=by, now=NOW, today=TODAY)
    return Proposal.objects.get(pk=row.pk)


def rank(number: int) -> int:
    return Level.objects.get(rank=number).pk
