"""What a run takes over from the ticked proposals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from relance.models import Channel, Proposal, Run, RunLine
from relance.rules import grouping
from relance.rules.reason_data import is_overridden


def is_allowed(row: Proposal) -> bool:
    """Say whether nothing stops a ticked proposal: no hard reason, soft ones all
    overridden, a way to reach the customer."""
    if row.level_that_counts is None:
        return False
    by_email = row.channel == Channel.EMAIL
    if row.email_trouble if by_email else row.letter_trouble:
        return False
    return is_overridden(row.reasons, row.overrides)


def lines_of(run: Run, rows: Sequence[Proposal], *, today: date) -> list[RunLine]:
    """Return the lines of a run, not saved, in the order of the rows."""
    groups = grouping.group(
        [_as_rule(row, today=today) for row in rows], together=run.grouped
    )
    return list(_as_lines(run, rows, groups, today=today))


def _as_lines(
    run: Run, rows: Sequence[Proposal], groups: Sequence[int], *, today: date
) -> Iterator[RunLine]:
    for position, (row, number) in enumerate(zip(rows, groups, strict=True), start=1):
        # A date chosen on another day may be over: it is prefilled anew.
        next_on = row.next_on if row.next_on and row.next_on >= today else None
        yield RunLine(
            run=run,
            position=position,
            group=number,
            invoice=row.invoice,
            customer=row.customer,
            level=row.level_that_counts,
            channel=row.channel,
            note=row.note,
            next_on=next_on,
            overrides=row.overrides,
            reasons=row.reasons,
        )


def _as_rule(row: Proposal, *, today: date) -> grouping.Row:
    level = row.level_that_counts
    return grouping.Row(
        customer=row.customer_id,
        currency=row.invoice.currency,
        channel=row.channel,
        rank=level.rank if level else 0,
        is_formal_notice=is_notice(row),
        overdue=row.invoice.due_date < today,
        together=row.customer.group_invoices,
    )


def is_notice(row: Proposal) -> bool:
    level = row.level_that_counts
    return level is not None and level.is_formal_notice
