"""Customers and their contacts: created, corrected, never silently merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from babel import Locale
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from stdnum.eu import vat
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fr import siren as siren_number
from stdnum.fr import siret as siret_number

from relance.models import Company, Contact, Customer, Level, Procedure, Source, User
from relance.rules.delays import InvalidDelay, parse_terms
from relance.rules.regimes import Regime
from relance.services import history
from relance.services.history import About
from relance.services.refusal import Refused
from relance.services.tags import check_tags, set_tags

# Changed in Dolibarr, for customers and contacts that come from there.
OF_DOLIBARR = (
    "name",
    "address",
    "postcode",
    "city",
    "country",
    "language",
    "email",
    "phone",
    "siren",
    "siret",
    "vat_number",
)
CONTACT_OF_DOLIBARR = (
    "name",
    "email",
    "phone",
    "address",
    "postcode",
    "city",
    "country",
)


@dataclass(frozen=True, kw_only=True)
class CustomerData:
    """What a customer's form says; an empty code gets the next one."""

    name: str
    code: str = ""
    legal_form: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "FR"
    language: str = "fr"
    email: str = ""
    phone: str = ""
    siren: str = ""
    siret: str = ""
    vat_number: str = ""
    regime: str = Regime.B2B.value
    procedure: Procedure | None = None
    # None: as far as the procedure goes.
    highest_level: Level | None = None
    preferred_channel: str = ""
    payment_terms: str = ""
    # One letter for several invoices; nothing: as each run says.
    group_invoices: bool | None = None
    # Words, or texts of words between commas.
    tags: Sequence[str] = ()
    pinned_note: str = ""


@dataclass(frozen=True, kw_only=True)
class ContactData:
    """What a contact's form says."""

    name: str
    role: str = Contact.Role.BILLING.value
    email: str = ""
    phone: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    recipient_for: Sequence[Level] = ()
    copy_for: Sequence[Level] = ()


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a customer comes from, when not from a form."""

    source: Source = Source.HAND
    external_id: str | None = None


def who_now(customer: Customer) -> Customer:
    """Return, locked, who a customer is: the one they were merged into, if they
    were since the page was shown. Inside the caller's transaction."""
    rows = Customer.objects.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("merged_into").get(pk=customer.pk)
    return found if found.merged_into_id is None else who_now(found.survivor)


@transaction.atomic
def create_customer(
    data: CustomerData, *, origin: Origin = Origin(), by: User | None, now: datetime
) -> Customer:
    """Create a customer after checking every number given."""
    values, tags = _checked(data), check_tags(data.tags)
    # Two at once: the second waits here, then sees the code that the first took.
    Company.objects.select_for_update(no_key=True).first()
    values["code"] = values["code"] or next_code()
    _refuse_same_code(str(values["code"]), besides=None)
    customer = Customer.objects.create(
        **values, source=origin.source, external_id=origin.external_id
    )
    set_tags(customer, tags)
    words = _("Customer %(name)s created.") % {"name": customer.name}
    history.record(
        "customer.created", words, about=About(customer=customer), by=by, at=now
    )
    return customer


@transaction.atomic
def edit_customer(
    customer: Customer, data: CustomerData, *, by: User | None, now: datetime
) -> Customer:
    """Change a customer; a corrected address may receive letters again."""
    Company.objects.select_for_update(no_key=True).first()
    locked = who_now(customer)
    if locked.pk != customer.pk:
        raise Refused(
            _("This customer was merged into %(name)s meanwhile: change that one.")
            % {"name": locked.name}
        )
    values, tags = _checked(data), check_tags(data.tags)
    values["code"] = values["code"] or locked.code
    _refuse_same_code(str(values["code"]), besides=locked.pk)
    if locked.source == Source.DOLIBARR:
        # A synchronisation would take it back.
        values |= {name: getattr(locked, name) for name in kept_there(locked)}
    changed = [name for name, value in values.items() if getattr(locked, name) != value]
    labels = [str(_LABELS[name]) for name in changed]
    if set_tags(locked, tags):
        labels.append(_("tags"))
    if not labels:
        return locked
    for name in changed:
        setattr(locked, name, values[name])
    if {"address", "postcode", "city", "country"} & set(changed):
        locked.address_refused_on = None
    locked.save()
    words = _("Customer %(name)s changed: %(what)s.") % {
        "name": locked.name,
        "what": ", ".join(labels),
    }
    history.record(
        "customer.changed", words, about=About(customer=locked), by=by, at=now
    )
    return locked


def kept_there(customer: Customer) -> tuple[str, ...]:
    """Return what only Dolibarr changes of a customer that comes from there; an
    address of e-mail that it does not know may be entered here."""
    return tuple(name for name in OF_DOLIBARR if name != "email" or customer.email)


@transaction.atomic
def set_email(
    customer: Customer, email: str, *, by: User | None, now: datetime
) -> Customer:
    """Keep the e-mail address that was missing for a reminder."""
    address = email.strip()
    if not address:
        raise Refused(_("Enter the e-mail address."), field="new_email")
    check_email(address, field="new_email")
    customer.email = address
    customer.save(update_fields=["email"])
    words = _("E-mail address of %(name)s: %(email)s.") % {
        "name": customer.name,
        "email": address,
    }
    history.record(
        "customer.changed", words, about=About(customer=customer), by=by, at=now
    )
    return customer


@transaction.atomic
def refuse_address(
    customer: Customer, *, on: date, by: User | None, now: datetime
) -> Customer:
    """Record that the post returned a letter: no more letters until it is corrected."""
    customer.address_refused_on = on
    customer.save(update_fields=["address_refused_on"])
    words = _("Letter to %(name)s returned: the address must be corrected.") % {
        "name": customer.name
    }
    history.record(
        "customer.address_refused",
        words,
        about=About(customer=customer),
        by=by,
        at=now,
    )
    return customer


@transaction.atomic
def save_contact(
    customer: Customer,
    data: ContactData,
    *,
    contact: Contact | None = None,
    by: User | None,
    now: datetime,
) -> Contact:
    """Add a contact, or change one."""
    values = {
        name: value.strip() if isinstance(value, str) else value
        for name, value in asdict(data).items()
        if name not in ("recipient_for", "copy_for")
    }
    if not values["name"]:
        raise Refused(_("Enter the contact's name."), field="name")
    if values["email"]:
        check_email(values["email"])
    if values["country"]:
        check_country(values["country"])
    if data.copy_for and not values["email"]:
        raise Refused(_("A copy needs an e-mail address."), field="email")
    found = contact or Contact(customer=who_now(customer))
    where = ("address", "postcode", "city", "country")
    if any(getattr(found, name) != values[name] for name in where):
        found.address_refused_on = None
    for name, value in values.items():
        setattr(found, name, value)
    found.save()
    found.recipient_for.set(data.recipient_for)
    found.copy_for.set(data.copy_for)
    words = _("Contact %(name)s saved.") % {"name": found.name}
    history.record(
        "contact.saved", words, about=About(customer=customer), by=by, at=now
    )
    return found


@transaction.atomic
def remove_contact(contact: Contact, *, by: User | None, now: datetime) -> None:
    """Remove a contact; what was sent to them stays in the history."""
    words = _("Contact %(name)s removed.") % {"name": contact.name}
    about = About(customer=contact.customer)
    history.record("contact.removed", words, about=about, by=by, at=now)
    contact.delete()


def next_code() -> str:
    """Return the next code of the series C00001; codes of other shapes are left."""
    last = Customer.objects.filter(code__regex=r"^C\d{5}$").aggregate(last=Max("code"))[
        "last"
    ]
    return f"C{int(last[1:]) + 1 if last else 1:05d}"


def _checked(data: CustomerData) -> dict[str, object]:
    """Return the values to store; raise Refused on the first that is wrong."""
    values: dict[str, object] = {
        name: value.strip() if isinstance(value, str) else value
        for name, value in vars(data).items()
        if name != "tags"
    }
    if not data.name.strip():
        raise Refused(_("Enter the customer's name."), field="name")
    check_country(data.country)
    if data.email.strip():
        check_email(data.email.strip())
    values["siren"] = _number(siren_number, data.siren, field="siren", what="SIREN")
    values["siret"] = _number(siret_number, data.siret, field="siret", what="SIRET")
    values["vat_number"] = check_vat(data.vat_number)
    if values["siret"] and not values["siren"]:
        values["siren"] = str(values["siret"])[:9]
    if values["siret"] and not str(values["siret"]).startswith(str(values["siren"])):
        raise Refused(_("SIREN and SIRET are not of the same company."), field="siret")
    if data.payment_terms.strip():
        values["payment_terms"] = check_terms(data.payment_terms)
    return values


def check_terms(text: str, *, field: str = "payment_terms") -> str:
    """Return payment terms as they are stored ("NET 30"); raise Refused."""
    try:
        return str(parse_terms(text))
    except InvalidDelay as error:
        raise Refused(
            _(
                "“%(text)s” is not understood. Examples: 30 days, 45 days end of "
                "month, on receipt."
            )
            % {"text": text},
            field=field,
        ) from error


def _number(module: object, value: str, *, field: str, what: str) -> str:
    if not value.strip():
        return ""
    try:
        return str(module.validate(value))  # type: ignore[attr-defined]
    except NumberError as error:
        raise Refused(
            _("%(value)s is not a valid %(what)s number: check its digits.")
            % {"value": value.strip(), "what": what},
            field=field,
        ) from error


def check_vat(value: str) -> str:
    """Check numbers of the Union; others are kept as they are written."""
    compact = value.strip().upper().replace(" ", "")
    if compact[:2] not in _UNION:
        return compact
    try:
        return str(vat.validate(compact))
    except NumberError as error:
        raise Refused(
            _("%(value)s is not a valid VAT number: check its digits.")
            % {"value": value.strip()},
            field="vat_number",
        ) from error


_LABELS = {
    column.name: column.verbose_name for column in Customer._meta.concrete_fields
}
_UNION = frozenset(code.upper() for code in vat.MEMBER_STATES) | {"EL", "XI"}


def check_email(value: str, *, field: str = "email") -> None:
    """Refuse what is no e-mail address."""
    try:
        validate_email(value)
    except ValidationError as error:
        raise Refused(
            _("%(value)s is not an e-mail address.") % {"value": value}, field=field
        ) from error


def check_country(code: str) -> None:
    """Refuse what is no country's two letters."""
    if code not in Locale("en").territories or len(code) != 2:
        raise Refused(_("%(code)s is not a country.") % {"code": code}, field="country")


def _refuse_same_code(code: str, *, besides: int | None) -> None:
    other = Customer.objects.filter(code=code).first()
    if other is not None and other.pk != besides:
        raise Refused(
            _("Code %(code)s already belongs to %(name)s.")
            % {"code": code, "name": other.name},
            field="code",
        )
