"""Reminders as they would be today: what the form shows, and what is then made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from relance.models import (
    Channel,
    Company,
    Customer,
    Invoice,
    Level,
    Signatory,
    Step,
    Text,
)
from relance.models.money import ZERO
from relance.queries.claims import Claim
from relance.queries.dossiers import (
    Credit,
    Dossier,
    Dossiers,
    credited_on,
    open_credits,
)
from relance.queries.dossiers import read_dossiers as read
from relance.queries.situations import level_rules
from relance.rules.calendar import deadline
from relance.rules.debts import PenaltyStatement
from relance.rules.escalation import (
    Code,
    Reason,
    Situation,
    Thresholds,
    Weight,
    next_level,
    reasons_against,
)
from relance.rules.grouping import days_of_all
from relance.services.addressing import Destination, destination
from relance.services.means import reasons_of_the_means
from relance.services.next_days import next_day


@dataclass(frozen=True, kw_only=True)
class Part:
    """An invoice of a wish; no level leaves the choice to the rules."""

    invoice: Invoice
    level: Level | None = None
    # Soft reasons overridden, each with why.
    overrides: Mapping[Code, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody asks for; ``None`` leaves the choice to the rules.

    ``others``: invoices of the same customer and currency in the same letter.
    """

    invoice: Invoice
    channel: Channel
    level: Level | None = None
    note: str = ""
    next_on: date | None = None
    # Soft reasons overridden, each with why.
    overrides: Mapping[Code, str] = field(default_factory=dict)
    others: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        first = Part(invoice=self.invoice, level=self.level, overrides=self.overrides)
        return (first, *self.others)

    @property
    def invoices(self) -> tuple[Invoice, ...]:
        return tuple(part.invoice for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One invoice of a draft, with every reason against reminding it."""

    part: Part
    dossier: Dossier
    # The step it has come to itself, and the one that the rules propose.
    step: Step
    proposed: Step | None
    reasons: tuple[Reason, ...] = ()

    @property
    def invoice(self) -> Invoice:
        return self.part.invoice

    @property
    def claim(self) -> Claim:
        return self.dossier.claim

    @property
    def in_the_way(self) -> tuple[Reason, ...]:
        """The reasons that stop it: hard ones, and soft ones not overridden."""
        return in_the_way(self.reasons, self.part.overrides)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The whole reminder, nothing of it saved."""

    wish: Wish
    company: Company
    customer: Customer
    items: tuple[Item, ...]
    steps: tuple[Step, ...]
    # The firmest step of its invoices.
    step: Step
    signatory: Signatory | None
    destination: Destination | None
    text: Text | None
    # The letter that a formal notice by e-mail carries.
    letter_text: Text | None
    # The days on which all its invoices were reminded, oldest first.
    previous_dates: tuple[date, ...]
    made_on: date
    pay_by: date
    next_on: date
    # What the customer paid or was credited and that settles nothing yet, taken
    # off the sum of several invoices.
    credits: tuple[Credit, ...] = ()
    # Of the channel, the text, the rates, the law's list: for all its invoices.
    means: tuple[Reason, ...] = ()

    @property
    def language(self) -> str:
        return self.customer.language

    @property
    def currency(self) -> str:
        return self.wish.invoice.currency

    @property
    def by_email(self) -> bool:
        return self.wish.channel == Channel.EMAIL

    @property
    def grouped(self) -> bool:
        return len(self.items) > 1

    @property
    def situation(self) -> Situation:
        """The situation of the first invoice."""
        return self.items[0].dossier.situation

    @property
    def proposed(self) -> Step | None:
        """What the rules propose for the first invoice."""
        return self.items[0].proposed

    @property
    def claim(self) -> Claim:
        """What is claimed for the first invoice; ``claims`` has all."""
        return self.items[0].claim

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(item.claim for item in self.items)

    @property
    def statements(self) -> tuple[PenaltyStatement, ...]:
        """What of the penalties the letter claims, by invoice."""
        return tuple(claim.claimed for claim in self.claims if claim.claimed)

    @property
    def balance(self) -> Decimal:
        """What is left to pay, less the credits shown."""
        credited = sum((credit.amount for credit in self.credits), ZERO)
        return sum((claim.balance for claim in self.claims), ZERO) - credited

    @property
    def settled(self) -> Decimal:
        return sum((claim.settled for claim in self.claims), ZERO)

    @property
    def penalties(self) -> Decimal:
        return sum((claim.penalties for claim in self.claims), ZERO)

    @property
    def indemnity(self) -> Decimal:
        return sum((claim.indemnity for claim in self.claims), ZERO)

    @property
    def indemnity_apart(self) -> Decimal:
        """Euros that the total, in another currency, does not hold."""
        return sum((claim.indemnity_apart for claim in self.claims), ZERO)

    @property
    def total(self) -> Decimal:
        return self.balance + self.penalties + self.indemnity

    @property
    def joins_statement(self) -> bool:
        """Whether the letter has a statement of penalties behind it."""
        return self.step.level.is_formal_notice and any(
            statement.segments for statement in self.statements
        )

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every reason against it, the gravest first."""
        found = [reason for item in self.items for reason in item.reasons]
        order = list(Weight)
        return tuple(
            sorted([*found, *self.means], key=lambda one: order.index(one.weight))
        )

    @property
    def in_the_way(self) -> tuple[Reason, ...]:
        """The reasons that stop it: hard ones, and soft ones not overridden."""
        found = [reason for item in self.items for reason in item.in_the_way]
        return (*found, *in_the_way(self.means, self.wish.overrides))

    @property
    def can_be_written(self) -> bool:
        """Whether there is a page or message to show, allowed to leave or not."""
        return self.text is not None and self.destination is not None


class NoProcedure(Exception):
    """The customer's procedure has no active level: nothing can be proposed."""


def in_the_way(
    reasons: Sequence[Reason], overrides: Mapping[Code, str]
) -> tuple[Reason, ...]:
    """Return the reasons that stop: hard ones, and soft ones not overridden."""
    return tuple(
        reason
        for reason in reasons
        if reason.weight == Weight.HARD
        or (reason.weight == Weight.SOFT and reason.code not in overrides)
    )


def draft(wish: Wish, *, today: date) -> Draft:
    """Return the reminder that this wish would make today, with every reason
    against it. Reads only. Raises NoProcedure."""
    [made] = drafts([wish], today=today)
    if made is None:
        raise NoProcedure
    return made


def drafts(wishes: Sequence[Wish], *, today: date) -> list[Draft | None]:
    """Return the draft of each wish, in order; ``None`` where the customer's
    procedure has no active level. The number of queries does not depend on how
    many they are."""
    invoices = [invoice for wish in wishes for invoice in wish.invoices]
    return drafts_from(read(invoices, today=today), wishes, today=today)


def drafts_from(
    dossiers: Dossiers, wishes: Sequence[Wish], *, today: date
) -> list[Draft | None]:
    """Return the drafts that these dossiers make, changed by whoever read them."""
    credits = _credits(wishes, dossiers, today=today)
    return [
        # Taken once: another letter to the same customer asks for all of its own.
        _draft(wish, dossiers, credits.pop(_payer(wish), []), today=today)
        if wish.others
        else _draft(wish, dossiers, [], today=today)
        for wish in wishes
    ]


def _payer(wish: Wish) -> tuple[int, str]:
    return wish.invoice.customer_id, wish.invoice.currency


def _credits(
    wishes: Sequence[Wish], dossiers: Dossiers, *, today: date
) -> dict[tuple[int, str], list[Credit]]:
    """Read what comes off a grouped letter, for the few customers who have any and
    from whose letter of today it did not come off already."""
    concerned = {
        wish.invoice.customer_id
        for wish in wishes
        if wish.others and dossiers.of(wish.invoice).situation.unallocated > 0
    }
    if not concerned:
        return {}
    taken = credited_on(concerned, day=today)
    return {
        payer: found
        for payer, found in open_credits(concerned).items()
        if payer not in taken
    }


def _draft(
    wish: Wish,
    dossiers: Dossiers,
    credits: Sequence[Credit],
    *,
    today: date,
) -> Draft | None:
    ours, customer = dossiers.company, wish.invoice.customer
    steps = dossiers.of(wish.invoice).steps
    if not steps:
        return None
    items = [_item(part, dossiers.of(part.invoice), today=today) for part in wish.parts]
    # The highest level speaks.
    step = max((item.step for item in items), key=lambda found: found.level.rank)
    by_email, grouped = wish.channel == Channel.EMAIL, len(items) > 1
    text = dossiers.text(customer, step.level, by_email=by_email, grouped=grouped)
    letter_text = None
    if by_email and step.level.is_formal_notice:
        letter_text = dossiers.text(
            customer, step.level, by_email=False, grouped=grouped
        )
    found = Draft(
        wish=wish,
        company=ours,
        customer=customer,
        items=tuple(
            replace(
                item, reasons=_against(item, step, dossiers.thresholds, today=today)
            )
            for item in items
        ),
        steps=steps,
        step=step,
        signatory=dossiers.signatories.of(step.level),
        destination=destination(customer, step.level, by_email=by_email, company=ours),
        text=text,
        letter_text=letter_text,
        previous_dates=days_of_all(item.dossier.days_reminded for item in items),
        made_on=today,
        pay_by=deadline(today, days=step.days_to_pay, by_post=not by_email),
        next_on=wish.next_on
        or next_day(
            step,
            [(item.invoice, item.dossier.steps) for item in items],
            ours,
            today=today,
        ),
        credits=tuple(credits),
    )
    return replace(found, means=tuple(reasons_of_the_means(found)))


def _item(part: Part, dossier: Dossier, *, today: date) -> Item:
    rules = level_rules(dossier.steps)
    rule = next_level(dossier.situation, rules, today=today)
    proposed = next(
        (step for step in dossier.steps if rule and step.level.rank == rule.rank), None
    )
    asked = part.level and next(
        (step for step in dossier.steps if step.level_id == part.level.pk), None
    )
    step = asked or proposed or dossier.steps[-1]
    return Item(part=part, dossier=dossier, step=step, proposed=proposed)


def _against(
    item: Item, spoken: Step, thresholds: Thresholds, *, today: date
) -> tuple[Reason, ...]:
    """Return what is against an invoice at the level it has come to; and, where a
    firmer one speaks for all, what nobody may override at that one."""
    rules = level_rules(item.dossier.steps)
    situation = item.dossier.situation
    found = reasons_against(
        situation,
        level_rules([item.step])[0],
        levels=rules,
        thresholds=thresholds,
        today=today,
    )
    if item.step.level_id == spoken.level_id:
        return found
    firmer = reasons_against(
        situation,
        level_rules([spoken])[0],
        levels=rules,
        thresholds=thresholds,
        today=today,
    )
    known = {reason.code for reason in found if reason.weight == Weight.HARD}
    return found + tuple(
        reason
        for reason in firmer
        if reason.weight == Weight.HARD and reason.code not in known
    )
