"""What the rules answer about unpaid invoices, read by the thousand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from django.db.models import QuerySet

from relance.models import (
    Channel,
    Invoice,
    Proposal,
    Reminder,
    RunLine,
    Step,
)
from relance.queries.company import company
from relance.queries.procedures import steps_of_procedures
from relance.queries.situations import (
    Ids,
    level_rules,
    situations,
    thresholds_of,
)
from relance.rules.escalation import (
    Code,
    LevelRule,
    Reason,
    Situation,
    Weight,
    next_level,
    possible_from,
    reasons_against,
)
from relance.rules.fields import NO_PENALTIES
from relance.services.fact_words import NO_PROCEDURE
from relance.services.proposal_means import Means

Standing = Proposal.Standing

# Nothing but the calendar is against it.
_EARLY = frozenset(
    {Code.TOO_SOON, Code.CUSTOMER_TOO_SOON, Code.NOT_DUE, Code.BEFORE_START}
)

_WEIGHTS = list(Weight)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the rules say about an invoice at one level."""

    step: Step | None
    standing: Standing
    reasons: tuple[Reason, ...]
    # What keeps a letter, or an e-mail, from being written.
    letter: Reason | None = None
    email: Reason | None = None
    pages: int = 2

    def trouble(self, channel: str) -> Reason | None:
        return self.email if channel == Channel.EMAIL else self.letter

    def soft(self) -> tuple[Reason, ...]:
        return tuple(one for one in self.reasons if one.weight == Weight.SOFT)

    def hard(self) -> tuple[Reason, ...]:
        return tuple(one for one in self.reasons if one.weight == Weight.HARD)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Path:
    """The active steps of a procedure, lowest rank first, also as the rule sees
    them."""

    steps: tuple[Step, ...]
    rules: list[LevelRule]

    @classmethod
    def of(cls, steps: tuple[Step, ...]) -> Self:
        return cls(steps=steps, rules=level_rules(steps))

    def proposed(self, situation: Situation, *, today: date) -> Step | None:
        rule = next_level(situation, self.rules, today=today)
        return self.steps[self.rules.index(rule)] if rule is not None else None

    def rule(self, step: Step) -> LevelRule:
        return next(one for one in self.rules if one.rank == step.level.rank)


class Answers:
    """The answers about some invoices, read together in a fixed number of queries.

    The invoices are unpaid and read with their customer and document. ``wanted``:
    the ids of levels to look at besides the one proposed, by invoice. ``among``: a
    query that holds them all, where they are thousands.
    """

    def __init__(
        self,
        invoices: Sequence[Invoice],
        *,
        wanted: Mapping[int, Iterable[int]],
        today: date,
        among: QuerySet[Invoice] | None = None,
    ) -> None:
        self._today = today
        self._company = company()
        self._thresholds = thresholds_of(self._company)
        few = {invoice.customer_id for invoice in invoices} if among is None else None
        procedures = steps_of_procedures(few)
        paths: dict[int, _Path] = {}
        self._paths: dict[int, _Path] = {}
        for invoice in invoices:
            steps = procedures.of(invoice, invoice.customer)
            if id(steps) not in paths:
                paths[id(steps)] = _Path.of(steps)
            self._paths[invoice.pk] = paths[id(steps)]
        self._situations = situations(
            invoices,
            today=today,
            among=among,
            reminded_since=today - timedelta(days=self._thresholds.minimum_interval),
        )
        self._proposed = {
            pk: path.proposed(self._situations[pk], today=today)
            for pk, path in self._paths.items()
        }
        ids = among.values("pk") if among is not None else list(self._paths)
        self._waiting = _waiting_in_runs(ids)
        self._last = _last_reminders(ids)
        self._means = Means(
            invoices, self._situations, self._company, today=today, among=among
        )
        self._means.read(
            (invoice, step)
            for invoice in invoices
            for step in self._looked_at(invoice, wanted.get(invoice.pk, ()))
        )

    def last(self, invoice: Invoice) -> int | None:
        """Return the id of the last reminder that reached a level."""
        return self._last.get(invoice.pk)

    def step(self, invoice: Invoice, level_id: int | None) -> Step | None:
        """Return the step of a level, ``None`` when it cannot be chosen: not in the
        procedure, or already reached. Past the last level only that one is left."""
        steps = self._paths[invoice.pk].steps
        lowest = self._lowest(invoice)
        found = next((step for step in steps if step.level_id == level_id), None)
        if found is None or lowest is None:
            return None
        return found if found.level.rank >= lowest.level.rank else None

    def proposed(self, invoice: Invoice) -> Step | None:
        """Return the lowest step above the last level reached, none past the last."""
        return self._proposed[invoice.pk]

    def possible_from(self, invoice: Invoice) -> date | None:
        """Return the first day of the level proposed."""
        step = self._proposed[invoice.pk]
        if step is None:
            return None
        rule = self._paths[invoice.pk].rule(step)
        return possible_from(self._situations[invoice.pk], rule)

    def answer(self, invoice: Invoice, step: Step | None = None) -> Answer:
        """Return the answer at a step, by default at the one proposed."""
        path, situation = self._paths[invoice.pk], self._situations[invoice.pk]
        spoken = step or self._lowest(invoice)
        if spoken is None:
            return _without_procedure()
        found = list(
            reasons_against(
                situation,
                path.rule(spoken),
                levels=path.rules,
                thresholds=self._thresholds,
                today=self._today,
            )
        )
        run = self._waiting.get(invoice.pk)
        if run is not None and not situation.under_way:
            found.append(_hard(Code.UNDER_WAY, reference=run))
        letter, email = self._means.reasons(invoice, spoken)
        no_letter, no_email = _first_hard(letter), _first_hard(email)
        more = {one.code: one for one in (*letter, *email) if _warns(one)}
        if no_letter is not None and no_email is not None:
            more |= {no_letter.code: no_letter, no_email.code: no_email}
        found += more.values()
        if len(found) > 1:
            found.sort(key=lambda one: _WEIGHTS.index(one.weight))
        return Answer(
            step=spoken,
            standing=standing(found),
            reasons=tuple(found),
            letter=no_letter,
            email=no_email,
            pages=_pages(invoice, spoken, today=self._today),
        )

    def _lowest(self, invoice: Invoice) -> Step | None:
        """Return the lowest step that may be chosen; none without a procedure."""
        proposed = self._proposed[invoice.pk]
        if proposed is not None:
            return proposed
        steps = self._paths[invoice.pk].steps
        return steps[-1] if steps else None

    def _looked_at(self, invoice: Invoice, wanted: Iterable[int]) -> list[Step]:
        others = [self.step(invoice, level_id) for level_id in wanted]
        return [step for step in (self._lowest(invoice), *others) if step is not None]


def standing(reasons: Iterable[Reason]) -> Standing:
    """Return where reasons leave an invoice; warnings do not count."""
    found = list(reasons)
    if any(reason.weight == Weight.HARD for reason in found):
        return Standing.STOPPED
    soft = {reason.code for reason in found if reason.weight == Weight.SOFT}
    if not soft:
        return Standing.READY
    return Standing.EARLY if soft <= _EARLY else Standing.HELD


def _last_reminders(ids: Ids) -> dict[int, int]:
    reached = (
        Reminder.objects.reaching()
        .filter(lines__invoice__in=ids)
        .order_by("made_on", "number")
        .values_list("lines__invoice", "pk")
    )
    return dict(reached)


def _waiting_in_runs(ids: Ids) -> dict[int, str]:
    """Return the reference of the run that is about to remind each invoice."""
    lines = RunLine.objects.filter(
        invoice__in=ids, state=RunLine.State.WAITING
    ).select_related("run")
    return {line.invoice_id: line.run.reference for line in lines}


def _pages(invoice: Invoice, step: Step, *, today: date) -> int:
    """Return the pages of the letter and of the invoice behind it: a notice has its
    statement of penalties too."""
    copy = invoice.document.pages if invoice.document is not None else None
    states = (
        step.level.is_formal_notice
        and invoice.customer.regime not in NO_PENALTIES
        and invoice.due_date < today
    )
    return 1 + states + (copy or 1)


def _without_procedure() -> Answer:
    missing = _hard(Code.TEXT_MISSING, what=NO_PROCEDURE)
    return Answer(
        step=None,
        standing=Standing.STOPPED,
        reasons=(missing,),
        letter=missing,
        email=missing,
    )


def _hard(code: Code, **facts: object) -> Reason:
    return Reason(code=code, weight=Weight.HARD, facts=facts)


def _first_hard(reasons: Sequence[Reason]) -> Reason | None:
    return next((one for one in reasons if one.weight == Weight.HARD), None)


def _warns(reason: Reason) -> bool:
    return reason.weight == Weight.WARNING
