"""What our forms share: a service's refusal shown where it belongs."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.gateways.wording import WordingError, parse_amount
from relance.models import Invoice
from relance.services.active_language import active_language
from relance.services.refusal import Refused

if TYPE_CHECKING:
    ModelChoice = forms.ModelChoiceField[Invoice]
else:
    ModelChoice = forms.ModelChoiceField


def new_key() -> uuid.UUID:
    """Return the key of one form: a second click on its button makes no other."""
    return uuid.uuid4()


@contextmanager
def refused_on(form: forms.Form) -> Iterator[None]:
    """Put what a service refuses on the field at fault, else above the form."""
    try:
        yield
    except Refused as refused:
        field = refused.field if refused.field in form.fields else None
        form.add_error(field, refused.message)


class InvoiceChoice(ModelChoice):
    """One of a customer's unpaid invoices, with what tells them apart."""

    def label_from_instance(self, invoice: Invoice) -> str:
        language = active_language()
        return _("%(number)s, due %(day)s, %(balance)s left") % {
            "number": invoice.number,
            "day": wording.short_date(invoice.due_date),
            "balance": wording.money(
                invoice.balance, currency=invoice.currency, language=language
            ),
        }


class AmountField(forms.CharField):
    """An amount typed the French or the English way: ``1 234,56``."""

    def __init__(self, **kwargs: object) -> None:
        widget = forms.TextInput(
            attrs={
                "inputmode": "decimal",
                "class": "input amount",
                "autocomplete": "off",
            }
        )
        super().__init__(**{"widget": widget, "max_length": 24} | kwargs)  # type: ignore[arg-type]

    def clean(self, value: object) -> object:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_amount(str(text))
        except WordingError as error:
            raise ValidationError(_AMOUNTS[error.reason]()) from error


_AMOUNTS = {
    "not_an_amount": lambda: _("This is not an amount. Example: 1 234,56."),
    "ambiguous": lambda: _(
        "One thousand or one and a fraction? Write 1 234,00 or 1,23."
    ),
    "too_precise": lambda: _("An amount has two decimals at most."),
    "too_large": lambda: _("This amount is too large."),
}
