"""The last look before a reminder is made, and before an e-mail leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from django.db.models import prefetch_related_objects

from relance.models import (
    Channel,
    Company,
    Customer,
    Level,
    Reminder,
    ReminderLine,
)
from relance.queries.company import company
from relance.queries.procedures import ProcedureSteps, steps_of_procedures
from relance.queries.situations import level_rules, situations, thresholds_of
from relance.rules.delays import LONGEST_DAYS
from relance.rules.escalation import (
    Code,
    LevelRule,
    Reason,
    Situation,
    Thresholds,
    Weight,
    reasons_against,
)
from relance.services.addressing import destination


def changed_since(reminder: Reminder, *, today: date) -> tuple[Reason, ...]:
    """Return what has come to stand against a reminder since it was decided.

    Balance, holds, recipient and level are read again; reasons that somebody
    overrode when it was decided stay overridden. None: it may be made, or leave.
    """
    return changes([reminder], today=today)[reminder.pk]


def changes(
    reminders: Sequence[Reminder], *, today: date
) -> dict[int, tuple[Reason, ...]]:
    """Return ``changed_since`` of many by id; the number of queries is fixed."""
    lines = list(
        ReminderLine.objects.filter(reminder__in=[one.pk for one in reminders])
        .select_related("invoice__customer", "run_line__level")
        .order_by("pk")
    )
    of_reminder: defaultdict[int, list[ReminderLine]] = defaultdict(list)
    for line in lines:
        of_reminder[line.reminder_id].append(line)
    # As if none of them had been made: they do not stand in their own way.
    found = situations(
        [line.invoice for line in lines],
        today=today,
        without=[reminder.pk for reminder in reminders],
    )
    ours = company()
    procedures = steps_of_procedures({line.invoice.customer_id for line in lines})
    look = _Look(ours, procedures, found, today=today)
    customers = {line.invoice.customer_id: line.invoice.customer for line in lines}
    prefetch_related_objects(
        list(customers.values()), "contacts__recipient_for", "contacts__copy_for"
    )
    return {
        reminder.pk: (
            *look.lines(reminder, of_reminder[reminder.pk]),
            *_recipient(reminder, customers.get(reminder.customer_id), ours),
        )
        for reminder in reminders
    }


class _Look:
    """What is known today, and what it says against the lines of reminders."""

    def __init__(
        self,
        ours: Company,
        steps: ProcedureSteps,
        situations: Mapping[int, Situation],
        *,
        today: date,
    ) -> None:
        self._thresholds: Thresholds = thresholds_of(ours)
        self._steps = steps
        self._situations = situations
        self._today = today

    def lines(
        self, reminder: Reminder, lines: Sequence[ReminderLine]
    ) -> Iterator[Reason]:
        for line in lines:
            yield from _balance(line)
            yield from self._against(reminder, line)

    def _against(self, reminder: Reminder, line: ReminderLine) -> Iterator[Reason]:
        steps = self._steps.of(line.invoice, line.invoice.customer)
        rules = level_rules(steps)
        # In a grouped letter an invoice may have come to a lower level than the
        # one that speaks.
        wanted = line.run_line.level if line.run_line else reminder.level
        if wanted is None:
            return
        level = next((rule for rule in rules if rule.rank == wanted.rank), None)
        if level is None:
            # No longer a step of theirs: it was when somebody decided, and what else
            # stands against it is looked at all the same.
            level = _decided_before(wanted)
            rules = [*rules, level]
        overridden = {
            item["code"]
            for item in reminder.overrides
            if item.get("invoice", line.invoice_id) == line.invoice_id
        }
        reasons = reasons_against(
            self._situations[line.invoice_id],
            level,
            levels=rules,
            thresholds=self._thresholds,
            today=self._today,
        )
        for reason in reasons:
            stands = reason.weight == Weight.HARD or (
                reason.weight == Weight.SOFT and reason.code not in overridden
            )
            # Another invoice reminded the evening before is no news: it was
            # decided on the same day as this one.
            if stands and reason.code != Code.CUSTOMER_TOO_SOON:
                yield reason


def _decided_before(level: Level) -> LevelRule:
    return LevelRule(
        rank=level.rank,
        is_formal_notice=level.is_formal_notice,
        days_after_due=-LONGEST_DAYS if level.is_courtesy else 0,
        is_courtesy=level.is_courtesy,
        needs_approval=level.needs_approval,
    )


def _balance(line: ReminderLine) -> Iterator[Reason]:
    now = line.invoice.balance
    # Paid in full is said by the rule itself.
    if now != line.balance and now > 0:
        facts = {"before": line.balance, "now": now}
        yield Reason(code=Code.BALANCE_CHANGED, weight=Weight.HARD, facts=facts)


def _recipient(
    reminder: Reminder, customer: Customer | None, ours: Company
) -> Iterator[Reason]:
    if reminder.level is None or customer is None:
        return
    by_email = reminder.channel == Channel.EMAIL
    found = destination(customer, reminder.level, by_email=by_email, company=ours)
    before = reminder.recipient
    same = found is not None and (
        found.email == before["email"]
        and list(found.copies) == before["copies"]
        and list(found.address) == before["address"]
    )
    if not same:
        was = before["email"] or ", ".join(before["address"])
        yield Reason(
            code=Code.RECIPIENT_CHANGED, weight=Weight.HARD, facts={"before": was}
        )
