"""The PDF of Dolibarr's invoices: fetched when a reminder is first made."""

import pytest

from relance.models import DolibarrConnection, Invoice
from relance.services import dolibarr_pdfs
from tests import make
from tests.dolibarr_server import Fault, dolibarr
from tests.dolibarr_sync import NOW, connected, ours, synchronise

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    with dolibarr() as running:
        connected(running)
        running.add_invoice(running.add_customer())
        synchronise()
        yield running


def fetch(*ids):
    dolibarr_pdfs.fetch_missing([ours(id) for id in ids], now=NOW)


def test_it_is_fetched_once_and_kept(server):
    server.keep_pdf(1)

    fetch(1)
    fetch(1)

    assert ours(1).document.pages == 1
    assert len(server.asked("documents/download")) == 1


def test_none_is_no_error_and_is_made_when_that_is_allowed(server):
    fetch(1)
    assert ours(1).document is None

    DolibarrConnection.objects.update(build_pdfs=True)
    fetch(1)
    assert ours(1).document is not None


@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.CUT, Fault.FORBIDDEN])
def test_a_dolibarr_that_does_not_give_it_stops_nothing(server, fault):
    server.keep_pdf(1)
    server.spoil(fault, path="documents", times=20)

    fetch(1)

    assert ours(1).document is None


def test_a_file_that_is_no_pdf_is_left_there(server):
    ref = server.invoices[1]["ref"]
    server.files[ref] = {f"{ref}.pdf": b"<html>oups</html>"}

    fetch(1)

    assert ours(1).document is None


def test_an_invoice_of_ours_asks_nobody(server):
    before = len(server.requests)

    dolibarr_pdfs.fetch_missing([make.invoice()], now=NOW)

    assert len(server.requests) == before
    assert Invoice.objects.filter(document__isnull=False).count() == 0
