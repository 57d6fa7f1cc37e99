"""*Banque* in the browser: statements read, matches accepted, lines chosen by hand."""

from __future__ import annotations

import html
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from relance.models import BankLine, Customer, Invoice, Payment, User
from relance.services import payments, receipts
from tests import bank_samples as samples
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

URL = "/banque/"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def claire(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def owed() -> Invoice:
    return make.invoice(make.customer(name="Dupont SARL"), number="FA2609-001")


def text(response: Any) -> str:
    content = html.unescape(response.content.decode()).replace("\u00a0", " ")
    content = content.replace("\u202f", " ")
    main = content.split("<main")[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def upload(client: Client, *files: tuple[str, bytes]) -> Any:
    uploads = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post(f"{URL}releves/", {"uploads": uploads}, follow=True)


def read() -> BankLine:
    receipts.import_statements([("a.xml", samples.camt())], by=None, now=NOW)
    return BankLine.objects.get()


def form_of(client: Client) -> dict[str, str]:
    """What the page posts with its ticks as they are."""
    page = client.get(URL).content.decode()
    hidden = re.findall(r'name="(said-\d+)" value="([^"]*)"', page)
    ticks = re.findall(r'name="line" value="(\d+)"[^>]* checked', page)
    return {name: html.unescape(value) for name, value in hidden} | (
        {"line": ticks[0]} if ticks else {}
    )


def test_a_statement_is_read_and_its_sure_match_recorded(
    claire: Client, owed: Invoice
) -> None:
    empty = claire.get(URL)
    assert "Aucun relevé n’a encore été lu" in text(empty)

    page = upload(claire, ("releve.xml", samples.camt()))
    assert "releve.xml: 1 nouvel encaissement, 0 déjà connu" in text(page)
    assert "Encaissements connus jusqu’au 05/10/2026" in text(page)
    assert "numéro de facture montant exact" in text(page)

    done = claire.post(f"{URL}enregistrer/", form_of(claire), follow=True)
    assert "1 règlement enregistré" in text(done)
    assert "Tous les encaissements sont rapprochés" in text(done)
    owed.refresh_from_db()
    assert owed.balance == 0
    matched = claire.get(URL, {"which": "matched"})
    assert "Dupont SARL" in text(matched)


def test_a_file_that_is_none_says_why_and_the_others_are_read(claire: Client) -> None:
    page = upload(claire, ("photo.pdf", b"%PDF-1.4"), ("b.xml", samples.camt()))
    assert "photo.pdf: Ce fichier n’est pas un relevé" in text(page)
    assert "b.xml: 1 nouvel encaissement" in text(page)

    alone = upload(claire, ("photo.pdf", b"%PDF-1.4"))
    assert alone.status_code == 422
    nothing = claire.post(f"{URL}releves/", {})
    assert nothing.status_code == 422
    assert "Choisissez au moins un fichier" in text(nothing)


def test_what_is_not_sure_waits_for_a_tick(claire: Client) -> None:
    make.invoice(make.customer(name="Autre"), number="X-77-1")
    read()
    assert "line" not in form_of(claire)
    assert "seule de ce montant" in text(claire.get(URL))
    done = claire.post(f"{URL}enregistrer/", form_of(claire), follow=True)
    assert "cochez au moins une ligne" in text(done)
    assert not Payment.objects.exists()


def test_what_changed_since_the_page_was_shown_is_refused(
    claire: Client, owed: Invoice
) -> None:
    read()
    seen = form_of(claire)
    make.payment(owed, "500.00")
    done = claire.post(f"{URL}enregistrer/", seen, follow=True)
    assert "700,00 €" in text(done)
    assert Payment.objects.count() == 1
    assert BankLine.objects.get().state == "open"


@pytest.mark.parametrize(
    "posted",
    [
        {"line": "x"},
        {"line": "999999"},
        {"line": "1", "said-1": "[]"},
        {"line": "1", "said-1": '{"customer": null, "shares": {}}'},
        {"line": "1", "said-1": '{"customer": 1, "shares": {"1": "beaucoup"}}'},
        {"line": "9" * 40, "said-1": "{}"},
    ],
)
def test_nonsense_records_nothing(claire: Client, posted: dict[str, str]) -> None:
    page = claire.post(f"{URL}enregistrer/", posted, follow=True)
    assert page.status_code == 200
    assert not Payment.objects.exists()


def test_a_line_is_matched_by_hand_with_another_customer(claire: Client) -> None:
    owner = make.customer(name="Holding Zed")
    one = make.invoice(owner, number="Z-1", total=Decimal("700.00"))
    two = make.invoice(owner, number="Z-2", total=Decimal("900.00"))
    line = read()

    page = claire.get(f"{URL}{line.pk}/")
    assert "De quel client" in text(page)
    found = claire.get(f"{URL}{line.pk}/", {"q": "zed"})
    assert f"?customer={owner.pk}" in found.content.decode()
    card = claire.get(f"{URL}{line.pk}/", {"customer": owner.pk})
    assert "Z-1" in text(card)

    form = {"customer": str(owner.pk), f"share_{one.pk}": "700,00"}
    too_much = form | {f"share_{two.pk}": "600,00"}
    refused = claire.post(f"{URL}{line.pk}/", too_much)
    assert refused.status_code == 422
    assert "500,00 €" in text(refused)
    assert 'value="600,00"' in refused.content.decode()
    assert not Payment.objects.exists()

    done = claire.post(
        f"{URL}{line.pk}/", form | {f"share_{two.pk}": "450"}, follow=True
    )
    assert "Le règlement est enregistré" in text(done)
    assert payments.left_of(Payment.objects.get()) == Decimal("50.00")
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.balance, two.balance) == (Decimal(0), Decimal("450.00"))


def test_a_payment_already_entered_is_recognised(claire: Client, owed: Invoice) -> None:
    typed = make.payment(owed, "1200.00", received_on=date(2026, 10, 2))
    line = read()
    page = claire.get(URL)
    assert "déjà saisi ?" in text(page)
    assert 'name="line"' not in page.content.decode()
    card = claire.get(f"{URL}{line.pk}/")
    assert "a déjà été saisi au 02/10/2026" in text(card)
    done = claire.post(f"{URL}{line.pk}/saisi/{typed.pk}/", follow=True)
    assert "il ne compte qu’une fois" in text(done)
    assert Payment.objects.count() == 1
    again = claire.post(f"{URL}{line.pk}/saisi/{typed.pk}/", follow=True)
    assert "déjà rapproché" in text(again)


def test_a_line_is_set_aside_and_taken_back(claire: Client) -> None:
    line = read()
    done = claire.post(f"{URL}{line.pk}/ecarter/", {"why": "Virement interne"})
    assert done.status_code == 302
    aside = claire.get(URL, {"which": "ignored"})
    assert "Virement interne" in text(aside)
    card = claire.get(f"{URL}{line.pk}/")
    assert "Mis de côté" in text(card)
    back = claire.post(f"{URL}{line.pk}/reprendre/", follow=True)
    assert "de nouveau à rapprocher" in text(back)
    long = claire.post(f"{URL}{line.pk}/ecarter/", {"why": "x" * 300})
    assert long.status_code == 422


def test_who_reads_sees_and_changes_nothing(client: Client, bob: User) -> None:
    line = read()
    client.force_login(bob)
    page = client.get(URL)
    assert "1 200,00 €" in text(page)
    assert "Lire un relevé" not in text(page)
    assert client.get(f"{URL}{line.pk}/").status_code == 403
    assert client.post(f"{URL}enregistrer/").status_code == 403
    assert Customer.objects.count() == 0


def test_few_queries_whatever_the_number_of_lines(
    claire: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        owner = make.customer(name=f"Client {number}")
        make.invoice(owner, number=f"FA2609-{number:03d}")
    for number in range(20):
        data = samples.OFX.replace("FA2609-001", f"FA2609-{number:03d}")
        data = data.replace("<FITID>F1", f"<FITID>G{number}")
        receipts.import_statements([(f"{number}.ofx", data.encode())], by=None, now=NOW)
    claire.get(URL)
    with django_assert_max_num_queries(12):
        page = claire.get(URL)
    assert page.content.decode().count("checked") == 20
