"""What invoices are claimed for: balance, penalties, indemnity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from relance.models import Allocation, Channel, Company, Hold, Invoice, ReminderLine
from relance.models.money import ZERO
from relance.queries.rates import rate_table
from relance.rules.debts import (
    BelowFloor,
    Debt,
    Imputation,
    PaymentOn,
    PenaltyStatement,
    as_mapping,
)
from relance.rules.fields import NO_PENALTIES
from relance.rules.penalties import compute
from relance.rules.rates import HalfYear, MissingRate, RateKind, RateTable
from relance.rules.regimes import Regime


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The amounts of one invoice on a day; no statement when a rate is missing.

    Letters to those of ``NO_PENALTIES`` claim the balance alone: the interest that
    their statement tells is for a court to add.
    """

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
    def claimed(self) -> PenaltyStatement | None:
        """The statement where letters claim it."""
        regime = Regime(self.invoice.customer.regime)
        return None if regime in NO_PENALTIES else self.statement

    @property
    def penalties(self) -> Decimal:
        return self.claimed.penalties if self.claimed else ZERO

    @property
    def indemnity(self) -> Decimal:
        """In the invoice's currency: nothing where that is not the euro."""
        return self._indemnity if self._in_euros else ZERO

    @property
    def indemnity_apart(self) -> Decimal:
        """In euros (art. D441-5 C. com.), beside a total in another currency."""
        return ZERO if self._in_euros else self._indemnity

    @property
    def _indemnity(self) -> Decimal:
        return self.claimed.indemnity if self.claimed else ZERO

    @property
    def _in_euros(self) -> bool:
        return self.invoice.currency == "EUR"

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


def claims_on(
    invoices: Sequence[Invoice], ours: Company, *, today: date
) -> dict[int, Claim]:
    """Return what is claimed for each invoice today by its id, in four queries."""
    payments = _payments(invoices)
    notices = _notice_dates(invoices)
    insolvent = _insolvencies(invoices, today=today)
    rates = rate_table()
    return {
        invoice.pk: _claim(
            invoice,
            _debt(
                invoice,
                ours,
                payments=payments[invoice.pk],
                notice=notices.get(invoice.pk),
                insolvency=any(
                    opened > invoice.issued_on
                    for opened in insolvent[invoice.customer_id]
                ),
            ),
            rates,
            stop=ours.stop_at_last_rate,
            today=today,
        )
        for invoice in invoices
    }


def debt_of(invoice: Invoice, ours: Company) -> Debt:
    """Return the debt of one invoice, to work penalties out on any day."""
    return _debt(
        invoice,
        ours,
        payments=_payments([invoice])[invoice.pk],
        notice=_notice_dates([invoice]).get(invoice.pk),
        insolvency=False,
    )


def _claim(
    invoice: Invoice, debt: Debt, rates: RateTable, *, stop: bool, today: date
) -> Claim:
    known = rates.find(RateKind.LEGAL, HalfYear.of(today))
    statement = missing = None
    try:
        if invoice.balance > ZERO and not invoice.is_credit_note:
            statement = compute(debt, until=today, rates=rates, stop_at_last_rate=stop)
    except MissingRate as error:
        missing = error
    return Claim(
        invoice=invoice,
        settled=invoice.total - invoice.balance,
        statement=statement,
        missing=missing,
        legal_rate=known.percent if known else None,
    )


def _debt(
    invoice: Invoice,
    ours: Company,
    *,
    payments: Sequence[PaymentOn],
    notice: date | None,
    insolvency: bool,
) -> Debt:
    regime = Regime(invoice.customer.regime)
    return Debt(
        regime=regime,
        due=invoice.due_date,
        amount=invoice.total,
        payments=payments,
        contract_rate=ours.contract_rate if regime == Regime.B2B else None,
        notice=notice,
        insolvency=insolvency,
        # Not chosen: never more than what was agreed; the screen asks.
        below_floor=BelowFloor(ours.below_floor or BelowFloor.CONTRACT),
        imputation=Imputation(ours.imputation),
    )


def _payments(invoices: Sequence[Invoice]) -> Mapping[int, list[PaymentOn]]:
    found: defaultdict[int, list[PaymentOn]] = defaultdict(list)
    rows = Allocation.objects.filter(invoice__in=[i.pk for i in invoices])
    for pk, on, amount, kind in rows.values_list(
        "invoice", "effective_on", "amount", "credit__kind"
    ):
        is_credit = kind == Invoice.Kind.CREDIT_NOTE
        found[pk].append(PaymentOn(on=on, amount=amount, is_credit=is_credit))
    return found


def _notice_dates(invoices: Sequence[Invoice]) -> dict[int, date]:
    """Return the day a formal notice reached the customer, as far as is known."""
    lines = (
        ReminderLine.objects.filter(
            invoice__in=[invoice.pk for invoice in invoices],
            reminder__level_kind="formal_notice",
            reminder__channel__in=(Channel.LETTER, Channel.REGISTERED),
            reminder__state__in=("made", "posted"),
            reminder__posting__isnull=False,
        )
        .select_related("reminder__posting")
        .order_by("reminder__made_on")
    )
    found: dict[int, date] = {}
    for line in lines:
        posting = line.reminder.posting
        presented = posting.presented_on or posting.delivered_on
        if presented is not None:
            found.setdefault(line.invoice_id, presented)
    return found


def _insolvencies(
    invoices: Sequence[Invoice], *, today: date
) -> Mapping[int, list[date]]:
    found: defaultdict[int, list[date]] = defaultdict(list)
    running = Hold.objects.running(on=today).filter(
        customer__in={invoice.customer_id for invoice in invoices},
        reason=Hold.Reason.INSOLVENCY,
    )
    for hold in running:
        if hold.customer_id is not None:
            found[hold.customer_id].append(hold.starts_on)
    return found
