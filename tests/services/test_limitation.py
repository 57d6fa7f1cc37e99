"""What interrupts limitation: recorded with its proof, undone, never deleted."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from relance.models import HistoryEntry, InterruptingEvent
from relance.queries.limitation import limitation_of
from relance.queries.situations import situation
from relance.services import documents
from relance.services.limitation import (
    Interruption,
    ProofFile,
    record_interruption,
    undo_interruption,
)
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

SIGNED = Interruption(kind="acknowledgement", happened_on=date(2026, 10, 5))
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


def test_an_interruption_is_recorded_with_its_proof() -> None:
    invoice, alice = make.invoice(), make.user()
    event = Interruption(
        kind="acknowledgement", happened_on=date(2026, 11, 25), proof=" courriel "
    )
    # Already the 25th in Paris.
    night = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)

    made = record_interruption(invoice, event, by=alice, now=night)

    assert (made.proof, made.recorded_by) == ("courriel", alice)
    entry = HistoryEntry.objects.get(action="invoice.interruption")
    assert (entry.invoice, entry.user) == (invoice, alice)
    assert made.get_kind_display() in entry.words


@pytest.mark.parametrize("day", [date(2026, 8, 31), date(2026, 11, 25)])
def test_an_interruption_is_neither_before_the_invoice_nor_to_come(day: date) -> None:
    event = Interruption(kind="acknowledgement", happened_on=day)
    with pytest.raises(Refused) as caught:
        record_interruption(make.invoice(), event, by=None, now=NOW)
    assert caught.value.field == "happened_on"


def test_the_document_that_proves_it_is_kept() -> None:
    file = ProofFile(data=PIXEL, name="C:\\scans\\reconnaissance.jpg")

    made = record_interruption(make.invoice(), SIGNED, file=file, by=None, now=NOW)

    assert made.document is not None
    assert made.document.name == "reconnaissance.png"
    assert documents.read(made.document) == PIXEL


def test_a_file_that_proves_nothing_is_refused_and_nothing_recorded() -> None:
    file = ProofFile(data=b"MZ not a scan", name="proof.exe")

    with pytest.raises(Refused) as caught:
        record_interruption(make.invoice(), SIGNED, file=file, by=None, now=NOW)

    assert caught.value.field == "file"
    assert not InterruptingEvent.objects.exists()


@pytest.mark.parametrize(
    ("kind", "regime", "refused"),
    [
        # Loi n° 68-1250, art. 2: a written claim interrupts for public bodies alone.
        ("public_claim", "PUBLIC", False),
        ("public_claim", "B2B", True),
        ("court_claim", "PUBLIC", False),
        ("letter", "B2B", True),
    ],
)
def test_the_event_is_one_that_interrupts(kind, regime, refused) -> None:
    invoice = make.invoice(make.customer(regime=regime))
    event = Interruption(kind=kind, happened_on=date(2026, 10, 5))
    if refused:
        with pytest.raises(Refused) as caught:
            record_interruption(invoice, event, by=None, now=NOW)
        assert caught.value.field == "kind"
    assert InterruptingEvent.objects.exists() != refused or (
        record_interruption(invoice, event, by=None, now=NOW).kind == kind
    )


def test_undone_it_stays_written_and_counts_nowhere(alice) -> None:
    invoice = make.invoice()
    before = limitation_of(invoice, today=TODAY).last
    event = record_interruption(invoice, SIGNED, by=alice, now=NOW)
    moved = limitation_of(invoice, today=TODAY).last

    undo_interruption(event, " mauvaise facture ", by=alice, now=NOW)

    assert (before, moved) == (date(2031, 9, 1), date(2031, 10, 5))
    found = limitation_of(invoice, today=TODAY)
    assert found.last == before
    assert [(one.row.undone_why, one.counts) for one in found.events] == [
        ("mauvaise facture", False)
    ]
    assert situation(invoice, today=TODAY).limitation_on == before
    entry = HistoryEntry.objects.get(action="invoice.interruption_undone")
    assert (entry.user, entry.invoice) == (alice, invoice)
    assert "mauvaise facture" in entry.words


@pytest.mark.parametrize("why", ["", "   "])
def test_one_says_why_it_is_undone(why) -> None:
    event = record_interruption(make.invoice(), SIGNED, by=None, now=NOW)
    with pytest.raises(Refused) as caught:
        undo_interruption(event, why, by=None, now=NOW)
    assert caught.value.field == "why"


def test_it_is_undone_once() -> None:
    event = record_interruption(make.invoice(), SIGNED, by=None, now=NOW)
    undo_interruption(event, "erreur", by=None, now=NOW)
    with pytest.raises(Refused):
        undo_interruption(event, "encore", by=None, now=NOW)


# The period is counted from the earliest day known; the law by type of customer.
@pytest.mark.parametrize(
    ("regime", "service", "carriage", "last", "from_service"),
    [
        ("B2B", None, False, date(2031, 9, 1), False),
        ("B2B", date(2026, 7, 15), False, date(2031, 7, 15), True),
        ("B2B", date(2026, 9, 20), False, date(2031, 9, 1), False),
        ("B2C", date(2026, 7, 15), False, date(2028, 7, 15), True),
        ("PUBLIC", None, False, date(2030, 12, 31), False),
        ("PUBLIC", None, True, date(2027, 9, 1), False),
        ("B2B", date(2026, 7, 15), True, date(2027, 7, 15), True),
    ],
)
def test_how_the_date_is_computed(regime, service, carriage, last, from_service):
    make.company(carriage=carriage)
    invoice = make.invoice(make.customer(regime=regime), service_date=service)

    found = limitation_of(invoice, today=TODAY)

    assert (found.last, found.from_service) == (last, from_service)
    assert situation(invoice, today=TODAY).limitation_on == last


def test_an_event_after_the_end_revives_nothing() -> None:
    invoice = make.invoice(
        make.customer(regime="B2C"),
        issued_on=date(2024, 1, 10),
        due_date=date(2024, 2, 10),
    )
    late = Interruption(kind="part_payment", happened_on=date(2026, 1, 11))
    record_interruption(invoice, late, by=None, now=NOW)

    found = limitation_of(invoice, today=TODAY)

    assert found.last == date(2026, 1, 10)
    assert [one.counts for one in found.events] == [False]
    assert found.over
