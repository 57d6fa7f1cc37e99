"""The day that is prefilled for the next reminder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from relance.models import Company, Invoice, Step
from relance.queries.situations import level_rules
from relance.rules.delays import parse_delay
from relance.rules.escalation import day_after_courtesy


def next_day(
    step: Step,
    covered: Sequence[tuple[Invoice, Sequence[Step]]],
    ours: Company,
    *,
    today: date,
) -> date:
    """Return the day after the step's own delay, else after the general one; after a
    courtesy without a delay of its own, the first day of what follows.

    ``covered``: the invoices of the reminder, each with the steps that it follows.
    """
    if step.level.is_courtesy and not step.next_delay:
        [rule] = level_rules([step])
        days = [
            day_after_courtesy(invoice.due_date, rule, level_rules(steps))
            for invoice, steps in covered
        ]
        if known := [day for day in days if day is not None]:
            return max(*known, today)
    return parse_delay(step.next_delay or ours.general_delay).after(today)
