"""Registered numbers and returns pasted are shown first, then recorded."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from relance.models import Posting, Reminder, User
from tests import make
from tests.web._postings import URL, A, B, body, letter, notice, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def look(client: Client, typed: str, *ticked: Reminder) -> Any:
    data = {
        "text": typed,
        "letter": [reminder.pk for reminder in ticked],
        "posted_on": "2026-11-03",
    }
    return client.post(f"{URL}numeros/?which=to_post", data)


def hidden_text(page: Any) -> str:
    """Return what the confirming button sends."""
    return str(page.context["confirm"].initial["text"])


# --- numbers ----------------------------------------------------------------


def test_numbers_are_shown_then_recorded(client: Client, alice: User) -> None:
    first, second = notice(), notice()
    client.force_login(alice)

    page = look(client, f"{A}\n{second.reference} {B}\nbonjour", first, second)

    assert page.status_code == 200
    assert "Enregistrer 2 courriers" in body(page)
    assert "2 courriers sont du même coup marqués comme postés" in body(page)
    assert "1 ligne est laissée de côté" in body(page)
    assert not Posting.objects.exists()

    confirmed = {"text": hidden_text(page)}
    page = client.post(
        f"{URL}numeros/enregistrer/?which=to_post", confirmed, follow=True
    )

    assert "2 courriers complétés" in body(page)
    assert page.redirect_chain == [("/envois-postaux/?which=to_post", 302)]
    kept = {posting.reminder: posting for posting in Posting.objects.all()}
    assert kept[first].registered_number == A
    assert kept[second].registered_number == B
    assert kept[first].recorded_by == alice


def test_a_ticked_letter_without_number_is_pointed_at(
    client: Client, alice: User
) -> None:
    first, second = notice(), notice()
    client.force_login(alice)

    page = look(client, A, first, second)

    assert "Une lettre recommandée cochée ne reçoit aucun numéro" in body(page)
    assert second.reference in body(page)


def test_lines_are_corrected_where_they_are_shown(client: Client, alice: User) -> None:
    made = notice()
    client.force_login(alice)

    page = look(client, "RK123456784FR", made)

    assert "sa clé de contrôle est fausse" in body(page)
    # The ticks and the lines come along; nothing can be recorded.
    assert f'name="letter" value="{made.pk}"' in text(page)
    assert "RK123456784FR</textarea>" in text(page)
    assert 'id="save-numbers"' not in text(page)


def test_nothing_typed_is_said_on_the_list(client: Client, alice: User) -> None:
    made = notice()
    client.force_login(alice)

    page = look(client, "  ", made)

    assert page.status_code == 422
    assert "Saisissez, collez ou scannez" in body(page)
    assert f'aria-label="{made.reference}" checked' in text(page)
    assert look(client, "1" * 200_001, made).status_code == 422


def test_what_changed_before_confirming_is_named(client: Client, alice: User) -> None:
    made = notice()
    client.force_login(alice)
    confirmed = {"text": hidden_text(look(client, A, made))}
    Reminder.objects.update(state="cancelled")

    page = client.post(f"{URL}numeros/enregistrer/", confirmed, follow=True)

    assert f"{made.reference} : Il a été annulé." in body(page)
    assert "complété" not in body(page)
    for nothing in ({}, {"text": "référence\tnuméro"}):
        again = client.post(f"{URL}numeros/enregistrer/", nothing, follow=True)
        assert again.status_code == 200
    assert not Posting.objects.exists()


def test_returns_pasted_say_what_they_do(client: Client, alice: User) -> None:
    made = letter()
    client.force_login(alice)
    page = look(client, f"{made.reference} NPAI 04/11/2026")

    page = client.post(
        f"{URL}numeros/enregistrer/", {"text": hidden_text(page)}, follow=True
    )

    assert "tant que l’adresse n’est pas corrigée" in body(page)
