"""What must be read of Dolibarr besides invoices, to write them down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from relance.gateways import dolibarr_content as there
from relance.gateways.dolibarr import Dolibarr, DolibarrError, Kind
from relance.models import Invoice, Source
from relance.models.money import ZERO
from relance.services.dolibarr_customers import known_ids
from relance.services.dolibarr_values import balance_of, is_followed


@dataclass(frozen=True, kw_only=True)
class Besides:
    """What was read besides the invoices themselves."""

    customers: Sequence[there.Customer] = ()
    # By Dolibarr's id of the invoice.
    payments: Mapping[int, Sequence[there.Payment]] = field(default_factory=dict)
    # Credit notes used on one of them, by number.
    credits: Mapping[str, there.Invoice] = field(default_factory=dict)
    # Closed credit notes that the customer may still use.
    still_credits: frozenset[int] = frozenset()


def read_besides(doli: Dolibarr, read: Sequence[there.Invoice]) -> Besides:
    """Read what the invoices need besides: the payments of those whose balance is
    not ours, customers and credit notes that are not here.

    Talks to Dolibarr: to be called with no transaction open.
    """
    wanted = [one for one in read if is_followed(one)]
    ours = {known.external_id: known for known in known_invoices(wanted)}
    customers = {one.customer for one in wanted} - known_ids(
        one.customer for one in wanted
    )
    told = {
        one.id: doli.payments(one.id)
        for one in wanted
        if _needs_payments(one, ours.get(str(one.id)))
    }
    used = {
        paid.ref
        for paid_on in told.values()
        for paid in paid_on
        if paid.is_credit and paid.method.startswith("(CREDIT_NOTE")
    }
    credits = {
        ref: found
        for ref in sorted(used)
        if (found := _if_there(doli.invoice_called, ref)) is not None
    }
    closed = [
        one.id
        for one in wanted
        if one.type == there.Type.CREDIT_NOTE and one.status == there.Status.CLOSED
    ]
    return Besides(
        customers=[
            owner for id in sorted(customers) if (owner := _if_there(doli.customer, id))
        ],
        payments=told,
        credits=credits,
        still_credits=frozenset(id for id in closed if doli.has_credit(id)),
    )


def known_invoices(
    read: Sequence[there.Invoice], *, lock: bool = False
) -> list[Invoice]:
    """Return our rows of these invoices."""
    found = Invoice.objects.select_related("customer").filter(
        source=Source.DOLIBARR, external_id__in=[str(one.id) for one in read]
    )
    return list(found.locked() if lock else found)


def _needs_payments(one: there.Invoice, ours: Invoice | None) -> bool:
    """Whether its ledger must be read: what is left is neither the whole nor what
    we have, or it is the whole and we have rows."""
    if one.type == there.Type.CREDIT_NOTE or one.total <= ZERO:
        return False
    if ours is None:
        is_open = one.status == there.Status.VALIDATED
        return is_open and one.remaining != one.total
    return ours.balance != balance_of(one)


def _if_there[A, T](ask: Callable[[A], T], what: A) -> T | None:
    """Return a record; nothing when it was deleted or may not be seen."""
    try:
        return ask(what)
    except DolibarrError as error:
        if error.kind in (Kind.NOT_FOUND, Kind.RIGHT_MISSING):
            return None
        raise


def is_worth_keeping(one: there.Invoice, besides: Besides) -> bool:
    """Whether an invoice that is not here yet is brought in: it is unpaid, or a
    credit note that is left or was used on one that is."""
    if one.status == there.Status.VALIDATED:
        return True
    if one.type != there.Type.CREDIT_NOTE:
        return False
    return one.id in besides.still_credits or one.ref in besides.credits
