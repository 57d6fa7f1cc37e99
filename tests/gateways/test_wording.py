"""Money, dates, addresses and typography, as they are printed and typed."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.gateways import wording
from relance.gateways.wording import PostalAddress, WordingError

NB = "\u00a0"


@pytest.mark.parametrize(
    ("amount", "currency", "french", "english"),
    [
        ("1234.56", "EUR", "1 234,56 €", "€1,234.56"),
        ("0", "EUR", "0,00 €", "€0.00"),
        ("-0.001", "EUR", "0,00 €", "€0.00"),
        ("-40", "EUR", "-40,00 €", "-€40.00"),
        ("1234567.005", "EUR", "1 234 567,01 €", "€1,234,567.01"),
        ("10", "GBP", "10,00 £GB", "£10.00"),
        ("10", "CHF", "10,00 CHF", "CHF 10.00"),
        ("1500", "JPY", "1 500 JPY", "JP¥1,500"),
    ],
)
def test_money(amount, currency, french, english):
    value = Decimal(amount)
    assert wording.money(value, currency, "fr") == french.replace(" ", NB)
    assert wording.money(value, currency, "en") == english.replace(" ", NB)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("KWD", "three_decimals"),
        ("TND", "three_decimals"),
        ("XXQ", "unknown_currency"),
        ("eur", "unknown_currency"),
        ("", "unknown_currency"),
    ],
)
def test_currencies_that_amounts_in_cents_cannot_hold(code, reason):
    with pytest.raises(WordingError) as refused:
        wording.check_currency(code)
    assert (refused.value.reason, refused.value.value) == (reason, code)


def test_known_currencies_say_their_decimals():
    assert wording.check_currency("EUR") == 2
    assert wording.check_currency("JPY") == 0


def test_rates_and_days():
    assert wording.rate(Decimal("12.4")) == f"12,40{NB}%"
    assert wording.rate(Decimal("12.4"), language="en") == "12.40%"
    words = [wording.days(n) for n in (0, 1, 55)]
    assert words == [f"0{NB}jour", f"1{NB}jour", f"55{NB}jours"]
    words = [wording.days(n, language="en") for n in (0, 1, 55)]
    assert words == [f"0{NB}days", f"1{NB}day", f"55{NB}days"]


def test_rates_that_changed_during_the_delay():
    rates = [Decimal("12.15"), Decimal("12.40"), Decimal("12.15")]
    assert wording.list_of_rates(rates).replace(NB, " ") == "12,15 % puis 12,40 %"
    assert wording.list_of_rates(rates, language="en") == "12.15% then 12.40%"
    assert wording.list_of_rates([]) == ""


@pytest.mark.parametrize(
    ("day", "language", "weekday", "expected"),
    [
        (date(2026, 11, 24), "fr", False, "24 novembre 2026"),
        (date(2026, 12, 1), "fr", False, "1er décembre 2026"),
        (date(2026, 12, 9), "fr", True, "mercredi 9 décembre 2026"),
        (date(2026, 12, 1), "en", False, "1 December 2026"),
        (date(2026, 12, 9), "en", True, "Wednesday 9 December 2026"),
    ],
)
def test_long_dates(day, language, weekday, expected):
    text = wording.long_date(day, language=language, weekday=weekday)
    assert text.replace(NB, " ") == expected


def test_short_dates():
    assert wording.short_date(date(2026, 1, 4)) == "04/01/2026"


@pytest.mark.parametrize(
    ("days", "french", "english"),
    [
        ([], "", ""),
        (
            [date(2026, 11, 4)],
            "notre relance du 4 novembre 2026",
            "our reminder of 4 November 2026",
        ),
        (
            [date(2026, 11, 4), date(2026, 10, 14), date(2026, 11, 4)],
            "nos relances des 14 octobre et 4 novembre 2026",
            "our reminders of 14 October and 4 November 2026",
        ),
        (
            [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 5)],
            "nos relances des 1er décembre 2025, 1er janvier et 5 février 2026",
            "our reminders of 1 December 2025, 1 January and 5 February 2026",
        ),
    ],
)
def test_previous_reminders(days, french, english):
    for language, expected in (("fr", french), ("en", english)):
        text = wording.previous_reminders(days, language=language)
        assert text.replace(NB, " ") == expected


def test_an_iban_is_read_in_fours():
    grouped = "FR76 1390 6000 1234 5678 9012 322"
    assert wording.iban("fr7613906000123456789012322") == grouped
    assert wording.iban(grouped) == grouped


# NF Z 10-011: at most 6 lines (7 abroad), 38 characters, the last in capitals.
@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (
            PostalAddress(
                name="Éts Lefèvre & Fils SAS",
                attention="À l’attention du représentant légal",
                street="4 quai de la Fosse",
                postcode="42000",
                town="Saint-Étienne",
            ),
            (
                "Éts Lefèvre & Fils SAS",
                "À l’attention du représentant légal",
                "4 quai de la Fosse",
                "42000 SAINT-ETIENNE",
            ),
        ),
        (
            PostalAddress(
                name="Müller", street="Weg 1", postcode="50667", town="Köln",
                country="DE",
            ),
            ("Müller", "Weg 1", "50667 KÖLN", "ALLEMAGNE"),
        ),
        (
            PostalAddress(
                name="Établissements Lefèvre et Fils, société par actions simplifiée",
                street="4 quai de la Fosse", postcode="44000", town="Nantes",
            ),
            (
                "Établissements Lefèvre et Fils",
                "société par actions simplifiée",
                "4 quai de la Fosse",
                "44000 NANTES",
            ),
        ),
    ],
)  # fmt: skip
def test_postal_addresses(address, lines):
    assert wording.postal_address(address) == lines


def test_a_french_town_seen_from_abroad_has_its_country():
    address = PostalAddress(name="A", town="Nantes", postcode="44000")
    lines = wording.postal_address(address, sender_country="BE", language="en")
    assert lines == ("A", "44000 NANTES", "FRANCE")


@given(st.lists(st.text(max_size=90), min_size=1, max_size=12), st.text(max_size=200))
def test_an_address_never_leaves_its_window(streets, name):
    address = PostalAddress(
        name=name, street="\n".join(streets), postcode="1", town="A", country="DE"
    )
    lines = wording.postal_address(address)
    assert len(lines) <= 7
    assert all(line == " ".join(line.split()) and line for line in lines)
    squeezed = "".join("".join(lines).split())
    assert "".join(name.split()).rstrip(",") in squeezed.replace(",", "") or "," in name
    assert lines[-2:] == ("1 A", "ALLEMAGNE")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1 234,56", "1234.56"),
        (f"1{NB}234,56{NB}€", "1234.56"),
        ("1\u202f234,56 €", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1234.5", "1234.50"),
        ("1234,5", "1234.50"),
        ("1 234", "1234.00"),
        ("1.234.567", "1234567.00"),
        ("1,234,567", "1234567.00"),
        ("€12.50", "12.50"),
        ("12 EUR", "12.00"),
        ("-3", "-3.00"),
        ("\u22123,10", "-3.10"),
        ("+3", "3.00"),
        (",5", "0.50"),
        ("0,12", "0.12"),
        ("007", "7.00"),
    ],
)
def test_amounts_typed_the_french_or_the_english_way(typed, expected):
    assert str(wording.parse_amount(typed)) == expected


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("1.234", "ambiguous"),
        ("1,234", "ambiguous"),
        ("12.345", "ambiguous"),
        ("0,123", "too_precise"),
        ("1234.567", "too_precise"),
        ("1 234.567", "too_precise"),
        ("1,2345", "too_precise"),
        ("1 23", "not_an_amount"),
        ("1,23,45", "not_an_amount"),
        ("12.34.567", "not_an_amount"),
        ("1 234.567,8", "not_an_amount"),
        ("5,", "not_an_amount"),
        ("", "not_an_amount"),
        ("-", "not_an_amount"),
        (".", "not_an_amount"),
        ("abc", "not_an_amount"),
        ("1e5", "not_an_amount"),
        ("NaN", "not_an_amount"),
        ("١٢", "not_an_amount"),
        ("--1", "not_an_amount"),
        ("1234567890123", "too_large"),
    ],
)
def test_amounts_that_are_not_sure_are_refused(typed, reason):
    with pytest.raises(WordingError) as refused:
        wording.parse_amount(typed)
    assert refused.value.reason == reason


AMOUNTS = st.decimals(
    min_value=Decimal("-999999999999"), max_value=Decimal("999999999999"), places=2
)


@given(AMOUNTS)
def test_what_is_printed_is_read_back(amount):
    assert wording.parse_amount(wording.money(amount)) == amount
    english = wording.number(amount, language="en")
    assert wording.parse_amount(english) == amount


@given(st.text(alphabet="0123456789 .,'’-+€E\u00a0") | st.text())
def test_any_text_is_an_amount_or_is_refused_with_words(text):
    try:
        amount = wording.parse_amount(text)
    except WordingError:
        return
    assert amount == amount.quantize(Decimal("0.01"))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Bonjour !", "Bonjour_!"),
        ("voilà; oui? non!", "voilà_; oui_? non_!"),
        ("Objet : a", "Objet_: a"),
        ("l'avis d'une « facture »", "l’avis d’une «_facture_»"),
        ("«facture»", "«_facture_»"),
        ("n° 12 et n°13", "n°_12 et n°_13"),
        ("article L. 441-10", "article_L._441-10"),
        ("12,40 % de 1 234,56 €", "12,40_% de 1_234,56_€"),
        ("le {date_limite} : **{total.exigible}** !", None),
        ("https://a.example/?a=1: b", "https://a.example/?a=1: b"),
        ("a@b.example: c", "a@b.example: c"),
        ("à 10:30", "à 10:30"),
        ("| :--- | ---: |", "| :--- | ---: |"),
        ("'entre apostrophes'", "'entre apostrophes'"),
    ],
)
def test_french_typography(typed, expected):
    if expected is None:
        expected = "le {date_limite}_: **{total.exigible}**_!"
    assert wording.typography(typed).replace(NB, "_") == expected


def test_english_typography_only_curves_apostrophes():
    assert wording.typography("the customer's: yes!", language="en") == (
        "the customer’s: yes!"
    )


@given(st.text(alphabet="ab1 .:;!?%»«€n°'L\u00a0\n|-*{}") | st.text())
def test_typography_is_done_once(text):
    once = wording.typography(text)
    assert wording.typography(once) == once
