"""What an e-invoice says, field by field, for every profile, version and kind."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from relance.gateways.einvoice import EInvoice, read
from relance.gateways.einvoice_content import Buyer, Line, Note, Preceding, Vat
from tests import einvoices
from tests.einvoices import PROFILES, Sample

KINDS = {
    "380": "invoice",
    "389": "invoice",
    "386": "deposit",
    "384": "replacement",
    "381": "credit_note",
}
D = Decimal

FULL: dict[str, Any] = {
    "number": "FA-2026-0042",
    "issued_on": date(2026, 9, 15),
    "due_date": date(2026, 10, 15),
    "service_date": date(2026, 9, 14),
    "currency": "EUR",
    "total": D("120.00"),
    "already_paid": D("20.00"),
    "balance_due": D("100.00"),
    "total_net": D("100.00"),
    "total_tax": D("20.00"),
    "terms": "30 jours net",
    "seller.name": "Au bon moulin",
    "seller.siren": "732829320",
    "seller.vat": "FR44732829320",
    "payment.iban": "FR7630006000011234567890189",
    "payment.bic": "AGRIFRPP",
    "payment.means": "30",
    "payment_mode": "transfer",
    "buyer_reference": "SERVICE-7",
    "order_reference": "BC-77",
    "preceding": (Preceding(number="FA-2026-0041", issued_on=date(2026, 8, 1)),),
    "notes": (Note(text="Indemnité forfaitaire : 40 €", code="PMT"),),
    "vat": (Vat(rate=D("20.00"), net=D("100.00"), tax=D("20.00")),),
    "lines": (
        Line(description="Farine T65", quantity=D(8), unit_price=D("12.5"), net=D(100)),
    ),
    "buyer": Buyer(
        name="Boulangerie de l’Étoile & Fils",
        lines=("35 rue de la République", "Bâtiment C"),
        postcode="69001",
        city="Lyon",
        country="FR",
        siren="552100554",
        vat="FR96552100554",
        email="compta@etoile.example",
        phone="+33 4 72 00 00 00",
        contact="Zoé Martin",
        code="C-0012",
    ),
}
# What each profile cannot say, from the richest to the poorest.
BASIC = FULL | {
    "payment.bic": "",
    "buyer": replace(FULL["buyer"], email="", phone="", contact=""),
}
BASIC_WL = BASIC | {"lines": ()}
MINIMUM = BASIC_WL | {
    "due_date": None,
    "service_date": None,
    "terms": "",
    "payment.iban": "",
    "payment.means": "",
    "payment_mode": None,
    "preceding": (),
    "notes": (),
    "vat": (),
    "buyer": Buyer(name="Boulangerie de l’Étoile & Fils", siren="552100554"),
}
SAID = {
    "minimum": MINIMUM,
    "basicwl": BASIC_WL,
    "basic": BASIC,
    "en16931": FULL,
    "comfort": FULL,
    "extended": FULL,
}


def check(invoice: EInvoice, expected: dict[str, Any]) -> None:
    found = {}
    for path in expected:
        value: Any = invoice
        for step in path.split("."):
            value = getattr(value, step)
        found[path] = value
    assert found == expected


@pytest.mark.parametrize("type_code", KINDS)
@pytest.mark.parametrize("profile", PROFILES)
def test_factur_x_made_by_the_library_is_read(profile: str, type_code: str) -> None:
    pdf = einvoices.factur_x_pdf(einvoices.cii(Sample(type_code=type_code), profile))
    invoice = read(pdf, "f.pdf")
    check(
        invoice,
        SAID[profile]
        | {
            "syntax": "cii",
            "profile": profile,
            "version": "en16931" if profile == "en16931" else "factur-x",
            "type_code": type_code,
            "kind": KINDS[type_code],
        },
    )
    assert invoice.pdf is pdf
    assert b"CrossIndustryInvoice" in invoice.xml


@pytest.mark.parametrize("type_code", KINDS)
@pytest.mark.parametrize("profile", PROFILES)
def test_zugferd_2_is_read(profile: str, type_code: str) -> None:
    xml = einvoices.cii(Sample(type_code=type_code), profile, "zugferd-2")
    pdf = einvoices.pdf_with(xml, "zugferd-invoice.xml")
    version = "en16931" if profile == "en16931" else "zugferd-2"
    named = {"profile": profile, "version": version, "kind": KINDS[type_code]}
    check(read(pdf, "f.pdf"), SAID[profile] | named)


@pytest.mark.parametrize("type_code", KINDS)
@pytest.mark.parametrize("profile", ["basic", "comfort", "extended"])
def test_zugferd_1_is_read(profile: str, type_code: str) -> None:
    xml = einvoices.zugferd_1(Sample(type_code=type_code), profile)
    pdf = einvoices.pdf_with(xml, "ZUGFeRD-invoice.xml")
    named = {"profile": profile, "version": "zugferd-1", "kind": KINDS[type_code]}
    check(read(pdf, "f.pdf"), SAID[profile] | named)


@pytest.mark.parametrize("type_code", KINDS)
@pytest.mark.parametrize("profile", PROFILES)
def test_bare_cii_says_the_same_without_a_pdf(profile: str, type_code: str) -> None:
    xml = einvoices.cii(Sample(type_code=type_code), profile)
    named = {"pdf": None, "xml": xml, "kind": KINDS[type_code]}
    check(read(xml, "f.xml"), SAID[profile] | named)


@pytest.mark.parametrize(
    ("root", "type_code"),
    [*(("Invoice", code) for code in KINDS), ("CreditNote", "381"), ("CreditNote", "")],
)
def test_ubl_is_read(root: str, type_code: str) -> None:
    xml = einvoices.ubl(Sample(type_code=type_code), root)
    named = {"syntax": "ubl", "profile": "en16931", "kind": KINDS[type_code or "381"]}
    check(read(xml, "f.xml"), FULL | named)


@pytest.mark.parametrize(
    ("guideline", "profile", "version"),
    [
        (
            "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
            "en16931",
            "xrechnung",
        ),
        (
            "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
            "en16931",
            "peppol",
        ),
        (
            "urn:cen.eu:en16931:2017#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr",
            "extended-ctc-fr",
            "en16931",
        ),
        ("urn:ferd:CrossIndustryDocument:invoice:1p0:COMFORT", "comfort", "zugferd-1"),
        ("urn:somebody:else", "", "unknown"),
    ],
)
def test_the_guideline_names_the_profile(
    guideline: str, profile: str, version: str
) -> None:
    invoice = read(einvoices.cii(Sample(guideline=guideline), "basic"), "f.xml")
    assert (invoice.profile, invoice.version) == (profile, version)


def test_prefixes_do_not_matter_but_namespaces_do() -> None:
    written = einvoices.cii(Sample(), "basic").decode()
    renamed = written.replace("ram:", "x1:").replace(":ram=", ":x1=")
    assert read(renamed.encode(), "f.xml").number == "FA-2026-0042"
    foreign = written.replace(
        "<ram:ID>FA-2026-0042",
        '<evil:ID xmlns:evil="urn:evil">OTHER</evil:ID><ram:ID>FA-2026-0042',
    )
    assert read(foreign.encode(), "f.xml").number == "FA-2026-0042"


@pytest.mark.parametrize("written", ["utf-16", "iso-8859-15", "utf-8-sig"])
def test_other_encodings_are_read(written: str) -> None:
    text = einvoices.cii(Sample(buyer="Café Noël"), "basic").decode()
    declared = {"utf-16": "UTF-16", "iso-8859-15": "ISO-8859-15"}.get(written, "UTF-8")
    text = text.replace("'UTF-8'", f"'{declared}'")
    assert read(text.encode(written), "f.xml").buyer.name == "Café Noël"
