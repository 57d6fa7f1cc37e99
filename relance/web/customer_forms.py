"""The forms of a customer and of its contacts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from relance.models import Contact, Customer, Level, Procedure, Source, Tag
from relance.models.customers import LANGUAGES, REGIMES
from relance.services.customers import (
    CONTACT_OF_DOLIBARR,
    ContactData,
    CustomerData,
    kept_there,
)
from relance.web.fields import TermsField

# How many tags of others the form reminds of.
KNOWN_TAGS = 30
GROUPING = {None: "", True: "yes", False: "no"}


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
    group_invoices = forms.TypedChoiceField(
        label=_("Several invoices at once"),
        choices=[
            ("", _("as each mass reminder says")),
            ("yes", _("always one letter or e-mail for all")),
            ("no", _("never: one for each invoice")),
        ],
        coerce=lambda answer: answer == "yes",
        empty_value=None,
        required=False,
    )
    tags = forms.CharField(
        label=pgettext_lazy("customers", "Tags"),
        max_length=500,
        required=False,
        help_text=_("Words of your own between commas, to sort and filter."),
    )
    procedure = forms.ModelChoiceField(
        label=_("Procedure"),
        queryset=Procedure.objects.all(),
        required=False,
        empty_label=_("chosen by tag, amount or type"),
    )
    highest_level = forms.ModelChoiceField(
        label=_("Highest level allowed"),
        queryset=Level.objects.order_by("rank"),
        required=False,
        empty_label=_("all those of the procedure"),
        help_text=_("Beyond it, a reminder is held back and says why."),
    )
    pinned_note = forms.CharField(
        label=_("Pinned note"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text=_("Shown each time this customer is about to be reminded."),
    )

    def __init__(
        self, *args: Any, customer: Customer | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if customer is not None and customer.source == Source.DOLIBARR:
            read_only(self, kept_there(customer))
        if known := list(Tag.objects.values_list("name", flat=True)[:KNOWN_TAGS]):
            self.fields["tags"].help_text = format_html(
                str(_("Words of your own between commas. Already used: {tags}.")),
                tags=", ".join(known),
            )

    def as_data(self) -> CustomerData:
        values = dict(self.cleaned_data)
        values["country"] = values["country"].strip().upper()
        values["tags"] = (values["tags"],)
        return CustomerData(**values)

    @staticmethod
    def initial_of(customer: Customer) -> dict[str, Any]:
        names = CustomerForm.base_fields.keys() - {"tags", "group_invoices"}
        return {name: getattr(customer, name) for name in names} | {
            "tags": ", ".join(tag.name for tag in customer.tags.all()),
            "group_invoices": GROUPING[customer.group_invoices],
        }


def read_only(form: forms.Form, names: Iterable[str]) -> None:
    """Show what comes from Dolibarr, to be changed there."""
    for name in names:
        form.fields[name].disabled = True
        form.fields[name].help_text = ""


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

    def __init__(
        self, *args: Any, contact: Contact | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if contact is not None and contact.source == Source.DOLIBARR:
            read_only(self, CONTACT_OF_DOLIBARR)

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
