"""Where a reminder goes: the person, the window's lines, the e-mail address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import override

from relance.gateways.wording import PostalAddress, postal_address
from relance.models import Company, Contact, Customer, Level
from relance.rules.recipients import Person, Why, choose
from relance.rules.regimes import Regime


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Who receives a reminder and why; a letter has lines, an e-mail an address."""

    name: str
    why: Why
    email: str = ""
    copies: tuple[str, ...] = ()
    address: tuple[str, ...] = ()

    def as_data(self) -> dict[str, object]:
        """Return what the reminder keeps of it."""
        return {
            "name": self.name,
            "why": self.why.value,
            "email": self.email,
            "copies": list(self.copies),
            "address": list(self.address),
        }


def destination(
    customer: Customer, level: Level, *, by_email: bool, company: Company
) -> Destination | None:
    """Return where a reminder of this level goes.

    ``None``: by e-mail, no address is known; by letter, no address is usable.
    """
    # Read beforehand where there are many customers: see queries/dossiers.py.
    contacts = sorted(customer.contacts.all(), key=lambda contact: contact.pk)
    people = [
        person_of(
            contact,
            recipient_for=(one.rank for one in contact.recipient_for.all()),
            copy_for=(one.rank for one in contact.copy_for.all()),
        )
        for contact in contacts
    ]
    found = choose(
        people,
        rank=level.rank,
        by_email=by_email,
        customer_email=customer.email,
        is_formal_notice=level.is_formal_notice,
    )
    if found is None:
        return None
    if by_email:
        return Destination(
            name=found.person.name if found.person else customer.name,
            why=found.why,
            email=found.person.email if found.person else customer.email,
            copies=found.copies,
        )
    why = _office(customer) if found.why == Why.REGISTERED_OFFICE else found.why
    lines = _window(customer, found.person, why=why, company=company)
    if not lines:
        return None
    name = found.person.name if found.person else customer.name
    return Destination(name=name, why=why, address=lines)


def can_reach(
    customer: Customer, people: Sequence[Person], level: Level, *, by_email: bool
) -> bool:
    """Say whether ``destination`` would find one, for customers by the thousand.

    ``people`` are the customer's contacts, oldest first.
    """
    found = choose(
        people,
        rank=level.rank,
        by_email=by_email,
        customer_email=customer.email,
        is_formal_notice=level.is_formal_notice,
    )
    if found is None or by_email:
        return found is not None
    return _is_usable(customer, found.person)


def legal_address(customer: Customer, *, company: Company) -> tuple[str, ...]:
    """Return the debtor's exact name and seat, for a notice that no post carries.

    An address that the post could not deliver to still says who is meant.
    """
    if not customer.city:
        return ()
    return _lines(customer, None, why=_office(customer), company=company)


def debtor_name(customer: Customer) -> str:
    """Return the exact legal name: the form is added when the name lacks it."""
    form = customer.legal_form.strip()
    if not form or form.casefold() in customer.name.casefold().split():
        return customer.name
    return f"{customer.name} {form}"


def _office(customer: Customer) -> Why:
    """A private person has no registered office."""
    return Why.CUSTOMER if customer.regime == Regime.B2C else Why.REGISTERED_OFFICE


def person_of(
    contact: Contact, *, recipient_for: Iterable[int], copy_for: Iterable[int] = ()
) -> Person:
    """Return a contact as the rule sees it, with the ranks that go to them."""
    own = (contact.address, contact.postcode, contact.city, contact.country)
    return Person(
        name=contact.name,
        role=contact.role,
        email=contact.email,
        address=own if contact.city else None,
        address_refused=contact.address_refused_on is not None,
        recipient_for=frozenset(recipient_for),
        copy_for=frozenset(copy_for),
    )


def _window(
    customer: Customer, person: Person | None, *, why: Why, company: Company
) -> tuple[str, ...]:
    """Return the lines of the window; none when the address cannot be used."""
    if not _is_usable(customer, person):
        return ()
    return _lines(customer, person, why=why, company=company)


def _is_usable(customer: Customer, person: Person | None) -> bool:
    """Say whether the post finds them: at the contact's own address, else at the
    customer's, unless it brought a letter back from there."""
    if person is not None and person.address is not None:
        return not person.address_refused
    return customer.has_address


def _lines(
    customer: Customer, person: Person | None, *, why: Why, company: Company
) -> tuple[str, ...]:
    own = person.address if person is not None else None
    street, postcode, town, country = own or (
        customer.address,
        customer.postcode,
        customer.city,
        customer.country,
    )
    return postal_address(
        PostalAddress(
            name=debtor_name(customer),
            attention=_attention(customer, person, why=why),
            street=street,
            postcode=postcode,
            town=town,
            country=country or customer.country,
        ),
        sender_country=company.country,
        language=company.language,
    )


def _attention(customer: Customer, person: Person | None, *, why: Why) -> str:
    with override(customer.language):
        if person is not None:
            return _("Attn. %(name)s") % {"name": person.name}
        if why == Why.REGISTERED_OFFICE:
            return _("For the attention of the legal representative")
    return ""


WHY_WORDS = {
    Why.LEVEL_CONTACT: lambda: _("contact chosen for this level"),
    Why.DUNNING_CONTACT: lambda: _("contact for reminders"),
    Why.BILLING_CONTACT: lambda: _("billing contact"),
    Why.CUSTOMER: lambda: _("the customer's own address"),
    Why.REGISTERED_OFFICE: lambda: _("the registered office, for a formal notice"),
}
