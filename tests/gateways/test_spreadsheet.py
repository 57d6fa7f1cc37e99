"""Tables read: every way programs write them; what is hostile or cut is refused."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from relance.gateways import spreadsheet
from relance.gateways.spreadsheet import Reason, SpreadsheetError
from tests.workbooks import SHEET, saved, sheet_xml, with_part, workbook

TABLE = [
    ["N° facture", "Client", "Échéance", "TTC"],
    ["F1", "Société Générale d’Électricité", "24/11/2026", "1 234,56"],
    ["F2", "Dupont; fils", "25/11/2026", "12,00"],
]


def cells(data: bytes, sheet: str = "") -> list[list[str]]:
    return [list(row.cells) for row in spreadsheet.opened(data).rows(sheet)]


def why(data: bytes) -> Reason:
    with pytest.raises(SpreadsheetError) as caught:
        list(spreadsheet.opened(data).rows())
    assert "%(" not in str(caught.value)
    return caught.value.reason


def written(separator: str, *, end: str = "\r\n") -> str:
    rows = [
        separator.join(f'"{cell}"' if separator in cell else cell for cell in row)
        for row in TABLE
    ]
    return end.join(rows) + end


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_text_is_read_however_it_is_written(
    separator: str, encoding: str, end: str
) -> None:
    data = written(separator, end=end).encode(encoding)
    book = spreadsheet.opened(data)
    assert book.separator == separator
    assert [list(row.cells) for row in book.rows()] == TABLE


def test_the_separator_that_excel_announces_counts() -> None:
    assert cells(b"sep=,\na;b,c;d\ne,f\n") == [["a;b", "c;d"], ["e", "f"]]


def test_decimal_commas_do_not_hide_the_semicolon() -> None:
    data = b"Client;TTC;Reste\nA;1,50;1,50\nB;2,50;2,50\nC;3,10;0,00\n"
    assert spreadsheet.opened(data).separator == ";"


def test_rows_keep_their_numbers_and_empty_ones_go() -> None:
    data = b"a;b\n\n;;\n c ;d;;\n"
    rows = list(spreadsheet.opened(data).rows())
    assert [(row.number, row.cells) for row in rows] == [
        (1, ("a", "b")),
        (4, ("c", "d")),
    ]
    assert rows[0][1] == "b"
    assert rows[0][7] == ""


def test_a_cell_may_hold_line_breaks_and_marks() -> None:
    data = b'a;b\n"1 rue\nVauban";"dit ""le grand"""\n'
    assert cells(data)[1] == ["1 rue Vauban", 'dit "le grand"']


def test_control_characters_are_taken_out_and_long_cells_cut() -> None:
    data = b"a;b\n\x07x\x1b[31m;" + b"y" * 5000 + b"\n"
    assert cells(data)[1] == ["x [31m", "y" * 1000]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"\xef\xbb\xbf \r\n", Reason.EMPTY),
        (b"Bonjour", Reason.NOT_A_TABLE),
        (b"%PDF-1.7;a;b", Reason.NOT_A_TABLE),
        (b"<html>;a;b\n;;", Reason.NOT_A_TABLE),
        (b"a;b\n\0\0;\0", Reason.NOT_A_TABLE),
        (b'a;b\n1;2\n"3;4\n5;6\n', Reason.OPEN_QUOTE),
        (b'a;b\n1;2\n"' + b"3;4\n" * 60_000, Reason.OPEN_QUOTE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), Reason.OLD_EXCEL),
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            Reason.PASSWORD,
        ),
        (b"PK\x03\x04 nothing more", Reason.DAMAGED),
        (b"PK\x03\x04 xl/workbook.xml cut", Reason.DAMAGED),
        (b"a;b\n" * 300_001, Reason.TOO_MANY_ROWS),
        (b"a;" * 34_000_000, Reason.TOO_LARGE),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_is_refused_in_words(data: bytes, reason: Reason) -> None:
    assert why(data) == reason


def test_an_opendocument_sheet_is_told_apart() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert why(target.getvalue()) == Reason.OPEN_DOCUMENT


# --- workbooks --------------------------------------------------------------


def test_cells_of_a_workbook_become_text() -> None:
    rows = [
        ["Texte", "Jour", "Instant", "Entier", "Nombre", "Vrai", "Siret"],
        [
            " A\nB ",
            date(2026, 11, 24),
            datetime(2026, 1, 2, 15, 30),  # noqa: DTZ001 (cells have no zone)
            1200,
            0.1 + 0.2,
            True,
            81234567600012,
        ],
        ["", None, None, None, 1234.567, None, -45.5],
    ]
    assert cells(workbook(rows))[1:] == [
        ["A B", "2026-11-24", "2026-01-02", "1200", "0.30", "1", "81234567600012"],
        # Three decimals would look like thousands.
        ["", "", "", "", "1234.5670", "", "-45.50"],
    ]


def test_hidden_sheets_are_left_out() -> None:
    book = spreadsheet.opened(workbook(TABLE, title="Factures", hidden="Coffre"))
    assert book.sheets == ("Factures",)
    assert [list(row.cells) for row in book.rows("Factures")] == TABLE
    with pytest.raises(SpreadsheetError):
        book.rows("Coffre")


def test_merged_cells_speak_once_and_formulas_by_their_last_value() -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["Balance âgée", None, None])
    sheet.merge_cells("A1:C1")
    sheet.append(["a", "b", "c"])
    data = with_part(
        saved(book),
        SHEET,
        sheet_xml(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>Total</t></is></c>'
            '<c r="B1"><f>1+1</f><v>2</v></c>'
            '<c r="C1"><f>NOW()</f></c>'
            '<c r="D1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        ),
    )
    assert cells(saved(book)) == [["Balance âgée"], ["a", "b", "c"]]
    assert cells(data) == [["Total", "2", "", "#DIV/0!"]]


def test_a_workbook_that_claims_the_last_cell_is_read_at_once() -> None:
    body = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    )
    assert cells(with_part(workbook(TABLE), SHEET, sheet_xml(body))) == [["1"]]


def test_columns_too_far_to_the_right_are_not_read() -> None:
    body = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>'
    assert cells(with_part(workbook(TABLE), SHEET, sheet_xml(body))) == [["1"]]


def test_entities_are_refused() -> None:
    start = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    bomb = sheet_xml('<row r="1"><c r="A1"><v>&b;</v></c></row>', start=start)
    assert why(with_part(workbook(TABLE), SHEET, bomb)) == Reason.UNSAFE
    wide = bomb.decode().encode("utf-16")
    assert why(with_part(workbook(TABLE), SHEET, wide)) == Reason.UNSAFE
    late = sheet_xml("", start=f"<!--{' ' * 20_000}-->{start}")
    assert why(with_part(workbook(TABLE), SHEET, late)) == Reason.UNSAFE


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    bomb = with_part(workbook(TABLE), SHEET, b" " * 60_000_000)
    assert len(bomb) < 100_000
    assert why(bomb) == Reason.UNSAFE
    strings = with_part(workbook(TABLE), "xl/sharedStrings.xml", b"<a/>" * 8_000_000)
    assert why(strings) == Reason.UNSAFE


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET, "xl/styles.xml"])
@pytest.mark.parametrize("content", [b"", b"<x", b"<a><b/></a>", b"\xff\xfe\x00"])
def test_a_broken_part_is_a_reason_not_a_crash(part: str, content: bytes) -> None:
    try:
        rows = cells(with_part(workbook(TABLE), part, content))
    except SpreadsheetError as error:
        found = error.reason
    else:
        found = None if rows in ([], TABLE) else Reason.NOT_A_TABLE
    assert found in (None, Reason.DAMAGED, Reason.NO_SHEET)


def test_a_workbook_cut_short_is_damaged() -> None:
    data = workbook(TABLE * 50)
    assert why(data[: len(data) // 2]) == Reason.DAMAGED


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        rows = list(spreadsheet.opened(data).rows())
    except SpreadsheetError:
        return
    assert all(cell.isprintable() for row in rows for cell in row.cells)


@given(
    st.lists(
        st.lists(
            st.text(
                st.characters(
                    codec="utf-8", categories=("L", "N", "P"), include_characters=" "
                )
            ),
            min_size=3,
            max_size=3,
        ).filter(lambda row: all(cell.strip() for cell in row)),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(";,\t|"),
)
def test_what_is_quoted_comes_back(rows: list[list[str]], separator: str) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    announced = f"sep={separator}\n"
    text = announced + "\n".join(separator.join(map(quoted, row)) for row in rows)
    assert cells(text.encode()) == [[cell.strip() for cell in row] for row in rows]
