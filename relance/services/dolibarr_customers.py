"""Dolibarr's customers and contacts, as ours: found by their id there alone.

Who has the same name or number here is another customer until somebody says
otherwise. What Dolibarr says is Dolibarr's; customer type, procedure, tags, notes and
the contact for reminders are ours, and no synchronisation touches them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from babel import Locale
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from stdnum.eu import vat
from stdnum.fr import siren, siret

from relance.gateways import dolibarr_content as there
from relance.models import Company, Contact, Customer, Source
from relance.rules.regimes import Regime
from relance.services import dolibarr_holds, history
from relance.services.history import About, Entry
from relance.services.import_customers import FRENCH_SPEAKING

_PLACE = frozenset({"address", "postcode", "city", "country"})


@dataclass(kw_only=True)
class Tally:
    """How many by what became of them."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    warnings: list[str] = field(default_factory=list)


@transaction.atomic
def keep_customers(read: Sequence[there.Customer], *, now: datetime) -> Tally:
    """Create or update the customers of a page, together."""
    Company.objects.select_for_update(no_key=True).first()
    known = _by_external_id(one.id for one in read)
    tally, entries = Tally(), []
    codes = _taken_codes(read)
    new = []
    for one in read:
        found = known.get(one.id)
        if found is None:
            new.append(_new_customer(one, codes))
        elif changed := _update(found, _customer_values(one)):
            tally.updated += 1
            entries.append(_changed_entry(found, changed))
        else:
            tally.unchanged += 1
    for made in Customer.objects.bulk_create(new):
        tally.created += 1
        words = _("Customer %(name)s taken over from Dolibarr.") % {"name": made.name}
        about = About(customer=made)
        entries.append(Entry(action="customer.created", words=words, about=about))
    history.record_many(entries, at=now)
    extras = {one.id: one.extra for one in read}
    dolibarr_holds.follow_customers(extras, now=now, today=localdate(now))
    return tally


@transaction.atomic
def keep_contacts(read: Sequence[there.Contact], *, now: datetime) -> Tally:
    """Create, update or remove the contacts of a page; those of people who are no
    customers here are passed over."""
    customers = customers_called((one.customer for one in read), lock=False)
    known = {
        str(found.external_id): found
        for found in Contact.objects.select_related("customer").filter(
            source=Source.DOLIBARR, external_id__in=[str(one.id) for one in read]
        )
    }
    tally, entries = Tally(), []
    for one in read:
        owner, found = customers.get(one.customer), known.get(str(one.id))
        if owner is None or not one.name or not one.active:
            if found is not None:
                entries.append(_removed(found))
                tally.removed += 1
            continue
        values = _contact_values(one)
        if found is None:
            Contact.objects.create(
                customer=owner,
                role=Contact.Role.OTHER,
                source=Source.DOLIBARR,
                external_id=str(one.id),
                **values,
            )
            tally.created += 1
        elif found.customer_id != owner.pk or _update(found, values):
            found.customer = owner
            found.save(update_fields=["customer"])
            tally.updated += 1
        else:
            tally.unchanged += 1
            continue
        words = _("Contact %(name)s taken over from Dolibarr.") % {"name": one.name}
        about = About(customer=owner)
        entries.append(Entry(action="contact.saved", words=words, about=about))
    history.record_many(entries, at=now)
    return tally


@transaction.atomic
def remove_contacts_besides(ids: set[int], *, now: datetime) -> int:
    """Remove the contacts that Dolibarr has no more; what they received is kept."""
    ours = Contact.objects.select_related("customer").filter(source=Source.DOLIBARR)
    gone = [one for one in ours if int(one.external_id or 0) not in ids]
    history.record_many([_removed(one) for one in gone], at=now)
    return len(gone)


@transaction.atomic
def name_billing_contacts(
    billing: Mapping[int, Iterable[int]], *, now: datetime
) -> None:
    """Say whom invoices go to, by our customer's id: Dolibarr's ids of contacts.

    The contact for reminders is chosen here, and stays chosen.
    """
    entries = []
    theirs = Contact.objects.select_related("customer").filter(
        source=Source.DOLIBARR, customer__in=billing
    )
    for contact in theirs.exclude(role=Contact.Role.DUNNING):
        named = {str(one) for one in billing[contact.customer_id]}
        is_billing = contact.external_id in named
        role = Contact.Role.BILLING if is_billing else Contact.Role.OTHER
        if contact.role == role:
            continue
        contact.role = role
        contact.save(update_fields=["role"])
        words = _("Contact %(name)s: %(role)s, says Dolibarr.") % {
            "name": contact.name,
            "role": contact.get_role_display(),
        }
        about = About(customer=contact.customer)
        entries.append(Entry(action="contact.saved", words=words, about=about))
    history.record_many(entries, at=now)


def known_ids(ids: Iterable[int]) -> set[int]:
    """Return those of Dolibarr's customers that are here."""
    return set(_by_external_id(ids))


def customers_called(ids: Iterable[int], *, lock: bool) -> dict[int, Customer]:
    """Return our customers by Dolibarr's ids: who was merged into another owns
    nothing any more, that other does."""
    found = _by_external_id(ids)
    owners = Customer.objects.filter(pk__in={one.survivor.pk for one in found.values()})
    if lock:
        owners = owners.select_for_update(no_key=True).order_by("pk")
    known = {one.pk: one for one in owners}
    return {id: known[one.survivor.pk] for id, one in found.items()}


def _by_external_id(ids: Iterable[int]) -> dict[int, Customer]:
    wanted = {str(id) for id in ids}
    rows = Customer.objects.filter(source=Source.DOLIBARR, external_id__in=wanted)
    return {
        int(found.external_id or 0): found
        for found in rows.select_related("merged_into")
    }


def _new_customer(one: there.Customer, codes: set[str]) -> Customer:
    code = next(
        code
        for code in (one.code[:40], f"{one.code[:28]}-{one.id}", f"DOLIBARR-{one.id}")
        if code and not code.startswith("-") and code not in codes
    )
    codes.add(code)
    return Customer(
        code=code,
        regime=_regime(one).value,
        source=Source.DOLIBARR,
        external_id=str(one.id),
        **_customer_values(one),
    )


def _taken_codes(read: Sequence[there.Customer]) -> set[str]:
    wanted = [one.code[:40] for one in read]
    wanted += [f"{one.code[:28]}-{one.id}" for one in read]
    found = Customer.objects.filter(code__in=wanted)
    return set(found.values_list("code", flat=True))


def _regime(one: there.Customer) -> Regime:
    """Guess who the customer is, once: the customer's card says otherwise."""
    # INSEE gives SIREN numbers that start with 1 or 2 to the State and local bodies.
    if one.kind == "TE_ADMIN" or one.siren.startswith(("1", "2")):
        return Regime.PUBLIC
    if one.kind == "TE_PRIVATE":
        return Regime.B2C
    return Regime.B2B


def _customer_values(one: there.Customer) -> dict[str, str]:
    country = country_of(one.country) or "FR"
    language = one.language if one.language in ("fr", "en") else ""
    if not language:
        spoken = country in FRENCH_SPEAKING and not one.language
        language = "fr" if spoken else "en"
    return {
        "name": (one.name or f"Dolibarr {one.id}")[:200],
        "address": one.address,
        "postcode": one.postcode[:12],
        "city": one.city[:80],
        "country": country,
        "language": language,
        "email": email_of(one.email),
        "phone": one.phone[:30],
        "siren": one.siren if siren.is_valid(one.siren) else "",
        "siret": _siret(one),
        "vat_number": one.vat if vat.is_valid(one.vat) else "",
    }


def _siret(one: there.Customer) -> str:
    is_theirs = not siren.is_valid(one.siren) or one.siret.startswith(one.siren)
    return one.siret if siret.is_valid(one.siret) and is_theirs else ""


def _contact_values(one: there.Contact) -> dict[str, str]:
    return {
        "name": one.name[:120],
        "email": email_of(one.email),
        "phone": one.phone[:30],
        "address": one.address,
        "postcode": one.postcode[:12],
        "city": one.city[:80],
        "country": country_of(one.country) if one.city else "",
    }


def country_of(code: str) -> str:
    """Return a country's two letters; nothing for what is none."""
    known = len(code) == 2 and code.upper() in Locale("en").territories
    return code.upper() if known else ""


def email_of(said: str) -> str:
    """Return the first address of those that were written, if it is one."""
    first = re.split(r"[\s,;]+", said.strip())[0]
    try:
        validate_email(first)
    except ValidationError:
        return ""
    return first[:254]


def _update(found: Customer | Contact, values: Mapping[str, str]) -> list[str]:
    """Bring a row to what Dolibarr says; return the names of what changed.

    An address of e-mail that was found here for want of one there is kept.
    """
    changed = [
        name
        for name, value in values.items()
        if getattr(found, name) != value and (value or name != "email")
    ]
    if not changed:
        return []
    for name in changed:
        setattr(found, name, values[name])
    if _PLACE & set(changed):
        found.address_refused_on = None
    found.save(update_fields=[*changed, "address_refused_on"])
    return changed


def _changed_entry(found: Customer, changed: Sequence[str]) -> Entry:
    labels = {one.name: one.verbose_name for one in Customer._meta.concrete_fields}
    words = _("Customer %(name)s changed in Dolibarr: %(what)s.") % {
        "name": found.name,
        "what": ", ".join(str(labels[name]) for name in changed),
    }
    about = About(customer=found)
    return Entry(action="customer.changed", words=words, about=about)


def _removed(contact: Contact) -> Entry:
    words = _("Contact %(name)s removed: Dolibarr has them no more.")
    words %= {"name": contact.name}
    about = About(customer=contact.customer)
    contact.delete()
    return Entry(action="contact.removed", words=words, about=about)
