"""What a spreadsheet decided, written by the thousand with its history."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from relance.models import ImportChange, Invoice, Payment, Source
from relance.models.money import ZERO
from relance.services import history
from relance.services.history import About, Entry
from relance.services.import_conflicts import in_words
from relance.services.invoices import OWN_NUMBERING
from relance.services.ledger_bulk import (
    BATCH,
    Part,
    allocate_many,
    allocation_entry,
    left_of_many,
    payment_entries,
    settle_many,
)
from relance.services.spreadsheet_customers import create
from relance.services.spreadsheet_decisions import Decision, Maker, Status
from relance.services.spreadsheet_payments import NAMESPACE


def write_customers(decisions: Sequence[Decision], maker: Maker) -> int:
    """Create the customers that rows bring; return how many."""
    made = create(
        (
            one.customer
            for one in decisions
            if one.customer is not None
            and one.status in (Status.CREATED, Status.UPDATED)
        ),
        maker.batch,
        now=maker.now,
    )
    words = _("Customer %(name)s created from the file %(file)s.")
    history.record_many(
        [
            Entry(
                action="customer.created",
                words=words % {"name": one.name, "file": maker.batch.file_name},
                about=About(customer=one),
                by=maker.by,
            )
            for one in made
        ],
        at=maker.now,
    )
    return len(made)


def write_invoices(decisions: Sequence[Decision], maker: Maker) -> int:
    """Create and change invoices; record what was already paid. Return how many
    payments that made."""
    created = [one for one in decisions if one.status == Status.CREATED]
    changed = [one for one in decisions if one.before]
    entries = [*_create(created, maker), *_change(changed, maker)]
    _link_corrections(created)
    paid = [one for one in decisions if one.paid > ZERO]
    entries += _already_paid(paid, maker)
    entries += _waiting_payments([one.invoice for one in created if one.invoice], maker)
    history.record_many(entries, at=maker.now)
    return len(paid)


def _create(created: Sequence[Decision], maker: Maker) -> list[Entry]:
    rows = []
    for one in created:
        if one.invoice is not None and one.customer is not None:
            one.invoice.customer_id = one.customer.pk or 0
            one.invoice.batch = maker.batch
            one.invoice.created_by, one.invoice.created_at = maker.by, maker.now
            rows.append(one.invoice)
    words = _("Invoice %(number)s imported from the file %(file)s.")
    file = maker.batch.file_name
    return [
        Entry(
            action="invoice.imported",
            words=words % {"number": invoice.number, "file": file},
            about=About(invoice=invoice),
            by=maker.by,
        )
        for invoice in Invoice.objects.bulk_create(rows, batch_size=BATCH)
    ]


def _change(changed: Sequence[Decision], maker: Maker) -> list[Entry]:
    entries, names, kept = [], set(), []
    for one in changed:
        invoice = one.invoice
        if invoice is None:
            continue
        if "customer_id" in one.before and one.customer is not None:
            invoice.customer_id = one.customer.pk or 0
        names |= set(one.before)
        kept.append(
            change_of(maker, "invoice", invoice, one.before),
        )
        what = in_words([name for name in one.before if name in _SAID])
        words = _("Invoice %(number)s updated by an import: %(what)s.")
        entries.append(
            Entry(
                action="invoice.updated",
                words=words % {"number": invoice.number, "what": what},
                about=About(invoice=invoice),
                by=maker.by,
            )
        )
    rows = [one.invoice for one in changed if one.invoice is not None]
    if rows:
        columns = [name.removesuffix("_id") for name in names]
        Invoice.objects.bulk_update(rows, columns, batch_size=BATCH)
        ImportChange.objects.bulk_create(kept, batch_size=BATCH)
    return entries


_SAID = frozenset(
    {
        "customer_id", "kind", "issued_on", "due_date", "total", "currency",
        "customer_reference", "payment_mode",
    }
)  # fmt: skip


def change_of(
    maker: Maker, table: str, row: object, before: dict[str, object]
) -> ImportChange:
    """Return what a row said and says, as text, for the import to be undone."""
    return ImportChange(
        batch=maker.batch,
        table=table,
        row=row.pk,  # type: ignore[attr-defined]
        before={name: _text(value) for name, value in before.items()},
        after={name: _text(getattr(row, name)) for name in before},
    )


def _text(value: object) -> object:
    return value if value is None or isinstance(value, bool | int) else str(value)


def _link_corrections(created: Sequence[Decision]) -> None:
    """Link credit notes to their invoices, whichever came first; as with e-invoices
    nothing is set against anything."""
    rows = [one.invoice for one in created if one.invoice is not None]
    named = {row.corrects_number for row in rows if row.corrects_number}
    later = list(
        Invoice.objects.filter(
            numbering=OWN_NUMBERING,
            corrects__isnull=True,
            corrects_number__in=[row.number for row in rows],
        )
    )
    if not named and not later:
        return
    earlier = {
        row.number: row
        for row in Invoice.objects.filter(numbering=OWN_NUMBERING, number__in=named)
    } | {row.number: row for row in rows}
    linked = []
    for row in [*(row for row in rows if row.corrects_number), *later]:
        found = earlier.get(row.corrects_number)
        same = found is not None and found.customer_id == row.customer_id
        if same and found is not row:
            row.corrects = found
            linked.append(row)
    Invoice.objects.bulk_update(linked, ["corrects"], batch_size=BATCH)


def _already_paid(paid: Sequence[Decision], maker: Maker) -> list[Entry]:
    """Record what invoices say was already paid."""
    rows, owed = [], []
    for one in paid:
        invoice = one.invoice
        if invoice is None or one.paid_on is None:
            continue
        rows.append(
            Payment(
                customer_id=invoice.customer_id,
                received_on=one.paid_on,
                amount=one.paid,
                currency=invoice.currency,
                method=Payment.Method.ON_INVOICE.value,
                reference=invoice.number,
                source=Source.SPREADSHEET,
                batch=maker.batch,
                request_key=_paid_key(invoice, one.paid),
                recorded_by=maker.by,
                recorded_at=maker.now,
            )
        )
        owed.append((invoice, one.paid, one.status == Status.CREATED))
    made = Payment.objects.bulk_create(rows, batch_size=BATCH)
    parts = [
        Part(payment=payment, invoice=invoice, amount=amount)
        for payment, (invoice, amount, _new) in zip(made, owed, strict=True)
    ]
    allocate_many(parts, by=maker.by, now=maker.now)
    settle_many(invoice for invoice, _amount, new in owed if not new)
    return payment_entries(made, parts, by=maker.by)


def _paid_key(invoice: Invoice, amount: Decimal) -> uuid.UUID:
    so_far = invoice.total - invoice.balance
    told = f"already paid\0{invoice.pk}\0{amount}\0{so_far}"
    return uuid.uuid5(NAMESPACE, told)


def _waiting_payments(invoices: Sequence[Invoice], maker: Maker) -> list[Entry]:
    """Set against new invoices the payments that named them before they were here."""
    fresh = {row.number: row for row in invoices if not row.is_credit_note}
    waiting = list(
        Payment.objects.select_for_update(no_key=True)
        .filter(
            invoice_number__in=list(fresh),
            customer__in={row.customer_id for row in invoices},
            amount__gt=ZERO,
        )
        .order_by("received_on", "pk")
    )
    pairs = [(payment, fresh[payment.invoice_number]) for payment in waiting]
    parts = _parts(pairs)
    allocate_many(parts, by=maker.by, now=maker.now)
    settle_many(part.invoice for part in parts)
    return [allocation_entry(part, by=maker.by) for part in parts]


def write_payments(decisions: Sequence[Decision], maker: Maker) -> int:
    """Record payments and set them against the invoices that they name, up to what
    is owed; the rest stays on the customer. Return how many."""
    fresh = [one for one in decisions if one.payment is not None]
    rows = []
    for one in fresh:
        if one.payment is not None:
            one.payment.batch = maker.batch
            one.payment.recorded_by, one.payment.recorded_at = maker.by, maker.now
            rows.append(one.payment)
    made = Payment.objects.bulk_create(rows, batch_size=BATCH)
    pairs = [
        (payment, one.invoice)
        for payment, one in zip(made, fresh, strict=True)
        if one.invoice is not None
    ]
    parts = _parts(pairs)
    allocate_many(parts, by=maker.by, now=maker.now)
    settle_many(part.invoice for part in parts)
    history.record_many(payment_entries(made, parts, by=maker.by), at=maker.now)
    return len(made)


def _parts(pairs: Iterable[tuple[Payment, Invoice]]) -> list[Part]:
    """Return how much of each payment its invoice still takes, in their order."""
    wanted = [
        (payment, invoice)
        for payment, invoice in pairs
        if invoice.state == Invoice.State.OPEN
        and not invoice.is_credit_note
        and payment.customer_id == invoice.customer_id
        and payment.currency == invoice.currency
    ]
    left = left_of_many([payment for payment, _invoice in wanted])
    owed: dict[int, Decimal] = defaultdict(Decimal)
    owed |= {invoice.pk: invoice.balance for _payment, invoice in wanted}
    parts = []
    for payment, invoice in wanted:
        amount = min(left[payment.pk], owed[invoice.pk])
        if amount > ZERO:
            owed[invoice.pk] -= amount
            left[payment.pk] -= amount
            parts.append(Part(payment=payment, invoice=invoice, amount=amount))
    return parts
