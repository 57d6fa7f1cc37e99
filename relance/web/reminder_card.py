"""What the card of one reminder shows: its title, its sums, its text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from relance.models import Channel, Reminder, ReminderLine
from relance.models.money import ZERO

# Columns are set apart by two spaces; a sentence has one.
_COLUMNS = re.compile(r"\S {2,}\S")


@dataclass(frozen=True, kw_only=True)
class Sums:
    """What a reminder stated for each of its invoices, and for all of them."""

    lines: tuple[ReminderLine, ...]
    # Payments and credit notes taken off the sum of several; none or below zero.
    credited: Decimal

    @property
    def several(self) -> bool:
        return len(self.lines) > 1

    @property
    def balance(self) -> Decimal:
        return sum((line.balance for line in self.lines), ZERO) + self.credited

    @property
    def penalties(self) -> Decimal:
        return sum((line.penalties for line in self.lines), ZERO)

    @property
    def indemnity(self) -> Decimal:
        return sum((line.indemnity for line in self.lines), ZERO)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of a plain text; one with columns must not be folded."""

    text: str
    aligned: bool


def sums(reminder: Reminder) -> Sums:
    """Return what a reminder stated, as its lines keep it."""
    credits: list[Mapping[str, str]] = reminder.amounts.get("credits", [])
    taken = sum((Decimal(credit["amount"]) for credit in credits), ZERO)
    return Sums(lines=tuple(reminder.lines.all()), credited=-taken)


def parts(body: str) -> list[Part]:
    """Return the paragraphs and tables of a plain text, in order."""
    return [
        Part(text=text, aligned=_COLUMNS.search(text) is not None)
        for text in re.split(r"\n{2,}", body)
    ]


def title(reminder: Reminder) -> str:
    """Say what the facts of a reminder are: done, or not yet, or not at all."""
    if reminder.channel == Channel.EMAIL:
        match reminder.state:
            case Reminder.State.BEING_MADE | Reminder.State.QUEUED:
                return _("What is about to leave")
            case Reminder.State.UNCERTAIN:
                return _("What has perhaps left")
            case Reminder.State.FAILED | Reminder.State.CANCELLED:
                return _("What was to leave")
    return _("What was done")
