"""Each state of an invoice in Dolibarr, as it is here; balances are what is there,
and the ledger always explains them."""

from datetime import date

import pytest

from relance.models import HistoryEntry, Invoice, Payment
from tests import make
from tests.dolibarr_server import dolibarr
from tests.dolibarr_sync import connected, our_customer, ours, synchronise
from tests.services._dolibarr_invoices import D, State, check
from tests.services._dolibarr_invoices import (
    balances_are_explained as balances_are_explained,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    with dolibarr() as running:
        connected(running)
        yield running


def test_overdue_and_not_due_invoices_are_brought_in_as_they_are(server):
    customer = server.add_customer("Établissements Dupr&eacute; &amp; Cie")
    late = server.add_invoice(customer, "576", issued=date(2026, 5, 12))
    early = server.add_invoice(customer, "600", due=date(2026, 12, 2))

    sync = synchronise()

    found = check(late, State.OPEN, "576.00")
    assert (found.number, found.numbering) == ("FA2605-0001", "dolibarr")
    assert (found.issued_on, found.due_date) == (date(2026, 5, 12), date(2026, 10, 1))
    assert found.customer.name == "Établissements Dupré & Cie"
    assert (found.customer_reference, found.payment_mode) == ("BC-1", "transfer")
    check(early, State.OPEN, "600.00")
    assert {found.pk for found in Invoice.objects.unpaid()} == {
        ours(late).pk,
        ours(early).pk,
    }
    assert sync.counts["invoices_created"] == 2


def test_a_second_synchronisation_changes_nothing(server):
    customer = server.add_customer()
    id = server.add_invoice(customer)
    server.add_contact(customer)
    server.pay(id, "500")
    server.use(server.add_invoice(customer, "-100", kind=2), id, "100")
    synchronise()
    entries, asked = HistoryEntry.objects.count(), len(server.requests)

    sync = synchronise()

    assert HistoryEntry.objects.count() == entries
    assert sync.counts["invoices_unchanged"] == 1
    assert sync.counts["invoices_updated"] == 0
    # No payments are asked for again: the balances are the same.
    paths = [path for _method, path, _params in server.requests[asked:]]
    assert f"invoices/{id}/payments" not in paths


def test_an_invoice_that_was_paid_is_settled_here(server):
    id = server.add_invoice(server.add_customer())
    synchronise()

    server.pay(id, "500")
    server.pay(id, "700", on=date(2026, 11, 20))
    synchronise()

    assert check(id, State.SETTLED, "0.00").paid_on == date(2026, 11, 20)
    assert Payment.objects.count() == 2


def test_a_rest_of_one_cent_is_owed(server):
    id = server.add_invoice(server.add_customer(), "720")
    server.pay(id, "719.99")

    synchronise()

    check(id, State.OPEN, "0.01")


def test_what_is_over_before_it_was_seen_is_not_brought_in(server):
    customer = server.add_customer()
    server.pay(server.add_invoice(customer), "1200")
    server.abandon(server.add_invoice(customer))
    server.add_invoice(customer, status=0)

    synchronise()

    assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    ("code", "state", "balance"),
    [
        ("badcustomer", State.ABANDONED, "660.00"),
        ("discount_vat", State.SETTLED, "0.00"),
        ("bankcharge", State.SETTLED, "0.00"),
        ("withholdingtax", State.SETTLED, "0.00"),
        ("other", State.SETTLED, "0.00"),
    ],
)
def test_closed_with_a_rest(server, code, state, balance):
    id = server.add_invoice(server.add_customer(), "960")
    synchronise()

    server.pay(id, "300")
    server.close(id, code=code)
    synchronise()

    check(id, state, balance)
    rows = Payment.objects.filter(reference="selon Dolibarr")
    assert rows.count() == (state == State.SETTLED)
    assert not Invoice.objects.unpaid().exists()


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("abandon", State.ABANDONED),
        ("badcustomer", State.ABANDONED),
        ("replaced", State.CANCELLED),
    ],
)
def test_abandoned_ones_are_over_and_come_back_when_reopened(server, code, state):
    id = server.add_invoice(server.add_customer(), "960")
    server.pay(id, "300")
    synchronise()

    server.abandon(id, code)
    synchronise()
    check(id, state, "660.00")

    server.change_invoice(id, status="1", statut="1", close_code=None)
    synchronise()
    check(id, State.OPEN, "660.00")


def test_a_deleted_invoice_is_cancelled_and_kept(server):
    id = server.add_invoice(server.add_customer())
    synchronise()

    del server.invoices[id]
    synchronise()

    found = check(id, State.CANCELLED, "1200.00")
    words = HistoryEntry.objects.filter(invoice=found).latest("pk").words
    assert "supprimée dans Dolibarr" in words


def test_an_invoice_that_may_not_be_seen_any_more_is_not_taken_for_deleted(server):
    id = server.add_invoice(server.add_customer())
    synchronise()

    server.rights.discard("all customers")
    with pytest.raises(AssertionError, match="droit"):
        synchronise()

    check(id, State.OPEN, "1200.00")


def test_a_draft_again_is_cancelled(server):
    id = server.add_invoice(server.add_customer())
    synchronise()
    server.change_invoice(id, status="0", statut="0")
    synchronise()

    check(id, State.CANCELLED, "1200.00")


def test_deposits_replacements_and_situations_are_followed(server):
    customer = server.add_customer()
    old = server.add_invoice(customer, "266.40")
    server.abandon(old, "replaced")
    kinds = {
        server.add_invoice(customer, "1800", kind=3): Invoice.Kind.DEPOSIT,
        server.add_invoice(customer, "399.60", kind=1): Invoice.Kind.REPLACEMENT,
        server.add_invoice(customer, "100", kind=5): Invoice.Kind.INVOICE,
    }
    proforma = server.add_invoice(customer, "50", kind=4)

    synchronise()

    assert {id: ours(id).kind for id in kinds} == kinds
    assert not Invoice.objects.filter(external_id__in=[old, proforma]).exists()


def test_a_foreign_invoice_is_owed_in_its_own_currency(server):
    id = server.add_invoice(
        server.add_customer(),
        "1200",
        multicurrency_code="GBP",
        multicurrency_total_ttc="1032.00",
    )
    server.pay(id, "502.33")

    synchronise()
    entries = HistoryEntry.objects.count()
    synchronise()

    found = check(id, State.OPEN, "600.00")
    assert found.currency == "GBP"
    assert Payment.objects.get().currency == "GBP"
    assert HistoryEntry.objects.count() == entries


def test_a_call_noted_here_does_not_keep_an_invoice_as_it_was(server):
    id = server.add_invoice(server.add_customer())
    synchronise()
    make.reminder(ours(id), channel="none", level_rank=None, level_kind="")
    make.reminder(ours(id), state="cancelled")
    server.change_invoice(
        id, total_ttc="1100.00000000", multicurrency_total_ttc="1100.00000000"
    )
    synchronise()

    assert check(id, State.OPEN, "1100.00").total == D("1100.00")
    assert not Payment.objects.exists()


def test_facts_changed_there_are_changed_here_with_their_history(server):
    id = server.add_invoice(server.add_customer())
    synchronise()

    server.change_invoice(id, ref_customer="BC-99")
    server.change_invoice(id, total_ttc="1500.00000000")
    synchronise()

    found = check(id, State.OPEN, "1500.00")
    assert found.customer_reference == "BC-99"
    words = HistoryEntry.objects.filter(invoice=found).latest("pk").words
    assert "modifiée dans Dolibarr" in words


def test_numbers_of_dolibarr_and_of_files_live_together(server):
    of_files = make.invoice(number="FA2609-0001")
    id = server.add_invoice(server.add_customer())

    synchronise()

    assert ours(id).number == of_files.number
    assert ours(id).pk != of_files.pk


def test_a_customer_that_is_no_longer_one_there_is_read_with_the_invoice(server):
    customer = server.add_customer("Ancien client", client="0")
    id = server.add_invoice(customer)

    synchronise()

    assert ours(id).customer == our_customer(customer)


def test_one_that_cannot_be_read_keeps_no_other_away(server):
    customer = server.add_customer()
    server.add_invoice(customer, date="")
    server.add_invoice(customer, type="9")
    server.add_invoice(customer, date_lim_reglement="jamais")
    server.add_invoice(customer, multicurrency_code="TND")
    server.add_invoice(99)
    good = server.add_invoice(customer)

    sync = synchronise()

    assert [found.external_id for found in Invoice.objects.all()] == [str(good)]
    assert len(sync.warnings) == 5
    assert any("TND" in words for words in sync.warnings)
    assert any("client" in words for words in sync.warnings)
