"""Every answer recorded on real instances of versions 22 and 24 is read, or refused
for what it is."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from relance.gateways import dolibarr_content as content
from relance.gateways.dolibarr_client import without_nul
from relance.gateways.dolibarr_content import Status, Type
from relance.gateways.dolibarr_errors import Kind, judge

RECORDED = Path(__file__).parents[2] / "../shared/reference/dolibarr-api"
PARIS = ZoneInfo("Europe/Paris")
D = Decimal

pytestmark = pytest.mark.skipif(
    not RECORDED.is_dir(), reason="the recorded answers are not beside the repository"
)
VERSIONS = ("v22", "v24")


def index():
    if not RECORDED.is_dir():
        return []
    return [
        pytest.param(version, entry, id=f"{version}-{entry['name']}")
        for version in VERSIONS
        for entry in json.loads((RECORDED / version / "index.json").read_text())
    ]


def recorded(version, name):
    return without_nul(json.loads((RECORDED / version / f"{name}.json").read_text()))


def invoice(row):
    return content.invoice(row, zone=PARIS)


READERS = {
    "thirdparties": content.customer,
    "contacts": content.contact,
    "invoices": invoice,
    "documents": content.document,
}


@pytest.mark.parametrize(("version", "entry"), index())
def test_every_answer_is_read_or_refused_for_what_it_is(version, entry):
    body = (RECORDED / version / entry["file"]).read_bytes()
    told = {name.lower(): value for name, value in entry["headers"].items()}
    media, status = told.get("content-type", "text/html"), entry["status"]
    said = ""
    if status >= 400 and "json" in media:
        said = json.loads(body)["error"]["message"]
    text = body[:2000].decode("utf-8", "replace")
    wrong = judge(status, content_type=media, text=text, said=said)
    if wrong is not None:
        assert wrong.kind in expected(entry), entry["name"]
        return
    found = without_nul(json.loads(body))
    assert "\x00" not in json.dumps(found, ensure_ascii=False)
    path = entry["path"].removeprefix("/api/index.php/")
    noun = re.fullmatch(r"(\w+)(/\d+|/ref/[^/]+)?", path)
    if noun and noun[1] in READERS and entry["method"] == "GET":
        for row in filter(is_whole, rows(found)):
            READERS[noun[1]](row)


def rows(found):
    if isinstance(found, dict):
        return found.get("data", [found])
    return found


def is_whole(row):
    """Leave out rows of a few properties, and of lists under a noun."""
    return "entity" in row and ("date" in row or "lastname" in row or "client" in row)


def expected(entry):
    """What the name of the recording says that it shows."""
    by_name = {
        "err_api_disabled": {Kind.API_OFF},
        "err_ip_restricted": {Kind.ADDRESS_REFUSED},
        "err_404_unknown_route": {Kind.MODULE_OFF},
        "err_endpoint_rule": {Kind.ENDPOINT_FORBIDDEN},
        "wrong_base_html": {Kind.NOT_DOLIBARR},
        "err_401": {Kind.KEY_REFUSED},
        "prod_err_401": {Kind.KEY_REFUSED},
        "err_limit0": {Kind.SERVER_ERROR},
        "invoices_bad_field": {Kind.BAD_REQUEST},
        # The recorder asked for an id that was an error, in version 24.
        "r_agendaevent": {Kind.BAD_REQUEST},
        "w_post_webhooks": {Kind.MODULE_OFF},
    }
    for start, kinds in by_name.items():
        if entry["name"].startswith(start):
            return kinds
    return {
        400: {Kind.BAD_REQUEST},
        401: {Kind.KEY_REFUSED},
        403: {Kind.RIGHT_MISSING},
        404: {Kind.NOT_FOUND},
        500: {Kind.SERVER_ERROR},
        503: {Kind.SERVER_ERROR, Kind.BAD_REQUEST},
    }.get(entry["status"], set())


@pytest.mark.parametrize("version", VERSIONS)
def test_the_states_of_all_invoices(version):
    read = {one.id: one for one in map(invoice, recorded(version, "invoices_all_slim"))}

    assert len(read) >= 50
    unpaid = {id for id, one in read.items() if one.is_unpaid}
    # Overdue, not due, partly paid; with a credit note; deposit; final; replacement;
    # in pounds.
    assert unpaid == {*range(1, 28), 38, 43, 45, 47, 48, 49}
    assert read[36].status == Status.CLOSED
    assert (read[36].close_code, read[36].remaining) == ("badcustomer", D("660.00"))
    assert (read[37].close_code, read[37].remaining) == ("discount_vat", D("10.00"))
    assert (read[40].type, read[40].total) == (Type.CREDIT_NOTE, D("-240.00"))
    assert read[46].close_code == "replaced"
    assert (read[47].type, read[47].source) == (Type.REPLACEMENT, 46)
    assert (read[49].currency, read[49].remaining) == ("GBP", D("600.00"))
    assert not any(one.odd_dates for one in read.values())


@pytest.mark.parametrize("version", VERSIONS)
def test_an_invoice_a_customer_and_a_contact(version):
    read = invoice(recorded(version, "invoice_partial"))
    assert (read.ref, read.remaining) == ("FA2608-0025", D("1645.44"))
    assert read.due_on == date(2026, 9, 30)
    assert read.customer_reference == "BC-1024"

    customer = content.customer(recorded(version, "thirdparty"))
    assert customer.name == "Établissements Dupré & Cie"
    assert (customer.siren, customer.language) == ("732829320", "fr")
    assert content.customer(recorded(version, "thirdparty_noemail")).email == ""

    contact = content.contact(recorded(version, "contact"))
    assert (contact.name, contact.customer) == ("Hélène Bréchet", 1)


@pytest.mark.parametrize("version", VERSIONS)
def test_payments_and_credits_of_an_invoice(version):
    [paid] = [
        content.payment(row, zone=PARIS)
        for row in recorded(version, "invoice_payments")
    ]
    assert (paid.amount, paid.on) == (D("1234.56"), date(2026, 10, 30))
    assert not paid.is_credit

    [credit] = [
        content.payment(row, zone=PARIS)
        for row in recorded(version, "invoice_payments_creditnote")
    ]
    assert (credit.ref, credit.is_credit) == ("AV2608-0001", True)
