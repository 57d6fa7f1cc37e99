"""To whom a reminder goes, and why to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why this person and not another; the screen says it in words."""

    LEVEL_CONTACT = "level_contact"
    DUNNING_CONTACT = "dunning_contact"
    BILLING_CONTACT = "billing_contact"
    CUSTOMER = "customer"
    REGISTERED_OFFICE = "registered_office"


@dataclass(frozen=True, kw_only=True)
class Person:
    """A contact, with the ranks of the levels that go to them."""

    name: str
    role: str = "billing"
    email: str = ""
    # Postal address of their own: street lines, postcode, town, country code.
    address: tuple[str, str, str, str] | None = None
    # The post brought a letter back from there.
    address_refused: bool = False
    recipient_for: frozenset[int] = frozenset()
    copy_for: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Who receives; no person means the customer itself."""

    why: Why
    person: Person | None = None
    copies: tuple[str, ...] = ()


def choose(
    contacts: Sequence[Person],
    *,
    rank: int,
    by_email: bool,
    customer_email: str,
    is_formal_notice: bool,
) -> Recipient | None:
    """Return who receives a reminder, ``None`` when no e-mail address is known.

    Contact for that level, else dunning contact, else billing contact, else the
    customer; a formal notice by letter goes to the registered office. By e-mail,
    people without an address are passed over.
    """
    copies = tuple(
        person.email
        for person in contacts
        if by_email and person.email and rank in person.copy_for
    )
    if is_formal_notice and not by_email:
        return Recipient(why=Why.REGISTERED_OFFICE)
    for why, wanted in (
        (Why.LEVEL_CONTACT, [p for p in contacts if rank in p.recipient_for]),
        (Why.DUNNING_CONTACT, [p for p in contacts if p.role == "dunning"]),
        (Why.BILLING_CONTACT, [p for p in contacts if p.role == "billing"]),
    ):
        for person in wanted:
            if not by_email or person.email:
                others = tuple(copy for copy in copies if copy != person.email)
                return Recipient(why=why, person=person, copies=others)
    if by_email and not customer_email:
        return None
    others = tuple(copy for copy in copies if copy != customer_email)
    return Recipient(why=Why.CUSTOMER, copies=others)
