"""What the rules answer about unpaid invoices, read by the thousand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    by_rank: Mapping[int, tuple[Step, LevelRule]]

    @classmethod
    def of(cls, steps: tuple[Step, ...]) -> Self:
        rules = level_rules(steps)
        both = zip(steps, rules, strict=True)
        return cls(
            steps=steps,
            rules=rules,
            by_rank={rule.rank: (step, rule) for step, rule in both},
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Case:
    """An invoice with what is known of it, and the steps that may come next."""

    path: _Path
    situation: Situation
    # The lowest step above the last level reached, with its first day; none past
    # the last.
    proposed: Step | None
    possible_from: date | None
    # The lowest step that may be chosen; none without a procedure.
    lowest: Step | None

    @classmethod
    def of(cls, path: _Path, situation: Situation, *, today: date) -> Self:
        rule = next_level(situation, path.rules, today=today)
        if rule is None:
            last = path.steps[-1] if path.steps else None
            return cls(
                path=path,
                situation=situation,
                proposed=None,
                possible_from=None,
                lowest=last,
            )
        step, _rule = path.by_rank[rule.rank]
        return cls(
            path=path,
            situation=situation,
            proposed=step,
            possible_from=possible_from(situation, rule),
            lowest=step,
        )

    def step(self, level_id: int | None) -> Step | None:
        """Return the step of a level, ``None`` when it cannot be chosen: not in the
        procedure, or already reached. Past the last level only that one is left."""
        if level_id is None or self.lowest is None:
            return None
        found = next((one for one in self.path.steps if one.level_id == level_id), None)
        if found is None or found.level.rank < self.lowest.level.rank:
            return None
        return found


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
        found = situations(
            invoices,
            today=today,
            among=among,
            reminded_since=today - timedelta(days=self._thresholds.minimum_interval),
        )
        paths: dict[int, _Path] = {}
        self._cases: dict[int, _Case] = {}
        for invoice in invoices:
            steps = procedures.of(invoice, invoice.customer)
            if id(steps) not in paths:
                paths[id(steps)] = _Path.of(steps)
            pk = invoice.pk
            self._cases[pk] = _Case.of(paths[id(steps)], found[pk], today=today)
        ids = among.values("pk") if among is not None else list(self._cases)
        self._waiting = _waiting_in_runs(ids)
        self._last = _last_reminders(ids)
        self._means = Means(invoices, found, self._company, today=today, among=among)
        self._means.read(
            (invoice, step)
            for invoice in invoices
            for step in self._looked_at(invoice.pk, wanted)
        )

    def last(self, invoice: Invoice) -> int | None:
        """Return the id of the last reminder that reached a level."""
        return self._last.get(invoice.pk)

    def step(self, invoice: Invoice, level_id: int | None) -> Step | None:
        """Return the step of a level, ``None`` when it cannot be chosen: not in the
        procedure, or already reached. Past the last level only that one is left."""
        return self._cases[invoice.pk].step(level_id)

    def proposed(self, invoice: Invoice) -> Step | None:
        """Return the lowest step above the last level reached, none past the last."""
        return self._cases[invoice.pk].proposed

    def possible_from(self, invoice: Invoice) -> date | None:
        """Return the first day of the level proposed."""
        return self._cases[invoice.pk].possible_from

    def answer(self, invoice: Invoice, step: Step | None = None) -> Answer:
        """Return the answer at a step, by default at the one proposed."""
        pk = invoice.pk
        case = self._cases[pk]
        spoken = step or case.lowest
        if spoken is None:
            return _without_procedure()
        _step, rule = case.path.by_rank[spoken.level.rank]
        found = list(
            reasons_against(
                case.situation,
                rule,
                levels=case.path.rules,
                thresholds=self._thresholds,
                today=self._today,
            )
        )
        run = self._waiting.get(pk)
        if run is not None and not case.situation.under_way:
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

    def _looked_at(
        self, pk: int, wanted: Mapping[int, Iterable[int]]
    ) -> Iterator[Step]:
        case = self._cases[pk]
        if case.lowest is not None:
            yield case.lowest
        for level_id in wanted.get(pk, ()):
            if (step := case.step(level_id)) is not None:
                yield step


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
