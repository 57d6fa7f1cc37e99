"""A ledger of accounts brought in, a chunk at a time: what waits is still to do, so
that a crash loses nothing and nothing is made twice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.models import FecAccount, FecFile, FecItem, ImportBatch, User
from relance.models.money import ZERO
from relance.services import history
from relance.services.fec import to_import
from relance.services.fec_ledger import Step, invoice_of, payment_of, settle
from relance.services.fec_people import customer_of
from relance.services.history import About
from relance.services.refusal import Refused

CHUNK = 100
Kind, State = FecItem.Kind, FecItem.State
# What is owed comes first, then what settles it.
_ORDER = Case(
    When(kind__in=(Kind.SETTLED, Kind.VANISHED), then=Value(1)),
    When(kind__in=(Kind.PAYMENT, Kind.ADVANCE), then=Value(2)),
    default=Value(0),
    output_field=IntegerField(),
)


def work(pk: int, *, now: datetime) -> bool:
    """Bring one chunk in; say whether there is more to do. Safe from several workers
    at once: the file is locked, an item is brought in once."""
    with transaction.atomic():
        file = (
            FecFile.objects.select_for_update(of=("self",))
            .select_related("batch")
            .get(pk=pk)
        )
        if file.state != FecFile.State.WORKING:
            return False
        items = list(
            to_import(file)
            .filter(wanted=True)
            .select_related("account__customer", "invoice__customer")
            .order_by(_ORDER, "day", "place", "pk")[:CHUNK]
        )
        by = file.batch.made_by if file.batch else None
        accounts: dict[int, FecAccount] = {}
        for item in items:
            if item.account is not None:
                # One row for all the items of a customer who is created with the first.
                item.account = accounts.setdefault(item.account.pk, item.account)
            _bring_in(item, file, by=by, now=now)
        FecFile.objects.filter(pk=pk).update(worked_at=now)
        if len(items) < CHUNK:
            _finish(file, by=by, now=now)
            return False
    return True


def _bring_in(item: FecItem, file: FecFile, *, by: User | None, now: datetime) -> None:
    """Bring one item in, or write down why it is refused; the others go on."""
    try:
        with transaction.atomic():
            _one(Step(item=item, file=file, by=by, now=now))
        item.state = State.DONE
    except Refused as refused:
        item.state, item.why = State.REFUSED, refused.message[:300]
    # At once: the payments that follow look for their invoices.
    item.save(update_fields=["state", "why", "invoice", "payment"])


def _one(step: Step) -> None:
    item = step.item
    if item.invoice is not None:
        settle(step, item.invoice)
        return
    if item.account is None:
        raise Refused(_("This invoice is no longer here."))
    customer = customer_of(item.account, step.file, by=step.by, now=step.now)
    if item.amount > ZERO or item.kind == Kind.CREDIT_NOTE:
        item.invoice = invoice_of(step, customer)
    else:
        item.payment = payment_of(step, customer)


def _finish(file: FecFile, *, by: User | None, now: datetime) -> None:
    file.items.filter(state=State.WAITING).update(state=State.LEFT_OUT)
    rows = file.items.order_by().values_list("kind", "state")
    counted = Counter(f"{kind}.{state}" for kind, state in rows)
    states = Counter(state for _kind, state in rows)
    new = file.accounts.filter(customer__batch=file.batch).count()
    counts = {
        "created": states[State.DONE],
        "unchanged": states[State.KNOWN],
        "refused": states[State.REFUSED],
        "customers": new,
    }
    FecFile.objects.filter(pk=file.pk).update(
        state=FecFile.State.DONE, counts=dict(counted) | {"customers": new}
    )
    if file.batch is not None:
        file.batch.state, file.batch.counts = ImportBatch.State.DONE, counts
        file.batch.save(update_fields=["state", "counts"])
    done = states[State.DONE]
    words = ngettext(
        "FEC %(file)s imported: %(count)s item.",
        "FEC %(file)s imported: %(count)s items.",
        done,
    ) % {"file": file.name, "count": done}
    history.record("fec.imported", words, about=About(), by=by, at=now)
