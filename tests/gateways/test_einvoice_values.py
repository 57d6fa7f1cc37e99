"""Amounts, dates and names as files write them: read, or refused by name."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from relance.gateways.einvoice import EInvoice, EInvoiceError, Reason, read
from tests import einvoices
from tests.einvoices import Sample

D = Decimal

# Amounts


MINUS = Sample(
    total="-120.00", net="-100.00", tax="-20.00", prepaid="-20.00", payable="-100.00"
)


@pytest.mark.parametrize("make", [lambda s: einvoices.cii(s, "basic"), einvoices.ubl])
def test_a_negative_invoice_is_a_credit_note_of_positive_amounts(make: Any) -> None:
    invoice = read(make(MINUS), "f.xml")
    assert invoice.kind == "credit_note"
    assert (invoice.total, invoice.already_paid) == (D("120.00"), D("20.00"))
    assert (invoice.balance_due, invoice.total_net) == (D("100.00"), D("100.00"))
    assert invoice.lines[0].net == D(100)
    assert invoice.vat[0].tax == D(20)


def test_turned_zeros_have_no_minus_sign() -> None:
    invoice = read(
        einvoices.cii(replace(MINUS, prepaid="0.00", payable="-120.00"), "basic"), "f"
    )
    assert str(invoice.already_paid) == "0.00"


def test_a_negative_credit_note_is_refused() -> None:
    refused(einvoices.cii(replace(MINUS, type_code="381"), "basic"), "unclear_sign")


@pytest.mark.parametrize("make", [lambda s: einvoices.cii(s, "en16931"), einvoices.ubl])
def test_rounding_is_part_of_the_total(make: Any) -> None:
    invoice = read(make(Sample(total="119.98", rounding="0.02")), "f.xml")
    assert (invoice.total, invoice.balance_due) == (D("120.00"), D("100.00"))


def test_what_is_not_written_is_what_the_rest_leaves() -> None:
    unpaid = read(einvoices.ubl(Sample(prepaid="", payable="")), "f.xml")
    assert (unpaid.already_paid, unpaid.balance_due) == (D("0.00"), D("120.00"))
    paid = read(einvoices.ubl(Sample(payable="")), "f.xml")
    assert (paid.already_paid, paid.balance_due) == (D("20.00"), D("100.00"))


def test_zeros_after_two_decimals_are_no_fraction_of_a_cent() -> None:
    sample = Sample(total="120.0000", prepaid="20.000", payable="100")
    assert str(read(einvoices.ubl(sample), "f.xml").total) == "120.00"


def test_the_total_in_another_currency_is_not_taken() -> None:
    written = einvoices.cii(Sample(), "basic").decode()
    doubled = written.replace(
        "<ram:TaxTotalAmount",
        '<ram:TaxTotalAmount currencyID="USD">22.00'
        "</ram:TaxTotalAmount><ram:TaxTotalAmount",
        1,
    )
    assert read(doubled.encode(), "f.xml").total_tax == D("20.00")


@pytest.mark.parametrize(
    ("means", "mode"),
    [
        ("30", "transfer"),
        ("58", "transfer"),
        ("59", "direct_debit"),
        ("49", "direct_debit"),
        ("20", "cheque"),
        ("48", "card"),
        ("10", "cash"),
        ("97", "other"),
        ("1", None),
        ("", None),
    ],
)
def test_the_payment_mode_is_the_means_code(means: str, mode: str | None) -> None:
    assert read(einvoices.ubl(Sample(means=means)), "f.xml").payment_mode == mode


def test_a_factored_invoice_is_factored_whatever_the_means() -> None:
    assert read(einvoices.ubl(Sample(type_code="393")), "f").payment_mode == "factored"


# Dates


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("102", "20260915"),
        ("203", "202609151130"),
        ("204", "20260915113000"),
        ("205", "202609151130+0200"),
        ("102", "2026-09-15"),
        ("", "20260915"),
    ],
)
def test_the_day_is_read_as_printed(code: str, written: str) -> None:
    text = einvoices.cii(Sample(issued_on="@"), "basic").decode()
    text = text.replace('format="102">@', f'format="{code}">{written}')
    assert read(text.encode(), "f.xml").issued_on == date(2026, 9, 15)


def test_a_month_is_its_last_day_except_for_the_invoice_date() -> None:
    text = einvoices.cii(Sample(service_date="@", due_date="@"), "basic").decode()
    text = text.replace('format="102">@', 'format="610">202802')
    text = text.replace("20260915", "20280201")
    invoice = read(text.encode(), "f.xml")
    assert invoice.service_date == invoice.due_date == date(2028, 2, 29)
    issued = einvoices.cii(Sample(issued_on="@"), "basic").decode()
    issued = issued.replace('format="102">@', 'format="610">202609')
    refused(issued.encode(), "bad_date")


@pytest.mark.parametrize("written", ["2026-09-15", "2026-09-15Z", "2026-09-15+14:00"])
def test_a_time_zone_does_not_move_the_day(written: str) -> None:
    sample = Sample(issued_on=written)
    assert read(einvoices.ubl(sample), "f.xml").issued_on == date(2026, 9, 15)


def test_of_several_due_dates_the_last_counts() -> None:
    text = einvoices.cii(Sample(), "extended").decode()
    start = text.index("<ram:SpecifiedTradePaymentTerms>")
    end = text.index("<ram:SpecifiedTradeSettlementHeaderMonetary")
    early = text[start:end].replace("20261015", "20260925")
    both = text[:end] + early + text[end:]
    assert read(both.encode(), "f.xml").due_date == date(2026, 10, 15)


def test_a_credit_note_due_before_its_date_has_no_due_date() -> None:
    sample = Sample(due_date="20260901", type_code="381")
    assert read(einvoices.cii(sample, "basic"), "f.xml").due_date is None


# Other ways to say the same


def changed(data: bytes, *changes: tuple[str, str]) -> EInvoice:
    text = data.decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return read(text.encode(), "f.xml")


def test_a_siret_under_the_scheme_of_the_siren_gives_both() -> None:
    long = ('"0002">552100554', '"0002">552 100 554 00013')
    for data in (einvoices.cii(Sample(), "basic"), einvoices.ubl(Sample())):
        buyer = changed(data, long).buyer
        assert (buyer.siren, buyer.siret) == ("552100554", "55210055400013")


def test_an_identifier_of_another_scheme_is_no_siren() -> None:
    other = ('"0002">552100554', '"0088">552100554')
    for data in (einvoices.cii(Sample(), "basic"), einvoices.ubl(Sample())):
        assert changed(data, other).buyer.siren == ""


def test_without_a_delivery_the_end_of_the_period_is_the_service_date() -> None:
    sample = Sample(service_date="")
    end = '<ram:DateTimeString format="102">20260831</ram:DateTimeString>'
    period = (
        "<ram:BillingSpecifiedPeriod><ram:EndDateTime>"
        f"{end.replace('ram:', 'udt:')}</ram:EndDateTime></ram:BillingSpecifiedPeriod>"
    )
    terms = "<ram:SpecifiedTradePaymentTerms>"
    cii = changed(einvoices.cii(sample, "basic"), (terms, period + terms))
    period = "<a:InvoicePeriod><b:EndDate>2026-08-31</b:EndDate></a:InvoicePeriod>"
    means = "<a:PaymentMeans>"
    ubl = changed(einvoices.ubl(sample), (means, period + means))
    assert cii.service_date == ubl.service_date == date(2026, 8, 31)


def test_a_price_for_several_is_the_price_of_one() -> None:
    price = "12.5000</ram:ChargeAmount>"
    base = "1250.00</ram:ChargeAmount><ram:BasisQuantity>100</ram:BasisQuantity>"
    cii = changed(einvoices.cii(Sample(), "basic"), (price, base))
    price = "12.5000</b:PriceAmount>"
    base = "1250.00</b:PriceAmount><b:BaseQuantity>100</b:BaseQuantity>"
    ubl = changed(einvoices.ubl(Sample()), (price, base))
    assert cii.lines[0].unit_price == ubl.lines[0].unit_price == D("12.5")


def test_a_ubl_party_may_have_a_trading_name_only() -> None:
    name = "<b:RegistrationName>Boulangerie de l’Étoile &amp; Fils</b:RegistrationName>"
    trading = "<a:PartyName><b:Name>L’Étoile</b:Name></a:PartyName>"
    head = "<a:AccountingCustomerParty><a:Party>"
    invoice = changed(einvoices.ubl(Sample()), (name, ""), (head, head + trading))
    assert invoice.buyer.name == "L’Étoile"


def test_an_electronic_address_that_is_an_e_mail_serves_as_one() -> None:
    address = (
        '<ram:URIUniversalCommunication><ram:URIID schemeID="EM">a@b.example'
        "</ram:URIID></ram:URIUniversalCommunication>"
    )
    tax = '<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">FR96'
    cii = einvoices.cii(Sample(), "basic")
    assert changed(cii, (tax, address + tax)).buyer.email == "a@b.example"
    peppol = address.replace('"EM"', '"0225"')
    assert changed(cii, (tax, peppol + tax)).buyer.email == ""


# What is missing or wrong


def refused(data: bytes, reason: str, name: str = "f.xml") -> EInvoiceError:
    with pytest.raises(EInvoiceError) as caught:
        read(data, name)
    assert caught.value.reason == Reason(reason)
    assert str(caught.value) == caught.value.sentence % caught.value.values
    return caught.value


WRONG = [
    ({"number": ""}, "missing_number", ""),
    ({"number": "9" * 61}, "number_too_long", ""),
    ({"issued_on": ""}, "missing_date", ""),
    ({"total": ""}, "missing_total", ""),
    ({"currency": ""}, "missing_currency", ""),
    ({"buyer": ""}, "missing_buyer", ""),
    ({"currency": "EURO"}, "unknown_currency", "EURO"),
    ({"currency": "eur"}, "unknown_currency", "eur"),
    ({"currency": "KWD"}, "unsupported_currency", "KWD"),
    ({"total": "120.001"}, "too_many_decimals", "120.001"),
    ({"total": "1,20"}, "bad_amount", "1,20"),
    ({"total": "NaN"}, "bad_amount", "NaN"),
    ({"total": "1E2"}, "bad_amount", "1E2"),
    ({"total": "9" * 16}, "bad_amount", "9" * 16),
    ({"total": "١٢٠"}, "bad_amount", "١٢٠"),
    ({"payable": "99.00"}, "amounts_disagree", "99.00"),
    ({"issued_on": "20260230"}, "bad_date", ""),
    ({"issued_on": "00010101"}, "bad_date", ""),
    ({"issued_on": "demain"}, "bad_date", "demain"),
    ({"due_date": "20260914"}, "due_before_issue", "2026-09-14"),
    ({"type_code": "325"}, "not_an_invoice", "325"),
    ({"type_code": "abc"}, "not_an_invoice", "abc"),
]


@pytest.mark.parametrize(("change", "reason", "value"), WRONG)
@pytest.mark.parametrize("make", [lambda s: einvoices.cii(s, "basic"), einvoices.ubl])
def test_what_is_missing_or_wrong_is_refused_by_name(
    make: Any, change: dict[str, str], reason: str, value: str
) -> None:
    error = refused(make(replace(Sample(), **change)), reason)
    assert value in str(error)
