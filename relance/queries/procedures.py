"""Every procedure with its steps, and which of them each invoice follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from relance.models import Customer, Invoice, Procedure, Step
from relance.queries.situations import Ids
from relance.rules.procedures import Because, Choice, Precedence, ProcedureRule


@dataclass(frozen=True, kw_only=True)
class Followed:
    """The procedure of one invoice, and why that one."""

    procedure: Procedure | None
    because: Because


@dataclass(frozen=True, kw_only=True)
class ProcedureSteps:
    """The procedures, their active steps, lowest rank first, and whom they are for.

    One without an active level is passed over, unless it was chosen by hand.
    """

    procedures: Mapping[int, Procedure]
    by_procedure: Mapping[int, tuple[Step, ...]]
    precedence: Precedence
    # Of the tags that a procedure is for, those of each customer.
    tags: Mapping[int, frozenset[int]]

    def of(self, invoice: Invoice, customer: Customer) -> tuple[Step, ...]:
        """Return the active steps of the procedure that an invoice follows."""
        chosen = self._choice(invoice, customer).procedure
        return self.by_procedure.get(chosen, ()) if chosen is not None else ()

    def followed(self, invoice: Invoice, customer: Customer) -> Followed:
        """Return the procedure that an invoice follows, with why."""
        choice = self._choice(invoice, customer)
        found = None
        if choice.procedure is not None:
            found = self.procedures.get(choice.procedure) or customer.procedure
        return Followed(procedure=found, because=choice.because)

    def _choice(self, invoice: Invoice, customer: Customer) -> Choice:
        return self.precedence.choose(
            own=customer.procedure_id,
            tags=self.tags.get(customer.pk, ()),
            regime=customer.regime,
            balance=invoice.balance,
            total=invoice.total,
        )


def steps_of_procedures(customers: Ids | None = None) -> ProcedureSteps:
    """Read all procedures, in two queries at most; ``customers``: about whose
    invoices one will ask, where they are few."""
    procedures: dict[int, Procedure] = {}
    by_procedure: defaultdict[int, list[Step]] = defaultdict(list)
    steps = (
        Step.objects.filter(level__active=True)
        .select_related("level", "procedure__tag")
        .order_by("procedure__name", "level__rank")
    )
    for step in steps:
        step.procedure = procedures.setdefault(step.procedure_id, step.procedure)
        by_procedure[step.procedure_id].append(step)
    precedence = Precedence(map(rule_of, procedures.values()))
    return ProcedureSteps(
        procedures=procedures,
        by_procedure={pk: tuple(found) for pk, found in by_procedure.items()},
        precedence=precedence,
        tags=_tags(precedence.tags, customers),
    )


def rule_of(procedure: Procedure) -> ProcedureRule:
    """Return a procedure as the rule sees it."""
    return ProcedureRule(
        pk=procedure.pk,
        regime=procedure.regime or "",
        tag=procedure.tag_id,
        amount_from=procedure.amount_from,
        amount_of=procedure.amount_of,
        amount_regime=procedure.amount_regime,
    )


def _tags(tags: frozenset[int], customers: Ids | None) -> Mapping[int, frozenset[int]]:
    """Return the tags that matter, by customer; no query when none does."""
    if not tags:
        return {}
    bearing = Customer.tags.through.objects.filter(tag__in=tags)
    if customers is not None:
        bearing = bearing.filter(customer__in=customers)
    found: defaultdict[int, set[int]] = defaultdict(set)
    for customer, tag in bearing.values_list("customer", "tag"):
        found[customer].add(tag)
    return {pk: frozenset(borne) for pk, borne in found.items()}
