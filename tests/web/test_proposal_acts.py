"""From a line one notes a promise, a pause, a dispute or a call, once."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from relance.models import Channel, Hold, Reminder, User
from tests import make
from tests.web._proposals import HTMX, URL, late, line, row_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def claire(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


# From a line


def test_a_promise_is_noted_in_one_form_and_leads_back(
    claire: Client, alice: User
) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    day = timezone.localdate() + timedelta(days=7)
    response = claire.post(
        f"{URL}lignes/{pk}/promise/?which=late", {"until": day.isoformat()}
    )
    assert response["Location"] == f"{URL}?which=late#row-{pk}"
    hold = Hold.objects.get(invoice=invoice)
    assert (hold.reason, hold.until, hold.made_by) == ("promise", day, alice)
    assert row_of(invoice).channel == ""


@pytest.mark.parametrize(("what", "reason"), [("pause", "manual"), ("dispute",) * 2])
def test_a_pause_and_a_dispute_are_made_from_the_line(
    claire: Client, what: str, reason: str
) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    response = claire.post(
        f"{URL}lignes/{pk}/{what}/", {"note": "Vu avec eux"}, headers=HTMX
    )
    assert "data-held" in line(response, invoice)
    assert "notice good" in line(response, invoice)
    assert Hold.objects.get(invoice=invoice).reason == reason


def test_what_was_suspended_from_the_line_is_taken_back_there(claire: Client) -> None:
    invoice, other = late(), late()
    pk = row_of(invoice).pk
    asked = claire.post(f"{URL}lignes/{pk}/dispute/?which=late", {}, headers=HTMX)
    hold = Hold.objects.get()
    address = f"{URL}lignes/{pk}/suspension/{hold.pk}/"
    assert f'hx-post="{address}?which=late"' in line(asked, invoice)
    elsewhere = f"{URL}lignes/{row_of(other).pk}/suspension/{hold.pk}/"
    assert claire.post(elsewhere).status_code == 404

    response = claire.post(f"{address}?which=late", headers=HTMX)
    assert "data-held" not in line(response, invoice)
    assert "notice good" in line(response, invoice)
    hold.refresh_from_db()
    assert hold.ended_at is not None
    # Twice: it is said, and nothing more is recorded.
    assert "notice bad" in line(claire.post(address, headers=HTMX), invoice)
    back = claire.post(address)
    assert back["Location"].endswith(f"#row-{pk}")


def test_a_call_is_noted_once(claire: Client) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    page = claire.get(URL, {"open": str(pk)})
    key = re.search(r'name="key" value="([^"]+)"', line(page, invoice))
    assert key
    for _click in range(2):
        claire.post(f"{URL}lignes/{pk}/appel/", {"key": key[1], "note": "Paiera lundi"})
    made = Reminder.objects.get()
    assert (made.channel, made.note) == (Channel.NONE, "Paiera lundi")


def test_a_call_with_a_day_leaves_the_list_of_today(claire: Client) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    day = timezone.localdate() + timedelta(days=5)
    data = {"key": str(uuid.uuid4()), "note": "x", "next_on": day.isoformat()}
    response = claire.post(f"{URL}lignes/{pk}/appel/", data, headers=HTMX)
    said = line(response, invoice)
    assert f"rien n’est proposé avant le {day:%d/%m/%Y}" in said
    assert invoice.number not in claire.get(URL).text


def test_what_the_service_refuses_comes_back_on_the_form(claire: Client) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    key = str(uuid.uuid4())
    past = (timezone.localdate() - timedelta(days=3)).isoformat()
    response = claire.post(
        f"{URL}lignes/{pk}/appel/", {"key": key, "note": "x", "next_on": past}
    )
    assert response.status_code == 422
    assert "errorlist" in line(response, invoice)
    done = claire.post(f"{URL}lignes/{pk}/appel/", {"key": key, "note": "x"})
    assert done["Location"].endswith(f"#row-{pk}")


def test_a_refused_form_comes_back_on_its_line(claire: Client) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    for headers in (HTMX, {}):
        response = claire.post(
            f"{URL}lignes/{pk}/promise/", {"until": ""}, headers=headers
        )
        assert response.status_code == 422
        assert "errorlist" in line(response, invoice)
    assert not Hold.objects.exists()


def test_an_unknown_action_is_not_found(claire: Client) -> None:
    pk = row_of(late()).pk
    assert claire.post(f"{URL}lignes/{pk}/abandon/").status_code == 404
    assert claire.post(f"{URL}lignes/999999/promise/").status_code == 404
