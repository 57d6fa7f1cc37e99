"""The forms of the bank's page: statements, matches, one line by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from relance.models import BankLine, Customer, Invoice
from relance.queries.payments import open_invoices
from relance.queries.receipts import Proposed
from relance.services.payments import Share
from relance.web.forms import AmountField
from relance.web.imports import FilesField


class StatementsForm(forms.Form):
    """The statements to read."""

    uploads = FilesField(label=_("Statements"))


class IgnoreForm(forms.Form):
    """Why a receipt is no customer's payment."""

    why = forms.CharField(
        label=_("What it is"),
        max_length=240,
        required=False,
        help_text=_("A transfer between your accounts, a refund from a supplier…"),
    )


class MatchForm(forms.Form):
    """An amount for each unpaid invoice of the customer who paid."""

    customer = forms.ModelChoiceField(
        queryset=Customer.objects.standing(), widget=forms.HiddenInput
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        line: BankLine,
        customer: Customer,
        proposed: Proposed | None = None,
    ) -> None:
        super().__init__(data, initial={"customer": customer})
        self.invoices = list(open_invoices(customer.pk, line.currency))
        same = proposed is not None and proposed.customer == customer
        shares = {
            share.invoice.pk: share.amount
            for share in (proposed.shares if proposed is not None and same else ())
        }
        for invoice in self.invoices:
            share = shares.get(invoice.pk)
            self.fields[_name(invoice)] = AmountField(
                label=invoice.number,
                required=False,
                initial=f"{share:.2f}".replace(".", ",") if share else "",
            )

    @property
    def rows(self) -> list[tuple[Invoice, BoundField]]:
        return [(invoice, self[_name(invoice)]) for invoice in self.invoices]

    @property
    def waits_there(self) -> bool:
        """Whether some of the invoices are paid in Dolibarr, not here."""
        return any(invoice.is_kept_elsewhere for invoice in self.invoices)

    def shares(self) -> list[Share]:
        parts = [
            (invoice, self.cleaned_data.get(_name(invoice)))
            for invoice in self.invoices
        ]
        return [Share(invoice=invoice, amount=part) for invoice, part in parts if part]


@dataclass(frozen=True, kw_only=True)
class Ticked:
    """A line that was ticked, with the proposal that was seen beside it."""

    line: int
    customer: int
    shares: Mapping[int, Decimal]


def said(row: Proposed) -> str:
    """Write what a row proposes, for its form to say what was seen."""
    shares = {str(one.invoice.pk): str(one.amount) for one in row.shares}
    customer = row.customer.pk if row.customer else None
    return json.dumps({"customer": customer, "shares": shares})


def ticked(form: QueryDict) -> Iterator[Ticked]:
    """Yield the lines that were ticked; what makes no sense is passed over."""
    for text in form.getlist("line"):
        if not text.isdecimal() or len(text) > 15:
            continue
        try:
            seen = json.loads(form.get(f"said-{text}", ""))
            yield Ticked(
                line=int(text),
                customer=int(seen["customer"]),
                shares={
                    int(pk): Decimal(amount) for pk, amount in seen["shares"].items()
                },
            )
        except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation):
            continue


def _name(invoice: Invoice) -> str:
    return f"share_{invoice.pk}"
