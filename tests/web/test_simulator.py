"""The simulator's pages: an invoice, an example, a procedure not saved yet."""

from __future__ import annotations

import pytest
from django.urls import reverse

from relance.models import Level, Procedure, Reminder
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _logged_in(client, dora) -> None:
    make.company()
    client.force_login(dora)


def text(answer) -> str:
    return answer.content.decode().replace("\xa0", " ").replace("\u202f", " ")


EXAMPLE = {"regime": "B2B", "amount": "1 000", "due_date": "01/10/2026"}


def test_an_invoice_is_foretold_day_by_day(client) -> None:
    invoice = make.invoice(make.customer(name="Éts Lefèvre"))

    answer = client.get(reverse("simulator"), {"number": invoice.number.lower()})

    said = text(answer)
    moments = answer.context["simulation"].moments
    levels = [one.level.name for one in moments if one.level]
    assert levels == ["Relance simple", "Rappel", "Mise en demeure"]
    assert "Fin de la prescription" in said
    assert "Professionnels" in said
    assert "Éts Lefèvre" in said
    assert not Reminder.objects.exists()


def test_what_stops_it_is_said(client) -> None:
    invoice = make.invoice()
    make.hold(invoice)
    answer = client.get(reverse("simulator"), {"number": invoice.number})
    assert answer.context["simulation"].is_stopped
    assert "ne vient pas" in text(answer)


def test_an_example_needs_no_invoice(client) -> None:
    answer = client.get(reverse("simulator"), EXAMPLE)
    days = [one.day.isoformat() for one in answer.context["simulation"].moments]
    assert days[:4] == ["2026-10-01", "2026-10-06", "2026-10-21", "2026-11-05"]


@pytest.mark.parametrize(
    ("query", "form", "field"),
    [
        ({"number": "FA-nulle-part"}, "by_number", "number"),
        ({"number": ""}, "by_number", "number"),
        (EXAMPLE | {"amount": "0"}, "example", "amount"),
        (EXAMPLE | {"amount": "beaucoup"}, "example", "amount"),
        (EXAMPLE | {"due_date": "demain"}, "example", "due_date"),
        (EXAMPLE | {"regime": "x"}, "example", "regime"),
    ],
)
def test_bad_answers_are_refused_under_their_field(client, query, form, field) -> None:
    answer = client.get(reverse("simulator"), query)
    assert answer.status_code == 422
    assert answer.context[form].errors.keys() == {field}


def test_a_procedure_is_simulated_before_it_is_saved(client) -> None:
    pk = Level.objects.get(rank=1).pk
    values = {
        "do": "simulate",
        "name": "Essai",
        "amount_of": "balance",
        f"on-{pk}": "on",
        f"days_after_due-{pk}": "12",
        f"days_to_pay-{pk}": "8",
    } | {f"example-{name}": value for name, value in EXAMPLE.items()}

    answer = client.post(reverse("procedure-new"), values)

    assert answer.status_code == 200
    assert "13/10/2026" in text(answer)
    assert not Procedure.objects.filter(name="Essai").exists()


def test_who_reads_may_simulate_and_a_stranger_may_not(client, bob, charlie) -> None:
    client.force_login(bob)
    assert client.get(reverse("simulator"), EXAMPLE).status_code == 200
    client.force_login(charlie)
    assert client.get(reverse("simulator")).status_code == 403
