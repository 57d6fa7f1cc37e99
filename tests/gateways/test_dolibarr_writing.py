"""What is written in Dolibarr is there once, whatever the answer became."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from relance.gateways.dolibarr import Client, Dolibarr
from relance.gateways.dolibarr_errors import DolibarrError, Kind
from relance.gateways.dolibarr_writing import (
    Event,
    NewPayment,
    add_event,
    add_file,
    add_payment,
)
from tests.dolibarr_server import KEY, DolibarrServer, Fault, dolibarr

PARIS = ZoneInfo("Europe/Paris")
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
VERSIONS = ("20.0.2", "22.0.4", "24.0.0-beta")

type Opener = Callable[[DolibarrServer], Dolibarr]


@pytest.fixture
def opened(request: pytest.FixtureRequest) -> Opener:
    def open_one(server: DolibarrServer) -> Dolibarr:
        client = Client(server.address, KEY, pause=0.001)
        request.addfinalizer(client.close)
        return Dolibarr(client, zone=PARIS)

    return open_one


def event(invoice: int = 1, **values: Any) -> Event:
    defaults: dict[str, Any] = {
        "owner": 1,
        "by_email": True,
        "code": "AC_RELANCE_1",
        "label": "Relance simple – FA2609-0001 (R-00001)",
        "note": "R-00001, par e-mail",
        "at": AT,
        "customer": 1,
        "invoice": invoice,
    }
    return Event(**(defaults | values))


def payment(invoice: int = 1, **values: Any) -> NewPayment:
    defaults: dict[str, Any] = {
        "invoice": invoice,
        "amount": Decimal("500.00"),
        "on": date(2026, 11, 12),
        "account": 1,
        "name": "RELANCE-7",
        "comment": "relevé",
    }
    return NewPayment(**(defaults | values))


@pytest.mark.parametrize("version", VERSIONS)
def test_an_event_is_noted_once(version: str, opened: Opener) -> None:
    with dolibarr(version) as server:
        server.add_invoice(server.add_customer())
        doli = opened(server)
        first = add_event(doli, event())
        assert add_event(doli, event()) == first
        other = add_event(doli, event(label="Relance simple – FA2609-0001 (R-00002)"))

        assert other != first
        noted = server.events[first]
    assert (noted["code"], noted["type_code"]) == ("AC_RELANCE_1", "AC_EMAIL")
    assert (noted["elementtype"], noted["elementid"]) == ("invoice", 1)
    assert (noted["socid"], noted["percentage"]) == (1, -1)
    assert noted["datep"] == int(AT.timestamp())
    assert "fk_element" not in noted


def test_an_answer_that_got_lost_is_found(opened: Opener) -> None:
    with dolibarr() as server:
        invoice = server.add_invoice(server.add_customer())
        doli = opened(server)
        writes: list[tuple[str, Callable[[], object]]] = [
            ("agendaevents", lambda: add_event(doli, event())),
            ("documents/upload", lambda: add_file(doli, "FA2609-0001", "R.pdf", b"x")),
            ("invoices/paymentsdistributed", lambda: add_payment(doli, payment())),
        ]
        for path, write in writes:
            after = 1 if path == "agendaevents" else 0
            server.spoil(Fault.DONE_THEN_CUT, path=path, after=after)
            with pytest.raises(DolibarrError):
                write()
            write()
        assert len(server.events) == 1
        assert server.files["FA2609-0001"] == {"R.pdf": b"x"}
        assert len(server.payments[invoice]) == 1


def test_a_payment_is_recorded_on_its_day_and_named(opened: Opener) -> None:
    with dolibarr() as server:
        invoice = server.add_invoice(server.add_customer(), "1200")
        doli = opened(server)
        ref = add_payment(doli, payment(invoice))
        assert add_payment(doli, payment(invoice)) == ref
        [told] = doli.payments(invoice)
        assert doli.invoice(invoice).remaining == Decimal("700.00")
    assert (told.ref, told.amount, told.on) == (
        ref,
        Decimal("500.00"),
        date(2026, 11, 12),
    )
    assert told.number == "RELANCE-7"


def test_what_dolibarr_refuses_is_told(opened: Opener) -> None:
    with dolibarr() as server:
        server.add_invoice(server.add_customer())
        server.rights -= {"events", "write payments"}
        doli = opened(server)
        for write in (
            lambda: add_event(doli, event()),
            lambda: add_payment(doli, payment()),
        ):
            with pytest.raises(DolibarrError) as said:
                write()
            assert said.value.kind == Kind.RIGHT_MISSING
        with pytest.raises(DolibarrError) as said:
            add_file(doli, "FA0000-0000", "R.pdf", b"x")
        assert said.value.kind == Kind.NOT_FOUND
