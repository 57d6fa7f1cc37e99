"""The penalty calculator: the same rule as the letters, on any figures."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from relance.gateways.wording import WordingError, parse_amount
from relance.models import Company
from relance.models.customers import REGIMES
from relance.queries.rates import rate_table
from relance.rules.debts import Debt, Imputation, PaymentOn
from relance.rules.penalties import compute
from relance.rules.permissions import Action
from relance.rules.rates import MissingRate
from relance.rules.regimes import Regime
from relance.services.penalty_words import missing_rate_words, warnings_of
from relance.web.access import may
from relance.web.fields import DayField, read_day
from relance.web.forms import AmountField
from relance.web.http import WebRequest


class PaymentsField(forms.CharField):
    """Payments, one a line: a day, then an amount."""

    def clean(self, value: object) -> object:
        lines = str(super().clean(value)).splitlines()
        return [_payment(line) for line in lines if line.strip()]


def _payment(line: str) -> PaymentOn:
    day, _space, amount = line.strip().partition(" ")
    on = read_day(day)
    try:
        paid = parse_amount(amount)
    except WordingError:
        paid = None
    if on is None or paid is None or paid <= 0:
        raise forms.ValidationError(
            _("“%(line)s” is not a day and an amount, as in 15/07/2026 800,00."),
            params={"line": line.strip()},
        )
    return PaymentOn(on=on, amount=paid)


class PenaltyForm(forms.Form):
    """What a computation depends on."""

    regime = forms.ChoiceField(label=_("Customer type"), choices=REGIMES)
    amount = AmountField(label=_("Amount incl. VAT"))
    due = DayField(label=_("Due date"))
    until = DayField(label=_("Computed to"))
    contract_rate = forms.DecimalField(
        label=_("Contract rate (% a year)"),
        required=False,
        min_value=Decimal(0),
        max_digits=5,
        decimal_places=2,
        help_text=_("Left empty: the legal default."),
    )
    notice = DayField(
        label=_("Formal notice received on"),
        required=False,
        help_text=_("For consumers: interest runs from then on."),
    )
    imputation = forms.ChoiceField(
        label=_("Payments are set against"),
        choices=Company.Imputation.choices,
        required=False,
    )
    payments = PaymentsField(
        label=_("Payments received"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "15/07/2026 800,00"}),
        help_text=_("One a line: the day, then the amount."),
    )

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError(_("Enter an amount above zero."))
        return amount

    def debt(self) -> Debt:
        values = self.cleaned_data
        return Debt(
            regime=Regime(values["regime"]),
            due=values["due"],
            amount=values["amount"],
            payments=values["payments"],
            contract_rate=values["contract_rate"],
            notice=values["notice"],
            imputation=Imputation(values["imputation"] or Imputation.PRINCIPAL),
        )


@require_GET
@may(Action.VIEW)
def calculator(request: WebRequest) -> HttpResponse:
    """Compute penalties and indemnity, segment by segment."""
    asked = "amount" in request.GET
    today = timezone.localdate()
    form = PenaltyForm(request.GET if asked else None, initial={"until": today})
    context: dict[str, object] = {"form": form}
    if asked and form.is_valid():
        until = form.cleaned_data["until"]
        try:
            statement = compute(form.debt(), until=until, rates=rate_table())
        except MissingRate as missing:
            form.add_error(None, missing_rate_words(missing))
        else:
            context |= {
                "statement": statement,
                "until": until,
                "warnings": warnings_of(statement),
            }
    status = 422 if form.errors else 200
    return render(request, "relance/penalties/page.html", context, status=status)
