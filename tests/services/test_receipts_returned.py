"""Statements of one account in several formats; money that the bank takes back."""

from __future__ import annotations

import html
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from relance.models import BankLine, Invoice, Payment, User
from relance.queries.receipts import proposed
from relance.services import receipt_matches, receipts
from relance.services.payments import Share
from relance.services.refusal import Refused
from tests import bank_samples as samples
from tests import make
from tests.make import NOW
from tests.web._shown_forms import fields_of

pytestmark = pytest.mark.django_db

FORMS = {
    "camt": samples.camt(),
    "cfonb": samples.cfonb(),
    "ofx": samples.OFX.encode("cp1252"),
    "mt940": samples.MT940.encode(),
}
REVERSAL = (
    samples.OFX.replace("+1200,00", "-1200.00")
    .replace("20261002120000[+1:CET]", "20261005")
    .replace("VIR DUPONT &amp; FILS", "REJET PRLV DUPONT")
    .replace("1054,90", "-1345,10")
)


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def read(data: bytes) -> tuple[int, int, int]:
    [done] = receipts.import_statements([("releve", data)], by=None, now=NOW)
    assert done.error == ""
    return done.new, done.known, done.out


@pytest.mark.parametrize("second", FORMS)
@pytest.mark.parametrize("first", FORMS)
def test_the_same_days_in_another_format_add_nothing(first: str, second: str) -> None:
    assert read(FORMS[first]) == (1, 0, 1)
    assert read(FORMS[second]) == (0, 1, 1)
    assert BankLine.objects.count() == 1


def test_another_account_of_the_same_bank_is_another() -> None:
    read(FORMS["camt"])
    other = samples.OFX.replace("12345678901", "12345678902")
    assert read(other.encode("cp1252")) == (1, 0, 1)


def test_a_receipt_of_other_words_is_another_one() -> None:
    """Two customers pay the same amount on the same day: none is lost."""
    read(FORMS["camt"])
    other = samples.OFX.replace("DUPONT &amp; FILS", "MARTIN").replace(
        "FACTURE FA2609-001", "FA2609-777"
    )
    assert read(other.encode("cp1252")) == (1, 0, 1)


def test_one_format_never_swallows_its_own_lines() -> None:
    """The bank's own number differs: it is another receipt, alike in all else."""
    read(FORMS["ofx"])
    again = samples.OFX.replace("<FITID>F1", "<FITID>F9")
    assert read(again.encode("cp1252")) == (1, 0, 1)


@pytest.fixture
def paid() -> Invoice:
    owed = make.invoice(make.customer(name="Dupont SARL"), number="FA2609-001")
    read(FORMS["ofx"])
    share = Share(invoice=owed, amount=Decimal(1200))
    line = BankLine.objects.get()
    receipt_matches.accept(line, owed.customer, [share], by=None, now=NOW)
    owed.refresh_from_db()
    assert owed.balance == 0
    return owed


def test_money_taken_back_is_proposed_and_recorded_once(paid: Invoice) -> None:
    assert read(REVERSAL.encode("cp1252")) == (1, 0, 1)
    [row] = proposed()
    assert row.line.amount == Decimal(-1200)
    assert row.returned == Payment.objects.get(amount__gt=0)

    made = receipt_matches.accept_return(row.line, row.returned, by=None, now=NOW)

    paid.refresh_from_db()
    assert (paid.balance, paid.state) == (Decimal(1200), "open")
    assert (made.return_reason, made.received_on) == ("recalled", date(2026, 10, 5))
    row.line.refresh_from_db()
    assert (row.line.state, row.line.payment) == ("matched", made)
    assert proposed() == []
    assert read(REVERSAL.encode("cp1252")) == (0, 1, 1)
    with pytest.raises(Refused, match="déjà"):
        receipt_matches.accept_return(row.line, row.returned, by=None, now=NOW)
    with pytest.raises(Refused, match="de nouveau"):
        receipt_matches.reopen(row.line, by=None, now=NOW)


def test_another_amount_is_not_taken_back(paid: Invoice) -> None:
    read(REVERSAL.replace("-1200.00", "-1100.00").replace("1345", "1245").encode())
    [row] = proposed()
    assert row.returned is None
    payment = Payment.objects.get()
    with pytest.raises(Refused, match="autre montant"):
        receipt_matches.accept_return(row.line, payment, by=None, now=NOW)


def test_a_camt_says_itself_that_it_is_a_reversal(paid: Invoice) -> None:
    text = samples.camt().decode()
    text = (
        text.replace(
            '<Amt Ccy="EUR">45.10</Amt><CdtDbtInd>DBIT</CdtDbtInd>',
            '<Amt Ccy="EUR">1200.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>'
            "<RvslInd>true</RvslInd>",
        )
        .replace("1054.90", "100.00")
        .replace(
            '<Amt Ccy="EUR">100.00</Amt>\n    <CdtDbtInd>CRDT',
            '<Amt Ccy="EUR">100.00</Amt>\n    <CdtDbtInd>DBIT',
        )
    )

    assert read(text.encode()) == (1, 1, 0)

    [row] = proposed()
    assert row.returned is not None


def text(response: Any) -> str:
    content = html.unescape(response.content.decode()).replace("\u00a0", " ")
    content = content.replace("\u202f", " ")
    main = content.split("<main")[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def test_one_click_on_the_page_of_the_bank(
    client: Client, alice: User, paid: Invoice
) -> None:
    client.force_login(alice)
    read(REVERSAL.encode("cp1252"))
    page = client.get("/banque/")
    assert "impayé ou rejeté" in text(page)
    assert "annule le règlement du 02/10/2026" in text(page)
    [url] = re.findall(r'action="([^"]+/impaye/\d+/)"', page.content.decode())
    line = BankLine.objects.get(amount__lt=0)
    assert url in client.get(f"/banque/{line.pk}/").content.decode()

    done = client.post(url, follow=True)

    assert "ce qu’il réglait est de nouveau dû" in text(done)
    again = client.post(url, follow=True)
    assert "déjà" in text(again)


def test_readers_record_no_return(client: Client, bob: User, paid: Invoice) -> None:
    client.force_login(bob)
    payment = Payment.objects.get()
    line = BankLine.objects.get()
    urls = (
        f"/banque/{line.pk}/impaye/{payment.pk}/",
        f"/reglements/{payment.pk}/impaye/",
    )
    assert {client.post(url).status_code for url in urls} == {403}


def test_one_act_from_the_payment(client: Client, alice: User, paid: Invoice) -> None:
    client.force_login(alice)
    payment = Payment.objects.get()
    url = f"/reglements/{payment.pk}/"
    page = text(client.get(url))
    assert "Impayé ou rejeté" in page
    form = fields_of(client.get(url).content.decode(), "/impaye/")
    early = form | {"returned_on": "2026-09-01", "reason": "rejected_debit"}
    refused = client.post(f"{url}impaye/", early)
    assert refused.status_code == 422
    assert "n’est pas rejeté avant" in text(refused)

    said = form | {
        "returned_on": "2026-10-08",
        "reason": "rejected_debit",
        "note": "Code AM04",
    }
    done = client.post(f"{url}impaye/", said, follow=True)

    assert "Repris par la banque le 08/10/2026" in text(done)
    assert "Code AM04" in text(done)
    assert "Impayé ou rejeté" not in text(done)
    paid.refresh_from_db()
    assert paid.balance == Decimal(1200)
