"""Customers and the people to write to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from relance.models.imports import batch_link
from relance.models.levels import Level, Procedure
from relance.models.search import said_in, searched, words_of
from relance.rules.regimes import Regime

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from relance.models.holds import Hold
    from relance.models.invoices import Invoice

LANGUAGES = [("fr", "Français"), ("en", "English")]
REGIMES = [
    (Regime.B2B.value, _("business")),
    (Regime.B2C.value, _("consumer")),
    (Regime.PUBLIC.value, _("public body")),
    (Regime.NON_PRO.value, _("non-professional body")),
]


class Source(models.TextChoices):
    """Where a customer's or an invoice's content comes from."""

    HAND = "hand", _("entered by hand")
    EINVOICE = "einvoice", _("e-invoice")
    SPREADSHEET = "spreadsheet", _("spreadsheet")
    ENTRIES = "entries", _("accounting entries (FEC)")
    DOLIBARR = "dolibarr", _("Dolibarr")


class Tag(models.Model):
    """A word that sorts customers for their user: *VIP*, *export*…"""

    name = models.CharField(_("tag"), max_length=40, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class CustomerQuerySet(models.QuerySet["Customer"]):
    def standing(self) -> CustomerQuerySet:
        """Leave out those that were merged into another: they only keep a code."""
        return self.filter(merged_into=None)

    def matching(self, words: str) -> CustomerQuerySet:
        """Keep the customers whose code, name, SIREN, town or e-mail has every
        word, whatever its case and accents."""
        found = self
        for word in words_of(words):
            found = found.filter(said_in(word, ""))
        return found


class Customer(models.Model):
    """Who owes money. Never deleted once something was invoiced."""

    class Channel(models.TextChoices):
        """How the customer is best reached."""

        LETTER = "letter", _("letter")
        EMAIL = "email", _("e-mail")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    legal_form = models.CharField(_("legal form"), max_length=60, blank=True)
    address = models.TextField(_("address"), blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("town"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, default="FR")
    # A letter came back (NPAI): no other leaves until the address is corrected.
    address_refused_on = models.DateField(
        _("address refused on"), null=True, blank=True
    )
    language = models.CharField(
        _("language"), max_length=2, choices=LANGUAGES, default="fr"
    )
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    siren = models.CharField(_("SIREN"), max_length=9, blank=True)
    siret = models.CharField(_("SIRET"), max_length=14, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    regime = models.CharField(
        _("customer type"),
        max_length=10,
        choices=REGIMES,
        default=Regime.B2B.value,
    )
    procedure = models.ForeignKey(
        Procedure,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("procedure"),
    )
    # None: as far as the procedure goes.
    highest_level = models.ForeignKey(
        Level,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("highest level allowed"),
    )
    preferred_channel = models.CharField(
        _("preferred channel"), max_length=10, choices=Channel, blank=True
    )
    payment_terms = models.CharField(_("payment terms"), max_length=40, blank=True)
    # One letter for several invoices; nothing: as each run says.
    group_invoices = models.BooleanField(
        _("one letter for several invoices"), null=True, blank=True
    )
    tags = models.ManyToManyField(
        Tag, blank=True, related_name="customers", verbose_name=_("tags")
    )
    pinned_note = models.TextField(_("pinned note"), blank=True)
    source = models.CharField(max_length=20, choices=Source, default=Source.HAND)
    external_id = models.CharField(max_length=100, null=True, blank=True)
    batch = batch_link()
    # Merged into another: nothing is theirs any more, but who names their code or
    # their number in another program means the other one.
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="absorbed",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # The order of the alphabet, where "Ébénisterie" follows "Durand".
    sorted_name = searched("name")
    searched = searched("code", "name", "siren", "city", "email")

    objects = CustomerQuerySet.as_manager()

    if TYPE_CHECKING:
        contacts: RelatedManager[Contact]
        holds: RelatedManager[Hold]
        invoices: RelatedManager[Invoice]

    class Meta:
        ordering = ("sorted_name", "code")
        verbose_name = _("customer")
        constraints = (
            models.UniqueConstraint(
                fields=("source", "external_id"), name="customer_once_per_source"
            ),
            models.CheckConstraint(
                condition=~models.Q(code=""), name="customer_has_code"
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True)
                | ~models.Q(merged_into=models.F("pk")),
                name="customer_not_into_itself",
            ),
        )
        indexes = (
            models.Index(Lower("name"), name="customer_by_name"),
            models.Index(fields=("siren",), name="customer_by_siren"),
            models.Index(fields=("sorted_name", "code"), name="customer_in_order"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("customer", args=[self.pk])

    @property
    def survivor(self) -> Customer:
        """Who they are now: themselves, or the one they were merged into."""
        return self.merged_into or self

    @property
    def has_address(self) -> bool:
        """Whether a letter can reach them: a town, and no return since."""
        return bool(self.city.strip()) and self.address_refused_on is None


class Contact(models.Model):
    """A person at the customer's, for some levels or for invoices in general."""

    class Role(models.TextChoices):
        DUNNING = "dunning", _("reminders")
        BILLING = "billing", _("billing")
        OTHER = "other", _("other")

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="contacts"
    )
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(
        _("role"), max_length=10, choices=Role, default=Role.BILLING
    )
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    # Its own postal address; empty: the customer's.
    address = models.TextField(_("address"), blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("town"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    # A letter to that address came back (NPAI): none leaves there until corrected.
    address_refused_on = models.DateField(
        _("address refused on"), null=True, blank=True
    )
    recipient_for = models.ManyToManyField(
        Level, blank=True, related_name="+", verbose_name=_("recipient for")
    )
    copy_for = models.ManyToManyField(
        Level, blank=True, related_name="+", verbose_name=_("in copy for")
    )
    source = models.CharField(max_length=20, choices=Source, default=Source.HAND)
    external_id = models.CharField(max_length=100, null=True, blank=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("contact")
        constraints = (
            models.UniqueConstraint(
                fields=("source", "external_id"), name="contact_once_per_source"
            ),
        )

    def __str__(self) -> str:
        return self.name
