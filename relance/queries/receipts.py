"""What the bank says came in: its lines, and what each is proposed to pay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Max, Prefetch, Q, QuerySet

from relance.models import (
    BankLine,
    BankStatement,
    Customer,
    Invoice,
    PayerAccount,
    Payment,
    PendingPayment,
    Source,
)
from relance.models.money import ZERO
from relance.models.search import amount_in, plain, searchable, words_of
from relance.queries.pending import waiting_by_invoice, whole
from relance.rules.matching import Match, OpenInvoice, Receipt, Why, match
from relance.rules.returned_lines import Received, Reversal, which_came_back

WHICH = ("open", "matched", "ignored")
# A payment typed by hand and the line that tells of it are seldom further apart.
NEAR = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of a receipt, proposed for an invoice."""

    invoice: Invoice
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A line that waits, with what it is proposed to be.

    ``recorded``: a payment of that amount entered by hand in these days; then the
    line most likely tells of it, and nothing is sure.
    """

    line: BankLine
    customer: Customer | None
    shares: tuple[Share, ...]
    why: tuple[Why, ...]
    sure: bool
    recorded: Payment | None
    # The payment that the line takes back, when it is money that left.
    returned: Payment | None = None

    @property
    def left(self) -> Decimal:
        """What of the receipt would settle nothing."""
        return self.line.amount - sum((s.amount for s in self.shares), Decimal(0))


def lines(which: str = "open", words: str = "") -> QuerySet[BankLine]:
    """Return lines of a state, the newest first."""
    found = (
        BankLine.objects.filter(state=which)
        .select_related("payment__customer", "decided_by")
        .prefetch_related(
            Prefetch(
                "pending",
                PendingPayment.objects.select_related("customer", "invoice"),
            )
        )
    )
    columns = ("label", "payer", "reference", "payer_iban")
    if words.split():
        found = found.alias(said=searchable(*columns))
    for word in words_of(words):
        found = found.filter(amount_in(word, "amount") | Q(said__contains=plain(word)))
    return found


def counts() -> dict[str, int]:
    """Return how many lines each state has, and how many of their parts wait for
    Dolibarr (``pending``)."""
    waits = Q(pending__state__in=PendingPayment.HOLDING)
    found = (
        BankLine.objects.order_by()
        .values_list("state")
        .annotate(
            n=Count("pk", distinct=True),
            waits=Count("pending", filter=waits, distinct=True),
        )
    )
    counted = dict.fromkeys((*WHICH, "pending"), 0)
    for state, lines, parts in found:
        counted[state] = lines
        counted["pending"] += parts
    return counted


def proposed(found: Iterable[BankLine] | None = None) -> list[Proposed]:
    """Return what waits, each line with its proposal: the sure ones first.

    Decided on what is unpaid at this moment; with ``found``, those lines only, among
    all that wait: a receipt takes what another one surely pays from no one.
    """
    waiting = list(BankLine.objects.filter(state=BankLine.State.OPEN))
    matches = _matches(waiting)
    wanted = None if found is None else {line.pk for line in found}
    kept = [line for line in waiting if wanted is None or line.pk in wanted]
    recorded = _recorded(kept)
    invoices = Invoice.objects.select_related("customer").in_bulk(
        {pk for line in kept for pk, _amount in matches[line.pk].shares}
    )
    customers = Customer.objects.in_bulk(
        {matches[line.pk].customer for line in kept} - {None}
    )
    returned = _returned([line for line in kept if line.amount < ZERO])
    rows = [
        _proposed(line, matches[line.pk], invoices, customers, recorded.get(line.pk))
        for line in kept
    ]
    rows = [replace(row, returned=returned.get(row.line.pk)) for row in rows]
    return sorted(
        rows, key=lambda row: (not row.returned, not row.sure, not row.shares)
    )


def known_until() -> date | None:
    """Return the last day that a statement covers, of any account."""
    day: date | None = BankStatement.objects.aggregate(day=Max("last_on"))["day"]
    return day


def _matches(waiting: Sequence[BankLine]) -> dict[int, Match]:
    if not waiting:
        return {}
    columns = ("pk", "number", "customer_id", "currency", "balance", "due_date")
    # What already waits to be recorded in Dolibarr is not paid again.
    told = waiting_by_invoice()
    invoices = [
        OpenInvoice(
            pk=pk,
            number=number,
            customer=customer,
            currency=currency,
            balance=balance - told.get(pk, ZERO),
            due_date=due_date,
            reference=reference,
        )
        for pk, number, customer, currency, balance, due_date, reference in (
            Invoice.objects.unpaid()
            .order_by()
            .values_list(*columns, "customer_reference")
        )
    ]
    owing = {invoice.customer for invoice in invoices}
    names = dict(Customer.objects.order_by().values_list("pk", "name"))
    ibans = {line.payer_iban for line in waiting if line.payer_iban}
    accounts = dict(
        PayerAccount.objects.filter(iban__in=ibans).values_list("iban", "customer_id")
    )
    receipts = [
        Receipt(
            pk=line.pk,
            booked_on=line.booked_on,
            amount=line.amount,
            currency=line.currency,
            words=f"{line.reference} {line.label}",
            payer=line.payer,
            payer_iban=line.payer_iban,
        )
        for line in sorted(waiting, key=lambda line: (line.booked_on, line.pk))
    ]
    found = match(
        receipts,
        invoices,
        accounts=accounts,
        names={pk: name for pk, name in names.items() if pk in owing},
    )
    return {one.receipt: one for one in found}


def _recorded(waiting: Sequence[BankLine]) -> Mapping[int, Payment]:
    """Return, for each line, the payment of its amount that was entered otherwise in
    these days (its first part, if it has several); one payment is that of one line."""
    if not waiting:
        return {}
    days = [line.booked_on for line in waiting]
    amounts = {line.amount for line in waiting}
    payments = Payment.objects.filter(
        Q(amount__in=amounts) | Q(source=Source.DOLIBARR),
        bank_line=None,
        pending=None,
        corrects=None,
        correction=None,
        received_on__range=(min(days) - NEAR, max(days) + NEAR),
    ).select_related("customer")
    free: defaultdict[tuple[str, Decimal], list[Payment]] = defaultdict(list)
    # Dolibarr tells of a payment of several invoices in as many parts.
    parts: defaultdict[tuple[int, str], list[Payment]] = defaultdict(list)
    for payment in payments.order_by("received_on", "pk"):
        free[payment.currency, payment.amount].append(payment)
        if payment.source == Source.DOLIBARR:
            parts[payment.customer_id, whole(payment)].append(payment)
    for group in parts.values():
        total = sum((one.amount for one in group), ZERO)
        if len(group) > 1 and total in amounts:
            free[group[0].currency, total].append(group[0])
    found = {}
    for line in sorted(waiting, key=lambda line: (line.booked_on, line.pk)):
        alike = free[line.currency, line.amount]
        near = [one for one in alike if abs(one.received_on - line.booked_on) <= NEAR]
        if near:
            found[line.pk] = near[0]
            alike.remove(near[0])
    return found


def _returned(waiting: Sequence[BankLine]) -> Mapping[int, Payment]:
    """Return, for each line that takes money back, the payment that it is about."""
    if not waiting:
        return {}
    payments = (
        Payment.objects.filter(
            corrects=None,
            correction=None,
            amount__in={-line.amount for line in waiting},
        )
        .exclude(source=Source.DOLIBARR)
        .select_related("customer", "bank_line")
        .prefetch_related("allocations__invoice")
    )
    known = {payment.pk: payment for payment in payments}
    received = [_received(payment) for payment in known.values()]
    found = {}
    for line in waiting:
        reversal = Reversal(
            booked_on=line.booked_on,
            amount=line.amount,
            currency=line.currency,
            words=f"{line.label} {line.reference}",
        )
        pk = which_came_back(reversal, received)
        if pk is not None:
            found[line.pk] = known[pk]
            received = [one for one in received if one.pk != pk]
    return found


def _received(payment: Payment) -> Received:
    line: BankLine | None = getattr(payment, "bank_line", None)
    numbers = [share.invoice.number for share in payment.allocations.all()]
    told = f"{line.payer} {line.reference}" if line is not None else ""
    words = [payment.customer.name, payment.reference, payment.note, told, *numbers]
    return Received(
        pk=payment.pk,
        received_on=payment.received_on,
        amount=payment.amount,
        currency=payment.currency,
        words=" ".join(words),
    )


def _proposed(
    line: BankLine,
    found: Match,
    invoices: Mapping[int, Invoice],
    customers: Mapping[int, Customer],
    recorded: Payment | None,
) -> Proposed:
    customer = customers.get(found.customer) if found.customer else None
    if recorded is not None and customer is not None:
        # The same amount of somebody else is another payment.
        recorded = recorded if recorded.customer_id == customer.pk else None
    return Proposed(
        line=line,
        customer=customer,
        shares=tuple(
            Share(invoice=invoices[pk], amount=amount) for pk, amount in found.shares
        ),
        why=found.why,
        sure=found.sure and recorded is None,
        recorded=recorded,
    )
