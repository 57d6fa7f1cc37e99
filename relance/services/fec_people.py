"""The customers of a ledger: who they are here."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from relance.models import Customer, FecAccount, FecFile, Source, User
from relance.rules.open_items import Account
from relance.services import customers
from relance.services.customers import CustomerData, Origin

How = FecAccount.How


def recognised(file: FecFile, accounts: Iterable[Account]) -> list[FecAccount]:
    """Return the rows of these customers, not saved: known as last time, else by
    their code, else by a name that only one has; never guessed."""
    before = dict(
        FecAccount.objects.filter(
            file__state=FecFile.State.DONE, customer__isnull=False
        )
        .order_by("file_id")
        .values_list("key", "customer_id")
    )
    codes: dict[str, int] = {}
    names: defaultdict[str, set[int]] = defaultdict(set)
    now: dict[int, int] = {}
    columns = ("pk", "code", "name", "merged_into_id")
    for pk, code, name, into in Customer.objects.order_by().values_list(*columns):
        # Whoever was merged into another is that other.
        now[pk] = codes[code] = into or pk
        names[_plain(name)].add(into or pk)
    rows = []
    for account in accounts:
        same = names.get(_plain(account.name), set())
        ways = (
            (How.BEFORE, now.get(before.get(account.key, 0))),
            (How.CODE, codes.get(account.key)),
            (How.NAME, next(iter(same)) if len(same) == 1 else None),
        )
        how, found = next((way for way in ways if way[1]), (How.NEW, None))
        rows.append(
            FecAccount(
                file=file,
                key=account.key,
                name=account.name,
                balance=account.balance,
                collective=account.collective,
                left_out=account.collective,
                how=how,
                customer_id=found,
            )
        )
    return rows


def customer_of(
    account: FecAccount, file: FecFile, *, by: User | None, now: datetime
) -> Customer:
    """Return the customer of a row, created when it is new."""
    if account.customer is not None:
        return account.customer
    code = account.key if len(account.key) <= 40 else ""
    taken = not code or Customer.objects.filter(code=code).exists()
    known = Customer.objects.filter(
        source=Source.ENTRIES, external_id=account.key[:100]
    ).exists()
    origin = Origin(
        source=Source.ENTRIES, external_id=None if known else account.key[:100]
    )
    data = CustomerData(name=account.name[:200], code="" if taken else code)
    made = customers.create_customer(data, origin=origin, by=by, now=now)
    made.batch = file.batch
    made.save(update_fields=["batch"])
    account.customer = made
    account.save(update_fields=["customer"])
    return made


def _plain(name: str) -> str:
    """Return a name without accents, case, punctuation."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in parts if char.isalnum())
