"""The company that claims its money: one for each installation."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.models.money import ZERO, MoneyField
from relance.models.secrets import SecretField


class SecondFactor(models.TextChoices):
    """Who must prove with a second thing, after the password, who they are."""

    NOBODY = "", _("Nobody: each chooses for themselves")
    ADMINISTRATORS = "administrators", _("Administrators")
    EVERYBODY = "everybody", _("Everybody")


class Company(models.Model):
    """Identity printed on letters, and the choices that apply to all of them."""

    class Imputation(models.TextChoices):
        PRINCIPAL = "principal", _("the principal first (accounting practice)")
        INTEREST = "interest", _("interest first (art. 1343-1 of the Civil Code)")

    class BelowFloor(models.TextChoices):
        CONTRACT = "contract", _("keep the rate of your terms, and claim no more")
        DEFAULT = "default", _("claim the legal default: ECB rate + 10 points")

    name = models.CharField(_("company name"), max_length=120)
    legal_form = models.CharField(_("legal form"), max_length=60, blank=True)
    capital = models.CharField(_("share capital"), max_length=40, blank=True)
    siren = models.CharField(_("SIREN"), max_length=9, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    registry_city = models.CharField(
        _("trade register (town)"), max_length=60, blank=True
    )
    address = models.TextField(_("address"), blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("town"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, default="FR")
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    # What letters say about a new account, until a day.
    bank_note = models.CharField(
        _("sentence on the new account"), max_length=300, blank=True
    )
    bank_note_until = models.DateField(_("until"), null=True, blank=True)
    # From this day another account is agreed upon: see BankChange.
    next_bank_on = models.DateField(null=True, blank=True)
    payment_link = models.URLField(_("online payment address"), blank=True)
    mediator_name = models.CharField(_("consumer mediator"), max_length=120, blank=True)
    mediator_contact = models.CharField(
        _("how to reach the mediator"), max_length=240, blank=True
    )

    general_delay = models.CharField(
        _("default delay before the next reminder"), max_length=40, default="+ 15 days"
    )
    default_terms = models.CharField(
        _("payment terms"), max_length=40, default="NET 30"
    )
    group_by_customer = models.BooleanField(
        _("one letter for all the invoices of a customer"), default=True
    )
    minimum_interval = models.PositiveSmallIntegerField(
        _("days between two reminders to a customer"), default=7
    )
    minimum_amount = MoneyField(_("smallest balance worth a reminder"), default=ZERO)
    # For the levels that need a second person.
    approval_from = MoneyField(
        _("balance from which a second person agrees"), default=ZERO
    )
    contract_rate = models.DecimalField(
        _("penalty rate of your terms of sale (% a year)"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    # Art. L441-10 II: what is claimed in half-years where that rate is not valid.
    # Nothing chosen: never more than the contract.
    below_floor = models.CharField(
        _("where that rate is below the legal minimum"),
        max_length=10,
        choices=BelowFloor,
        blank=True,
    )
    imputation = models.CharField(
        _("partial payments are set against"),
        max_length=10,
        choices=Imputation,
        default=Imputation.PRINCIPAL,
    )
    # Art. L133-6 C. com.: what is owed for the carriage of goods lapses in a year.
    carriage = models.BooleanField(
        _("invoices for the carriage of goods"), default=False
    )
    # Correction 9 of our notes on the law: amounts may stop at the last known rate.
    stop_at_last_rate = models.BooleanField(
        _("stop penalties at the last known rate"), default=False
    )
    # Past this many working days without a payment or a bank import, a run warns.
    payments_stale_after = models.PositiveSmallIntegerField(
        _("working days after which payments are out of date"), default=2
    )
    # What was reminded before Relance: until somebody answers, no run is approved.
    takeover_answered_at = models.DateTimeField(null=True, blank=True)
    # Nothing is proposed before this day, which the first run waits for.
    nothing_before = models.DateField(
        _("propose nothing before"), null=True, blank=True
    )
    sending_pause = models.PositiveSmallIntegerField(
        _("seconds during which a sending may be cancelled"), default=60
    )
    attach_stamped_copy = models.BooleanField(
        _("attach the stamped copy to e-mails"), default=False
    )
    second_factor = models.CharField(
        _("second factor required"), max_length=14, blank=True, choices=SecondFactor
    )
    language = models.CharField(
        _("language"),
        max_length=2,
        default="fr",
        choices=[("fr", "Français"), ("en", "English")],
    )
    # A name of the IANA's table: when a day begins and ends here.
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris")

    class Meta:
        verbose_name = _("company")
        constraints = (
            models.CheckConstraint(condition=models.Q(pk=1), name="company_is_one"),
        )

    def __str__(self) -> str:
        return self.name


class MailAccount(models.Model):
    """The SMTP account; without one, e-mails stay in the outgoing tray."""

    class Security(models.TextChoices):
        STARTTLS = "starttls", "STARTTLS (587)"
        TLS = "tls", "TLS (465)"
        NONE = "none", _("none (local server only)")

    host = models.CharField(_("server"), max_length=200)
    port = models.PositiveIntegerField(_("port"), default=587)
    security = models.CharField(
        _("encryption"), max_length=10, choices=Security, default=Security.STARTTLS
    )
    username = models.CharField(_("user name"), max_length=200, blank=True)
    password = SecretField(_("password"), blank=True)
    sender_name = models.CharField(_("sender's name"), max_length=120, blank=True)
    sender_email = models.EmailField(_("sender's address"))
    reply_to = models.EmailField(_("reply to"), blank=True)
    copy_to = models.EmailField(_("copy of each e-mail to"), blank=True)
    # An e-mail comes from whoever made the reminder, if they have an own address.
    sender_per_user = models.BooleanField(
        _("e-mails come from whoever made the reminder"), default=False
    )
    # Providers limit it; 0: as fast as the server takes them.
    per_minute = models.PositiveIntegerField(
        _("e-mails a minute at most (0: no limit)"), default=0
    )

    class Meta:
        verbose_name = _("mail account")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(pk=1), name="mail_account_is_one"
            ),
        )

    def __str__(self) -> str:
        return f"{self.sender_email} ({self.host})"
