"""Public sample files of the ZUGFeRD corpus, read field by field."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from relance.gateways.einvoice import EInvoiceError, read
from relance.gateways.einvoice_content import Buyer, Line, Note, Preceding, Vat

SAMPLES = Path(__file__).parents[2] / "../shared/samples/einvoices"
D = Decimal

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the sample e-invoices are not beside the repository"
)

MOULIN: dict[str, Any] = {
    "syntax": "cii",
    "version": "factur-x",
    "type_code": "380",
    "kind": "invoice",
    "currency": "EUR",
    "service_date": None,
    "terms": "",
    "seller.name": "Au bon moulin",
    "seller.siren": "999999998",
    "seller.vat": "FR11999999998",
    "payment.iban": "FR2012421242124212421242124",
    "payment.bic": "",
    "payment_mode": "transfer",
    "lines": (),
    "preceding": (),
}
BOUTIQUE = Buyer(
    name="Ma jolie boutique",
    lines=("35 rue de la République",),
    postcode="69001",
    city="Lyon",
    country="FR",
    siren="787878784",
    siret="78787878400035",
    vat="FR19787878784",
)
KUNDEN = Buyer(
    name="Kunden AG Mitte",
    lines=("Kundenstraße 15",),
    postcode="69876",
    city="Frankfurt",
    country="DE",
    code="GE2020211",
)
LIEFERANT: dict[str, Any] = {
    "number": "471102",
    "type_code": "380",
    "kind": "invoice",
    "currency": "EUR",
    "total": D("529.87"),
    "already_paid": D("0.00"),
    "balance_due": D("529.87"),
    "total_net": D("473.00"),
    "total_tax": D("56.87"),
    "seller.name": "Lieferant GmbH",
    "seller.siren": "",
    "seller.vat": "DE123456789",
    "buyer": KUNDEN,
    "payment.iban": "",
    "payment_mode": None,
    "order_reference": "",
    "preceding": (),
    "vat": (
        Vat(rate=D(7), net=D(275), tax=D("19.25")),
        Vat(rate=D(19), net=D(198), tax=D("37.62")),
    ),
    "lines": (
        Line(
            description="Trennblätter A4",
            quantity=D(20),
            unit_price=D("9.9"),
            net=D(198),
        ),
        Line(
            description="Joghurt Banane",
            quantity=D(50),
            unit_price=D("5.5"),
            net=D(275),
        ),
    ),
}
DUE_DATE = LIEFERANT | {
    "profile": "en16931",
    "issued_on": date(2018, 3, 5),
    "due_date": date(2019, 3, 5),
    "service_date": date(2018, 3, 5),
    "terms": "",
}

EXPECTED: dict[str, dict[str, Any]] = {
    "Facture_FR_MINIMUM.pdf": MOULIN
    | {
        "profile": "minimum",
        "number": "FA-2017-0010",
        "issued_on": date(2017, 11, 13),
        "due_date": None,
        "total": D("671.15"),
        "already_paid": D("201.00"),
        "balance_due": D("470.15"),
        "total_net": D("624.90"),
        "total_tax": D("46.25"),
        "buyer": Buyer(
            name="Ma jolie boutique",
            country="FR",
            siren="787878784",
            siret="78787878400035",
            vat="FR19787878784",
        ),
        "payment.iban": "",
        "payment_mode": None,
        "order_reference": "PO445",
        "notes": (),
        "vat": (),
    },
    "Facture_FR_BASICWL.pdf": MOULIN
    | {
        "profile": "basicwl",
        "number": "FA-2017-0010",
        "issued_on": date(2017, 11, 13),
        "due_date": date(2017, 12, 13),
        "total": D("671.15"),
        "already_paid": D("201.00"),
        "balance_due": D("470.15"),
        "total_net": D("624.90"),
        "total_tax": D("46.25"),
        "buyer": BOUTIQUE,
        "order_reference": "PO445",
        "contract_reference": "MSPE2017",
        "notes": (Note(text="Franco de port (commande > 300 € HT)"),),
        "vat": (
            Vat(rate=D(20), net=D("81.90"), tax=D("16.38")),
            Vat(rate=D("5.5"), net=D("543.00"), tax=D("29.87")),
        ),
    },
    "Facture_DOM_BASICWL.pdf": MOULIN
    | {
        "profile": "basicwl",
        "number": "FA-2017-0009",
        "issued_on": date(2017, 11, 5),
        "due_date": date(2017, 12, 5),
        "total": D("530.75"),
        "already_paid": D("147.00"),
        "balance_due": D("383.75"),
        "total_net": D("530.75"),
        "total_tax": D("0.00"),
        "buyer": Buyer(
            name="Hôtel Saint Denis",
            lines=("42 rue du stade",),
            postcode="97400",
            city="Saint Denis",
            country="RE",
            siren="343434346",
            siret="34343434600010",
            vat="FR90343434346",
        ),
        "order_reference": "BC543",
        "contract_reference": "WELCOME_PACK_2017",
        "vat": (Vat(rate=D(0), net=D("530.75"), tax=D(0)),),
    },
    "Avoir_FR_type381_BASIC.pdf": MOULIN
    | {
        "profile": "basic",
        "number": "AV-2017-0005",
        "type_code": "381",
        "kind": "credit_note",
        "issued_on": date(2017, 11, 16),
        "due_date": date(2017, 11, 16),
        "total": D("233.47"),
        "already_paid": D("0.00"),
        "balance_due": D("233.47"),
        "buyer": BOUTIQUE,
        "payment.iban": "",
        "payment_mode": None,
        "preceding": (Preceding(number="FA-2017-0010", issued_on=date(2017, 11, 13)),),
        "lines": (
            Line(
                description="Nougat de l'Abbaye 250g",
                quantity=D(5),
                unit_price=D("4.10"),
                net=D("20.48"),
            ),
            Line(
                description="Huile d'olive à l'ancienne",
                quantity=D(10),
                unit_price=D("19.80"),
                net=D(198),
            ),
        ),
    },
    "EN16931_Einfach_DueDate.pdf": DUE_DATE
    | {
        "syntax": "cii",
        "version": "en16931",
    },
    "EN16931_Einfach_DueDate.cii.xml": DUE_DATE
    | {
        "syntax": "cii",
        "version": "en16931",
        "pdf": None,
    },
    "EN16931_Einfach_DueDate.ubl.xml": DUE_DATE
    | {
        "syntax": "ubl",
        "version": "peppol",
        "pdf": None,
    },
    "EN16931_Gutschrift.pdf": LIEFERANT
    | {
        "profile": "en16931",
        "type_code": "389",
        "issued_on": date(2018, 3, 5),
        "due_date": None,
        "service_date": date(2018, 3, 5),
        "terms": "Der Betrag wird ihrem Kundenkonto gutgeschrieben und mit der "
        "nächsten Rechnung verrechnet.",
        "buyer": Buyer(
            name="Kunden AG Mitte",
            lines=("Kundenstraße 15",),
            postcode="69876",
            city="Frankfurt",
            country="DE",
            code="GE2020211",
            vat="DE136695976",
        ),
    },
    "EN16931_1_Teilrechnung.pdf": {
        "profile": "en16931",
        "number": "471102",
        "type_code": "380",
        "kind": "invoice",
        "issued_on": date(2018, 6, 5),
        "due_date": None,
        "service_date": date(2018, 6, 3),
        "total": D("197.65"),
        "already_paid": D("50.00"),
        "balance_due": D("147.65"),
        "total_net": D("177.49"),
        "total_tax": D("20.16"),
        "terms": "Zahlbar innerhalb 30 Tagen netto bis 04.07.2018, 3% Skonto "
        "innerhalb 10 Tagen bis 15.06.2018",
        "buyer": KUNDEN,
        "order_reference": "2018-471331",
    },
    "ZUGFeRD_1p0_COMFORT_Einfach.pdf": LIEFERANT
    | {
        "syntax": "cii",
        "profile": "comfort",
        "version": "zugferd-1",
        "issued_on": date(2013, 3, 5),
        "due_date": date(2013, 4, 4),
        "service_date": date(2013, 3, 5),
        "buyer": Buyer(
            name="Kunden AG Mitte",
            lines=("Kundenstraße 15",),
            postcode="69876",
            city="Frankfurt",
            country="DE",
            contact="Hans Muster",
            code="GE2020211",
        ),
        "payment.means": "31",
        "payment.iban": "DE08700901001234567890",
        "payment.bic": "GENODEF1M04",
        "payment_mode": "transfer",
    },
    "ubl-tc434-creditnote1.xml": {
        "syntax": "ubl",
        "profile": "en16931",
        "number": "018304 / 28865",
        "type_code": "381",
        "kind": "credit_note",
        "issued_on": date(2019, 9, 23),
        "due_date": None,
        "service_date": date(2019, 2, 28),
        "currency": "EUR",
        "total": D("100.11"),
        "already_paid": D("0.00"),
        "balance_due": D("100.11"),
        "seller.name": "My Supplier Company",
        "seller.vat": "BE0000000196",
        "buyer": Buyer(
            name="My Customer Company",
            lines=("Boulevard Sint Michel 53",),
            postcode="1000",
            city="BRUXELLES",
            country="BE",
            vat="BE0000000295",
            email="pete.smith@mycustomercompany.be",
        ),
        "payment.means": "1",
        "payment.iban": "BE91000000143476",
        "payment.bic": "BPOTBEB1",
        "payment_mode": None,
        "buyer_reference": "018304 / 28865",
        "lines": (
            Line(
                description="Exonération du versement du PP",
                quantity=D(1),
                unit_price=D("100.11"),
                net=D("100.11"),
            ),
        ),
    },
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_sample_is_read_field_by_field(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    invoice = read(data, name)
    expected = EXPECTED[name]
    found = {}
    for path in expected:
        value: Any = invoice
        for step in path.split("."):
            value = getattr(value, step)
        found[path] = value
    assert found == expected
    assert invoice.pdf == (data if name.endswith(".pdf") else None)


def test_the_broken_sample_is_refused_by_name() -> None:
    with pytest.raises(EInvoiceError) as caught:
        read((SAMPLES / "invalid_xml_encoding.pdf").read_bytes(), "i.pdf")
    assert caught.value.reason == "unknown_encoding"


def test_every_sample_is_expected() -> None:
    found = {file.name for file in SAMPLES.iterdir() if file.suffix in (".pdf", ".xml")}
    assert found == {*EXPECTED, "invalid_xml_encoding.pdf"}
