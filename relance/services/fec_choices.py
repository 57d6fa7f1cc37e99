"""What a person says of a ledger of accounts before it is imported."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from relance.models import Customer, FecAccount, FecFile, FecItem
from relance.services.fec import to_check, waiting
from relance.services.fec_known import Known

_FOUND_HERE = (FecItem.Kind.SETTLED, FecItem.Kind.VANISHED)


@transaction.atomic
def choose_customer(account: FecAccount, customer: Customer | None) -> None:
    """Say who a customer of the ledger is here; ``None``: a new one. Their invoices
    and payments are looked for again."""
    file = to_check(account.file)
    how = FecAccount.How.CHOSEN if customer else FecAccount.How.NEW
    FecAccount.objects.filter(pk=account.pk).update(
        customer=customer, how=how, left_out=False
    )
    theirs = FecItem.objects.filter(file=file, account=account.pk)
    items = list(theirs.exclude(kind__in=_FOUND_HERE).select_related("account"))
    known = Known(items)
    for item in items:
        item.state, item.why = FecItem.State.WAITING, ""
        item.invoice = item.payment = None
        known.recognise(item)
    FecItem.objects.bulk_update(items, ["state", "why", "invoice", "payment"])


@transaction.atomic
def keep_accounts(
    file: FecFile, shown: Collection[int], ticked: Collection[int]
) -> None:
    """Say which of the customers shown are imported."""
    found = FecAccount.objects.filter(file=to_check(file), pk__in=shown)
    found.filter(pk__in=ticked).update(left_out=False)
    found.exclude(pk__in=ticked).update(left_out=True)


@transaction.atomic
def keep_items(file: FecFile, shown: Collection[int], ticked: Collection[int]) -> None:
    """Say which of the items shown are imported."""
    found = waiting(to_check(file)).filter(pk__in=shown)
    found.filter(pk__in=ticked).update(wanted=True)
    found.exclude(pk__in=ticked).update(wanted=False)


@transaction.atomic
def keep_matches(
    file: FecFile, shown: Collection[int], ticked: Collection[int]
) -> None:
    """Say which of the proposals shown are right: what each payment settles."""
    found = waiting(to_check(file)).filter(pk__in=shown).exclude(shares=[])
    found.filter(pk__in=ticked).update(matched=True)
    found.exclude(pk__in=ticked).update(matched=False)
