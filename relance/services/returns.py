"""What the return of a letter does: to the customer's address, to a formal notice."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from relance.gateways.wording import PostalAddress, postal_address, short_date
from relance.models import Customer, Posting, Reminder, User
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
    if not went_to(reminder, customer):
        return _(
            "The letter had gone to another address than the one on %(name)s's card, "
            "which stays usable. If it was a contact's, correct it there."
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


def went_to(reminder: Reminder, customer: Customer) -> bool:
    """Say whether a letter bore the customer's address as it is now: it may have been
    corrected since, or the letter have gone to a contact's own."""
    ours = company()
    lines = postal_address(
        PostalAddress(
            name="",
            attention="",
            street=customer.address,
            postcode=customer.postcode,
            town=customer.city,
            country=customer.country,
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
