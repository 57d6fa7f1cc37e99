"""What is read of Dolibarr, as each version says it."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.gateways import dolibarr_content as content
from relance.gateways.dolibarr import Client, Dolibarr
from relance.gateways.dolibarr_content import Status, Type
from relance.gateways.dolibarr_errors import DolibarrError, Kind
from tests.dolibarr_books import stamp
from tests.dolibarr_server import KEY, dolibarr

PARIS = ZoneInfo("Europe/Paris")
D = Decimal
VERSIONS = ("20.0.2", "22.0.4", "24.0.0-beta")


@pytest.fixture
def reader(request):
    """Return a reader of a server, closed when the test is over."""

    def opened(server):
        client = Client(server.address, KEY, pause=0.001)
        request.addfinalizer(client.close)
        return Dolibarr(client, zone=PARIS)

    return opened


@pytest.mark.parametrize("version", VERSIONS)
def test_an_invoice_is_read_with_its_live_balance(version, reader):
    with dolibarr(version) as server:
        id = server.add_invoice(server.add_customer(), "2880")
        server.pay(id, "1234.56")

        [read] = reader(server).invoices([id])
        alone = reader(server).invoice(id)

    assert read == alone
    assert (read.ref, read.type, read.status) == (
        "FA2609-0001",
        Type.STANDARD,
        Status.VALIDATED,
    )
    assert (read.total, read.remaining) == (D("2880.00"), D("1645.44"))
    assert (read.issued_on, read.due_on) == (date(2026, 9, 1), date(2026, 10, 1))
    assert read.is_unpaid
    assert not read.odd_dates


def test_many_live_balances_take_one_request(reader):
    with dolibarr() as server:
        ids = [server.add_invoice(server.add_customer()) for _nth in range(30)]

        read = reader(server).invoices([*ids, 999])

        assert [one.id for one in read] == ids
        assert len(server.asked("invoices")) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_the_billing_contact_is_found_in_every_version(version, reader):
    with dolibarr(version) as server:
        customer = server.add_customer()
        server.add_contact(customer, "Morel")
        billing = server.add_contact(customer, "Bréchet")
        id = server.add_invoice(customer)
        server.attach(billing, id)
        doli = reader(server)
        [[read]] = doli.unpaid()

        assert doli.billing_contacts(read, major=server.major) == (billing,)
        assert doli.contact(billing).name == "Hélène Bréchet"


def test_unpaid_invoices_are_counted_where_the_version_counts(reader):
    for version, counted in zip(VERSIONS, (None, 3, 3), strict=True):
        with dolibarr(version) as server:
            for _nth in range(3):
                server.add_invoice(server.add_customer())
            assert reader(server).count_unpaid() == counted


def test_a_midnight_in_paris_is_that_day_and_not_the_day_before():
    assert content.day(1790719200, zone=PARIS) == (date(2026, 9, 30), False)
    assert content.day(1790719200, zone=ZoneInfo("UTC")) == (date(2026, 9, 29), True)
    assert content.day("2026-10-30 00:00:00", zone=PARIS)[0] == date(2026, 10, 30)
    assert content.day("", zone=PARIS) == (None, False)
    assert content.day(None, zone=PARIS) == (None, False)


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_every_day_comes_back_whatever_the_season(on):
    assert content.day(stamp(on), zone=PARIS) == (on, False)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("576.00000000", "576.00"),
        ("1500.6", "1500.60"),
        ("0.01", "0.01"),
        (1234.56, "1234.56"),
        (0, "0.00"),
        (None, "0.00"),
        ("", "0.00"),
        ("-180.00000000", "-180.00"),
    ],
)
def test_amounts_are_read_as_they_are_written(said, read):
    assert content.amount({"x": said}, "x") == D(read)


def test_an_amount_that_is_none_is_unreadable():
    with pytest.raises(DolibarrError) as failed:
        content.amount({"x": "beaucoup"}, "x")
    assert failed.value.kind == Kind.UNREADABLE


def test_a_foreign_currency_is_what_the_customer_pays(reader):
    with dolibarr() as server:
        id = server.add_invoice(
            server.add_customer(),
            "1200",
            multicurrency_code="GBP",
            multicurrency_total_ttc="1032.00",
        )
        server.pay(id, "502.33")
        [read] = reader(server).invoices([id])

    assert (read.currency, read.total) == ("GBP", D("1032.00"))
    # 697.67 of 1200.00 euros left, of 1032.00 pounds.
    assert read.remaining == D("600.00")
    assert read.rate == D("0.86")


def test_labels_lose_the_entities_of_html():
    row = {"id": "1", "name": "Dupr&eacute; &amp; Cie", "array_options": []}

    read = content.customer(row)

    assert read.name == "Dupré & Cie"
    assert read.extra == {}


def test_the_pdf_named_after_the_invoice_wins_over_a_letter_of_ours(reader):
    with dolibarr() as server:
        id = server.add_invoice(server.add_customer())
        server.keep_pdf(id)
        ref = server.invoices[id]["ref"]
        server.files[ref]["Relance-1.pdf"] = b"%PDF ours"
        server.uploaded.add((ref, "Relance-1.pdf"))
        doli = reader(server)
        [read] = doli.invoices([id])

        assert doli.pdf(read, build=False) == server.blank_pdf


def test_a_missing_pdf_is_made_only_when_that_is_allowed(reader):
    with dolibarr() as server:
        id = server.add_invoice(server.add_customer())
        doli = reader(server)
        [read] = doli.invoices([id])

        assert doli.pdf(read, build=False) is None
        assert doli.pdf(read, build=True) == server.blank_pdf
        server.rights.discard("builddoc")
        server.files.clear()
        with pytest.raises(DolibarrError) as failed:
            doli.pdf(read, build=True)
        assert failed.value.kind == Kind.RIGHT_MISSING


def test_a_credit_that_is_left_is_told_from_one_that_is_used(reader):
    with dolibarr() as server:
        customer = server.add_customer()
        invoice = server.add_invoice(customer, "1080")
        left = server.add_invoice(customer, "-240", kind=2)
        used = server.add_invoice(customer, "-180", kind=2)
        server.convert(left)
        server.use(used, invoice, "180")
        doli = reader(server)

        assert doli.has_credit(left)
        assert not doli.has_credit(used)
        [[one, other]] = doli.used_credits()
        assert {one.id, other.id} == {left, used}
        [paid] = doli.payments(invoice)
        assert (paid.ref, paid.amount, paid.is_credit) == (
            server.invoices[used]["ref"],
            D("180.00"),
            True,
        )
