"""The forms of the set-up and of the configuration."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from relance.models import Company, MailAccount, User
from relance.models.money import ZERO
from relance.rules.permissions import Action
from relance.rules.rates import HalfYear
from relance.services.company import STALEST, BankData, CompanyData
from relance.services.mail_account import FASTEST, AccountData
from relance.web.fields import TermsField
from relance.web.forms import AmountField

NOTICE = _("Needed for a formal notice.")


# Where France keeps its clocks.
_FRENCH_ZONES = (
    "Europe/Paris",
    "America/Cayenne",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Miquelon",
    "Indian/Mayotte",
    "Indian/Reunion",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Wallis",
)


def time_zones() -> list[tuple[Any, list[tuple[str, str]]]]:
    """Return the time zones of the IANA's table, those of France first."""
    others = sorted(
        name
        for name in available_timezones() - set(_FRENCH_ZONES)
        if "/" in name and not name.startswith(("Etc/", "posix/", "right/"))
    )
    return [
        (_("France"), [(name, name) for name in _FRENCH_ZONES]),
        (_("Elsewhere"), [(name, name) for name in others]),
    ]


class IdentityForm(forms.Form):
    """Who claims: printed on each letter."""

    name = forms.CharField(label=_("Company name"), max_length=120)
    legal_form = forms.CharField(
        label=_("Legal form"), max_length=60, required=False, help_text="SARL, SAS, EI…"
    )
    capital = forms.CharField(label=_("Share capital"), max_length=40, required=False)
    siren = forms.CharField(
        label=_("SIREN"), max_length=14, required=False, help_text=NOTICE
    )
    registry_city = forms.CharField(
        label=_("Trade register (town)"), max_length=60, required=False
    )
    vat_number = forms.CharField(label=_("VAT number"), max_length=20, required=False)
    address = forms.CharField(
        label=_("Address"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text=NOTICE,
    )
    postcode = forms.CharField(label=_("Postcode"), max_length=12, required=False)
    city = forms.CharField(
        label=_("Town"), max_length=80, required=False, help_text=NOTICE
    )
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)
    email = forms.CharField(label=_("E-mail address"), max_length=254, required=False)


class SignatoryForm(forms.Form):
    """Who signs, at the set-up; others come later."""

    signatory_name = forms.CharField(
        label=_("Signatory"), max_length=120, required=False, help_text=NOTICE
    )
    signatory_position = forms.CharField(
        label=_("Position"), max_length=120, required=False
    )


class ChoicesForm(forms.Form):
    """What applies to all reminders."""

    general_delay = forms.CharField(
        label=_("Default delay before the next reminder"),
        max_length=40,
        initial="+ 15 days",
        help_text=_("As you say it: + 15 days, 15 jours, 2 weeks, 1 month."),
    )
    default_terms = TermsField(
        label=_("Your general payment terms"),
        max_length=40,
        initial="NET 30",
        help_text=_("For invoices without a due date: 30 days, 45 days end of month…"),
    )
    group_by_customer = forms.BooleanField(
        label=_("One letter for all the invoices of a customer"),
        required=False,
        initial=True,
        help_text=_("Recommended; applies to mass reminders."),
    )


class ThresholdsForm(forms.Form):
    """What holds whatever the procedure, shown beside the procedures."""

    general_delay = forms.CharField(
        label=_("Default delay before the next reminder"),
        max_length=40,
        help_text=_("As you say it: + 15 days, 15 jours, 2 weeks, 1 month."),
    )
    minimum_interval = forms.IntegerField(
        label=_("Days between two reminders to a customer"),
        min_value=0,
        max_value=90,
        help_text=_("Whatever the invoices. 0: no minimum."),
    )
    minimum_amount = AmountField(
        label=_("Smallest balance worth a reminder"),
        required=False,
        help_text=_("Below it, an invoice is held back."),
    )
    approval_from = AmountField(
        label=_("A second person agrees from"),
        required=False,
        help_text=_("For the levels that ask for it. Empty: whatever the amount."),
    )


class RulesForm(ChoicesForm):
    """The choices of the rules' page, the rarer ones included."""

    # Among the thresholds, beside the procedures.
    general_delay = None  # type: ignore[assignment]
    contract_rate = forms.DecimalField(
        label=_("Penalty rate of your terms of sale (% a year)"),
        required=False,
        max_digits=5,
        decimal_places=2,
        help_text=_("Left empty: the legal default, ECB rate + 10 points."),
    )
    below_floor = forms.ChoiceField(
        label=_("Where that rate is below the legal minimum"),
        choices=[("", _("not chosen")), *Company.BelowFloor.choices],
        required=False,
        help_text=_("A rate below three times the legal rate is not valid."),
    )
    imputation = forms.ChoiceField(
        label=_("Partial payments are set against"),
        choices=Company.Imputation.choices,
        help_text=_("The statement of penalties says which."),
    )
    stop_at_last_rate = forms.BooleanField(
        label=_("When a rate is not known yet, stop penalties at the last known one"),
        required=False,
        help_text=_("The letter says so. Otherwise the reminder waits for the rate."),
    )
    payments_stale_after = forms.IntegerField(
        label=_("Working days after which payments are out of date"),
        min_value=0,
        max_value=STALEST,
        help_text=_("Past them, mass reminders warn before anything leaves."),
    )
    sending_pause = forms.IntegerField(
        label=_("Seconds during which an e-mail may be cancelled"),
        min_value=0,
        max_value=3600,
    )
    attach_stamped_copy = forms.BooleanField(
        label=_("Attach the stamped copy to e-mails instead of the invoice"),
        required=False,
    )
    carriage = forms.BooleanField(
        label=_("Our invoices are for the carriage of goods"),
        required=False,
        help_text=_("They can then be claimed for one year only (L133-6 C. com.)."),
    )


class CompanyForm(IdentityForm):
    """Identity and what is printed with it, saved together."""

    language = forms.ChoiceField(
        label=_("Language of your own records"),
        choices=settings.LANGUAGES,
        help_text=_("Letters speak the language of their customer."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zones,
        help_text=_("It says when a day begins."),
    )
    payment_link = forms.URLField(
        label=_("Online payment address"), required=False, assume_scheme="https"
    )
    mediator_name = forms.CharField(
        label=_("Consumer mediator"), max_length=120, required=False
    )
    mediator_contact = forms.CharField(
        label=_("How to reach the mediator"), max_length=240, required=False
    )


class BankForm(forms.Form):
    """Where customers pay."""

    iban = forms.CharField(
        label=_("IBAN"), max_length=42, required=False, help_text=NOTICE
    )
    bic = forms.CharField(label=_("BIC"), max_length=11, required=False)

    def as_data(self) -> BankData:
        values = self.cleaned_data
        return BankData(iban=values["iban"], bic=values["bic"])


class MailForm(forms.Form):
    """The SMTP account; without one, e-mails stay in the outgoing tray."""

    host = forms.CharField(
        label=_("Server"), max_length=200, required=False, help_text="smtp.exemple.fr"
    )
    port = forms.IntegerField(
        label=_("Port"), required=False, initial=587, min_value=1, max_value=65535
    )
    security = forms.ChoiceField(
        label=_("Encryption"), choices=MailAccount.Security.choices, required=False
    )
    username = forms.CharField(label=_("User name"), max_length=200, required=False)
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        required=False,
        help_text=_("Left empty, the saved one is kept. It is never shown again."),
    )
    sender_name = forms.CharField(
        label=_("Sender's name"), max_length=120, required=False
    )
    sender_email = forms.EmailField(label=_("Sender's address"), required=False)
    reply_to = forms.EmailField(label=_("Reply to"), required=False)
    copy_to = forms.EmailField(label=_("Copy of each e-mail to"), required=False)
    sender_per_user = forms.BooleanField(
        label=_("E-mails come from whoever made the reminder"),
        required=False,
        help_text=_("With their name, and their own address where it is given below."),
    )
    per_minute = forms.IntegerField(
        label=_("E-mails a minute at most"),
        required=False,
        initial=0,
        min_value=0,
        max_value=FASTEST,
        help_text=_("As your provider states it. 0: no limit."),
    )

    def as_data(self) -> AccountData:
        values = dict(self.cleaned_data)
        values["port"] = values["port"] or 587
        values["security"] = values["security"] or MailAccount.Security.STARTTLS
        values["per_minute"] = values["per_minute"] or 0
        return AccountData(**values)

    @staticmethod
    def initial_of(account: MailAccount | None) -> dict[str, Any]:
        if account is None:
            return {}
        names = [name for name in MailForm.base_fields if name != "password"]
        return {name: getattr(account, name) for name in names}


class SendersForm(forms.Form):
    """The own address of each person who makes reminders."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for user in User.objects.filter(is_active=True).exclude(role=""):
            if user.may(Action.REMIND):
                self.fields[str(user.pk)] = forms.CharField(
                    label=str(user),
                    max_length=254,
                    required=False,
                    initial=user.sender_email,
                    widget=forms.EmailInput(attrs={"autocomplete": "off"}),
                )

    def addresses(self) -> dict[int, str]:
        return {int(pk): address for pk, address in self.cleaned_data.items()}


class AdministratorForm(forms.Form):
    """Whoever sets Relance up administers it."""

    person_name = forms.CharField(label=_("Your name"), max_length=120)
    person_email = forms.CharField(
        label=_("Your e-mail address"), help_text=_("You log in with it.")
    )
    person_password = forms.CharField(
        label=_("Choose a password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Twelve characters or more, not too common, not your name."),
    )


class RateForm(forms.Form):
    """A published rate of one half-year."""

    kind = forms.ChoiceField(
        label=_("Rate"),
        choices=[
            ("LEGAL", _("legal interest rate (all other cases)")),
            ("ECB", _("ECB main refinancing rate")),
        ],
    )
    half_year = forms.CharField(
        label=_("Half-year"), max_length=7, help_text=_("For example 2026-S2.")
    )
    percent = forms.DecimalField(
        label=_("Rate (%)"), max_digits=5, decimal_places=2, min_value=0
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=200,
        help_text=_("Where you read it: order of…, ecb.europa.eu…"),
    )
    replace = forms.BooleanField(
        label=_("Replace a rate already verified, which was wrong"), required=False
    )

    def clean_half_year(self) -> str:
        text = str(self.cleaned_data["half_year"]).strip().upper()
        try:
            return str(HalfYear.parse(text))
        except ValueError as error:
            raise forms.ValidationError(_("Write it like 2026-S2.")) from error


def company_data(saved: Company | None, **values: Any) -> CompanyData:
    """Return the company as it is, with these values in their place."""
    names = [field.name for field in fields(CompanyData)]
    kept = {name: getattr(saved, name) for name in names} if saved else {}
    given = {name: value for name, value in values.items() if name in names}
    for name in ("minimum_amount", "approval_from"):
        if given.get(name, ZERO) is None:
            given[name] = ZERO
    return CompanyData(**(kept | given))


def initial_company(saved: Company) -> dict[str, Any]:
    """Return what the company's forms show before anybody typed."""
    forms_of = (CompanyForm, RulesForm, ThresholdsForm)
    names = [name for form in forms_of for name in form.base_fields]
    values = {name: getattr(saved, name) for name in names}
    # No amount at all is an empty box, as its help says.
    amounts = {
        name: f"{amount:.2f}".replace(".", ",")
        if (amount := getattr(saved, name))
        else ""
        for name in ("minimum_amount", "approval_from")
    }
    return values | amounts
