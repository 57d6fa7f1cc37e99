"""What would happen to an invoice, or to one like it, if nobody paid. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

from relance.models import Channel, Company, Customer, Hold, Invoice, Level, Step
from relance.queries.claims import debt_of
from relance.queries.company import company
from relance.queries.procedures import Followed, steps_of_procedures
from relance.queries.rates import rate_table
from relance.queries.situations import level_rules, situation, thresholds_of
from relance.rules.debts import BelowFloor, Debt, Imputation
from relance.rules.delays import parse_delay
from relance.rules.escalation import HoldFact, Situation
from relance.rules.regimes import Regime, limitation_date
from relance.rules.simulation import Course, CourseStep, Event, Simulation, simulate
from relance.services.addressing import Destination, destination
from relance.services.procedures import PlannedStep
from relance.services.proposal_decisions import suited

# The example is issued so long before it is due.
USUAL_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Example:
    """An invoice that does not exist: its customer's type, due date, amount."""

    regime: Regime
    due_date: date
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Made:
    """A level that would be made, how and to whom; nobody for an example."""

    event: Event
    level: Level
    channel: Channel
    destination: Destination | None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The whole course, with the rows behind it."""

    simulation: Simulation
    made: tuple[Made, ...]
    # The level that is stopped for good, if any.
    stopped_at: Level | None
    due_date: date
    balance: Decimal
    currency: str
    # None: steps that were given, not those of a procedure.
    followed: Followed | None


def of_invoice(
    invoice: Invoice, *, today: date, steps: Sequence[PlannedStep] | None = None
) -> Outcome:
    """Simulate an invoice from today on; ``steps``: those of a procedure that is
    being changed, instead of the one that it follows."""
    ours, customer = company(), invoice.customer
    procedures = steps_of_procedures([customer.pk])
    rows = _rows(steps) if steps is not None else procedures.of(invoice, customer)
    ways = {step.level.rank: _way(customer, step.level, ours) for step in rows}
    simulation = simulate(
        situation(invoice, today=today),
        _course(rows, ways, ours, debt=debt_of(invoice, ours), holds=_holds(invoice)),
        today=today,
    )
    followed = procedures.followed(invoice, customer) if steps is None else None
    return _outcome(simulation, rows, ways, invoice, followed=followed)


def of_example(
    example: Example, *, steps: Sequence[PlannedStep] | None = None
) -> Outcome:
    """Simulate an invoice that does not exist, from the day it would be issued."""
    ours = company()
    issued_on = example.due_date - timedelta(days=USUAL_DAYS)
    customer = Customer(regime=example.regime.value)
    invoice = Invoice(
        customer=customer,
        total=example.amount,
        balance=example.amount,
        issued_on=issued_on,
        due_date=example.due_date,
    )
    procedures = steps_of_procedures([])
    rows = _rows(steps) if steps is not None else procedures.of(invoice, customer)
    ways = {step.level.rank: (_usual(step.level), None) for step in rows}
    debt = Debt(
        regime=example.regime,
        due=example.due_date,
        amount=example.amount,
        contract_rate=ours.contract_rate if example.regime == Regime.B2B else None,
        below_floor=BelowFloor(ours.below_floor or BelowFloor.CONTRACT),
        imputation=Imputation(ours.imputation),
    )
    simulation = simulate(
        Situation(
            kind=Invoice.Kind.INVOICE.value,
            state=Invoice.State.OPEN.value,
            balance=example.amount,
            issued_on=issued_on,
            due_date=example.due_date,
            limitation_on=limitation_date(
                example.regime, start=issued_on, carriage=ours.carriage
            ),
        ),
        _course(rows, ways, ours, debt=debt),
        today=issued_on,
    )
    followed = procedures.followed(invoice, customer) if steps is None else None
    return _outcome(simulation, rows, ways, invoice, followed=followed)


type _Way = tuple[Channel, Destination | None]


def _rows(steps: Sequence[PlannedStep]) -> tuple[Step, ...]:
    """Return steps that are not saved as rows; a level switched off is proposed in
    none."""
    return tuple(Step(**vars(step)) for step in steps if step.level.active)


def _course(
    rows: Sequence[Step],
    ways: Mapping[int, _Way],
    ours: Company,
    *,
    debt: Debt | None,
    holds: Sequence[HoldFact] = (),
) -> Course:
    rules = level_rules(rows)
    return Course(
        steps=[
            CourseStep(
                level=rule,
                days_to_pay=row.days_to_pay,
                next_delay=parse_delay(row.next_delay) if row.next_delay else None,
                by_post=ways[rule.rank][0] != Channel.EMAIL,
            )
            for rule, row in zip(rules, rows, strict=True)
        ],
        thresholds=thresholds_of(ours),
        general_delay=parse_delay(ours.general_delay),
        holds=holds,
        debt=debt,
        rates=rate_table(),
        stop_at_last_rate=ours.stop_at_last_rate,
    )


def _outcome(
    simulation: Simulation,
    rows: Sequence[Step],
    ways: Mapping[int, _Way],
    invoice: Invoice,
    *,
    followed: Followed | None,
) -> Outcome:
    levels = {row.level.rank: row.level for row in rows}
    stopped = simulation.stopped_at
    return Outcome(
        simulation=simulation,
        made=tuple(
            Made(
                event=event,
                level=levels[event.rank],
                channel=ways[event.rank][0],
                destination=ways[event.rank][1],
            )
            for event in simulation.events
        ),
        stopped_at=levels[stopped] if stopped is not None else None,
        due_date=invoice.due_date,
        balance=invoice.balance,
        currency=invoice.currency,
        followed=followed,
    )


def _way(customer: Customer, level: Level, ours: Company) -> _Way:
    """Return how a level would go to a customer, and to whom: as it is prefilled."""
    letter = destination(customer, level, by_email=False, company=ours)
    email = destination(customer, level, by_email=True, company=ours)
    if level.is_formal_notice:
        return Channel.REGISTERED, letter
    chosen = suited(
        customer.preferred_channel, letter=letter is not None, email=email is not None
    )
    if chosen == Channel.EMAIL:
        return Channel.EMAIL, email
    return Channel.LETTER, letter


def _usual(level: Level) -> Channel:
    return Channel.REGISTERED if level.is_formal_notice else Channel.EMAIL


def _holds(invoice: Invoice) -> list[HoldFact]:
    """Return what holds the invoice back, today or later."""
    found = Hold.objects.filter(ended_at__isnull=True).filter(
        Q(invoice=invoice) | Q(customer=invoice.customer_id)
    )
    return [
        HoldFact(
            reason=hold.reason,
            starts_on=hold.starts_on,
            until=hold.until,
            amount=hold.amount,
        )
        for hold in found
    ]
