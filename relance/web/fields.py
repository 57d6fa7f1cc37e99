"""Form fields for days, amounts and payment terms as people write them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.rules.delays import InvalidDelay, Month, PaymentTerms, parse_terms

DAY_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y"]


class DayField(forms.DateField):
    """A day, by the browser's calendar or typed: 24/11/2026."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=DAY_FORMATS, **kwargs)


def read_day(text: str) -> date | None:
    """Return the day that was typed, ``None`` for nothing or for no day at all."""
    try:
        day: date | None = DayField(required=False).clean(text)
    except ValidationError:
        return None
    return day


class TermsField(forms.CharField):
    """Payment terms, stored as ``NET 30`` and shown as people say them."""

    def prepare_value(self, value: Any) -> Any:
        return terms_in_words(value) if isinstance(value, str) else value


def terms_in_words(stored: str) -> str:
    """Return payment terms in words that are read back as the same terms; a text
    that is none is returned as it is."""
    try:
        terms = parse_terms(stored)
    except InvalidDelay:
        return stored
    words = _month_words(terms)
    if terms.day_of_month:
        words += " " + _("the %(day)s") % {"day": terms.day_of_month}
    return words


def _month_words(terms: PaymentTerms) -> str:
    days = ngettext("%(count)s day", "%(count)s days", terms.days)
    days %= {"count": terms.days}
    month_end = _("end of month")
    if terms.month == Month.AFTER:
        return f"{days} {month_end}"
    if terms.month == Month.BEFORE:
        return f"{month_end} + {days}" if terms.days else month_end
    # "On receipt the 10th" is nothing that people say, nor that is read back.
    return days if terms.days or terms.day_of_month else _("on receipt")
