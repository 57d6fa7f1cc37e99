"""The forms of the account that customers pay to."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from relance.services.bank_changes import BankChangeData
from relance.services.company import BankData
from relance.web.fields import DayField


class PasswordForm(forms.Form):
    """Something that asks the password again."""

    password = forms.CharField(
        label=_("Your password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class BankChangeForm(PasswordForm):
    """Another account, from a day on."""

    iban = forms.CharField(label=_("New IBAN"), max_length=42)
    bic = forms.CharField(label=_("BIC"), max_length=14, required=False)
    starts_on = DayField(
        label=_("In use from"),
        help_text=_("Letters before that day keep the present one."),
    )
    note = forms.CharField(
        label=_("Sentence on the letters"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: our account has changed; please use this one."),
    )
    note_until = DayField(label=_("Printed until"), required=False)

    field_order = ("iban", "bic", "starts_on", "note", "note_until", "password")

    def as_data(self) -> BankChangeData:
        values = self.cleaned_data
        return BankChangeData(
            bank=BankData(iban=values["iban"], bic=values["bic"]),
            starts_on=values["starts_on"],
            note=values["note"],
            note_until=values["note_until"],
        )


class RefusalForm(forms.Form):
    """Why another account is refused."""

    why = forms.CharField(label=_("Reason"), max_length=240)
