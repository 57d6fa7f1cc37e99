"""What of a ledger is known here already: the same file again changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import batched

from django.db.models import Q
from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.models import FecFile, FecItem, Invoice, Payment, Source
from relance.models.money import ZERO
from relance.services.invoices import OWN_NUMBERING

Kind, State = FecItem.Kind, FecItem.State
# A payment that another source told of is seldom further from its entry.
NEAR = timedelta(days=7)
_AT_ONCE = 400


class Known:
    """The invoices and payments that items may already be."""

    def __init__(
        self, items: Sequence[FecItem], settled: Sequence[FecItem] = ()
    ) -> None:
        self._by_mark: dict[str, Invoice] = {}
        self._ours: list[Invoice] = list(
            Invoice.objects.filter(source=Source.ENTRIES).select_related("customer")
        )
        for invoice in self._ours:
            self._by_mark[invoice.fingerprint] = invoice
        numbers = (item.number for item in (*items, *settled))
        self._by_number = _by_number(numbers)
        self._payments = _payments(items)
        self._taken: set[int] = set()

    def recognise(self, item: FecItem) -> None:
        """Say of an item what it is here, if it is here."""
        if item.amount > ZERO or item.kind == Kind.CREDIT_NOTE:
            self._invoice(item)
        else:
            self._payment(item)

    def _invoice(self, item: FecItem) -> None:
        found = self._by_mark.get(item.mark) or self._by_number.get(item.number)
        if found is None:
            return
        item.invoice = found
        why = "" if found.fingerprint == item.mark else _differs(found, item)
        if why:
            item.state, item.why = State.REFUSED, why
        elif found.is_credit_note or found.balance <= item.left:
            item.state = State.KNOWN
        # Else the ledger knows of a payment that is not here: it is imported.

    def _payment(self, item: FecItem) -> None:
        same = self._payments[item.account.customer_id if item.account else None]
        for payment in same:
            if payment.source == Source.ENTRIES and payment.external_id == item.mark:
                self._take(item, payment)
                return
        for payment in same:
            if (
                payment.source != Source.ENTRIES
                and payment.pk not in self._taken
                and (payment.amount, payment.currency) == (-item.left, item.currency)
                and abs(payment.received_on - item.day) <= NEAR
            ):
                item.why = _("Already recorded on %(day)s.") % {
                    "day": wording.short_date(payment.received_on)
                }
                self._take(item, payment)
                return

    def _take(self, item: FecItem, payment: Payment) -> None:
        item.state, item.payment = State.KNOWN, payment
        self._taken.add(payment.pk)

    def settled(
        self, found: Iterable[FecItem], items: Sequence[FecItem]
    ) -> list[FecItem]:
        """Keep, of what is lettered there, the invoices that are open here."""
        still_open = {(item.account_id, item.number) for item in items}
        rows = []
        for row in found:
            known = self._by_mark.get(row.mark) or self._same_number(row)
            open_there = (row.account_id, row.number) in still_open
            if known is not None and known.is_unpaid and not open_there:
                row.invoice, row.left = known, known.balance
                row.currency = known.currency
                rows.append(row)
        return rows

    def _same_number(self, row: FecItem) -> Invoice | None:
        found = self._by_number.get(row.number)
        return found if found is not None and not _differs(found, row) else None

    def vanished(
        self, file: FecFile, items: Sequence[FecItem], *, last_on: date | None
    ) -> list[FecItem]:
        """Return the invoices that an earlier ledger brought, still open here, of
        which this one says nothing: a person says whether they are settled."""
        told = {item.invoice.pk for item in items if item.invoice is not None}
        return [
            FecItem(
                file=file,
                kind=Kind.VANISHED,
                mark=invoice.fingerprint,
                number=invoice.number,
                day=invoice.issued_on,
                due_date=invoice.due_date,
                label=invoice.customer.name,
                amount=invoice.total,
                left=invoice.balance,
                currency=invoice.currency,
                settled_on=last_on,
                wanted=False,
                invoice=invoice,
            )
            for invoice in self._ours
            if invoice.is_unpaid
            and invoice.pk not in told
            and last_on is not None
            and invoice.issued_on <= last_on
        ]


def _differs(found: Invoice, item: FecItem) -> str:
    """Return why an invoice of the same number is not this one, if it is not."""
    customer = item.account.customer_id if item.account else None
    said = {"number": found.number, "customer": found.customer}
    if found.customer_id != customer:
        return _("Invoice %(number)s already exists: %(customer)s.") % said
    same_kind = found.is_credit_note == (item.kind == Kind.CREDIT_NOTE)
    total = abs(item.left if found.is_credit_note else item.amount)
    if not same_kind or (found.total, found.currency) != (total, item.currency):
        return _("Invoice %(number)s exists already with another amount.") % said
    return ""


def _by_number(numbers: Iterable[str]) -> dict[str, Invoice]:
    found: dict[str, Invoice] = {}
    for some in batched(sorted(set(numbers)), _AT_ONCE):
        rows = Invoice.objects.filter(numbering=OWN_NUMBERING, number__in=some)
        found |= {row.number: row for row in rows.select_related("customer")}
    return found


def _payments(items: Sequence[FecItem]) -> defaultdict[int | None, list[Payment]]:
    """Return the payments that may be those of the items, by customer."""
    found: defaultdict[int | None, list[Payment]] = defaultdict(list)
    days = [item.day for item in items if item.amount < ZERO]
    if days:
        near = Q(received_on__range=(min(days) - NEAR, max(days) + NEAR))
        rows = Payment.objects.filter(near | Q(source=Source.ENTRIES))
        rows = rows.filter(corrects=None, correction=None)
        for row in rows.order_by("received_on", "pk"):
            found[row.customer_id].append(row)
    return found
