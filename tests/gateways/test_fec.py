"""A FEC is read as the law writes it and as programs do; damage is refused by line."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relance.gateways import fec
from relance.gateways.fec import FecError, Reason, Warn
from relance.gateways.fec_content import MAX_LINE
from relance.rules.entries import EntryLine
from tests import fec_samples as samples


def lines(text: str | bytes, *, encoding: str = "utf-8") -> list[EntryLine]:
    data = text if isinstance(text, bytes) else text.encode(encoding)
    return list(fec.opened(data).lines())


def refusal(text: str | bytes) -> FecError:
    with pytest.raises(FecError) as caught:
        lines(text)
    assert "%(" not in str(caught.value)
    return caught.value


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"{name}.txt", data)
    return out.getvalue()


def changed(old: str, new: str, *, separator: str = "|") -> str:
    text = samples.fec(separator=separator)
    assert old in text
    return text.replace(old, new, 1)


def test_the_lines_of_the_law() -> None:
    first, sold, *others = lines(samples.fec())

    assert len(others) == 8
    assert (first.customer, first.auxiliary_label) == ("C001", "Dupont SARL")
    assert (first.piece, first.day) == ("FA2609-001", date(2026, 9, 1))
    assert (first.amount, sold.amount) == (Decimal("1200.00"), Decimal("-1000.00"))
    assert (first.letter, first.lettered_on) == ("AA", date(2026, 10, 5))
    assert (first.place, others[-1].place) == (2, 11)


@pytest.mark.parametrize("separator", ["\t", "|", ";"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\n\n"])
def test_separators_and_line_ends_say_the_same(separator: str, end: str) -> None:
    read = lines(samples.fec(separator=separator, end=end))
    assert [line.amount for line in read] == [
        line.amount for line in lines(samples.fec())
    ]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "iso8859-15", "utf-16"]
)
def test_the_encoding_is_found(encoding: str) -> None:
    text = changed("Dupont SARL", "Société Œuvre & Fils — l’été").replace(
        "— l’été", "l'été" if encoding == "iso8859-15" else "— l’été"
    )
    [*_, name] = {line.auxiliary_label for line in lines(text, encoding=encoding)} - {
        "",
        "Dupont SARL",
        "Martin SAS",
    }
    assert name.startswith("Société Œuvre & Fils")


def test_the_euro_sign_of_iso_8859_15() -> None:
    text = samples.fec().replace("MARTIN ACOMPTE", "1000 € MARTIN")
    assert lines(text, encoding="iso8859-15")[-1].label == "1000 € MARTIN FA2609-002"


def test_a_separator_at_the_end_of_every_line() -> None:
    rows = [f"{row}|" for row in samples.ROWS]
    assert len(lines(samples.fec(rows))) == len(samples.ROWS)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1200,00", "1200.00"),
        ("1200.00", "1200.00"),
        ("1200", "1200.00"),
        ("+1200,0", "1200.00"),
        ("1 200,00", "1200.00"),
        ("1\u00a0200,00", "1200.00"),
        ("1\u202f200,00", "1200.00"),
        ("1.200,00", "1200.00"),
        ("1,200.00", "1200.00"),
        ('"1200,00"', "1200.00"),
        ("1200,000", "1200.00"),
    ],
)
def test_amounts_as_programs_write_them(written: str, amount: str) -> None:
    assert lines(changed("1200,00", written))[0].amount == Decimal(amount)


@pytest.mark.parametrize(
    "written", ["1200,005", "12OO,00", "1e3", "NaN", "-+1", "1.2.3", "∞", "١٢٠٠", "€1"]
)
def test_an_amount_that_is_none_is_refused_by_line(written: str) -> None:
    error = refusal(changed("1200,00", written))
    assert error.reason == Reason.BAD_AMOUNT
    assert (error.values["line"], error.values["column"]) == ("2", "Debit")


@pytest.mark.parametrize("written", ["01/09/2026", "2026-09-01", "1.9.2026"])
def test_dates_as_programs_write_them(written: str) -> None:
    text = changed("FA2609-001|20260901", f"FA2609-001|{written}")
    assert lines(text)[0].day == date(2026, 9, 1)


@pytest.mark.parametrize("written", ["20260931", "2026", "hier", "18000101"])
def test_a_date_that_is_none_is_refused_by_line(written: str) -> None:
    error = refusal(changed("FA2609-001|20260901", f"FA2609-001|{written}"))
    assert error.reason == Reason.BAD_DATE
    assert (error.values["line"], error.values["column"]) == ("2", "PieceDate")


@pytest.mark.parametrize(
    ("debit", "credit"), [("D", "C"), ("+1", "-1"), ("1", "-1"), ("+", "-"), ("d", "c")]
)
def test_an_amount_and_its_direction(debit: str, credit: str) -> None:
    def one(row: str) -> str:
        fields = row.split("|")
        owed = fields[11] != "0,00"
        fields[11:13] = [fields[11] if owed else fields[12], debit if owed else credit]
        return "|".join(fields)

    text = samples.fec([one(row) for row in samples.ROWS])
    text = text.replace("Debit|Credit", "Montant|Sens", 1)
    assert [line.amount for line in lines(text)] == [
        line.amount for line in lines(samples.fec())
    ]


def test_names_of_columns_that_programs_give() -> None:
    text = samples.fec(separator=";")
    for legal, said in (
        ("JournalLib", "Journal Libellé"),
        ("EcritureLet", "Écriture lettrage"),
        ("CompAuxNum", "COMPTE AUXILIAIRE"),
        ("Debit", "Débit"),
    ):
        text = text.replace(legal, said, 1)
    found = fec.opened(text.encode("cp1252"))
    first = next(found.lines())
    assert (first.letter, first.auxiliary) == ("AA", "C001")
    assert found.warnings() == (Warn.NOT_LEGAL_FORM,)


def test_a_due_date_after_the_eighteenth_column_is_kept() -> None:
    rows = [f"{row}|20261031" for row in samples.ROWS]
    text = samples.fec(rows).replace("Idevise", "Idevise|DateEcheance", 1)
    assert lines(text)[0].due_date == date(2026, 10, 31)


def test_quotes_around_fields_and_within_labels() -> None:
    text = samples.fec(separator=";").replace("Dupont SARL", '"Dupont; ""Fils"" SARL"')
    assert lines(text)[0].auxiliary_label == 'Dupont; "Fils" SARL'
    apart = changed("Facture FA2609-001", 'Facture "A" dite "B')
    assert lines(apart)[0].label == 'Facture "A" dite "B'


def test_empty_columns_at_the_end_may_be_left_out() -> None:
    rows = [row.rstrip("|") for row in samples.ROWS]
    assert len(lines(samples.fec(rows))) == len(samples.ROWS)


def test_what_the_name_says() -> None:
    found = fec.opened(samples.fec().encode(), "C:\\export\\812345676FEC20261231.TXT")
    assert (found.siren, found.closed_on) == ("812345676", date(2026, 12, 31))
    other = fec.opened(samples.fec().encode(), "812345676FEC20261399.txt")
    assert (other.siren, other.closed_on) == ("812345676", None)
    assert fec.opened(samples.fec().encode(), "export.csv").siren == ""


def test_foreign_money_takes_the_sign_of_its_line() -> None:
    text = changed("AA|20261005|20260930||", "AA|20261005|20260930|1300,00|USD")
    assert (lines(text)[0].foreign, lines(text)[0].currency) == (
        Decimal("1300.00"),
        "USD",
    )
    ours = changed("AA|20261005|20260930||", "AA|20261005|20260930|1200,00|EUR")
    assert (lines(ours)[0].foreign, lines(ours)[0].currency) == (None, "")


def test_a_zip_is_opened() -> None:
    data = zipped(lisezmoi=b"bonjour", x812345676FEC20261231=samples.fec().encode())
    assert fec.is_fec(data)
    assert len(list(fec.opened(data).lines())) == 10


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zipped(a=b"rien"), Reason.ARCHIVE_WITHOUT),
        (
            zipped(a=samples.fec().encode(), b=samples.fec().encode()),
            Reason.ARCHIVE_WITH_SEVERAL,
        ),
        (b"PK\3\4 broken", Reason.ARCHIVE),
        (
            zipped(a=samples.fec().encode() + b" " * 200_000_000),
            Reason.ARCHIVE,
        ),
        (b"", Reason.EMPTY),
        (b" \r\n ", Reason.EMPTY),
        (b"\0" * 5000, Reason.NOT_A_FEC),
        (b"%PDF-1.7 JournalCode", Reason.NOT_A_FEC),
        (b"Nom;Montant\r\nDupont;12", Reason.NOT_A_FEC),
        ("JournalCode".encode("cp500") + b"\x6f" * 20, Reason.EBCDIC),
        (samples.HEADER.encode(), Reason.NO_LINES),
        (samples.HEADER.replace("CompteNum", "X").encode(), Reason.MISSING_COLUMN),
        (samples.HEADER.replace("Credit", "X").encode(), Reason.MISSING_COLUMN),
        (samples.HEADER.replace("PieceRef", "Debit").encode(), Reason.COLUMN_TWICE),
    ],
)
def test_what_is_no_ledger_is_refused(data: bytes, reason: Reason) -> None:
    assert refusal(data).reason == reason


def test_a_file_cut_short_is_refused_where_it_ends() -> None:
    data = samples.fec().encode()
    cut = refusal(data[: data.rindex(b"|0,00|1000,00") - 3])
    assert (cut.reason, cut.values["line"]) == (Reason.WRONG_COLUMNS, "11")
    whole_line = "\r\n".join(samples.fec().splitlines()[:-1])
    lost = refusal(whole_line)
    assert lost.reason == Reason.UNBALANCED
    assert (lost.values["journal"], lost.values["line"]) == ("BQ", "10")
    assert lost.values["value"] == "1000,00"


def test_another_separator_in_the_middle_is_refused_by_line() -> None:
    rows = list(samples.ROWS)
    rows[3] = rows[3].replace("|", "\t")
    error = refusal(samples.fec(rows))
    assert (error.reason, error.values["line"]) == (Reason.WRONG_COLUMNS, "5")


def test_a_label_that_holds_the_separator_is_refused_by_line() -> None:
    error = refusal(changed("VIR DUPONT", "VIR|DUPONT"))
    assert (error.reason, error.values["line"]) == (Reason.WRONG_COLUMNS, "5")


def test_a_huge_line_is_refused_without_being_kept() -> None:
    error = refusal(changed("VIR DUPONT", "X" * (MAX_LINE + 1)))
    assert (error.reason, error.values["line"]) == (Reason.LINE_TOO_LONG, "5")


def test_control_characters_end_in_nobody_s_name() -> None:
    text = changed("Dupont SARL", "Du\0po\x07nt\u202e SARL")
    assert lines(text)[0].auxiliary_label == "Du po nt SARL"


def test_an_entry_shared_by_two_journals_balances() -> None:
    rows = [row.replace("VE|Ventes|1|", "OD|Divers|1|", 1) for row in samples.ROWS[:1]]
    assert lines(samples.fec([*rows, *samples.ROWS[1:]]))


def test_the_lines_without_account_or_date_are_refused() -> None:
    assert refusal(changed("|411000|", "||")).reason == Reason.NO_ACCOUNT
    assert refusal(changed("1|20260901|411000", "1||411000")).reason == Reason.BAD_DATE


WORDS = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=60
)


@given(st.binary(max_size=400))
@example(b"\xff\xfe\x00")
@example(samples.HEADER.encode() + b"\n" + b"|" * 17)
@example(samples.HEADER.encode("utf-16") + b"\n\x00|")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for whole in (data, samples.HEADER.encode() + b"\r\n" + data):
        try:
            read = list(fec.opened(whole).lines())
        except FecError:
            continue
        assert sum(line.amount for line in read) == 0


@given(WORDS, WORDS)
def test_any_words_stay_in_their_columns(name: str, label: str) -> None:
    def quoted(text: str) -> str:
        flat = " ".join(text.replace(";", ",").split()).replace('"', "'")
        return f'"{flat}"'

    text = samples.fec(separator=";")
    text = text.replace("Dupont SARL", quoted(name)).replace(
        "VIR DUPONT", quoted(label)
    )
    read = lines(text)
    assert [line.amount for line in read] == [
        line.amount for line in lines(samples.fec())
    ]
    assert all(
        line.auxiliary_label.isprintable() and line.label.isprintable() for line in read
    )
