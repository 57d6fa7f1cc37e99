"""The customer that an e-invoice names: found, completed, or created."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from babel import Locale
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F
from django.utils.translation import gettext as _
from stdnum.eu import vat
from stdnum.fr import siren as siren_number
from stdnum.fr import siret as siret_number

from relance.gateways.einvoice_content import Buyer
from relance.models import Contact, Customer, Source, User
from relance.rules.regimes import Regime
from relance.services import customers, history
from relance.services.customers import ContactData, CustomerData, Origin
from relance.services.history import About

# Where French is a language of business; elsewhere letters start in English.
FRENCH_SPEAKING = frozenset(
    {"FR", "BE", "LU", "CH", "MC", "GP", "MQ", "GF", "RE", "YT"}
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """The customer, and what the user should look at."""

    customer: Customer
    warnings: tuple[str, ...] = ()


def customer_of(buyer: Buyer, *, by: User | None, now: datetime) -> Found:
    """Return the customer of an e-invoice.

    Known by SIREN, else VAT number, else the seller's own code, else exact name and
    postcode; one that was merged into another is that other. A known customer is
    completed where it was empty, never overwritten.
    """
    known = next((found.survivor for found in _candidates(buyer)), None)
    if known is not None:
        _complete(known, buyer, by=by, now=now)
        return Found(customer=known)
    return _create(buyer, by=by, now=now)


def _candidates(buyer: Buyer) -> Iterator[Customer]:
    siren = buyer.siren or buyer.siret[:9]
    # Those who stand before those who were merged, which still mean somebody.
    everybody = Customer.objects.select_related("merged_into").order_by(
        F("merged_into").asc(nulls_first=True), "pk"
    )
    if siren:
        yield from everybody.filter(siren=siren)[:1]
    if buyer.vat:
        yield from everybody.filter(vat_number=buyer.vat)[:1]
    if buyer.code:
        yield from (
            found
            for found in everybody.filter(code=buyer.code)
            if _same_name(found.name, buyer.name)
        )
    same_place = everybody.filter(postcode=buyer.postcode)
    for found in same_place:
        # Two numbers that differ are two companies, whatever their name.
        other = siren and found.siren and found.siren != siren
        if not other and _same_name(found.name, buyer.name):
            yield found


def _create(buyer: Buyer, *, by: User | None, now: datetime) -> Found:
    numbers, warnings = _numbers(buyer)
    regime = Regime.B2B
    # INSEE gives SIREN numbers that start with 1 or 2 to the State and local bodies.
    if numbers["siren"].startswith(("1", "2")):
        regime = Regime.PUBLIC
    if not any(numbers.values()):
        words = _("%(name)s has neither SIREN nor VAT number: check the customer type.")
        warnings.append(words % {"name": buyer.name})
    country = _country(buyer.country)
    data = CustomerData(
        name=buyer.name[:200],
        code=_free_code(buyer.code),
        address="\n".join(buyer.lines),
        postcode=buyer.postcode[:12],
        city=buyer.city[:80],
        country=country,
        language="fr" if country in FRENCH_SPEAKING else "en",
        email=_email(buyer.email),
        phone=buyer.phone[:30],
        regime=regime.value,
        siren=numbers["siren"],
        siret=numbers["siret"],
        vat_number=numbers["vat_number"],
    )
    origin = Origin(source=Source.EINVOICE)
    customer = customers.create_customer(data, origin=origin, by=by, now=now)
    if buyer.contact:
        contact = ContactData(
            name=buyer.contact[:120],
            role=Contact.Role.BILLING.value,
            email=_email(buyer.email),
            phone=buyer.phone[:30],
        )
        customers.save_contact(customer, contact, by=by, now=now)
    return Found(customer=customer, warnings=tuple(warnings))


def _complete(
    customer: Customer, buyer: Buyer, *, by: User | None, now: datetime
) -> None:
    numbers, _warnings = _numbers(buyer)
    offered = {
        **numbers,
        "email": _email(buyer.email),
        "phone": buyer.phone[:30],
    }
    if not customer.city:
        offered |= {
            "address": "\n".join(buyer.lines),
            "postcode": buyer.postcode[:12],
            "city": buyer.city[:80],
        }
    added = [
        name for name, value in offered.items() if value and not getattr(customer, name)
    ]
    if not added:
        return
    for name in added:
        setattr(customer, name, offered[name])
    customer.save(update_fields=added)
    words = _("Customer %(name)s completed from an e-invoice.") % {
        "name": customer.name
    }
    history.record(
        "customer.completed", words, about=About(customer=customer), by=by, at=now
    )


def _numbers(buyer: Buyer) -> tuple[dict[str, str], list[str]]:
    """Return the numbers that are right; a wrong one is left out, and said."""
    checks = (
        ("siren", buyer.siren or buyer.siret[:9], siren_number.is_valid),
        ("siret", buyer.siret, siret_number.is_valid),
        ("vat_number", buyer.vat, vat.is_valid),
    )
    kept, warnings = {}, []
    for name, value, is_valid in checks:
        kept[name] = value if value and is_valid(value) else ""
        if value and not kept[name]:
            words = _("%(number)s is not a valid number: it was left out.")
            warnings.append(words % {"number": value})
    return kept, warnings


def _free_code(code: str) -> str:
    taken = not code or len(code) > 40 or Customer.objects.filter(code=code).exists()
    return "" if taken else code


def _country(code: str) -> str:
    known = len(code) == 2 and code.upper() in Locale("en").territories
    return code.upper() if known else "FR"


def _email(value: str) -> str:
    try:
        validate_email(value)
    except ValidationError:
        return ""
    return value


def _same_name(one: str, other: str) -> bool:
    return plain_name(one) == plain_name(other)


def plain_name(name: str) -> str:
    """Return a name without accents, case, punctuation."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in parts if char.isalnum())
