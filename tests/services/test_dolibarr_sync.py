"""A synchronisation is taken up where it was, whatever stopped it."""

from datetime import timedelta

import pytest

from relance.models import DolibarrConnection, DolibarrSync, HistoryEntry, Invoice
from relance.services import dolibarr_stages, dolibarr_sync
from relance.services.refusal import Refused
from tests.dolibarr_server import Fault, dolibarr
from tests.dolibarr_sync import NOW, TODAY, connected, ours, synchronise

State = DolibarrSync.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(dolibarr_stages, "PAGE", 10)
    with dolibarr() as running:
        connected(running)
        for _nth in range(25):
            running.pay(running.add_invoice(running.add_customer()), "200")
        yield running


def step(sync, **values):
    return dolibarr_sync.step(sync.pk, **{"now": NOW, "today": TODAY, **values})


def start(**values):
    return dolibarr_sync.start(**{"full": False, "by": None, "now": NOW, **values})


def test_one_that_was_killed_goes_on_after_the_last_page(server):
    sync = start()
    while Invoice.objects.count() < 20:
        step(sync)
    read = len(server.asked("invoices/1/payments"))

    # The worker died; another takes it up.
    later = NOW + timedelta(minutes=5)
    assert dolibarr_sync.to_take_up(idle_since=later) == [sync.pk]
    while step(sync, now=later):
        pass

    sync.refresh_from_db()
    assert sync.state == State.DONE
    assert sync.counts["invoices_created"] == 25
    assert Invoice.objects.count() == 25
    assert len(server.asked("invoices/1/payments")) == read == 1


def test_a_page_written_twice_by_two_workers_counts_once(server):
    sync = start()
    stale = DolibarrSync.objects.get(pk=sync.pk)
    step(sync)
    connection = DolibarrConnection.objects.get()
    with dolibarr_sync.reading(connection) as doli:
        work = dolibarr_stages.Work(
            doli=doli, sync=stale, connection=connection, now=NOW, today=TODAY
        )
        with pytest.raises(dolibarr_stages.Overtaken):
            dolibarr_stages.STEPS[dolibarr_stages.Stage.CUSTOMERS](work)

    sync.refresh_from_db()
    assert sync.done == 10


def test_an_error_in_the_middle_is_said_and_the_rest_is_done_later(server):
    server.spoil(Fault.UNAUTHORIZED, path="invoices", after=6)
    sync = start()
    while step(sync):
        pass

    sync.refresh_from_db()
    connection = DolibarrConnection.objects.get()
    assert sync.state == State.FAILED
    assert "n’accepte pas la clé" in sync.error
    assert (connection.state, connection.error) == ("failing", sync.error)

    assert start().pk == sync.pk
    while step(sync):
        pass

    connection.refresh_from_db()
    assert Invoice.objects.filter(balance="1000.00").count() == 25
    assert (connection.state, connection.error) == ("working", "")
    assert connection.last_full_at == connection.last_sync_at == NOW


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.ERROR_500])
def test_what_passes_by_itself_stops_nothing(server, fault):
    server.spoil(fault, path="invoices", after=3)

    synchronise()

    assert Invoice.objects.count() == 25


def test_a_second_click_finds_the_one_that_goes_on(server):
    assert start().pk == start(full=True).pk


def test_later_ones_ask_only_for_customers_that_changed(server):
    synchronise()
    for row in server.customers.values():
        row["_tms"] = "2026-11-01 08:00:00"
    before = len(server.asked("thirdparties"))
    sync = synchronise(now=NOW + timedelta(hours=4))

    [asked] = server.asked("thirdparties")[before:]
    # Two days of overlap: the clocks of PHP and of the database may differ.
    assert "(t.tms:>=:'2026-11-22 09:30:00')" in asked["sqlfilters"]
    assert not sync.full


def test_the_schedule_begins_one_when_its_time_has_come(server):
    def due(**later):
        return dolibarr_sync.start_if_due(now=NOW + timedelta(**later))

    # The first is asked for by a person.
    assert due() is None
    synchronise()
    assert due(hours=3) is None
    assert due(hours=5).full is False
    DolibarrSync.objects.update(state=State.DONE)
    assert due(days=8).full is True
    DolibarrSync.objects.update(state=State.DONE)
    DolibarrConnection.objects.update(every_hours=0)
    assert due(days=30) is None


def test_the_schedule_tries_again_what_an_error_stopped(server):
    sync = start()
    server.spoil(Fault.UNAUTHORIZED)
    while step(sync):
        pass

    assert dolibarr_sync.start_if_due(now=NOW + timedelta(minutes=10)) is None
    again = dolibarr_sync.start_if_due(now=NOW + timedelta(minutes=20))
    assert (again.pk, again.state) == (sync.pk, State.WORKING)


def test_without_a_connection_nothing_begins(db):
    with pytest.raises(Refused):
        start()
    assert dolibarr_sync.start_if_due(now=NOW) is None


def test_pdfs_are_fetched_all_at_once_when_that_is_chosen(server):
    DolibarrConnection.objects.update(pdfs="all", build_pdfs=True)
    server.keep_pdf(1)

    sync = synchronise()

    assert sync.counts["pdfs"] == 25
    assert ours(1).document.pages == 1
    entries = HistoryEntry.objects.filter(action="invoice.pdf").count()
    synchronise()
    assert HistoryEntry.objects.filter(action="invoice.pdf").count() == entries == 25
