"""The simulator: what would happen to an invoice, or to one like it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from relance.models import Invoice
from relance.models.customers import REGIMES
from relance.rules.permissions import Action
from relance.rules.regimes import Regime
from relance.services import simulations
from relance.services.simulations import Example, Outcome
from relance.web.access import may
from relance.web.fields import DayField
from relance.web.forms import AmountField
from relance.web.http import WebRequest
from relance.web.simulation_view import SimulationView, default_due


class ExampleForm(forms.Form):
    """An invoice that does not exist."""

    regime = forms.ChoiceField(label=gettext_lazy("Customer type"), choices=REGIMES)
    amount = AmountField(label=gettext_lazy("Amount incl. VAT"))
    due_date = DayField(label=gettext_lazy("Due date"))

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError(_("Enter an amount above zero."))
        return amount

    def as_example(self) -> Example:
        values = self.cleaned_data
        return Example(
            regime=Regime(values["regime"]),
            due_date=values["due_date"],
            amount=values["amount"],
        )


def initial_example() -> dict[str, Any]:
    """Return the example shown before anybody typed one."""
    return {"due_date": default_due(timezone.localdate()), "amount": "1000,00"}


class InvoiceForm(forms.Form):
    """An unpaid invoice, by its number."""

    number = forms.CharField(label=gettext_lazy("Invoice number"), max_length=60)

    def clean_number(self) -> str:
        number = str(self.cleaned_data["number"]).strip()
        self.invoice = (
            Invoice.objects.unpaid()
            .filter(number__iexact=number)
            .select_related("customer", "document")
            .first()
        )
        if self.invoice is None:
            raise forms.ValidationError(
                _("No unpaid invoice has the number %(number)s."),
                params={"number": number},
            )
        return number


@require_GET
@may(Action.VIEW)
def simulator(request: WebRequest) -> HttpResponse:
    """Show what would happen, day by day, until the end."""
    by_number = InvoiceForm(request.GET if "number" in request.GET else None)
    example = ExampleForm(
        request.GET if "regime" in request.GET else None, initial=initial_example()
    )
    outcome = _outcome(by_number, example)
    wrong = by_number.errors or example.errors
    context = {
        "by_number": by_number,
        "example": example,
        "simulation": SimulationView(outcome) if outcome is not None else None,
        "invoice": getattr(by_number, "invoice", None),
    }
    status = 422 if wrong else 200
    return render(request, "relance/simulator/page.html", context, status=status)


def _outcome(by_number: InvoiceForm, example: ExampleForm) -> Outcome | None:
    if by_number.is_bound and by_number.is_valid():
        today = timezone.localdate()
        invoice = by_number.invoice
        return simulations.of_invoice(invoice, today=today) if invoice else None
    if example.is_bound and example.is_valid():
        return simulations.of_example(example.as_example())
    return None
