"""The forms of a payment: what was received, and what it settles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from relance.gateways.wording import WordingError, parse_amount
from relance.models import Customer, Invoice, Payment
from relance.queries.payments import open_invoices, settled_here
from relance.services.payments import PaymentData, Share, oldest_first
from relance.services.returned import ReturnData, usual_reason
from relance.web.fields import DayField
from relance.web.forms import AmountField, InvoiceChoice, new_key
from relance.web.invoice_forms import WhyForm

METHODS = [
    choice
    for choice in Payment.Method.choices
    if choice[0] != Payment.Method.ON_INVOICE
]


# What the service is told; the key tells it from a second click.
_RETURN = ("returned_on", "reason", "note")


class ReturnForm(forms.Form):
    """When the bank took a payment back, and why."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=new_key)
    returned_on = DayField(label=_("Returned on"))
    reason = forms.ChoiceField(label=_("Reason"), choices=Payment.Return.choices)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    @classmethod
    def about(cls, payment: Payment, *, today: date) -> ReturnForm:
        return cls(initial={"returned_on": today, "reason": usual_reason(payment)})

    def as_data(self) -> ReturnData:
        values = {name: self.cleaned_data[name] for name in _RETURN}
        return ReturnData(**values)


class CorrectionForm(WhyForm):
    """Why a payment is cancelled by a negative row."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=new_key)


class PaymentForm(forms.Form):
    """A payment, with an amount for each of the customer's unpaid invoices."""

    customer = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    # The invoice that one comes from: the split stays on it.
    invoice = forms.CharField(widget=forms.HiddenInput, required=False)
    received_on = DayField(label=_("Received on"))
    amount = AmountField(label=_("Amount received"))
    currency = forms.CharField(label=_("Currency"), max_length=3)
    method = forms.ChoiceField(label=_("Method"), choices=METHODS)
    reference = forms.CharField(label=_("Reference"), max_length=120, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        customer: Customer,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self._customer = customer
        currency = str((data or initial or {}).get("currency") or "EUR").upper()
        unpaid = list(open_invoices(customer.pk, currency))
        self.invoices = [one for one in unpaid if not one.is_kept_elsewhere]
        # Their payments are recorded in Dolibarr, or come from the bank.
        self.kept_elsewhere = len(unpaid) - len(self.invoices)
        for invoice in self.invoices:
            self.fields[_name(invoice)] = AmountField(
                label=invoice.number, required=False
            )

    @classmethod
    def proposed(cls, customer: Customer, chosen: Mapping[str, Any]) -> PaymentForm:
        """Return the form as it first shows: the oldest invoices settled first."""
        currency = str(chosen.get("currency") or "EUR").upper()
        found = list(settled_here(customer.pk, currency))
        wanted = [i for i in found if str(i.pk) == chosen.get("invoice")] or found
        amount = _amount(chosen.get("amount", ""))
        if amount is None:
            amount = wanted[0].balance if len(wanted) == 1 else Decimal(0)
        shares = oldest_first(wanted, amount)
        data = {
            "customer": str(customer.pk),
            "key": chosen.get("key") or str(new_key()),
            "invoice": chosen.get("invoice", ""),
            "received_on": chosen.get("received_on")
            or timezone.localdate().isoformat(),
            "amount": chosen.get("amount") or (_written(amount) if amount else ""),
            "currency": currency,
            "method": chosen.get("method") or Payment.Method.TRANSFER.value,
            "reference": chosen.get("reference", ""),
        }
        data |= {f"share_{pk}": _written(part) for pk, part in shares.items()}
        # Nothing was typed yet: nothing is wrong yet.
        if "amount" not in chosen:
            return cls(customer=customer, initial=data)
        return cls(data, customer=customer)

    @property
    def rows(self) -> list[tuple[Invoice, BoundField]]:
        return [(invoice, self[_name(invoice)]) for invoice in self.invoices]

    def as_data(self) -> PaymentData:
        values = self.cleaned_data
        return PaymentData(
            customer=self._customer,
            received_on=values["received_on"],
            amount=values["amount"],
            currency=values["currency"].upper(),
            method=values["method"],
            reference=values["reference"],
        )

    def shares(self) -> list[Share]:
        parts = [
            (invoice, self.cleaned_data.get(_name(invoice)))
            for invoice in self.invoices
        ]
        return [Share(invoice=invoice, amount=part) for invoice, part in parts if part]


class AllocationForm(forms.Form):
    """A part of what is left, set against one more invoice."""

    invoice = InvoiceChoice(label=_("Invoice"), queryset=Invoice.objects.none())
    amount = AmountField(label=_("Amount"))

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, payment: Payment
    ) -> None:
        super().__init__(data)
        chosen = self.fields["invoice"]
        if isinstance(chosen, forms.ModelChoiceField):
            chosen.queryset = settled_here(payment.customer_id, payment.currency)

    def share(self) -> Share:
        return Share(
            invoice=self.cleaned_data["invoice"], amount=self.cleaned_data["amount"]
        )


def _name(invoice: Invoice) -> str:
    return f"share_{invoice.pk}"


def _amount(text: str) -> Decimal | None:
    try:
        return parse_amount(text) if text else None
    except WordingError:
        return None


def _written(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")
