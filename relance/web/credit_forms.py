"""The form that sets a credit note against an invoice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from relance.models import Invoice
from relance.queries.payments import settled_here
from relance.services.payments import Share
from relance.web.forms import AmountField, InvoiceChoice

RETROACTIVE = "invoice"
OWN_DAY = "credit"


class CreditForm(forms.Form):
    """Which invoice a credit note settles, for how much, and from when."""

    invoice = InvoiceChoice(label=_("Invoice"), queryset=Invoice.objects.none())
    amount = AmountField(label=_("Amount"))
    since = forms.ChoiceField(
        label=_("It counts"),
        choices=[
            (RETROACTIVE, _("from the date of the invoice")),
            (OWN_DAY, _("from the date of the credit note")),
        ],
        help_text=_(
            "From the date of the invoice, no penalty runs on what was credited."
        ),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, credit: Invoice
    ) -> None:
        found = settled_here(credit.customer_id, credit.currency)
        super().__init__(data, initial=_proposal(credit, list(found)))
        self._credit = credit
        chosen = self.fields["invoice"]
        if isinstance(chosen, forms.ModelChoiceField):
            chosen.queryset = found

    def share(self) -> Share:
        own_day = self.cleaned_data["since"] == OWN_DAY
        return Share(
            invoice=self.cleaned_data["invoice"],
            amount=self.cleaned_data["amount"],
            effective_on=self._credit.issued_on if own_day else None,
        )


def _proposal(credit: Invoice, found: list[Invoice]) -> dict[str, Any]:
    """Propose the invoice that the credit note is about, else the oldest due."""
    if not found:
        return {}
    about = [invoice for invoice in found if invoice.pk == credit.corrects_id]
    invoice = (about or found)[0]
    amount = min(credit.balance, invoice.balance)
    return {"invoice": invoice.pk, "amount": f"{amount:.2f}".replace(".", ",")}
