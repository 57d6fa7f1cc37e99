"""A believable company for the demonstration: the same each time, dated from today."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from stdnum import luhn
from stdnum.fr import siren as siren_number

from relance.models import Customer
from relance.rules.regimes import Regime
from relance.services.company import BankData, CompanyData
from relance.services.customers import CustomerData
from relance.services.signatories import SignatoryData

NAMES = Path(__file__).resolve().parent.parent / "seeds" / "demo" / "names.json"
SEED = 2026

COMPANY = CompanyData(
    name="Ateliers Vauban",
    legal_form="SARL",
    capital="20 000 €",
    siren="812345676",
    vat_number="FR19812345676",
    registry_city="Lyon",
    address="12 rue Vauban",
    postcode="69006",
    city="Lyon",
    phone="04 78 00 00 00",
    email="comptabilite@ateliers-vauban.example",
    mediator_name="Médiation Artisanat",
    mediator_contact="www.mediation-artisanat.example",
    minimum_amount=Decimal("15"),
)
SIGNATORY = SignatoryData(
    name="Claire Vasseur",
    position="Responsable comptable",
    position_in_english="Accounts manager",
)
BANK = BankData(iban="FR7630006000011234567890189", bic="AGRIFRPP882")


@dataclass(frozen=True, kw_only=True)
class DemoInvoice:
    """An invoice to make, and the story it tells."""

    number: str
    customer: int
    issued_on: date
    due_date: date
    total: Decimal
    # paid, part, open, disputed, promised, credited, or one of ONCE.
    story: str
    # How many reminders were made in the past.
    reminded: int
    work: tuple[str, ...]
    kind: str = "invoice"
    payment_mode: str = "transfer"
    currency: str = "EUR"


@cache
def _names() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(NAMES.read_text(encoding="utf-8"))
    return found


def customers() -> list[CustomerData]:
    """Return sixty customers: businesses, consumers, public bodies, some abroad."""
    chance, names = random.Random(SEED), _names()  # noqa: S311  not a secret
    made = [
        _customer(name, chance, regime=Regime.B2B, legal_form=form)
        for name, form in names["businesses"]
    ]
    made += [_customer(n, chance, regime=Regime.B2C) for n in names["consumers"]]
    made += [_customer(n, chance, regime=Regime.PUBLIC) for n in names["public"]]
    made += [
        _customer(n, chance, regime=Regime.NON_PRO) for n in names["non_professional"]
    ]
    for name, country, postcode, city, language in names["abroad"]:
        base = _customer(name, chance, regime=Regime.B2B)
        made.append(
            replace(
                base,
                country=country,
                postcode=postcode,
                city=city,
                language=language,
                siren="",
                vat_number="",
                tags=("export",),
            )
        )
    return [
        replace(
            data,
            pinned_note=PINNED.get(rank, ""),
            tags=(*data.tags, *TAGS.get(rank, ())),
            preferred_channel=Customer.Channel.LETTER.value
            if rank % 5 in (2, 4)
            else "",
        )
        for rank, data in enumerate(made)
    ]


def twins() -> list[CustomerData]:
    """Return two customers entered a second time, each with a slip."""
    known = {data.name: data for data in customers()}
    joiner, optician = known["Menuiserie Carlier"], known["Optique Bellecour"]
    first = replace(
        joiner,
        name="CARLIER Menuiserie",
        legal_form="",
        address="",
        siren="",
        vat_number="",
        email="atelier@carlier.example",
    )
    second = replace(optician, name="Optique Belecour", phone="", email="")
    return [replace(one, pinned_note="", tags=()) for one in (first, second)]


def twin_invoice(*, today: date) -> DemoInvoice:
    """Return the invoice that was issued to the first of the twins."""
    issued = today - timedelta(days=12)
    return DemoInvoice(
        number=f"FA{issued:%y%m}-0901",
        customer=len(customers()),
        issued_on=issued,
        due_date=issued + timedelta(days=30),
        total=Decimal("1284.00"),
        story="open",
        reminded=0,
        work=tuple(_names()["works"][0]),
    )


def invoices(*, today: date) -> Iterator[DemoInvoice]:
    """Yield the invoices made by hand; the e-invoices come besides."""
    chance = random.Random(SEED + 1)  # noqa: S311  not a secret
    works = _names()["works"]
    count = len(customers())
    for rank in range(INVOICES + LATE):
        story, age, reminded = _story(rank, chance)
        due = today - timedelta(days=age)
        issued = due - timedelta(days=30)
        cents = chance.randrange(8_000, 900_000, 50)
        made = DemoInvoice(
            number=f"FA{issued:%y%m}-{rank + 1:04d}",
            customer=(rank * 7 + rank // 9) % count,
            issued_on=issued,
            due_date=due,
            total=Decimal(cents).scaleb(-2),
            story=story,
            reminded=reminded,
            work=tuple(works[chance.randrange(len(works))]),
        )
        yield _shaped(made)


INVOICES = 196
# Late ones besides, with no story: enough for a mass run of a hundred and twenty.
LATE = 150
# Late invoices, by rank, whose story is told once.
ONCE = {
    7: "direct_debit",
    9: "factored",
    35: "tiny",
    37: "deposit",
    63: "cancelled",
    65: "written_off",
    91: "plan",
    93: "credit_set",
    119: "pounds",
    121: "note",
}
ENGLISH = "Harrow & Pike Ltd"
PINNED = {
    2: "Appeler avant 10 h : le comptable est à mi-temps.",
    5: "Client depuis 1998, règle toujours après un appel.",
    20: "Factures à envoyer en double au service achats.",
}
TAGS = {1: ("grand compte",), 5: ("fidèle", "grand compte"), 20: ("grand compte",)}


def _shaped(made: DemoInvoice) -> DemoInvoice:
    """Give an invoice the amount, kind, mode or currency that its story needs."""
    if made.story in ("direct_debit", "factored"):
        return replace(made, payment_mode=made.story)
    if made.story == "tiny":
        return replace(made, total=Decimal("11.40"))
    if made.story == "deposit":
        return replace(made, kind="deposit")
    if made.story == "pounds":
        names = [customer.name for customer in customers()]
        return replace(made, currency="GBP", customer=names.index(ENGLISH))
    return made


def _story(rank: int, chance: random.Random) -> tuple[str, int, int]:
    """Return what happens to an invoice, its age in days, its past reminders."""
    if rank >= INVOICES:
        return "open", chance.randrange(7, 45), 0
    if rank % 2 == 0:
        return "paid", chance.randrange(20, 300), 0
    kind = (rank // 2) % 14
    if kind < 3:
        return "open", -chance.randrange(2, 30), 0
    if kind < 7:
        return ONCE.get(rank, "open"), chance.randrange(6, 40), 0
    if kind == 7:
        return "part", chance.randrange(20, 70), 1
    if kind in (8, 9):
        return "open", chance.randrange(30, 60), 1
    if kind == 10:
        return "open", chance.randrange(60, 100), 2
    stories = {11: "disputed", 12: "promised", 13: "credited"}
    return stories[kind], chance.randrange(25, 80), 0


def _customer(
    name: str, chance: random.Random, *, regime: Regime, legal_form: str = ""
) -> CustomerData:
    names = _names()
    postcode, city = names["towns"][chance.randrange(len(names["towns"]))]
    street = names["streets"][chance.randrange(len(names["streets"]))]
    siren = ""
    if regime in (Regime.B2B, Regime.PUBLIC):
        first = "2" if regime == Regime.PUBLIC else "4"
        body = first + f"{chance.randrange(10**7):07d}"
        siren = body + luhn.calc_check_digit(body)
    box = "".join(c for c in name.casefold() if c.isascii() and c.isalnum())[:18]
    has_email = chance.random() > 0.15
    return CustomerData(
        name=name,
        legal_form=legal_form,
        address=f"{chance.randrange(1, 180)} {street}",
        postcode=postcode,
        city=city,
        email=f"compta@{box or 'client'}.example" if has_email else "",
        phone=f"04 78 {chance.randrange(100):02d} {chance.randrange(100):02d} 00",
        siren=siren,
        vat_number=_vat(siren) if siren and regime == Regime.B2B else "",
        regime=regime.value,
    )


def _vat(siren: str) -> str:
    number: str = siren_number.to_tva(siren)
    return f"FR{number.replace(' ', '')}"
