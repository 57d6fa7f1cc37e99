"""A hold read from an extra field: made when it says so, ended when it is cleared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from relance.models import DolibarrConnection, Hold
from tests import make
from tests.dolibarr_server import DolibarrServer, dolibarr
from tests.dolibarr_sync import connected, our_customer, ours, synchronise

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[DolibarrServer]:
    make.company()
    with dolibarr() as running:
        connected(running, hold_field="litige")
        yield running


def say(server: DolibarrServer, invoice: int, value: object) -> None:
    """Change the extra field alone: no date moves there."""
    row = server.invoices[invoice]
    row["array_options"] = {"options_litige": value}


@pytest.mark.parametrize("value", ["1", "Malfaçon signalée", "oui", 1])
def test_it_suspends_and_takes_up_again(server: DolibarrServer, value: object) -> None:
    invoice = server.add_invoice(server.add_customer())
    synchronise()
    assert not Hold.objects.exists()

    say(server, invoice, value)
    synchronise()
    synchronise()
    held = Hold.objects.get()
    assert (held.invoice, held.reason, held.source) == (
        ours(invoice),
        "manual",
        "dolibarr",
    )
    assert held.note.startswith("Suspendu dans Dolibarr")
    assert ("Malfaçon" in held.note) == (value == "Malfaçon signalée")

    say(server, invoice, "")
    synchronise()
    held.refresh_from_db()
    assert held.ended_at is not None
    assert held.end_note == "Le champ a été vidé dans Dolibarr."


@pytest.mark.parametrize("value", ["", None, "0", "non", 0])
def test_what_says_nothing_suspends_nothing(
    server: DolibarrServer, value: object
) -> None:
    invoice = server.add_invoice(server.add_customer())
    say(server, invoice, value)
    synchronise()
    assert not Hold.objects.exists()


def test_a_customer_is_suspended_too(server: DolibarrServer) -> None:
    customer = server.add_customer()
    server.add_invoice(customer)
    server.customers[customer]["array_options"] = {"options_litige": "1"}
    synchronise(full=True)
    assert Hold.objects.get().customer == our_customer(customer)
    server.customers[customer]["array_options"] = {"options_litige": "0"}
    synchronise(full=True)
    assert Hold.objects.get().ended_at is not None


def test_a_hold_of_ours_is_left_alone(server: DolibarrServer) -> None:
    invoice = server.add_invoice(server.add_customer())
    synchronise()
    mine = make.hold(ours(invoice), "manual")
    say(server, invoice, "1")
    synchronise()
    assert Hold.objects.get() == mine
    say(server, invoice, "")
    synchronise()
    mine.refresh_from_db()
    assert mine.ended_at is None


def test_without_a_field_nothing_is_read(server: DolibarrServer) -> None:
    invoice = server.add_invoice(server.add_customer())
    say(server, invoice, "1")
    synchronise()
    DolibarrConnection.objects.update(hold_field="")
    synchronise()
    assert Hold.objects.get().ended_at is not None
