"""A reminder as it would be today: what the form shows, and what is then made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from relance.models import Channel, Company, Customer, Invoice, Level, Step, Text
from relance.queries.claims import Claim, claims_on
from relance.queries.company import company
from relance.queries.situations import (
    level_rules,
    situations,
    steps_for,
    thresholds,
)
from relance.rules.calendar import deadline
from relance.rules.delays import parse_delay
from relance.rules.escalation import (
    Code,
    Reason,
    Situation,
    Weight,
    next_level,
    reasons_against,
)
from relance.services import addressing, wordings


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody asks for; ``None`` leaves the choice to the rules."""

    invoice: Invoice
    channel: Channel
    level: Level | None = None
    note: str = ""
    next_on: date | None = None
    # Soft reasons overridden, each with why.
    overrides: Mapping[Code, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The whole reminder, nothing of it saved."""

    wish: Wish
    company: Company
    customer: Customer
    situation: Situation
    steps: tuple[Step, ...]
    # The step asked for, and the one that the rules propose.
    step: Step | None
    proposed: Step | None
    destination: addressing.Destination | None
    text: Text | None
    claim: Claim
    pay_by: date
    next_on: date
    made_on: date
    reasons: tuple[Reason, ...] = ()

    @property
    def invoices(self) -> tuple[Invoice, ...]:
        return (self.wish.invoice,)

    @property
    def language(self) -> str:
        return self.customer.language

    @property
    def by_email(self) -> bool:
        return self.wish.channel == Channel.EMAIL

    @property
    def in_the_way(self) -> tuple[Reason, ...]:
        """The reasons that stop it: hard ones, and soft ones not overridden."""
        return tuple(
            reason
            for reason in self.reasons
            if reason.weight == Weight.HARD
            or (
                reason.weight == Weight.SOFT and reason.code not in self.wish.overrides
            )
        )
