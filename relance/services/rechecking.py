"""The last look before a reminder is made, and before an e-mail leaves."""

from __future__ import annotations

from datetime import date

from relance.models import Channel, Reminder, ReminderLine
from relance.queries.company import company
from relance.queries.situations import (
    level_rules,
    situation,
    steps_for,
    thresholds,
)
from relance.rules.escalation import Code, Reason, Weight, reasons_against
from relance.services.addressing import destination


def changed_since(reminder: Reminder, *, today: date) -> tuple[Reason, ...]:
    """Return what has come to stand against a reminder since it was decided.

    Balance, holds, recipient and level are read again; reasons that somebody
    overrode when it was decided stay overridden. None: it may be made, or leave.
    """
    lines = reminder.lines.select_related("invoice__customer")
    found = [
        reason
        for line in lines
        for reason in (*_balance(line), *_against(reminder, line, today=today))
    ]
    return (*found, *_recipient(reminder))


def _balance(line: ReminderLine) -> tuple[Reason, ...]:
    now = line.invoice.balance
    if now == line.balance or now <= 0:
        # Paid in full is said by the rule itself.
        return ()
    facts = {"before": line.balance, "now": now}
    return (Reason(code=Code.BALANCE_CHANGED, weight=Weight.HARD, facts=facts),)


def _against(
    reminder: Reminder, line: ReminderLine, *, today: date
) -> tuple[Reason, ...]:
    rules = level_rules(steps_for(line.invoice))
    level = next((rule for rule in rules if rule.rank == reminder.level_rank), None)
    if level is None:
        return ()
    overridden = {item["code"] for item in reminder.overrides}
    reasons = reasons_against(
        situation(line.invoice, today=today, without=reminder.pk),
        level,
        levels=rules,
        thresholds=thresholds(),
        today=today,
    )
    return tuple(
        reason
        for reason in reasons
        if reason.weight == Weight.HARD
        or (reason.weight == Weight.SOFT and reason.code not in overridden)
        # Another invoice reminded the evening before is no news: it was decided
        # on the same day as this one.
        if reason.code != Code.CUSTOMER_TOO_SOON
    )


def _recipient(reminder: Reminder) -> tuple[Reason, ...]:
    if reminder.level is None:
        return ()
    by_email = reminder.channel == Channel.EMAIL
    found = destination(
        reminder.customer, reminder.level, by_email=by_email, company=company()
    )
    before = reminder.recipient
    same = found is not None and (
        found.email == before["email"]
        and list(found.copies) == before["copies"]
        and list(found.address) == before["address"]
    )
    if same:
        return ()
    was = before["email"] or ", ".join(before["address"])
    facts = {"before": was}
    return (Reason(code=Code.RECIPIENT_CHANGED, weight=Weight.HARD, facts=facts),)
