"""The forms of a customer and of its contacts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from relance.models import Contact, Customer, Level, Procedure
from relance.models.customers import LANGUAGES, REGIMES
from relance.services.customers import ContactData, CustomerData
from relance.web.fields import TermsField


class CustomerForm(forms.Form):
    """A customer entered or changed by hand."""

    name = forms.CharField(label=_("Name"), max_length=200)
    legal_form = forms.CharField(label=_("Legal form"), max_length=60, required=False)
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        required=False,
        help_text=_("Left empty, the next one is given."),
    )
    regime = forms.ChoiceField(
        label=_("Customer type"),
        choices=REGIMES,
        help_text=_("The law depends on it: penalties, the 40 €, deadlines."),
    )
    address = forms.CharField(
        label=_("Address"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    postcode = forms.CharField(label=_("Postcode"), max_length=12, required=False)
    city = forms.CharField(label=_("Town"), max_length=80, required=False)
    country = forms.CharField(
        label=_("Country"),
        max_length=2,
        initial="FR",
        help_text=_("Two letters: FR, BE, CH…"),
    )
    language = forms.ChoiceField(label=_("Language of letters"), choices=LANGUAGES)
    email = forms.CharField(label=_("E-mail address"), max_length=254, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)
    siren = forms.CharField(label=_("SIREN"), max_length=14, required=False)
    siret = forms.CharField(label=_("SIRET"), max_length=20, required=False)
    vat_number = forms.CharField(label=_("VAT number"), max_length=20, required=False)
    payment_terms = TermsField(
        label=_("Payment terms"),
        max_length=40,
        required=False,
        help_text=_("30 days, 45 days end of month… Left empty: your general terms."),
    )
    preferred_channel = forms.ChoiceField(
        label=_("Preferred channel"),
        choices=[("", _("no preference")), *Customer.Channel.choices],
        required=False,
    )
    procedure = forms.ModelChoiceField(
        label=_("Procedure"),
        queryset=Procedure.objects.all(),
        required=False,
        empty_label=_("that of the customer type"),
    )
    pinned_note = forms.CharField(
        label=_("Pinned note"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text=_("Shown each time this customer is about to be reminded."),
    )

    def as_data(self) -> CustomerData:
        values = dict(self.cleaned_data)
        values["country"] = values["country"].strip().upper()
        return CustomerData(**values)

    @staticmethod
    def initial_of(customer: Customer) -> dict[str, Any]:
        names = CustomerForm.base_fields
        return {name: getattr(customer, name) for name in names}


class ContactForm(forms.Form):
    """A person at the customer's."""

    name = forms.CharField(label=_("Name"), max_length=120)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Contact.Role.choices,
        help_text=_("A contact for reminders comes before a billing contact."),
    )
    email = forms.CharField(label=_("E-mail address"), max_length=254, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)
    recipient_for = forms.ModelMultipleChoiceField(
        label=_("Receives these levels"),
        queryset=Level.objects.filter(active=True),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    copy_for = forms.ModelMultipleChoiceField(
        label=_("In copy of the e-mails of these levels"),
        queryset=Level.objects.filter(active=True),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    address = forms.CharField(
        label=_("Address"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text=_("Left empty: the customer's."),
    )
    postcode = forms.CharField(label=_("Postcode"), max_length=12, required=False)
    city = forms.CharField(label=_("Town"), max_length=80, required=False)
    country = forms.CharField(label=_("Country"), max_length=2, required=False)

    def as_data(self) -> ContactData:
        values = dict(self.cleaned_data)
        values["country"] = values["country"].strip().upper()
        for name in ("recipient_for", "copy_for"):
            values[name] = tuple(values[name])
        return ContactData(**values)

    @staticmethod
    def initial_of(contact: Contact) -> dict[str, Any]:
        initial = {
            name: getattr(contact, name)
            for name in ContactForm.base_fields
            if name not in ("recipient_for", "copy_for")
        }
        initial["recipient_for"] = list(contact.recipient_for.all())
        initial["copy_for"] = list(contact.copy_for.all())
        return initial
