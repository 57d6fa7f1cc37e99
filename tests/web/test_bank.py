"""The page of the account that customers pay to, as two administrators see it."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from relance.models import Announcement, BankChange, Company, HistoryEntry, User
from tests import make

pytestmark = pytest.mark.django_db

PAGE = "configuration-bank"
OLD, NEW = "FR7630006000011234567890189", "FR14 2004 1010 0505 0001 3M02 606"
PASSWORD = "correct horse battery"


def text(response) -> str:
    content = html.unescape(response.content.decode()).replace("\xa0", " ")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content))


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def eva() -> User:
    return User.objects.create_user(
        "eva@example.org", PASSWORD, name="Eva Morel", role="administration"
    )


def ask(client: Client, by: User, **values):
    client.force_login(by)
    asked = {
        "iban": NEW,
        "bic": "PSSTFRPPLIL",
        "starts_on": timezone.localdate().isoformat(),
        "password": PASSWORD,
    }
    return client.post(reverse(PAGE), asked | values, follow=True)


def test_alone_one_changes_it_with_the_password(client, dora) -> None:
    shown = text(ask(client, dora))

    assert "Le nouveau compte est en service" in shown
    assert "FR14 2004 1010 0505 0001 3M02 606" in shown
    assert Company.objects.get().iban == NEW.replace(" ", "")


def test_a_second_administrator_agrees_from_the_dashboard(client, dora, eva) -> None:
    shown = text(ask(client, dora))
    assert "un autre administrateur doit maintenant" in shown
    assert "Accepter ce compte" not in shown
    assert Company.objects.get().iban == OLD

    client.force_login(eva)
    dashboard = text(client.get(reverse("dashboard")))
    assert "Changement de l’IBAN" in dashboard
    assert "Dora Blanc demande" in dashboard
    assert "Accepter ce compte" in text(client.get(reverse(PAGE)))

    change = BankChange.objects.get()
    agreed = client.post(
        reverse("bank-agree", args=[change.pk]), {"password": PASSWORD}, follow=True
    )

    assert "Le nouveau compte est en service" in text(agreed)
    assert Company.objects.get().iban == NEW.replace(" ", "")
    client.force_login(dora)
    assert "L’IBAN de votre société a changé" in text(client.get(reverse("dashboard")))


def test_who_asked_cannot_agree_even_by_hand(client, dora, eva) -> None:
    ask(client, dora)
    page = reverse("bank-agree", args=[BankChange.objects.get().pk])

    answer = client.post(page, {"password": PASSWORD}, follow=True)

    assert "un autre administrateur doit l’accepter" in text(answer)
    assert Company.objects.get().iban == OLD


@pytest.mark.parametrize("password", ["", "wrong"])
def test_the_second_gives_their_own_password(client, dora, eva, password) -> None:
    ask(client, dora)
    client.force_login(eva)
    change = BankChange.objects.get()

    answer = client.post(
        reverse("bank-agree", args=[change.pk]), {"password": password}
    )

    assert answer.status_code == 422
    assert answer.context["agree_form"].errors.keys() == {"password"}
    assert Company.objects.get().iban == OLD


def test_refused_with_a_reason(client, dora, eva) -> None:
    ask(client, dora)
    client.force_login(eva)
    page = reverse("bank-refuse", args=[BankChange.objects.get().pk])
    assert client.post(page, {"why": " "}).status_code == 422

    shown = text(client.post(page, {"why": "personne ne m’a prévenue"}, follow=True))

    assert "Refusé : le compte ne change pas" in shown
    assert "personne ne m’a prévenue" in shown
    assert Company.objects.get().iban == OLD


def test_given_up(client, dora, eva) -> None:
    ask(client, dora)
    page = reverse("bank-give-up", args=[BankChange.objects.get().pk])

    assert "Abandonné" in text(client.post(page, follow=True))
    # The page was left open: said in words.
    assert "déjà décidé" in text(client.post(page, follow=True))
    assert Company.objects.get().iban == OLD


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"password": "wrong"}, "password"),
        ({"password": ""}, "password"),
        ({"iban": "FR14 2004"}, "iban"),
        ({"iban": ""}, "iban"),
        ({"bic": "ABC"}, "bic"),
        ({"starts_on": "2020-01-01"}, "starts_on"),
        ({"starts_on": "demain"}, "starts_on"),
        ({"note": "x" * 301}, "note"),
        ({"note": "Notre compte a changé."}, "note_until"),
        ({"note": "Nouveau.", "note_until": "2020-01-01"}, "note_until"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_lost(client, dora, values, field) -> None:
    answer = ask(client, dora, **values)

    assert answer.status_code == 422
    form = answer.context["form"]
    assert form.errors.keys() == {field}
    assert form["iban"].value() == values.get("iban", NEW)
    assert form["note"].value() == values.get("note")
    assert Company.objects.get().iban == OLD
    assert not HistoryEntry.objects.exists()


def test_an_announcement_is_shown_until_it_is_read(client, dora, eva) -> None:
    ask(client, dora)
    mine = Announcement.objects.get(user=dora)
    others = Announcement.objects.get(user=eva)
    words = "Un autre administrateur doit accepter ou refuser"
    # Once to be read, once among what happened.
    assert text(client.get(reverse("dashboard"))).count(words) == 2

    client.post(reverse("announcement-read", args=[mine.pk]))
    assert (
        client.post(reverse("announcement-read", args=[others.pk])).status_code == 404
    )

    assert text(client.get(reverse("dashboard"))).count(words) == 1
    others.refresh_from_db()
    assert others.seen_at is None


def test_the_others_neither_see_nor_decide(client, dora, eva, alice, bob) -> None:
    ask(client, dora)
    pk = BankChange.objects.get().pk
    for person in (alice, bob):
        client.force_login(person)
        assert "Changement de l’IBAN" not in text(client.get(reverse("dashboard")))
        for page in ("bank-agree", "bank-refuse", "bank-give-up"):
            answer = client.post(reverse(page, args=[pk]), {"password": PASSWORD})
            assert answer.status_code == 403
    assert BankChange.objects.get().state == "waiting"


# --- another account on an invoice ------------------------------------------------


def test_another_iban_is_seen_on_the_card_and_in_the_reminder(client, alice) -> None:
    client.force_login(alice)
    day = timezone.localdate() - timedelta(days=60)
    invoice = make.invoice(
        issued_on=day, due_date=day, total=Decimal(100), iban=NEW.replace(" ", "")
    )
    own = make.invoice(issued_on=day, due_date=day, iban=OLD)

    card = text(client.get(invoice.get_absolute_url()))
    asked = reverse("reminder-new") + f"?invoice={invoice.pk}"
    listed = text(client.get(reverse("proposals"), {"which": "late"}))

    assert "un autre IBAN que celui de votre société : FR14 2004 1010" in card
    assert "un autre IBAN que le vôtre" in text(client.get(asked))
    assert listed.count("Autre IBAN") == 1
    assert "un autre IBAN" not in text(client.get(own.get_absolute_url()))
