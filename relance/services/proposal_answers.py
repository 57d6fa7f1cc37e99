"""What the rules answer about unpaid invoices, read by the thousand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import override

from relance.models import (
    Channel,
    Company,
    Invoice,
    Proposal,
    Reminder,
    RunLine,
    Step,
)
from relance.queries.company import company
from relance.queries.dossiers import steps_of_procedures
from relance.queries.situations import level_rules, situations, thresholds_of
from relance.rules.escalation import (
    Code,
    LevelRule,
    Reason,
    Weight,
    next_level,
    possible_from,
    reasons_against,
)
from relance.rules.fields import NO_PENALTIES
from relance.services.proposal_means import Means

Standing = Proposal.Standing

# Nothing but the calendar is against it.
_EARLY = frozenset({Code.TOO_SOON, Code.CUSTOMER_TOO_SOON, Code.NOT_DUE})

_WEIGHTS = list(Weight)


@dataclass(frozen=True, kw_only=True)
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


class Answers:
    """The answers about some invoices, read together in a fixed number of queries.

    The invoices are unpaid and read with their customer and document. ``wanted``:
    the ids of levels to look at besides the one proposed, by invoice.
    """

    def __init__(
        self,
        invoices: Sequence[Invoice],
        *,
        wanted: Mapping[int, Iterable[int]],
        today: date,
    ) -> None:
        self._today = today
        self._company = company()
        self._thresholds = thresholds_of(self._company)
        self._procedures = steps_of_procedures()
        self._rules: dict[tuple[Step, ...], list[LevelRule]] = {}
        self._situations = situations(invoices, today=today)
        self._waiting = _waiting_in_runs(self._situations)
        self._last = _last_reminders(self._situations)
        self._means = Means(invoices, self._situations, self._company, today=today)
        self._means.read(
            (invoice, step)
            for invoice in invoices
            for step in self._looked_at(invoice, wanted.get(invoice.pk, ()))
        )

    def last(self, invoice: Invoice) -> int | None:
        """Return the id of the last reminder that reached a level."""
        return self._last.get(invoice.pk)

    def steps(self, invoice: Invoice) -> tuple[Step, ...]:
        """Return the active steps of the customer's procedure, lowest rank first."""
        return self._procedures.of(invoice.customer)

    def step(self, invoice: Invoice, level_id: int | None) -> Step | None:
        """Return the step of a level, ``None`` when it cannot be chosen: not in the
        procedure, or already reached. Past the last level only that one is left."""
        steps = self.steps(invoice)
        proposed = self.proposed(invoice) or (steps[-1] if steps else None)
        found = next((step for step in steps if step.level_id == level_id), None)
        if found is None or proposed is None:
            return None
        return found if found.level.rank >= proposed.level.rank else None

    def proposed(self, invoice: Invoice) -> Step | None:
        """Return the lowest step above the last level reached, none past the last."""
        steps = self.steps(invoice)
        rule = next_level(self._situations[invoice.pk], self._rules_of(steps))
        if rule is None:
            return None
        return next(step for step in steps if step.level.rank == rule.rank)

    def possible_from(self, invoice: Invoice) -> date | None:
        """Return the first day of the level proposed."""
        step = self.proposed(invoice)
        if step is None:
            return None
        [rule] = self._rules_of((step,))
        return possible_from(self._situations[invoice.pk], rule)

    def answer(self, invoice: Invoice, step: Step | None = None) -> Answer:
        """Return the answer at a step, by default at the one proposed."""
        steps = self.steps(invoice)
        if not steps:
            return _without_procedure(self._company)
        spoken = step or self.proposed(invoice) or steps[-1]
        [rule] = self._rules_of((spoken,))
        found = list(
            reasons_against(
                self._situations[invoice.pk],
                rule,
                levels=self._rules_of(steps),
                thresholds=self._thresholds,
                today=self._today,
            )
        )
        run = self._waiting.get(invoice.pk)
        if run is not None and not self._situations[invoice.pk].under_way:
            found.append(_hard(Code.UNDER_WAY, reference=run))
        letter = self._means.reasons(invoice, spoken, by_email=False)
        email = self._means.reasons(invoice, spoken, by_email=True)
        barred = [_first_hard(letter), _first_hard(email)]
        found += {one.code: one for one in (*letter, *email) if _warns(one)}.values()
        if all(barred):
            found += {one.code: one for one in barred if one is not None}.values()
        found.sort(key=lambda one: _WEIGHTS.index(one.weight))
        return Answer(
            step=spoken,
            standing=standing(found),
            reasons=tuple(found),
            letter=barred[0],
            email=barred[1],
            pages=_pages(invoice, spoken, today=self._today),
        )

    def _looked_at(self, invoice: Invoice, wanted: Iterable[int]) -> list[Step]:
        steps = self.steps(invoice)
        if not steps:
            return []
        others = (self.step(invoice, level_id) for level_id in wanted)
        return [
            self.proposed(invoice) or steps[-1],
            *(step for step in others if step is not None),
        ]

    def _rules_of(self, steps: tuple[Step, ...]) -> list[LevelRule]:
        if steps not in self._rules:
            self._rules[steps] = level_rules(steps)
        return self._rules[steps]


def standing(reasons: Iterable[Reason]) -> Standing:
    """Return where reasons leave an invoice; warnings do not count."""
    found = list(reasons)
    if any(reason.weight == Weight.HARD for reason in found):
        return Standing.STOPPED
    soft = {reason.code for reason in found if reason.weight == Weight.SOFT}
    if not soft:
        return Standing.READY
    return Standing.EARLY if soft <= _EARLY else Standing.HELD


def _last_reminders(invoices: Iterable[int]) -> dict[int, int]:
    reached = (
        Reminder.objects.reaching()
        .filter(lines__invoice__in=list(invoices))
        .order_by("made_on", "number")
        .values_list("lines__invoice", "pk")
    )
    return dict(reached)


def _waiting_in_runs(invoices: Iterable[int]) -> dict[int, str]:
    """Return the reference of the run that is about to remind each invoice."""
    lines = RunLine.objects.filter(
        invoice__in=list(invoices), state=RunLine.State.WAITING
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


def _without_procedure(ours: Company) -> Answer:
    with override(ours.language):
        what = _("the procedure of this type of customer has no active level")
    missing = _hard(Code.TEXT_MISSING, what=what)
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
