"""The levels that an invoice came through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from relance.models import Invoice, Reminder
from relance.queries.procedures import steps_of_procedures
from relance.queries.situations import level_rules, situation
from relance.rules.escalation import next_level, possible_from


@dataclass(frozen=True, kw_only=True)
class StepMade:
    """A level of one invoice: reached and when, next, or later."""

    name: str
    done: bool = False
    next: bool = False
    made_on: date | None = None
    channel: str = ""
    possible_from: date | None = None


def steps_of(invoice: Invoice, *, today: date) -> list[StepMade]:
    """Return the levels of an invoice in order, as its card shows them."""
    reached = (
        Reminder.objects.reaching()
        .filter(lines__invoice=invoice)
        .select_related("level")
        .order_by("made_on", "number")
    )
    made = {reminder.rank_now: reminder for reminder in reached}
    steps = steps_of_procedures([invoice.customer_id]).of(invoice, invoice.customer)
    state = situation(invoice, today=today)
    proposed = None
    if invoice.is_unpaid:
        proposed = next_level(state, level_rules(steps), today=today)
    return [
        StepMade(
            name=step.level.name,
            done=step.level.rank in made,
            next=proposed is not None and proposed.rank == step.level.rank,
            made_on=made[step.level.rank].made_on if step.level.rank in made else None,
            channel=made[step.level.rank].get_channel_display()
            if step.level.rank in made
            else "",
            possible_from=possible_from(state, proposed) if proposed else None,
        )
        for step in steps
    ]
