"""Bank statements: four formats say the same, and damage is refused in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.gateways import bank, bank_content, bank_values
from relance.gateways.bank import BankError, Reason
from tests import bank_samples as samples

ALL = {
    "camt.02": samples.camt(),
    "camt.08": samples.camt(version="08"),
    "ofx": samples.OFX.encode("cp1252"),
    "mt940": samples.MT940.encode("cp1252"),
    "cfonb": samples.cfonb(),
    "cfonb without breaks": samples.cfonb(breaks=""),
}


def why(data: bytes) -> Reason:
    with pytest.raises(BankError) as caught:
        bank.read(data)
    assert "%(" not in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize("name", ALL)
def test_each_format_says_the_same(name: str) -> None:
    [statement] = bank.read(ALL[name])
    received, charges = statement.lines

    assert statement.currency == "EUR"
    assert statement.closing == Decimal("1054.90")
    assert "12345678901" in statement.account
    assert (received.booked_on, received.amount) == (
        date(2026, 10, 2),
        Decimal("1200.00"),
    )
    assert "FA2609-001" in f"{received.label} {received.reference}"
    assert "DUPONT" in f"{received.payer} {received.label}"
    assert (charges.booked_on, charges.amount) == (
        date(2026, 10, 3),
        Decimal("-45.10"),
    )
    assert charges.label == "FRAIS"


@pytest.mark.parametrize("name", ["camt.02", "camt.08", "mt940"])
def test_the_payer_s_account_is_known(name: str) -> None:
    received = bank.read(ALL[name])[0].lines[0]
    assert received.payer == "DUPONT SARL"
    assert received.payer_iban == "FR1420041010050500013M02606"
    assert received.bank_id == "B-1"


def test_ofx_keeps_the_bank_s_own_number_and_its_letters() -> None:
    received = bank.read(ALL["ofx"])[0].lines[0]
    assert received.bank_id == "F1"
    assert received.label == "VIR DUPONT & FILS FACTURE FA2609-001 éàç"


def test_ofx_2_is_read_too() -> None:
    text = """<?xml version="1.0"?><?OFX OFXHEADER="200" VERSION="211"?><OFX>
    <BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR</CURDEF><BANKACCTFROM>
    <BANKID>30006</BANKID><ACCTID>1</ACCTID></BANKACCTFROM><BANKTRANLIST>
    <STMTTRN><DTPOSTED>20261002</DTPOSTED><TRNAMT>5.00</TRNAMT><FITID>a</FITID>
    <NAME>X</NAME></STMTTRN></BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"""
    [statement] = bank.read(text.encode())
    assert [line.amount for line in statement.lines] == [Decimal("5.00")]


def test_what_is_pending_is_left_out() -> None:
    with pytest.raises(BankError, match="1154,90"):
        bank.read(samples.camt(booked="PDNG"))


def batch(*parts: str) -> bytes:
    """A transfer of 1 200 € made of several payments."""
    details = "".join(
        f"<TxDtls><Refs><EndToEndId>E{place}</EndToEndId></Refs>{part}</TxDtls>"
        for place, part in enumerate(parts)
    )
    text = samples.camt().decode()
    start = text.index("<NtryDtls>")
    end = text.index("</NtryDtls>")
    return f"{text[:start]}<NtryDtls>{details}{text[end:]}".encode()


def test_a_batch_is_split_when_its_parts_add_up() -> None:
    data = batch(
        '<AmtDtls><TxAmt><Amt Ccy="EUR">700.00</Amt></TxAmt></AmtDtls>',
        '<Amt Ccy="EUR">500.00</Amt>',
    )
    first, second, _charges = bank.read(data)[0].lines
    assert (first.amount, second.amount) == (Decimal("700.00"), Decimal("500.00"))
    assert (first.bank_id, second.bank_id) == ("B-1/1", "B-1/2")
    assert (first.reference, second.reference) == ("E0", "E1")


@pytest.mark.parametrize(
    "parts",
    [
        # The amount instructed is in another currency: ISO 20022 says which is which.
        ['<AmtDtls><InstdAmt><Amt Ccy="CHF">1.00</Amt></InstdAmt></AmtDtls>'] * 2,
        ['<Amt Ccy="EUR">700.00</Amt>', '<Amt Ccy="EUR">400.00</Amt>'],
        ['<Amt Ccy="EUR">700.00</Amt>', ""],
    ],
)
def test_a_batch_that_does_not_add_up_stays_one_line(parts: list[str]) -> None:
    whole, _charges = bank.read(batch(*parts))[0].lines
    assert whole.amount == Decimal("1200.00")
    assert whole.reference == "E0 E1"


def test_the_amount_instructed_in_another_currency_is_not_the_amount() -> None:
    assert bank.read(samples.camt())[0].lines[0].amount == Decimal("1200.00")


@pytest.mark.parametrize(
    ("text", "amount"),
    # The example of the CFONB120 description, and each sign of a last digit.
    [
        ("0000000001904L", "-190.43"),
        ("0000000000000{", "0.00"),
        ("0000000000001I", "0.19"),
        ("0000000000001R", "-0.19"),
        ("0000000000100}", "-10.00"),
    ],
)
def test_the_last_character_of_cfonb_carries_digit_and_sign(
    text: str, amount: str
) -> None:
    data = samples.cfonb().decode("iso-8859-15")
    broken = data.replace("0000000000451}", text)
    expected = Decimal("45.10") + Decimal(amount)
    if expected:
        with pytest.raises(BankError) as caught:
            bank.read(broken.encode())
        assert caught.value.values["value"].startswith(
            f"{-expected:.2f}".replace(".", ",")
        )


@pytest.mark.parametrize(
    ("text", "amount"),
    [("12", "12.00"), ("+1,5", "1.50"), ("-0.05", "-0.05"), (" 7.100 ", "7.10")],
)
def test_amounts_as_banks_write_them(text: str, amount: str) -> None:
    assert str(bank_values.amount(text)) == amount


@pytest.mark.parametrize(
    "text", ["", "1.234", "1 200,00", "1.200,00", "1e5", "NaN", "٣"]
)
def test_what_may_be_read_in_two_ways_is_no_amount(text: str) -> None:
    with pytest.raises(BankError) as caught:
        bank_values.amount(text)
    assert caught.value.reason == Reason.BAD_AMOUNT


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>'
    b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">&c;</Document>'
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.EMPTY),
        (b" \r\n", Reason.EMPTY),
        (b"%PDF-1.7 a scan of a statement", Reason.NOT_A_STATEMENT),
        (b"PK\x03\x04", Reason.NOT_A_STATEMENT),
        (b"Date;Montant\r\n01/10/2026;12,00", Reason.NOT_A_STATEMENT),
        (b"<Invoice/>", Reason.NOT_A_STATEMENT),
        (BOMB, Reason.UNSAFE_XML),
        (BOMB.decode().encode("utf-16"), Reason.UNSAFE_XML),
        (samples.camt()[:900], Reason.DAMAGED),
        (samples.camt().replace(b"CRDT", b"XXXX"), Reason.DAMAGED),
        (samples.camt().replace(b"1200.00", b"1300.00"), Reason.TOTALS_DISAGREE),
        (samples.camt().replace(b"2026-10-02", b"2026-13-02"), Reason.BAD_DATE),
        (samples.camt().replace(b"2026-10-02", b"1926-10-02"), Reason.BAD_DATE),
        (samples.camt().replace(b"1200.00", b"1200.005"), Reason.BAD_AMOUNT),
        (samples.camt().replace(b"IBAN>FR76", b"BBAN>FR76"), Reason.DAMAGED),
        (samples.OFX.encode()[:600], Reason.DAMAGED),
        (samples.OFX.replace("<ACCTID>", "<ACCT>").encode(), Reason.NO_ACCOUNT),
        (samples.OFX.replace("-45.10", "-45.1.0").encode(), Reason.BAD_AMOUNT),
        (samples.OFX.replace("20261003", "20261303").encode(), Reason.BAD_DATE),
        (samples.OFX.replace("OFXSGML", "<!ENTITY x>").encode(), Reason.UNSAFE_XML),
        (b"OFXHEADER:100\n<OFX></OFX>", Reason.NO_LINES),
        (samples.MT940.encode()[:200], Reason.DAMAGED),
        (samples.MT940.replace("45,10", "45,11").encode(), Reason.TOTALS_DISAGREE),
        (samples.cfonb()[:360], Reason.DAMAGED),
        (samples.cfonb()[122:], Reason.NOT_A_STATEMENT),
        (samples.cfonb().replace(b"04300", b"99300", 1), Reason.DAMAGED),
        (samples.cfonb().replace(b"12000{", b"12000?"), Reason.BAD_AMOUNT),
        (samples.cfonb().replace(b"021026", b"321026"), Reason.BAD_DATE),
    ],
)
def test_what_is_wrong_is_said(data: bytes, reason: Reason) -> None:
    assert why(data) == reason


def test_a_file_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank, "MAX_FILE", 1000)
    assert why(samples.camt()) == Reason.TOO_LARGE


@pytest.mark.parametrize(
    "module", ["bank_camt", "bank_ofx", "bank_mt940", "bank_cfonb"]
)
def test_too_many_lines_are_refused(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"relance.gateways.{module}.MAX_LINES", 1)
    name = module.removeprefix("bank_")
    assert why(ALL["camt.02" if name == "camt" else name]) == Reason.TOO_MANY_LINES


def test_every_reason_has_its_sentence() -> None:
    assert set(bank_content.SENTENCES) == set(Reason)


@given(data=st.data())
def test_whatever_is_cut_or_changed_is_read_or_refused(data: st.DataObject) -> None:
    sample = bytearray(data.draw(st.sampled_from(sorted(ALL.values()))))
    for _change in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(sample) - 1))
        sample[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(sample)))
    try:
        found = bank.read(bytes(sample[: end or None]))
    except BankError:
        return
    for statement in found:
        for line in statement.lines:
            assert line.amount == line.amount.quantize(Decimal("0.01"))
            assert line.label == bank_content.tidy(line.label)
