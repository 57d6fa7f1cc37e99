"""Texts and earlier reminders, as a new reminder needs them."""

from __future__ import annotations

from datetime import date

from relance.models import Customer, Invoice, Level, Reminder, Text


def text_for(customer: Customer, level: Level, *, by_email: bool) -> Text | None:
    """Return the current text for one invoice of this customer: the one of their
    type when there is one, else the one that serves all."""
    return (
        Text.objects.filter(
            level=level,
            channel="email" if by_email else "letter",
            language=customer.language,
            grouped=False,
            regime__in=(customer.regime, ""),
            current=True,
        )
        .order_by("-regime")
        .first()
    )


def days_reminded(invoice: Invoice) -> list[date]:
    """Return the days on which this invoice was reminded, oldest first."""
    days = (
        Reminder.objects.reaching()
        .filter(lines__invoice=invoice)
        .values_list("made_on", flat=True)
    )
    return sorted(set(days))
