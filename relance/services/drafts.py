"""A reminder as it would be today: what the form shows, and what is then made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from relance.models import Channel, Company, Customer, Invoice, Level, Step, Text
from relance.queries.claims import Claim, claim_on
from relance.queries.company import company
from relance.queries.reminders import days_reminded, text_for
from relance.queries.situations import (
    level_rules,
    situation,
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
from relance.rules.fields import NO_PENALTIES, fields_used
from relance.rules.formal_notice import Element, missing_elements
from relance.rules.regimes import Regime
from relance.services.addressing import Destination, destination
from relance.services.elements import element_words
from relance.services.field_values import FieldValues
from relance.services.penalty_words import rate_words


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
    # The step asked for, and the one that the rules propose (None past the last).
    step: Step
    proposed: Step | None
    destination: Destination | None
    text: Text | None
    # The letter that a formal notice by e-mail carries.
    letter_text: Text | None
    claim: Claim
    previous_dates: tuple[date, ...]
    made_on: date
    pay_by: date
    next_on: date
    reasons: tuple[Reason, ...] = ()

    @property
    def language(self) -> str:
        return self.customer.language

    @property
    def by_email(self) -> bool:
        return self.wish.channel == Channel.EMAIL

    @property
    def joins_statement(self) -> bool:
        """Whether the letter has a statement of penalties behind it."""
        statement = self.claim.statement
        return (
            self.step.level.is_formal_notice
            and Regime(self.customer.regime) not in NO_PENALTIES
            and statement is not None
            and bool(statement.segments)
        )

    @property
    def in_the_way(self) -> tuple[Reason, ...]:
        """The reasons that stop it: hard ones, and soft ones not overridden."""
        return tuple(
            reason
            for reason in self.reasons
            if reason.weight == Weight.HARD
            or (reason.weight == Weight.SOFT and reason.code not in self.wish.overrides)
        )

    @property
    def can_be_written(self) -> bool:
        """Whether there is a page or message to show, allowed to leave or not."""
        return self.text is not None and self.destination is not None


class NoProcedure(Exception):
    """The customer's procedure has no active level: nothing can be proposed."""


def draft(wish: Wish, *, today: date) -> Draft:
    """Return the reminder that this wish would make today, with every reason
    against it. Reads only. Raises NoProcedure."""
    invoice = wish.invoice
    steps = steps_for(invoice)
    if not steps:
        raise NoProcedure
    ours, state = company(), situation(invoice, today=today)
    proposed = _proposed(state, steps)
    step = _asked(wish, steps) or proposed or steps[-1]
    by_email = wish.channel == Channel.EMAIL
    found = Draft(
        wish=wish,
        company=ours,
        customer=invoice.customer,
        situation=state,
        steps=tuple(steps),
        step=step,
        proposed=proposed,
        destination=destination(
            invoice.customer, step.level, by_email=by_email, company=ours
        ),
        text=text_for(invoice.customer, step.level, by_email=by_email),
        letter_text=text_for(invoice.customer, step.level, by_email=False)
        if by_email and step.level.is_formal_notice
        else None,
        claim=claim_on(invoice, ours, today=today),
        previous_dates=tuple(days_reminded(invoice)),
        made_on=today,
        pay_by=deadline(today, days=step.days_to_pay, by_post=not by_email),
        next_on=wish.next_on or _next_on(step, ours, today=today),
    )
    against = reasons_against(
        state,
        level_rules([step])[0],
        levels=level_rules(steps),
        thresholds=thresholds(),
        today=today,
    )
    reasons = [*against, *_of_the_means(found)]
    order = list(Weight)
    reasons.sort(key=lambda reason: order.index(reason.weight))
    return replace(found, reasons=tuple(reasons))


def _proposed(state: Situation, steps: list[Step]) -> Step | None:
    rule = next_level(state, level_rules(steps))
    if rule is None:
        return None
    return next(step for step in steps if step.level.rank == rule.rank)


def _asked(wish: Wish, steps: list[Step]) -> Step | None:
    if wish.level is None:
        return None
    return next((step for step in steps if step.level_id == wish.level.pk), None)


def _next_on(step: Step, ours: Company, *, today: date) -> date:
    return parse_delay(step.next_delay or ours.general_delay).after(today)


def _of_the_means(draft: Draft) -> Iterator[Reason]:
    """Yield what the channel, the text, the rates and the law's list say."""
    if draft.destination is None:
        code = Code.NO_EMAIL if draft.by_email else Code.NO_ADDRESS
        yield Reason(code=code, weight=Weight.HARD)
    if draft.text is None:
        yield Reason(
            code=Code.TEXT_MISSING,
            weight=Weight.HARD,
            facts={"what": f"{draft.step.level.name}, {draft.language}"},
        )
        return
    yield from _of_the_rates(draft, draft.text)
    if draft.step.level.is_formal_notice and draft.destination is not None:
        missing = _missing(draft, draft.letter_text or draft.text)
        if missing:
            words = ", ".join(element_words(element) for element in missing)
            yield Reason(
                code=Code.ELEMENT_MISSING, weight=Weight.HARD, facts={"what": words}
            )


def _of_the_rates(draft: Draft, text: Text) -> Iterator[Reason]:
    """A rate matters only where the text states an amount made with it."""
    used = fields_used(text.subject + text.body)
    needs = {"tableau.sommes", "total.exigible"} & used or any(
        name.startswith("penalites.") for name in used
    )
    if not needs or Regime(draft.customer.regime) in NO_PENALTIES:
        return
    claim = draft.claim
    if claim.missing is not None:
        what = rate_words(claim.missing.kind, claim.missing.half_year)
        yield Reason(code=Code.RATE_MISSING, weight=Weight.HARD, facts={"what": what})
    elif claim.statement is not None and claim.statement.unverified:
        what = ", ".join(rate_words(*pair) for pair in claim.statement.unverified)
        yield Reason(
            code=Code.RATE_UNVERIFIED, weight=Weight.WARNING, facts={"what": what}
        )


def _missing(draft: Draft, text: Text) -> tuple[Element, ...]:
    values = FieldValues(draft, number=0, letter_joined=False).values()
    return missing_elements(
        f"{text.subject}\n\n{text.body}",
        values,
        regime=Regime(draft.customer.regime),
    )
