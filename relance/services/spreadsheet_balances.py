"""An aged balance: what each customer owed on a day, taken over as open items.

A column of the balance becomes one item, marked *brought forward*: its due date is
computed, and is the latest that the column allows; lateness is never overstated.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.gateways import wording
from relance.models import Invoice, Source
from relance.models.money import LARGEST, ZERO
from relance.rules.delays import parse_terms
from relance.rules.spreadsheet_targets import BUCKETS, Target
from relance.services.invoices import OWN_NUMBERING, STANDARD_TERMS
from relance.services.spreadsheet_customers import Customers, Known
from relance.services.spreadsheet_decisions import Decision, Status, left_out, refused
from relance.services.spreadsheet_invoices import currency_of, known_invoices
from relance.services.spreadsheet_layout import Layout
from relance.services.spreadsheet_records import Record, Trouble

PREFIX = "SOLDE"


class Balances:
    """Decides for the rows of a file, in their order."""

    def __init__(
        self, layout: Layout, customers: Customers, *, today: date, lock: bool
    ) -> None:
        self._layout = layout
        self._customers = customers
        self._as_of = layout.as_of or today
        self._lock = lock
        self._seen: set[int] = set()

    def remember(self, records: Sequence[Record]) -> None:
        """Keep in mind rows that were imported before a worker was interrupted."""
        for record in records:
            known = None if record.is_total else self._customers.find(record)
            if known is not None:
                self._seen.add(id(known))

    def decide(self, records: Sequence[Record]) -> list[Decision]:
        """Return what becomes of each column of each row."""
        found = [
            (record, None if record.is_total else self._customers.find_or_new(record))
            for record in records
        ]
        customers = {known.pk for _record, known in found if known and known.pk}
        unpaid = Invoice.objects.unpaid().filter(customer__in=customers)
        owing: dict[int, set[str]] = {}
        for customer, number in unpaid.values_list("customer", "number"):
            owing.setdefault(customer, set()).add(number)
        numbers = {
            self._number(known, target)
            for _record, known in found
            if known
            for target in BUCKETS
        }
        here = known_invoices(numbers, lock=self._lock)
        return [
            decision
            for record, known in found
            for decision in self._decisions(record, known, owing, here)
        ]

    def _decisions(
        self,
        record: Record,
        known: Known | None,
        owing: dict[int, set[str]],
        here: dict[str, Invoice],
    ) -> list[Decision]:
        if record.is_total:
            return [left_out(record)]
        currency = currency_of(record, self._layout)
        amounts = _amounts(record)
        if known is not None:
            if id(known) in self._seen:
                record.warn(Trouble.CUSTOMER_TWICE, Target.NAME, known.name)
            self._seen.add(id(known))
            own = {self._number(known, target) for target in BUCKETS}
            if owing.get(known.pk or 0, set()) - own:
                record.warn(Trouble.HAS_UNPAID, Target.NAME, known.name)
        if record.stopped or known is None:
            return [refused(record)]
        return [
            self._decision(record, known, target, amount, currency, here)
            for target, amount in amounts.items()
        ] or [left_out(record)]

    def _decision(
        self,
        record: Record,
        known: Known,
        target: Target,
        amount: Decimal,
        currency: str,
        here: dict[str, Invoice],
    ) -> Decision:
        number = self._number(known, target)
        found = here.get(number)
        if found is not None:
            same = found.total == amount and found.currency == currency
            if not same:
                record.warn(Trouble.CONFLICT, target, _differs(found))
            status = Status.UNCHANGED if same else Status.CONFLICT
            return Decision(record=record, status=status, invoice=found, customer=known)
        due = self._due(target)
        invoice = Invoice(
            numbering=OWN_NUMBERING,
            number=number,
            issued_on=min(due, self._as_of),
            due_date=due,
            due_date_computed=True,
            subject=self._subject(target),
            currency=currency,
            total=amount,
            balance=amount,
            source=Source.SPREADSHEET,
        )
        return Decision(
            record=record, status=Status.CREATED, customer=known, invoice=invoice
        )

    def _number(self, known: Known, target: Target) -> str:
        return f"{PREFIX}-{known.code}-{self._as_of:%Y%m%d}-{BUCKETS[target]}"

    def _due(self, target: Target) -> date:
        if target == Target.NOT_DUE:
            return parse_terms(STANDARD_TERMS).due_date(self._as_of)
        return self._as_of - timedelta(days=BUCKETS[target])

    def _subject(self, target: Target) -> str:
        said = {"day": wording.short_date(self._as_of), "days": BUCKETS[target]}
        if target == Target.NOT_DUE:
            return _("Balance brought forward on %(day)s, not yet due") % said
        words = ngettext(
            "Balance brought forward on %(day)s, late by %(days)s day or more",
            "Balance brought forward on %(day)s, late by %(days)s days or more",
            BUCKETS[target],
        )
        return words % said


def _amounts(record: Record) -> dict[Target, Decimal]:
    """Return what is owed in each column; a total that disagrees stops the row."""
    amounts = {target: record.money(target) or ZERO for target in BUCKETS}
    for target, amount in amounts.items():
        if amount < ZERO:
            record.warn(Trouble.NOT_DEBT, target, f"{amount:.2f}")
        elif amount > LARGEST:
            record.warn(Trouble.TOO_LARGE, target, f"{amount:.2f}")
    total = record.money(Target.TOTAL)
    if total is not None and total != sum(amounts.values()):
        record.warn(Trouble.SUMS_DISAGREE, Target.TOTAL, f"{total:.2f}")
    return {target: amount for target, amount in amounts.items() if amount > ZERO}


def _differs(found: Invoice) -> str:
    words = _("The balance brought forward was another: %(amount)s.")
    amount = wording.money(found.total, currency=found.currency, language="fr")
    return words % {"amount": amount}
