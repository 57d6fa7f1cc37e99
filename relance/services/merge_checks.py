"""What stands in the way of a merge of customers, or of undoing one."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Q
from django.utils.translation import gettext as _

from relance.models import Allocation, Customer, Reminder, Run, RunLine
from relance.services.refusal import Refused


def refuse_other_company(kept: Customer, absorbed: Customer, *, sure: bool) -> None:
    """Two SIREN are two companies, unless somebody says that one is mistaken."""
    one, other = kept.siren, absorbed.siren
    if one and other and one != other and not sure:
        raise Refused(
            _(
                "Their SIREN numbers differ (%(one)s and %(other)s): these are two "
                "companies, unless one of the numbers is mistaken. Confirm it below."
            )
            % {"one": one, "other": other},
            field="sure",
        )


def refuse_at_work(kept: Customer, absorbed: Customer) -> None:
    """What is being made or sent must not change hands meanwhile."""
    both = (kept, absorbed)
    reminder = Reminder.objects.under_way().filter(customer__in=both).first()
    if reminder is not None:
        raise Refused(
            _(
                "Reminder %(reference)s of %(name)s is not finished: let it leave, "
                "cancel it or say whether it left, then try again."
            )
            % {"reference": reminder.reference, "name": reminder.customer.name}
        )
    line = (
        RunLine.objects.filter(customer__in=both, state=RunLine.State.WAITING)
        .exclude(run__state__in=(Run.State.DONE, Run.State.CANCELLED))
        .select_related("run")
        .first()
    )
    if line is not None:
        raise Refused(
            _(
                "Mass reminder %(run)s is at work on their invoices: let it finish or "
                "cancel it, then try again."
            )
            % {"run": line.run.reference}
        )


def refuse_crossing(
    moved: Mapping[str, Collection[int]], *, kept: Customer, absorbed: Customer
) -> None:
    """Money received from one must not settle what another owes: taken apart, an
    allocation made since the merge would."""
    invoices, payments = moved["Invoice"], moved["Payment"]
    theirs = Q(payment__in=payments) | Q(credit__in=invoices)
    crossing = (
        Allocation.objects.filter(undoes__isnull=True, undone_by__isnull=True)
        .filter(
            (Q(invoice__in=invoices) & ~theirs)
            | (~Q(invoice__in=invoices) & theirs & Q(invoice__customer=kept))
        )
        .select_related("invoice", "payment", "credit")
        .first()
    )
    if crossing is None:
        return
    said = {
        "invoice": crossing.invoice.number,
        "kept": kept.name,
        "absorbed": absorbed.name,
    }
    if crossing.payment is not None:
        words = _(
            "Since the merge, a payment settles invoice %(invoice)s across %(kept)s "
            "and %(absorbed)s: take that allocation back first."
        )
    else:
        words = _(
            "Since the merge, a credit note settles invoice %(invoice)s across "
            "%(kept)s and %(absorbed)s: take that allocation back first."
        )
    raise Refused(words % said)
