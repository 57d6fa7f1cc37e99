"""The rows of a ledger of accounts, as its page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from relance.models import FecFile, FecItem
from relance.queries import fec as queries
from relance.queries.fec import Part, Settles
from relance.rules.delays import PaymentTerms
from relance.rules.matching import Why
from relance.services.invoices import terms_of

# Why a match is proposed, as badges.
REASONS: dict[str, tuple[str | Promise, str]] = {
    Why.NUMBER: (_("invoice number"), "good"),
    Why.EXACT: (_("exact amount"), "good"),
    Why.PARTIAL: (_("part of the amount"), "warn"),
    Why.TOO_MUCH: (_("more than what is owed"), "warn"),
}
TONES = {
    FecItem.State.DONE: "good",
    FecItem.State.KNOWN: "",
    FecItem.State.REFUSED: "bad",
    FecItem.State.LEFT_OUT: "warn",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """An item: what it is, when it is due, what it would settle."""

    item: FecItem
    due_date: date | None
    computed: bool
    settles: Sequence[Settles]
    badges: Sequence[tuple[str | Promise, str]]
    tone: str

    @property
    def may_tick(self) -> bool:
        return self.item.state == FecItem.State.WAITING

    @property
    def says(self) -> bool:
        """Whether there is something to say of its state."""
        item = self.item
        return not self.may_tick or bool(item.why or item.invoice_id)

    @property
    def owed(self) -> object:
        """What is left, without its sign."""
        return abs(self.item.left)


def rows_of(file: FecFile, part: Part, page: Sequence[Any]) -> list[Any]:
    """Return the rows of a page: accounts as they are, items with their words."""
    if part == Part.CUSTOMERS:
        return list(page)
    settles, usual = queries.settles(file, page), terms_of(None)
    return [
        Row(
            item=item,
            due_date=_due_date(item, usual),
            computed=item.due_date is None and item.invoice is None,
            settles=settles[item.pk],
            badges=[REASONS[why] for why in item.reasons if why in REASONS],
            tone=TONES.get(FecItem.State(item.state), ""),
        )
        for item in page
    ]


def _due_date(item: FecItem, usual: PaymentTerms) -> date | None:
    """Return the due date of what is owed: the file's, else by the terms."""
    if item.invoice is not None:
        return item.invoice.due_date
    if item.left <= 0 or item.kind == FecItem.Kind.CREDIT_NOTE:
        return None
    customer = item.account.customer if item.account else None
    own = customer is not None and customer.payment_terms
    terms = terms_of(customer) if own else usual
    return item.due_date or terms.due_date(item.day)
