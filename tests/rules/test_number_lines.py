"""Lines of numbers: typed, pasted, scanned, copied from a spreadsheet."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.rules.number_lines import Fault, ParsedLine, paste_numbers, write_numbers
from relance.rules.registered_numbers import Fault as NumberFault

A, B = "1A12345678901", "2C12345678902"
D3, D4, D6 = date(2026, 11, 3), date(2026, 11, 4), date(2026, 11, 6)


def one(text: str) -> ParsedLine:
    [line] = paste_numbers(text)
    return line


def test_one_number_a_line_in_order() -> None:
    lines = paste_numbers("1A 123 456 7890 1\r\n\r\n  \n2C 123 456 7890 2\n")

    assert [(line.line, line.number, line.reference) for line in lines] == [
        (1, A, None),
        (4, B, None),
    ]
    assert paste_numbers("") == paste_numbers(" \n\t\n") == []


@pytest.mark.parametrize(
    "text",
    [
        f"R-00431 {A}",
        f"{A} R-00431",
        "R-00431\t1A 123 456 7890 1",
        f"r 431;{A}",
        f"{A}, R431",
        f'"R-00431","{A}"',
        f"R–00431 | {A}",
    ],
)
def test_a_reference_in_any_order(text: str) -> None:
    line = one(text)

    assert (line.reference, line.number, line.fault) == (431, A, None)


def test_a_foreign_number_is_no_reference() -> None:
    line = one("RR 473 124 829 DE R-12")

    assert (line.reference, line.number) == (12, "RR473124829DE")


def test_days_come_in_the_order_of_the_journey() -> None:
    line = one(f"R-00431 {A} 03/11/2026 4/11/26 2026-11-06")

    assert line.days == {"posted_on": D3, "presented_on": D4, "delivered_on": D6}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("NPAI", "npai"),
        ("n.p.a.i.", "npai"),
        ("destinataire inconnu à l’adresse", "npai"),
        ("N’habite pas à l’adresse indiquée", "npai"),
        ("non réclamé", "unclaimed"),
        ("Non-réclamée", "unclaimed"),
        ("unclaimed", "unclaimed"),
        ("refusé", "refused"),
        ("REFUSED", "refused"),
    ],
)
def test_with_a_reason_the_last_day_is_the_return(words: str, reason: str) -> None:
    line = one(f"R-00431 {words} 06/11/2026")
    whole = one(f"R-00431 {A} 03/11/2026 {words} 06/11/2026")

    assert (line.reason, line.number, line.fault) == (reason, "", None)
    assert line.days == {"returned_on": D6}
    assert (whole.reason, whole.number) == (reason, A)
    assert whole.days == {"posted_on": D3, "returned_on": D6}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("R-00431", Fault.NOTHING),
        ("R-00431 R-00432 1A12345678901", Fault.TOO_MUCH),
        (f"{A} 03/11/2026 04/11/2026 05/11/2026 06/11/2026", Fault.TOO_MUCH),
        (f"{A} 31/11/2026", Fault.NOT_A_DAY),
        ("03/11/2026", Fault.NOTHING),
        ("R-00431 1A123", NumberFault.NOT_A_NUMBER),
        ("R-00431 RK123456784FR", NumberFault.CHECK_DIGIT),
        ("Bonjour", NumberFault.NOT_A_NUMBER),
    ],
)
def test_a_line_that_cannot_be_used_says_why(text: str, fault: Fault) -> None:
    assert one(text).fault == fault


def test_a_faulty_line_keeps_its_reference() -> None:
    for text in ("R-00431 1A123", "R-00431 2C12345678902 31/11/2026"):
        assert one(text).reference == 431


def test_what_comes_twice_counts_once() -> None:
    lines = paste_numbers(f"{A}\n{A}\nR-1 {B}\nR-1 2C12345678903")

    assert [line.fault for line in lines] == [
        None,
        Fault.SAME_NUMBER,
        None,
        Fault.SAME_REFERENCE,
    ]


def test_several_returns_without_number_are_no_doubles() -> None:
    lines = paste_numbers("R-1 NPAI 06/11/2026\nR-2 NPAI 06/11/2026")

    assert [line.fault for line in lines] == [None, None]


@pytest.mark.parametrize("mark", ["\t", ";", ","])
def test_a_spreadsheet_with_its_titles(mark: str) -> None:
    rows = [
        ["Référence", "Client", "N° de recommandé", "Posté le", "Présenté le",
         "Distribué le", "Retourné le", "Motif"],
        ["R-00431", "Martin 3", "1A 123 456 7890 1", "03/11/2026", "04/11/2026",
         "2026-11-06 00:00:00", "", ""],
        ["432", "Dupont", "", "", "", "", "06/11/2026", "Non réclamé"],
        ["R-00433", "", B],
    ]  # fmt: skip
    first, second, third = paste_numbers("\n".join(mark.join(row) for row in rows))

    assert (first.line, first.reference, first.number) == (2, 431, A)
    assert first.days == {"posted_on": D3, "presented_on": D4, "delivered_on": D6}
    assert (second.reference, second.number, second.reason) == (432, "", "unclaimed")
    assert second.days == {"returned_on": D6}
    assert (third.reference, third.number, third.days) == (433, B, {})


def test_a_spreadsheet_without_references_is_in_order() -> None:
    line = one(f"numéro;posté le\n{A};03/11/2026")

    assert (line.reference, line.number, line.days) == (None, A, {"posted_on": D3})


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("abc;1A12345678901;;", Fault.NOT_A_REFERENCE),
        ("R-1;1A12345678901;32/01/2026;", Fault.NOT_A_DAY),
        ("R-1;1A12345678901;demain;", Fault.NOT_A_DAY),
        ("R-1;1A12345678901;03/11/2026 14 h;", Fault.NOT_A_DAY),
        ("R-1;1A12345678901;;parti", Fault.NOT_A_REASON),
        ("R-1;;;", Fault.NOTHING),
        ("R-1;1A1;;", NumberFault.NOT_A_NUMBER),
    ],
)
def test_a_row_that_cannot_be_used_says_why(row: str, fault: Fault) -> None:
    assert one(f"reference;number;posted;reason\n{row}").fault == fault


def test_words_that_are_no_titles_are_a_line_like_others() -> None:
    lines = paste_numbers(f"Recommandés du jour\n{A}")

    assert [line.fault for line in lines] == [NumberFault.NOT_A_NUMBER, None]


def test_a_scanner_set_for_another_keyboard_is_understood() -> None:
    # What an American scanner types on a French computer for 1A12345678901.
    assert one("&Q&é\"'(-è_çà&").number == A
    assert one("\ufeff\x1d1A12345678901\x1d").number == A


def test_ten_thousand_lines_of_anything_are_read() -> None:
    text = "\n".join(["R-1 " + "1A " * 40, "9" * 400, "R-" * 200, "/" * 400] * 2500)

    assert len(paste_numbers(text)) == 10_000


DAYS_KNOWN = st.fixed_dictionaries(
    {},
    optional={
        name: st.dates(date(2000, 1, 1), date(2099, 12, 31))
        for name in ("posted_on", "presented_on", "delivered_on", "returned_on")
    },
)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 99_999_999),
            st.from_regex(r"[0-9][A-Z][0-9]{11}|LRE-[0-9]{8}", fullmatch=True),
            DAYS_KNOWN,
            st.sampled_from(["", "npai", "unclaimed", "refused"]),
        ),
        unique_by=(lambda row: row[0], lambda row: row[1]),
    )
)
def test_lines_written_are_read_again(
    rows: list[tuple[int, str, dict[str, date], str]],
) -> None:
    said = [
        ParsedLine(
            line=place, text="", reference=ref, number=number, days=days, reason=reason
        )
        for place, (ref, number, days, reason) in enumerate(rows, start=2)
    ]
    read = paste_numbers(write_numbers(said))

    assert [
        (line.line, line.reference, line.number, line.days, line.reason, line.fault)
        for line in read
    ] == [
        (line.line, line.reference, line.number, line.days, line.reason, None)
        for line in said
    ]


@given(st.text())
def test_any_text_is_read_without_an_accident(text: str) -> None:
    for line in paste_numbers(text):
        assert line.fault is not None or line.number or line.days or line.reason
