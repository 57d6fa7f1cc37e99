"""A letter to post whose invoice is paid: said wherever one looks."""

from __future__ import annotations

import json
import re
import uuid
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from relance.models import Invoice, Posting, Reminder, ReminderLine, User
from relance.services import invoices
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

URL = "/envois-postaux/"
WARNED = "plus rien à payer : ne pas poster"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def letter(*about: Invoice, **values: Any) -> Reminder:
    first, *others = about or (make.invoice(),)
    made = make.reminder(first, made_on=date(2026, 11, 2), **values)
    for invoice in others:
        ReminderLine.objects.create(
            reminder=made, invoice=invoice, balance=invoice.balance
        )
    return made


def needless(**values: Any) -> Reminder:
    invoice = make.invoice()
    made = letter(invoice, **values)
    make.payment(invoice, "1200.00")
    return made


def body(response: Any) -> str:
    page = response.content.decode().replace("\u00a0", " ")
    main = page.split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def pay(client: Client, *paid: Invoice, amount: str = "1200,00") -> Any:
    data = {
        "customer": paid[0].customer_id,
        "received_on": "2026-11-12",
        "amount": f"{1200 * len(paid)},00" if amount == "1200,00" else amount,
        "currency": "EUR",
        "method": "transfer",
        "reference": "",
        "key": str(uuid.uuid4()),
    }
    data |= {f"share_{one.pk}": amount for one in paid}
    return client.post("/reglements/nouveau/", data, follow=True)


# --- the list ---------------------------------------------------------------


def test_the_list_says_which_letters_should_not_leave(
    client: Client, alice: User
) -> None:
    client.force_login(alice)
    letter()
    assert WARNED not in body(client.get(URL))
    assert "À ne pas poster" not in body(client.get(URL))

    one, other = make.invoice(), make.invoice()
    partly = letter(one, other)
    make.payment(one, "1200.00")
    made = needless()

    page = client.get(URL)
    assert body(page).count(WARNED) == 1
    assert body(page).count("en partie soldée depuis") == 1
    assert "À ne pas poster 1" in body(page)
    html = page.content.decode()
    assert f'href="/relances/{made.pk}/#cancel"' in html
    assert f'href="/relances/{partly.pk}/#cancel"' in html

    alone = client.get(URL, {"which": "needless"})
    assert made.reference in body(alone)
    assert partly.reference not in body(alone)
    assert 'name="letter"' not in alone.content.decode()


def test_who_only_reads_is_told_but_led_nowhere(client: Client, bob: User) -> None:
    made = needless()
    client.force_login(bob)

    page = client.get(URL)

    assert WARNED in body(page)
    assert f"/relances/{made.pk}/#cancel" not in page.content.decode()
    card = client.get(f"/relances/{made.pk}/")
    assert "ne postez pas ce courrier" in body(card)
    assert "#cancel" not in card.content.decode()


@pytest.mark.parametrize("at_once", ["every", "whole_page"])
def test_ticked_at_once_they_are_left_out_and_counted(
    client: Client, alice: User, at_once: str
) -> None:
    good, paid = letter(), needless()
    client.force_login(alice)
    ticked = {
        "letter": [good.pk, paid.pk],
        at_once: "on",
        "posted_on": "2026-11-03",
    }

    page = client.post(f"{URL}postees/?which=to_post", ticked, follow=True)

    assert "1 courrier est marqué comme posté" in body(page)
    assert "1 courrier n’est pas marqué, il n’y a plus rien à payer" in body(page)
    assert paid.reference in body(page)
    assert [posting.reminder for posting in Posting.objects.all()] == [good]


def test_ticked_by_itself_it_did_leave(client: Client, alice: User) -> None:
    paid = needless()
    client.force_login(alice)
    ticked = {"letter": paid.pk, "posted_on": "2026-11-03"}

    page = client.post(f"{URL}postees/", ticked, follow=True)

    assert "1 courrier est marqué comme posté" in body(page)
    assert Posting.objects.get().reminder == paid


def test_those_of_a_run_are_left_out_too(client: Client, alice: User) -> None:
    good, paid = letter(), needless()
    run = make.run_of(good, paid)
    client.force_login(alice)

    page = client.post(
        f"/relances/massive/{run.pk}/postees/",
        {"posted_on": "2026-11-03"},
        follow=True,
    )

    assert "1 courrier n’est pas marqué" in body(page)
    assert [posting.reminder for posting in Posting.objects.all()] == [good]


# --- the reminder -----------------------------------------------------------


def test_the_reminder_says_it_and_its_reason_to_cancel_is_written(
    client: Client, alice: User
) -> None:
    paid, owed = needless(), letter()
    client.force_login(alice)

    page = client.get(f"/relances/{paid.pk}/")
    assert "Il n’y a plus rien à payer : ne postez pas ce courrier." in body(page)
    assert 'value="Plus rien à payer avant l’envoi"' in page.content.decode()
    assert "ne postez pas" in body(client.get(f"/envois-postaux/{paid.pk}/"))

    page = client.get(f"/relances/{owed.pk}/")
    assert "ne postez pas" not in body(page)
    assert "Plus rien à payer avant l’envoi" not in page.content.decode()

    posted = {"posted_on": "2026-11-03"}
    client.post(f"/relances/{paid.pk}/postee/", posted)
    assert "ne postez pas" not in body(client.get(f"/relances/{paid.pk}/"))


def test_a_reminder_of_several_names_those_that_are_paid(
    client: Client, alice: User
) -> None:
    one, other = make.invoice(), make.invoice()
    made = letter(one, other)
    make.payment(one, "1200.00")
    client.force_login(alice)

    said = body(client.get(f"/relances/{made.pk}/"))

    assert f"est soldée depuis : {one.number} Annuler la relance" in said


# --- payments ---------------------------------------------------------------


def test_a_payment_names_the_letter_that_should_not_leave(
    client: Client, alice: User
) -> None:
    invoice = make.invoice()
    made = letter(invoice)
    client.force_login(alice)

    page = pay(client, invoice, amount="200,00")
    assert "Le règlement est enregistré" in body(page)
    assert made.reference not in body(page)

    page = pay(client, invoice, amount="1000,00")
    assert "Le règlement est enregistré" in body(page)
    assert (
        f"Le courrier {made.reference} n’est pas encore posté : il n’y a plus rien à "
        "payer, ne le postez pas." in body(page)
    )
    assert f'href="/relances/{made.pk}/"' in page.content.decode()


def test_a_letter_still_owed_in_part_is_to_be_made_again(
    client: Client, alice: User
) -> None:
    owner = make.customer()
    one, other = make.invoice(owner), make.invoice(owner)
    made = letter(one, other)
    client.force_login(alice)

    page = pay(client, one)

    said = f"{made.reference} n’est pas encore posté et réclame toujours une facture"
    assert said in body(page)


def test_of_many_letters_only_the_number_is_said(client: Client, alice: User) -> None:
    owner = make.customer()
    found = [make.invoice(owner) for _number in range(4)]
    for invoice in found:
        letter(invoice)
    client.force_login(alice)

    page = pay(client, *found)

    assert "4 courriers ne sont pas encore postés" in body(page)
    assert 'href="/envois-postaux/?which=needless"' in page.content.decode()


def test_a_receipt_that_is_accepted_says_it(client: Client, alice: User) -> None:
    invoice = make.invoice()
    made = letter(invoice)
    line = make.bank_line("1200.00")
    client.force_login(alice)
    said = {"customer": invoice.customer_id, "shares": {str(invoice.pk): "1200.00"}}
    ticked = {"line": line.pk, f"said-{line.pk}": json.dumps(said)}

    page = client.post(reverse("receipt-accept"), ticked, follow=True)

    assert f"Le courrier {made.reference} n’est pas encore posté" in body(page)


def test_an_invoice_that_is_given_up_says_it(client: Client, alice: User) -> None:
    invoice = make.invoice()
    made = letter(invoice)
    client.force_login(alice)

    page = client.post(
        f"/factures/{invoice.pk}/annuler/", {"why": "erreur"}, follow=True
    )

    assert f"Le courrier {made.reference} n’est pas encore posté" in body(page)


# --- the dashboard ----------------------------------------------------------


def test_the_dashboard_counts_them(client: Client, alice: User) -> None:
    invoice = make.invoice()
    letter(invoice)
    client.force_login(alice)
    assert "ne doit pas être posté" not in body(client.get(reverse("dashboard")))

    invoices.cancel_invoice(invoice, "erreur", by=None, now=NOW)

    page = client.get(reverse("dashboard"))
    assert "1 courrier ne doit pas être posté." in body(page)
    assert 'href="/envois-postaux/?which=needless"' in page.content.decode()
