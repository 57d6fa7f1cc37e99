"""What the return of a letter does: to the address it had, to a formal notice."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from relance.gateways.wording import PostalAddress, postal_address, short_date
from relance.models import Contact, Customer, Posting, Reminder, User
from relance.models.search import plain
from relance.queries.company import company
from relance.services import customers, history
from relance.services.history import About

_NPAI = Posting.Return.NOT_AT_ADDRESS


def take_effect(
    reminder: Reminder,
    before: Posting | None,
    after: Posting,
    *,
    by: User | None,
    now: datetime,
) -> str:
    """Do what a return that was just recorded, or taken back, does; say what.

    Inside the caller's transaction. Empty when it does nothing.
    """
    was = before.return_reason if before is not None else ""
    if was == after.return_reason:
        return ""
    if after.return_reason == _NPAI:
        return _refuse(reminder, after, by=by, now=now)
    said = []
    if was == _NPAI and before is not None:
        said.append(_accept(reminder, before, by=by, now=now))
    if after.return_reason and reminder.is_formal_notice:
        said.append(_("The formal notice stays valid all the same."))
    return " ".join(filter(None, said))


def _refuse(
    reminder: Reminder, posting: Posting, *, by: User | None, now: datetime
) -> str:
    customer = _locked(reminder)
    contact = _contact_of(reminder, customer)
    if contact is not None:
        return _refuse_contact(contact, posting, by=by, now=now)
    if not went_to(reminder, customer):
        return _(
            "The letter had gone to another address than the one on %(name)s's card, "
            "which stays usable."
        ) % {"name": customer.name}
    if customer.address_refused_on is None and posting.returned_on is not None:
        customers.refuse_address(customer, on=posting.returned_on, by=by, now=now)
    return _("No letter leaves to %(name)s until the address is corrected.") % {
        "name": customer.name
    }


def _accept(
    reminder: Reminder, before: Posting, *, by: User | None, now: datetime
) -> str:
    """Make an address usable again when its only return is taken back."""
    customer = _locked(reminder)
    contact = _contact_of(reminder, customer)
    if contact is not None:
        return _accept_contact(contact, before, by=by, now=now)
    others = Posting.objects.filter(
        reminder__customer=customer, return_reason=_NPAI
    ).exclude(pk=before.pk)
    refused_on = customer.address_refused_on
    if refused_on is None or refused_on != before.returned_on or others.exists():
        return ""
    customer.address_refused_on = None
    customer.save(update_fields=["address_refused_on"])
    words = _("Address of %(name)s usable again: the return of %(day)s is taken back.")
    words %= {"name": customer.name, "day": short_date(refused_on)}
    about = About(customer=customer)
    history.record("customer.address_accepted", words, about=about, by=by, at=now)
    return words


def _refuse_contact(
    contact: Contact, posting: Posting, *, by: User | None, now: datetime
) -> str:
    if contact.address_refused_on is None:
        contact.address_refused_on = posting.returned_on
        contact.save(update_fields=["address_refused_on"])
        words = _("Letter to %(name)s returned: the address must be corrected.")
        words %= {"name": contact.name}
        about = About(customer=contact.customer)
        history.record("contact.address_refused", words, about=about, by=by, at=now)
    return _("No letter leaves to %(name)s until the address is corrected.") % {
        "name": contact.name
    }


def _accept_contact(
    contact: Contact, before: Posting, *, by: User | None, now: datetime
) -> str:
    if contact.address_refused_on != before.returned_on or before.returned_on is None:
        return ""
    contact.address_refused_on = None
    contact.save(update_fields=["address_refused_on"])
    words = _("Address of %(name)s usable again: the return of %(day)s is taken back.")
    words %= {"name": contact.name, "day": short_date(before.returned_on)}
    about = About(customer=contact.customer)
    history.record("contact.address_accepted", words, about=about, by=by, at=now)
    return words


def _contact_of(reminder: Reminder, customer: Customer) -> Contact | None:
    """Return the contact at whose own address a letter was, as it is now."""
    own = customer.contacts.exclude(city="").select_for_update()
    return next((one for one in own if went_to(reminder, one)), None)


def went_to(reminder: Reminder, customer: Customer | Contact) -> bool:
    """Say whether a letter bore this address as it is now: it may have been corrected
    since, or the letter have gone elsewhere."""
    ours = company()
    lines = postal_address(
        PostalAddress(
            name="",
            attention="",
            street=customer.address,
            postcode=customer.postcode,
            town=customer.city,
            country=customer.country or reminder.customer.country,
        ),
        sender_country=ours.country,
        language=ours.language,
    )
    return _bare(reminder.recipient.get("address") or ()).endswith(_bare(lines))


def _bare(lines: tuple[str, ...] | list[str]) -> str:
    """Return an address as one text, however its lines were cut to the window."""
    return " ".join(plain(" ".join(lines)).replace(",", " ").split())


def _locked(reminder: Reminder) -> Customer:
    return Customer.objects.select_for_update(no_key=True).get(pk=reminder.customer_id)
