"""What an invoice is claimed for: balance, penalties, indemnity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from relance.models import Allocation, Channel, Company, Hold, Invoice, Reminder
from relance.models.money import ZERO
from relance.queries.rates import rate_table
from relance.rules.penalties import (
    BelowFloor,
    Debt,
    HalfYear,
    MissingRate,
    PaymentOn,
    PenaltyStatement,
    RateKind,
    as_mapping,
    compute,
)
from relance.rules.regimes import Regime


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The amounts of one invoice on a day; no statement when a rate is missing."""

    invoice: Invoice
    settled: Decimal
    statement: PenaltyStatement | None
    missing: MissingRate | None = None
    # The legal rate of the day, for those who owe interest from the notice on.
    legal_rate: Decimal | None = None

    @property
    def balance(self) -> Decimal:
        return self.invoice.balance

    @property
    def penalties(self) -> Decimal:
        return self.statement.penalties if self.statement else ZERO

    @property
    def indemnity(self) -> Decimal:
        return self.statement.indemnity if self.statement else ZERO

    @property
    def total(self) -> Decimal:
        return self.balance + self.penalties + self.indemnity

    def as_data(self) -> dict[str, object]:
        """Return what a reminder keeps of it, amounts as text."""
        kept: dict[str, object] = {
            "number": self.invoice.number,
            "balance": str(self.balance),
            "settled": str(self.settled),
            "total": str(self.total),
        }
        if self.statement is not None:
            kept |= as_mapping(self.statement)
        return kept


def claim_on(invoice: Invoice, ours: Company, *, today: date) -> Claim:
    """Return what is claimed for an unpaid invoice today."""
    rates, regime = rate_table(), Regime(invoice.customer.regime)
    known = rates.find(RateKind.LEGAL, HalfYear.of(today))
    settled = invoice.total - invoice.balance
    legal_rate = known.percent if known else None
    statement = missing = None
    try:
        if invoice.balance > ZERO and not invoice.is_credit_note:
            statement = compute(
                _debt(invoice, ours, regime, today=today),
                until=today,
                rates=rates,
                stop_at_last_rate=ours.stop_at_last_rate,
            )
    except MissingRate as error:
        missing = error
    return Claim(
        invoice=invoice,
        settled=settled,
        statement=statement,
        missing=missing,
        legal_rate=legal_rate,
    )


def _debt(invoice: Invoice, ours: Company, regime: Regime, *, today: date) -> Debt:
    allocations = Allocation.objects.filter(invoice=invoice)
    return Debt(
        regime=regime,
        due=invoice.due_date,
        amount=invoice.total,
        payments=[
            PaymentOn(on=allocation.effective_on, amount=allocation.amount)
            for allocation in allocations
        ],
        contract_rate=ours.contract_rate if regime == Regime.B2B else None,
        notice=_notice_date(invoice),
        insolvency=_is_insolvent(invoice, today=today),
        # Never claim more than what was agreed; the screen warns.
        below_floor=BelowFloor.CONTRACT,
    )


def _notice_date(invoice: Invoice) -> date | None:
    """Return the day a formal notice reached the customer, as far as is known."""
    notices = (
        Reminder.objects.reaching()
        .filter(
            lines__invoice=invoice,
            level_kind="formal_notice",
            channel__in=(Channel.LETTER, Channel.REGISTERED),
            posting__isnull=False,
        )
        .select_related("posting")
        .order_by("made_on")
    )
    for notice in notices:
        presented = notice.posting.presented_on or notice.posting.delivered_on
        if presented is not None:
            return presented
    return None


def _is_insolvent(invoice: Invoice, *, today: date) -> bool:
    running = Hold.objects.running(on=today).filter(
        customer=invoice.customer_id,
        reason=Hold.Reason.INSOLVENCY,
        starts_on__gt=invoice.issued_on,
    )
    return running.exists()
