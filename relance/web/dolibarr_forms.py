"""The form of the connection to Dolibarr."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from relance.models import DolibarrConnection
from relance.services.dolibarr_connection import MOST_HOURS, ConnectionData


class ConnectionForm(forms.Form):
    """Where Dolibarr is, and how it is read."""

    address = forms.CharField(
        label=_("Address of Dolibarr"),
        max_length=300,
        help_text=_("As in your browser: https://example.com/dolibarr"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    key = forms.CharField(
        label=_("Key of the API"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Left empty, the saved key is kept. It is never shown again."),
    )
    every_hours = forms.IntegerField(
        label=_("Synchronise every"),
        min_value=0,
        max_value=MOST_HOURS,
        initial=4,
        help_text=_("Hours. 0: only when you ask for it."),
    )
    time_zone = forms.CharField(
        label=_("Time zone of Dolibarr"),
        max_length=64,
        initial="Europe/Paris",
        help_text=_("That of its server; the trial finds it where Dolibarr says it."),
    )
    when_unreachable = forms.ChoiceField(
        label=_("While Dolibarr does not answer, a mass reminder should"),
        choices=DolibarrConnection.Unreachable.choices,
        initial=DolibarrConnection.Unreachable.WAIT,
    )
    pdfs = forms.ChoiceField(
        label=_("Fetch the PDF of invoices"),
        choices=DolibarrConnection.Pdfs.choices,
        initial=DolibarrConnection.Pdfs.WHEN_NEEDED,
    )
    build_pdfs = forms.BooleanField(
        label=_("Have Dolibarr make a PDF that is missing"),
        required=False,
        help_text=_("Needs the right “Create/modify customers invoices” there."),
    )

    def as_data(self) -> ConnectionData:
        return ConnectionData(**self.cleaned_data)

    @staticmethod
    def initial_of(connection: DolibarrConnection | None) -> dict[str, Any]:
        if connection is None:
            return {}
        names = [name for name in ConnectionForm.base_fields if name != "key"]
        return {name: getattr(connection, name) for name in names}
