"""The forms of an invoice's card."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from relance.models import Customer, Hold, Invoice
from relance.services.holds import HoldData
from relance.services.invoices import InvoiceData
from relance.web.fields import DayField
from relance.web.forms import AmountField


class InvoiceForm(forms.Form):
    """An invoice entered by hand."""

    # Chosen on the page before.
    customer = forms.ModelChoiceField(
        queryset=Customer.objects.standing(), widget=forms.HiddenInput
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Invoice.Kind.choices)
    number = forms.CharField(label=_("Invoice number"), max_length=60)
    issued_on = DayField(label=_("Invoice date"))
    due_date = DayField(
        label=_("Due date"),
        required=False,
        help_text=_("Left empty, it is computed from the customer's payment terms."),
    )
    service_date = DayField(
        label=_("Service or delivery date"),
        required=False,
        help_text=_("The limitation period starts then."),
    )
    total = AmountField(label=_("Total incl. VAT"))
    currency = forms.CharField(label=_("Currency"), max_length=3, initial="EUR")
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    customer_reference = forms.CharField(
        label=_("Customer's reference"), max_length=100, required=False
    )
    payment_mode = forms.ChoiceField(
        label=_("Payment mode"), choices=Invoice.PaymentMode.choices
    )
    corrects_number = forms.CharField(
        label=_("Invoice concerned"),
        max_length=60,
        required=False,
        help_text=_("For a credit note or a corrected invoice: the other number."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        number = cleaned.get("corrects_number")
        cleaned["corrects"] = None
        if number:
            found = Invoice.objects.filter(number=number).first()
            if found is None:
                self.add_error("corrects_number", _("No invoice has this number."))
            cleaned["corrects"] = found
        return cleaned

    def as_data(self) -> InvoiceData:
        values = dict(self.cleaned_data)
        values.pop("corrects_number")
        values["currency"] = values["currency"].upper()
        return InvoiceData(**values)

    @staticmethod
    def initial_of(invoice: Invoice) -> dict[str, Any]:
        apart = ("due_date", "total", "corrects_number")
        initial = {
            name: getattr(invoice, name)
            for name in InvoiceForm.base_fields
            if name not in apart
        }
        if not invoice.due_date_computed:
            initial["due_date"] = invoice.due_date
        initial["total"] = f"{invoice.total:.2f}".replace(".", ",")
        if invoice.corrects is not None:
            initial["corrects_number"] = invoice.corrects.number
        return initial


class HoldForm(forms.Form):
    """Why reminders stop, and until when."""

    reason = forms.ChoiceField(label=_("Reason"), choices=Hold.Reason.choices)
    starts_on = DayField(label=_("From"), initial=timezone.localdate)
    until = DayField(
        label=_("Until"),
        required=False,
        help_text=_("Left empty: until you take reminders up again."),
    )
    amount = AmountField(
        label=_("Amount concerned"),
        required=False,
        help_text=_("When a dispute or a promise is about a part only."),
    )
    note = forms.CharField(label=_("Note"), max_length=240, required=False)

    def as_data(self) -> HoldData:
        return HoldData(**self.cleaned_data)


class PdfForm(forms.Form):
    """The PDF of an invoice."""

    pdf = forms.FileField(
        label=_("PDF of the invoice"),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
    )


class WhyForm(forms.Form):
    """Why something is closed or corrected."""

    why = forms.CharField(label=_("Reason"), max_length=240)
