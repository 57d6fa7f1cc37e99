"""What Dolibarr says, in plain values.

Numbers are strings, dates are instants of midnight in the server's own zone, an
empty array of PHP is always a list: reference is the code of versions 16 to 24.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from typing import Final
from zoneinfo import ZoneInfo

from relance.gateways.dolibarr_client import Row, identity
from relance.gateways.dolibarr_errors import DolibarrError, Kind

CENT: Final = Decimal("0.01")


class Type(IntEnum):
    """The kinds of a customer's invoice."""

    STANDARD = 0
    REPLACEMENT = 1
    CREDIT_NOTE = 2
    DEPOSIT = 3
    PROFORMA = 4
    SITUATION = 5


class Status(IntEnum):
    DRAFT = 0
    # Unpaid, or partly paid.
    VALIDATED = 1
    CLOSED = 2
    ABANDONED = 3


@dataclass(frozen=True, kw_only=True)
class Customer:
    id: int
    name: str
    code: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    language: str = ""
    email: str = ""
    phone: str = ""
    siren: str = ""
    siret: str = ""
    vat: str = ""
    # The code of Dolibarr's own table: TE_PRIVATE is a consumer, TE_ADMIN a public
    # body.
    kind: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Contact:
    id: int
    customer: int
    name: str
    email: str = ""
    phone: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """An invoice with its live balance, in the currency that the customer pays."""

    id: int
    ref: str
    type: Type
    customer: int
    status: Status
    paid: bool
    close_code: str
    close_note: str
    issued_on: date
    due_on: date
    currency: str
    total: Decimal
    remaining: Decimal
    # What one unit of the company's currency is in the invoice's; payments are
    # told in the company's.
    rate: Decimal = Decimal(1)
    customer_reference: str = ""
    payment_mode: str = ""
    source: int | None = None
    contacts: tuple[int, ...] = ()
    document: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    # A date that is not midnight in the zone: the zone is not the server's.
    odd_dates: bool = False

    @property
    def is_unpaid(self) -> bool:
        """Whether something is still asked for: what "impayée" means there, less
        credit notes and what is paid."""
        return (
            self.status == Status.VALIDATED
            and not self.paid
            and self.type not in (Type.CREDIT_NOTE, Type.PROFORMA)
            and self.remaining > 0
        )


@dataclass(frozen=True, kw_only=True)
class Payment:
    """A part of a payment, or a credit, set against an invoice; company's currency."""

    ref: str
    amount: Decimal
    on: date
    method: str = ""
    number: str = ""
    # A credit note or a deposit of that number, rather than money.
    is_credit: bool = False


@dataclass(frozen=True, kw_only=True)
class Document:
    """A file of an invoice: ``path`` is what the download asks for."""

    name: str
    path: str
    made_at: int
    generated: bool


@dataclass(frozen=True, kw_only=True)
class Person:
    """The user behind the key."""

    id: int
    login: str
    name: str
    is_admin: bool


def customer(row: Row) -> Customer:
    siret = _digits(row, "idprof2")
    return Customer(
        id=identity(row),
        name=text(row, "name"),
        code=text(row, "code_client"),
        address=text(row, "address"),
        postcode=text(row, "zip"),
        city=text(row, "town"),
        country=text(row, "country_code"),
        language=text(row, "default_lang")[:2].lower(),
        email=text(row, "email"),
        phone=text(row, "phone"),
        siren=_digits(row, "idprof1") or siret[:9],
        siret=siret,
        vat=text(row, "tva_intra").replace(" ", ""),
        kind=text(row, "typent_code"),
        extra=extra(row),
    )


def contact(row: Row) -> Contact:
    names = (text(row, "firstname"), text(row, "lastname"))
    return Contact(
        id=identity(row),
        customer=number(row, "socid") or number(row, "fk_soc"),
        name=" ".join(filter(None, names)),
        email=text(row, "email") or text(row, "mail"),
        phone=text(row, "phone_pro") or text(row, "phone_mobile"),
        address=text(row, "address"),
        postcode=text(row, "zip"),
        city=text(row, "town"),
        country=text(row, "country_code"),
        active=text(row, "statut") != "0",
    )


def invoice(row: Row, *, zone: ZoneInfo, currency: str = "EUR") -> Invoice:
    """Read an invoice. ``currency`` is the company's, for what does not say its own.

    What is left is told in the company's currency alone: in another one it is worth
    what the same share of the total is.
    """
    issued, odd_issued = day(row.get("date"), zone=zone)
    due, odd_due = day(row.get("date_lim_reglement"), zone=zone)
    if issued is None:
        raise DolibarrError(Kind.UNREADABLE, f"date, {text(row, 'ref')}")
    total, remaining = amount(row, "total_ttc"), amount(row, "remaintopay")
    foreign = text(row, "multicurrency_code")
    rate = Decimal(1)
    theirs = amount(row, "multicurrency_total_ttc")
    if foreign and foreign != currency and total and theirs:
        rate = theirs / total
        remaining = (remaining * rate).quantize(CENT)
        total = theirs
    status = text(row, "status") or text(row, "statut")
    return Invoice(
        id=identity(row),
        ref=text(row, "ref"),
        type=_enumerated(Type, text(row, "type") or "0"),
        customer=number(row, "socid"),
        status=_enumerated(Status, status),
        paid=text(row, "paye") == "1",
        close_code=text(row, "close_code"),
        close_note=text(row, "close_note"),
        issued_on=issued,
        due_on=due or issued,
        currency=foreign or currency,
        total=total,
        remaining=remaining,
        rate=rate,
        customer_reference=text(row, "ref_customer") or text(row, "ref_client"),
        payment_mode=text(row, "mode_reglement_code"),
        source=number(row, "fk_facture_source") or None,
        contacts=_ids(row.get("contacts_ids")),
        document=text(row, "last_main_doc"),
        extra=extra(row),
        odd_dates=odd_issued or odd_due,
    )


def payment(row: Row, *, zone: ZoneInfo) -> Payment:
    said = row.get("date")
    on, _odd = day(said, zone=zone)
    if on is None:
        raise DolibarrError(Kind.UNREADABLE, f"date, {text(row, 'ref')}")
    return Payment(
        ref=text(row, "ref"),
        amount=amount(row, "amount"),
        on=on,
        method=text(row, "type"),
        number=text(row, "num"),
        is_credit=text(row, "typeline") == "discount"
        or text(row, "type").startswith("("),
    )


def document(row: Row) -> Document:
    name = text(row, "relativename") or text(row, "filename") or text(row, "name")
    folder = text(row, "level1name") or text(row, "filepath").removeprefix("facture/")
    return Document(
        name=name,
        path=f"{folder}/{name}" if folder else name,
        made_at=number(row, "date") or number(row, "date_c"),
        generated=text(row, "gen_or_uploaded") != "uploaded",
    )


def person(row: Row) -> Person:
    names = (text(row, "firstname"), text(row, "lastname"))
    return Person(
        id=identity(row),
        login=text(row, "login"),
        name=" ".join(filter(None, names)),
        is_admin=text(row, "admin") == "1",
    )


def text(row: Row, name: str) -> str:
    """Return a word or a label: some come with the entities of HTML."""
    value = row.get(name)
    if value is None or isinstance(value, (list, dict, bool)):
        return ""
    said = str(value)
    return (html.unescape(said) if "&" in said else said).strip()


def number(row: Row, name: str) -> int:
    said = text(row, name)
    return int(said) if said.lstrip("-").isdigit() else 0


def amount(row: Row, name: str) -> Decimal:
    """Return an amount to the cent: strings of eight decimals, or a number."""
    value = row.get(name)
    try:
        return Decimal(str(value or 0)).quantize(CENT)
    except InvalidOperation as error:
        raise DolibarrError(Kind.UNREADABLE, f"{name}: {value}") from error


def day(value: object, *, zone: ZoneInfo) -> tuple[date | None, bool]:
    """Return a day, and whether the instant is not midnight in the zone.

    In UTC midnight in Paris is the day before: the zone must be the server's.
    """
    said = str(value or "").strip()
    if not said or said == "0":
        return None, False
    if said.lstrip("-").isdigit():
        local = datetime.fromtimestamp(int(said), zone)
        return local.date(), local.time() != time(0)
    try:
        # Payments say "2026-10-30 00:00:00", of the server's own clock.
        return date.fromisoformat(said[:10]), False
    except ValueError as error:
        raise DolibarrError(Kind.UNREADABLE, said) from error


def extra(row: Row) -> dict[str, str]:
    """Return the extra fields by their own name; without any, PHP says a list."""
    found = row.get("array_options")
    if not isinstance(found, dict):
        return {}
    return {
        str(key).removeprefix("options_"): "" if value is None else str(value)
        for key, value in found.items()
    }


def _ids(value: object) -> tuple[int, ...]:
    """Return ids, whether the version gives them alone or with their objects."""
    if not isinstance(value, list):
        return ()
    bare = (one.get("id") if isinstance(one, dict) else one for one in value)
    return tuple(int(str(one)) for one in bare if str(one).isdigit())


def _digits(row: Row, name: str) -> str:
    return "".join(char for char in text(row, name) if char.isdigit())


def _enumerated[E: IntEnum](kind: type[E], said: str) -> E:
    try:
        return kind(int(said))
    except ValueError as error:
        raise DolibarrError(Kind.UNREADABLE, f"{kind.__name__} {said}") from error
