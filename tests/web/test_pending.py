"""*En attente dans Dolibarr* in the browser, and where a pending payment is shown."""

from __future__ import annotations

import html
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from relance.models import Invoice, PendingPayment, User
from relance.services import receipt_matches
from relance.services.payments import Share
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

URL = "/banque/en-attente/"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def invoice() -> Invoice:
    owner = make.customer(name="Dupont SARL", source="dolibarr", external_id="7")
    return make.in_dolibarr(owner, number="FA2611-0007")


@pytest.fixture
def waits(invoice: Invoice) -> PendingPayment:
    share = Share(invoice=invoice, amount=Decimal("500.00"))
    line = make.bank_line("500.00", label="VIR DUPONT")
    receipt_matches.accept(line, invoice.customer, [share], by=None, now=NOW)
    return PendingPayment.objects.get()


@pytest.fixture
def claire(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def text(response: Any) -> str:
    content = html.unescape(response.content.decode()).replace("\u00a0", " ")
    content = content.replace("\u202f", " ")
    main = content.split("<main")[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def test_it_is_shown_wherever_one_looks(
    claire: Client, invoice: Invoice, waits: PendingPayment
) -> None:
    said = "Règlement de 500,00 € reçu le 12/11/2026 par la banque, pas encore dans"
    for url in (f"/factures/{invoice.pk}/", f"/clients/{invoice.customer_id}/"):
        assert said in text(claire.get(url))
    tab = text(claire.get(f"/factures/{invoice.pk}/reglements/"))
    assert "Règlements en attente" in tab
    assert "1 200,00 €" in tab
    assert "Enregistrer un règlement" not in tab
    fresh = text(claire.get("/relances/massive/"))
    assert "1 règlement reçu par la banque n’est pas encore dans Dolibarr" in fresh
    bank = text(claire.get("/banque/", {"which": "matched"}))
    assert "En attente dans Dolibarr 1" in bank
    assert "FA2611-0007 500,00 € pas encore dans Dolibarr" in bank
    assert "FA2611-0007" in text(claire.get(f"/banque/{waits.bank_line_id}/"))


def test_the_list_is_read_in_few_queries(
    claire: Client, invoice: Invoice, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        line = make.bank_line("10.00")
        share = Share(invoice=invoice, amount=Decimal("10.00"))
        receipt_matches.accept(line, invoice.customer, [share], by=None, now=NOW)
    claire.get(URL)
    with django_assert_max_num_queries(12):
        assert "FA2611-0007" in text(claire.get(URL))
    with django_assert_max_num_queries(12):
        assert "FA2611-0007" in text(claire.get("/banque/", {"which": "matched"}))


def test_it_is_given_up_with_a_reason(claire: Client, waits: PendingPayment) -> None:
    page = text(claire.get(URL))
    assert "12/11/2026 500,00 € Dupont SARL VIR DUPONT FA2611-0007" in page
    url = f"{URL}{waits.pk}/abandon/"
    refused = claire.post(url, {"why": ""})
    assert refused.status_code == 422
    assert "<details open>" in refused.content.decode()

    done = claire.post(url, {"why": "saisi en deux fois"}, follow=True)
    assert "Ce règlement n’est plus attendu" in text(done)
    assert "Aucun règlement n’est attendu" in text(done)
    ended = text(claire.get(URL, {"which": "ended"}))
    assert "saisi en deux fois · Alice Martin" in ended
    again = claire.post(url, {"why": "encore"}, follow=True)
    assert "Ce règlement n’est plus attendu" in text(again)
    assert "saisi en deux fois" in text(claire.get(URL, {"which": "ended"}))


def test_one_that_arrived_leads_to_its_payment(
    claire: Client, invoice: Invoice, waits: PendingPayment
) -> None:
    paid = make.paid_in_dolibarr((invoice, "500.00"), on=date(2026, 11, 16))
    page = claire.get(URL, {"which": "ended"})
    assert "enregistré dans Dolibarr daté du 16/11/2026" in text(page)
    assert f"/reglements/{paid.pk}/" in page.content.decode()


def test_a_match_by_hand_says_that_it_waits(claire: Client, invoice: Invoice) -> None:
    line = make.bank_line("500.00")
    url = f"/banque/{line.pk}/"
    card = text(claire.get(url, {"customer": invoice.customer_id}))
    assert "Certaines de ces factures viennent de Dolibarr" in card
    form = {"customer": invoice.customer_id, f"share_{invoice.pk}": "500,00"}
    done = claire.post(url, form, follow=True)
    assert "1 encaissement rapproché : les relances attendent" in text(done)
    assert PendingPayment.objects.get().state == "waiting"


def test_the_form_of_a_payment_leaves_them_to_dolibarr(
    claire: Client, invoice: Invoice
) -> None:
    ours = make.invoice(invoice.customer, number="FA-7")
    page = text(claire.get("/reglements/nouveau/", {"customer": invoice.customer_id}))
    assert ours.number in page
    assert invoice.number not in page
    assert "1 facture impayée de ce client vient de Dolibarr" in page


def test_who_reads_gives_nothing_up(
    client: Client, bob: User, charlie: User, waits: PendingPayment
) -> None:
    client.force_login(bob)
    page = client.get(URL)
    assert "Dupont SARL" in text(page)
    assert "Ne plus attendre" not in text(page)
    assert client.post(f"{URL}{waits.pk}/abandon/", {"why": "x"}).status_code == 403
    client.force_login(charlie)
    assert client.get(URL).status_code == 403
    waits.refresh_from_db()
    assert waits.state == "waiting"
