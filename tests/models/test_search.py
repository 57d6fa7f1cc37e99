"""Searching without case and accents: what the database keeps, and what is asked."""

from __future__ import annotations

from decimal import Decimal

import pytest

from relance.models import Customer, Invoice, Payment
from relance.models.search import said_in, words_of
from relance.queries import payments
from tests import make
from tests.make import TODAY

pytestmark = pytest.mark.django_db

FOUND = (
    ("Éts LEFÈVRE", "ets lefevre"),
    ("ets lefevre", "ÉTS LEFÈVRE"),
    ("Établissements Lefèvre", "lefev étab"),
    ("Cœur de Garçon", "coeur garcon"),
    ("Ægir & Groß", "aegir gross"),
    ("Théâtre de l’Éclipse", "l'eclipse"),
    ("Théâtre de l'Éclipse", "L’ÉCLIPSE"),
    ("Fromagerie Guivarc’h", "guivarc'h"),
    ("Saint‑Étienne – Négoce", "saint-etienne -"),
    ("50 % de remise_1", "50 %"),
    ('O\'Brien "Fils"', "o'brien"),
)


@pytest.mark.parametrize(("name", "words"), FOUND)
def test_a_customer_is_found_by_each_word_on_every_list(name: str, words: str) -> None:
    owner = make.customer(name=name)
    invoice = make.invoice(owner)
    payment = make.payment(invoice, "1.00")
    make.payment(make.invoice(make.customer(name="Brasserie du Port")), "1.00")

    assert list(Customer.objects.matching(words)) == [owner]
    assert list(Invoice.objects.matching(words)) == [invoice]
    asked = payments.Criteria(words=words)
    assert list(payments.listed(asked, today=TODAY)) == [payment]


@pytest.mark.parametrize("word", ["lefevrs", "%", "_", "nothing"])
def test_what_is_not_said_is_not_found(word: str) -> None:
    make.payment(make.invoice(make.customer(name="Lefèvre")), "1.00")

    assert not Customer.objects.matching(f"lefevre {word}").exists()
    assert not Invoice.objects.matching(word).exists()
    assert not Payment.objects.filter(said_in(word, "customer__")).exists()


def test_what_is_searched_follows_what_is_written() -> None:
    owner = make.customer(name="Ancien Nom", city="Évry")
    invoice = make.invoice(owner, number="FA-é-1", customer_reference="Chantier Nord")

    for words in ("ancien evry", "fa-e-1", "chantier ancien"):
        assert list(Invoice.objects.matching(words)) == [invoice], words

    Customer.objects.filter(pk=owner.pk).update(name="Nouveau Nom", city="")
    Invoice.objects.filter(pk=invoice.pk).update(customer_reference="Chantier Sud")

    for words in ("ancien", "evry", "nord"):
        assert not Invoice.objects.matching(words).exists(), words
    assert list(Invoice.objects.matching("sud nouveau")) == [invoice]


@pytest.mark.parametrize(
    "typed",
    [
        "1827,50",
        "1827.5",
        "1 827,50",
        "1 827,50 €",
        "1\u00a0827,50\u00a0€",
        "1\u202f827,50",
        "1827,50€ lefevre",
        "lefevre 1 827,50 €",
    ],
)
def test_an_amount_is_found_as_it_is_shown(typed: str) -> None:
    owed = make.invoice(make.customer(name="Lefèvre"), total=Decimal("1827.50"))
    paid = make.payment(owed, "1827.50")
    make.payment(make.invoice(total=Decimal("827.50")), "50.00")

    assert list(Invoice.objects.matching(typed)) == [owed]
    asked = payments.Criteria(words=typed)
    assert list(payments.listed(asked, today=TODAY)) == [paid]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("FA 240 123", ["FA", "240", "123"]),
        ("12 345 €", ["12345"]),
        ("dupont 10 € 12", ["dupont", "10", "12"]),
        ("1 827,505", ["1", "827,505"]),
        ("€ nan 1e99", ["€", "nan", "1e99"]),
    ],
)
def test_other_numbers_stay_apart(typed: str, words: list[str]) -> None:
    assert words_of(typed) == words
    assert not Invoice.objects.matching(typed).exists()


LISTS = (
    "/relances/massive/?which=unpaid&q=",
    "/relances/?q=",
    "/factures/?q=",
    "/clients/?q=",
    "/reglements/?q=",
    "/banque/?q=",
    "/envois-postaux/?q=",
)


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("pasted", ["a+" * 1500, "x" * 60_000], ids=["words", "word"])
def test_a_letter_pasted_into_a_search_breaks_nothing(client, address, pasted) -> None:
    make.company()
    client.force_login(make.user())
    assert client.get(address + pasted).status_code == 200
