"""An import undone whole, while nothing rests on what it brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.models import (
    Allocation,
    BankLine,
    Contact,
    Customer,
    HistoryEntry,
    Hold,
    ImportBatch,
    ImportChange,
    InterruptingEvent,
    Invoice,
    Payment,
    Proposal,
    Reminder,
    ReminderLine,
    RunLine,
    Source,
    User,
)
from relance.services import history, takeover
from relance.services.history import About
from relance.services.ledger_bulk import settle_many
from relance.services.refusal import Refused
from relance.services.touching import touch

CHUNK = 2000
# In the order in which they may go.
_TABLES: tuple[type[models.Model], ...] = (Payment, Invoice, Customer)
# They go with the rows, or keep their words without them.
_FOLLOW = (HistoryEntry, Proposal, Allocation)

_NAMES: dict[type[models.Model], str | Promise] = {
    Invoice: gettext_lazy("invoices"),
    Payment: gettext_lazy("payments"),
    Reminder: gettext_lazy("reminders"),
    ReminderLine: gettext_lazy("reminders"),
    RunLine: gettext_lazy("lines of mass reminders"),
    Hold: gettext_lazy("holds"),
    Contact: gettext_lazy("contacts"),
    InterruptingEvent: gettext_lazy("events that interrupt the limitation period"),
    BankLine: gettext_lazy("bank receipts"),
    Allocation: gettext_lazy("payments or credit notes set against invoices"),
    ImportChange: gettext_lazy("rows changed again since"),
}


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """What rests on the rows of an import: how many, and what."""

    what: str | Promise
    count: int


def blockers(batch: ImportBatch) -> list[Blocker]:
    """Return what keeps an import from being undone; nothing when it may be."""
    found: Counter[type[models.Model]] = Counter()
    for table in _TABLES:
        for model, column in _pointing_to(table):
            if model not in _FOLLOW:
                found[model] += _outside(batch, model, column)
    found[Allocation] = _foreign_allocations(batch).count()
    found[ImportChange] = sum(1 for _row in _changed_since(batch))
    return [
        Blocker(what=_NAMES.get(model, model._meta.verbose_name or ""), count=count)
        for model, count in found.items()
        if count
    ]


def _pointing_to(
    table: type[models.Model],
) -> Iterator[tuple[type[models.Model], str]]:
    """Yield every table that names rows of this one, and by which column; those that
    do without them, and the lists of tags, are left out."""
    for relation in table._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            model = relation.related_model
            if isinstance(model, str) or model._meta.auto_created:
                continue
            if relation.on_delete is not models.SET_NULL:
                yield model, relation.field.name


def _outside(batch: ImportBatch, model: type[models.Model], column: str) -> int:
    rows = model._default_manager.filter(**{f"{column}__batch": batch})
    if model in _TABLES:
        rows = rows.exclude(batch=batch)
    if model is Invoice and column == "corrects":
        # A credit note that names one of them only loses its link.
        return 0
    return rows.count()


def _foreign_allocations(batch: ImportBatch) -> models.QuerySet[Allocation]:
    """Return what somebody, or another import, set against invoices of this one, and
    what was done with its payments since."""
    on_ours = models.Q(invoice__batch=batch) & ~models.Q(payment__batch=batch)
    # A payment that waited for its invoice goes back to waiting.
    waited = models.Q(
        payment__source=Source.SPREADSHEET, undoes=None, undone_by=None
    ) & models.Q(payment__invoice_number=models.F("invoice__number"))
    of_ours = models.Q(credit__batch=batch) | models.Q(payment__batch=batch)
    undone = models.Q(undoes__isnull=False) | models.Q(undone_by__isnull=False)
    by_hand = ~models.Q(made_at__lte=models.F("payment__recorded_at"))
    return Allocation.objects.filter(
        (on_ours & ~waited)
        | models.Q(credit__batch=batch)
        | (of_ours & undone)
        | (models.Q(payment__batch=batch) & ~models.Q(invoice__batch=batch) & by_hand)
    ).distinct()


def _changed_since(batch: ImportBatch) -> Iterator[ImportChange]:
    """Yield the changes of an import that somebody changed again."""
    for change, row in _changes(batch):
        if row is None or any(
            _text(getattr(row, name)) != value
            for name, value in change.after.items()
            # What its own payments settled is taken back with them.
            if name != "balance"
        ):
            yield change


def _changes(batch: ImportBatch) -> Iterator[tuple[ImportChange, models.Model | None]]:
    tables = {"customer": Customer, "invoice": Invoice}
    for name, model in tables.items():
        changes = ImportChange.objects.filter(batch=batch, table=name).order_by("-pk")
        for chunk in batched(changes.iterator(chunk_size=CHUNK), CHUNK):
            rows = model._default_manager.in_bulk([change.row for change in chunk])
            yield from ((change, rows.get(change.row)) for change in chunk)


@transaction.atomic
def undo(batch: ImportBatch, *, by: User | None, now: datetime) -> ImportBatch:
    """Take an import back: what it created goes, what it changed is as before.

    The history keeps its words. Refused, whole, while something rests on it.
    """
    locked = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if locked.state == ImportBatch.State.UNDONE:
        return locked
    if locked.state != ImportBatch.State.DONE:
        raise Refused(_("This import is still going on."))
    if locked.kind == ImportBatch.Kind.REMINDERS:
        # Nothing that was sent goes away: they stay, cancelled.
        return takeover.undo(locked, by=by, now=now)
    standing = blockers(locked)
    if standing:
        said = ", ".join(f"{one.what} ({one.count})" for one in standing)
        words = _("This import cannot be undone: others rest on it: %(what)s.")
        raise Refused(words % {"what": said})
    touch(_customers(locked))
    _take_back_payments(locked)
    _restore(locked)
    counts = _remove(locked)
    locked.state = ImportBatch.State.UNDONE
    locked.undone_by, locked.undone_at = by, now
    locked.save(update_fields=["state", "undone_by", "undone_at"])
    words = _(
        "Import of %(file)s undone: %(invoices)s invoices, %(payments)s payments and "
        "%(customers)s customers removed."
    ) % {
        "file": locked.file_name,
        "invoices": counts[Invoice],
        "payments": counts[Payment],
        "customers": counts[Customer],
    }
    history.record("import.undone", words, about=About(), by=by, at=now)
    return locked


def _customers(batch: ImportBatch) -> set[int]:
    invoices = Invoice.objects.filter(batch=batch).values_list("customer", flat=True)
    payments = Payment.objects.filter(batch=batch).values_list("customer", flat=True)
    return {*invoices.iterator(), *payments.iterator()}


def _take_back_payments(batch: ImportBatch) -> None:
    """Take what its payments settled away from the invoices that stay."""
    ours = models.Q(payment__batch=batch) | models.Q(invoice__batch=batch)
    settled = set(
        Allocation.objects.filter(payment__batch=batch)
        .exclude(invoice__batch=batch)
        .values_list("invoice", flat=True)
    )
    keys = list(Allocation.objects.filter(ours).values_list("pk", flat=True))
    for chunk in batched(keys, CHUNK):
        Allocation.objects.filter(pk__in=chunk).delete()
    for some in batched(sorted(settled), CHUNK):
        settle_many(Invoice.objects.locked().filter(pk__in=some))


def _restore(batch: ImportBatch) -> None:
    """Bring changed rows back to what they said."""
    for change, row in _changes(batch):
        if row is None:
            continue
        for name, text in change.before.items():
            column = row._meta.get_field(name.removesuffix("_id"))
            value = text if name.endswith("_id") else column.to_python(text)  # type: ignore[union-attr]
            setattr(row, name, value)
        row.save(update_fields=[name.removesuffix("_id") for name in change.before])
        touch([row.pk if isinstance(row, Customer) else row.customer_id])  # type: ignore[attr-defined]
    changed = ImportChange.objects.filter(batch=batch, table="invoice")
    for some in batched(changed.values_list("row", flat=True), CHUNK):
        settle_many(Invoice.objects.filter(pk__in=some))


def _remove(batch: ImportBatch) -> Counter[type[models.Model]]:
    Invoice.objects.filter(corrects__batch=batch).update(corrects=None)
    counts: Counter[type[models.Model]] = Counter()
    for table in _TABLES:
        name = table._meta.model_name or ""
        rows = table._default_manager.filter(batch=batch)
        for keys in batched(list(rows.values_list("pk", flat=True)), CHUNK):
            link = {f"{name}__in": keys}
            HistoryEntry.objects.filter(**link).update(**{name: None})
            if table is not Payment:
                Proposal.objects.filter(**link).delete()
            _delete(table, keys)
            counts[table] += len(keys)
    return counts


def _delete(table: type[models.Model], keys: Sequence[int]) -> None:
    """Delete rows on which nothing rests. Django would look for what does once more,
    row by row: it was counted for all, and takes nine tenths of the time."""
    for relation in table._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):
            continue
        model, column = relation.related_model, relation.field.name
        rows = model._default_manager.filter(**{f"{column}__in": keys})
        if model._meta.auto_created:
            rows.delete()
        elif relation.on_delete is models.SET_NULL:
            rows.update(**{column: None})
    gone = table._default_manager.filter(pk__in=keys)
    gone._raw_delete(using=gone.db)


def _text(value: object) -> object:
    return value if value is None or isinstance(value, bool | int) else str(value)
