"""The company: identity, bank, and the choices that apply to all reminders."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import available_timezones

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from stdnum import bic as bic_number
from stdnum import iban as iban_number
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fr import siren as siren_number

from relance.gateways import wording
from relance.models import Company, User
from relance.models.money import ZERO
from relance.queries.company import company
from relance.queries.rates import half_years_in_use, rate_table
from relance.queries.stationery import signatories
from relance.rules.delays import InvalidDelay, parse_delay
from relance.rules.rates import legal_floor
from relance.services import history
from relance.services.active_language import active_language
from relance.services.customers import (
    check_country,
    check_email,
    check_terms,
    check_vat,
)
from relance.services.history import About
from relance.services.penalty_words import half_year_words
from relance.services.refusal import Refused
from relance.services.touching import touch_all

# Working days: past a quarter, payments are out of date whatever one answers.
STALEST = 60


@dataclass(frozen=True, kw_only=True)
class CompanyData:
    """Identity and choices; the bank details are changed apart."""

    name: str
    legal_form: str = ""
    capital: str = ""
    siren: str = ""
    vat_number: str = ""
    registry_city: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "FR"
    phone: str = ""
    email: str = ""
    payment_link: str = ""
    mediator_name: str = ""
    mediator_contact: str = ""
    general_delay: str = "+ 15 days"
    default_terms: str = "NET 30"
    group_by_customer: bool = True
    minimum_interval: int = 7
    minimum_amount: Decimal = ZERO
    approval_from: Decimal = ZERO
    contract_rate: Decimal | None = None
    below_floor: str = ""
    imputation: str = Company.Imputation.PRINCIPAL.value
    carriage: bool = False
    stop_at_last_rate: bool = False
    payments_stale_after: int = 2
    sending_pause: int = 60
    attach_stamped_copy: bool = False
    language: str = "fr"
    time_zone: str = "Europe/Paris"


@dataclass(frozen=True, kw_only=True)
class BankData:
    """The account that customers pay to."""

    iban: str
    bic: str = ""


def create_company(
    data: CompanyData, bank: BankData, *, by: User | None, now: datetime
) -> Company:
    """Create the company at the set-up, inside the caller's transaction."""
    values = check_company(data)
    iban, bic = check_bank(bank)
    created = Company.objects.create(pk=1, **values, iban=iban, bic=bic)
    words = _("Company %(name)s set up.") % {"name": created.name}
    history.record("company.created", words, about=About(), by=by, at=now)
    return created


@transaction.atomic
def save_company(data: CompanyData, *, by: User | None, now: datetime) -> Company:
    """Change identity and choices. Letters already made keep what they said.

    A contract rate below the legal minimum is refused until somebody says what is
    then claimed.
    """
    values = check_company(data)
    warning = floor_warning(data.contract_rate, today=timezone.localdate(now))
    if warning and not data.below_floor:
        say = _("Say below what you claim then.")
        raise Refused(f"{warning} {say}", field="below_floor")
    saved = Company.objects.select_for_update().get()
    changed = [name for name, value in values.items() if getattr(saved, name) != value]
    if not changed:
        return saved
    for name in changed:
        setattr(saved, name, values[name])
    saved.save(update_fields=changed)
    what = ", ".join(str(_LABELS[name]) for name in changed)
    words = _("Company changed: %(what)s.") % {"what": what}
    history.record("company.changed", words, about=About(), by=by, at=now)
    touch_all()
    return saved


def missing_for_formal_notice() -> list[str]:
    """Return, in words, what the company lacks for a formal notice (§ 1.8 of our
    notes on the law: who claims, how to pay, who signs)."""
    ours = company()
    wanted = {
        _("your address"): ours.address and ours.city,
        _("your SIREN number"): ours.siren,
        _("your IBAN"): ours.iban,
        _("the signatory's name"): signatories().main,
        _("a telephone or e-mail to contest"): ours.phone or ours.email,
    }
    return [words for words, value in wanted.items() if not value]


def floor_warning(rate: Decimal | None, *, today: date) -> str:
    """Say in which half-years in use a contract rate is below three times the legal
    rate, with that minimum: such a clause is not valid there (art. L441-10 II).
    Empty when there is none."""
    if rate is None:
        return ""
    rates = rate_table()
    below = [
        f"{half_year_words(half_year)} ({rate_words(floor)})"
        for half_year in half_years_in_use(today=today)
        if (floor := legal_floor(rates, half_year)) is not None and rate < floor
    ]
    if not below:
        return ""
    return _(
        "%(rate)s is below the legal minimum (three times the legal rate) in: %(when)s."
    ) % {"rate": rate_words(rate), "when": ", ".join(below)}


def rate_words(percent: Decimal) -> str:
    return wording.rate(percent, language=active_language())


def check_company(data: CompanyData) -> dict[str, object]:
    """Return what to store; raise Refused on the first answer that is wrong."""
    values: dict[str, object] = {
        name: value.strip() if isinstance(value, str) else value
        for name, value in asdict(data).items()
    }
    if not values["name"]:
        raise Refused(_("Enter the name of your company."), field="name")
    _refuse_too_long(values)
    check_country(data.country)
    if values["email"]:
        check_email(str(values["email"]))
    values["siren"] = _siren(data.siren)
    values["vat_number"] = check_vat(data.vat_number)
    values["default_terms"] = check_terms(data.default_terms, field="default_terms")
    values["general_delay"] = _delay(data.general_delay)
    _check_choices(data)
    if data.contract_rate is not None and not 0 <= data.contract_rate < 100:
        raise Refused(_("Enter a rate between 0 and 100 %."), field="contract_rate")
    for field in ("minimum_amount", "approval_from"):
        if getattr(data, field) < ZERO:
            raise Refused(_("Enter an amount above zero."), field=field)
    if not 0 <= data.payments_stale_after <= STALEST:
        words = _("Enter a number of days from 0 to %(most)s.") % {"most": STALEST}
        raise Refused(words, field="payments_stale_after")
    return values


def _check_choices(data: CompanyData) -> None:
    if data.time_zone not in available_timezones():
        raise Refused(
            _("“%(zone)s” is not a time zone. Example: Europe/Paris.")
            % {"zone": data.time_zone},
            field="time_zone",
        )
    choices: dict[str, tuple[str, ...]] = {
        "language": tuple(code for code, _name in settings.LANGUAGES),
        "imputation": tuple(Company.Imputation.values),
        "below_floor": ("", *Company.BelowFloor.values),
    }
    for field, known in choices.items():
        if getattr(data, field) not in known:
            raise Refused(_("Choose one of the answers."), field=field)


def _refuse_too_long(values: dict[str, object]) -> None:
    for column in Company._meta.concrete_fields:
        text, longest = values.get(column.name), column.max_length
        # Numbers are written with spaces, which are not kept.
        if column.name in ("siren", "vat_number") or not isinstance(text, str):
            continue
        if longest is not None and len(text) > longest:
            words = _("Too long: %(count)s characters at most.")
            raise Refused(words % {"count": longest}, field=column.name)


def _siren(value: str) -> str:
    if not value.strip():
        return ""
    try:
        return str(siren_number.validate(value))
    except NumberError as error:
        raise Refused(
            _("%(value)s is not a valid %(what)s number: check its digits.")
            % {"value": value.strip(), "what": "SIREN"},
            field="siren",
        ) from error


def _delay(text: str) -> str:
    try:
        return str(parse_delay(text))
    except InvalidDelay as error:
        raise Refused(
            _("“%(text)s” is not a delay. Examples: + 15 days, 15 jours, 2 weeks.")
            % {"text": text},
            field="general_delay",
        ) from error


def check_bank(bank: BankData) -> tuple[str, str]:
    """Return IBAN and BIC as stored; raise Refused on the first that is wrong."""
    iban = bic = ""
    if bank.iban.strip():
        try:
            iban = str(iban_number.validate(bank.iban))
        except NumberError as error:
            raise Refused(
                _("%(value)s is not a valid IBAN: check its digits.")
                % {"value": bank.iban.strip()},
                field="iban",
            ) from error
    if bank.bic.strip():
        try:
            bic = str(bic_number.validate(bank.bic))
        except NumberError as error:
            raise Refused(
                _("%(value)s is not a valid BIC.") % {"value": bank.bic.strip()},
                field="bic",
            ) from error
    return iban, bic


_LABELS = {column.name: column.verbose_name for column in Company._meta.concrete_fields}
