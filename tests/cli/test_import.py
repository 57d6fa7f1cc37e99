"""``relance import``: files, folders, ZIP; exit codes that mean something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from relance.management.terminal import Stop
from relance.models import (
    HistoryEntry,
    ImportBatch,
    Invoice,
    Spreadsheet,
    SpreadsheetProfile,
    User,
)
from tests.einvoices import Sample, cii, factur_x_pdf, ubl
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sous").mkdir()
    (tmp_path / "sous" / "a.pdf").write_bytes(factur_x_pdf(cii(Sample(), "en16931")))
    (tmp_path / "b.xml").write_bytes(ubl(Sample(number="FA-2")))
    return tmp_path


def test_a_folder_goes_in_and_json_has_a_row_a_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import", str(folder), json=True)
    rows = json.loads(capsys.readouterr().out)
    assert [row["status"] for row in rows] == ["imported", "imported"]
    assert {row["number"] for row in rows} == {"FA-2026-0042", "FA-2"}
    assert list(rows[0]) == [
        "file",
        "status",
        "number",
        "kind",
        "issued_on",
        "due_date",
        "total",
        "balance",
        "currency",
        "customer",
        "error",
    ]


def test_a_bad_or_absent_file_is_named_and_the_exit_code_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = folder / "lettre.txt"
    bad.write_text("Bonjour")
    with pytest.raises(SystemExit) as ended:
        call_command("import", str(bad), str(folder / "nulle.pdf"), str(folder))
    assert ended.value.code == 1
    printed = capsys.readouterr().out
    assert "lettre.txt" in printed
    assert "Ce fichier n’existe pas" in printed
    assert Invoice.objects.count() == 2


def test_it_is_done_in_somebody_s_name(folder: Path, dora: User) -> None:
    call_command("import", str(folder), by=dora.email.upper(), json=True)
    assert set(HistoryEntry.objects.values_list("user", flat=True)) == {dora.pk}
    with pytest.raises(Stop, match="Personne"):
        call_command("import", str(folder), by="nobody@example.org")


INVOICES = """N° facture;Code client;Client;Date facture;Échéance;Montant TTC
F1;C1;Dupont SARL;01/09/2026;01/10/2026;1 200,00
F2;C1;Dupont SARL;32/09/2026;15/10/2026;300,00
"""


def test_a_spreadsheet_is_recognised_by_its_content(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "export.txt"
    file.write_bytes(INVOICES.encode("cp1252"))
    with pytest.raises(SystemExit) as ended:
        call_command("import", str(file), json=True)
    assert ended.value.code == 1
    [row] = json.loads(capsys.readouterr().out)
    assert row["kind"] == "invoices"
    assert row["rows"] == {"created": 1, "refused": 1}
    assert "32/09/2026" in row["problems"][0]
    assert Invoice.objects.get().number == "F1"


def test_a_spreadsheet_again_is_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "export.csv"
    file.write_text("\n".join(INVOICES.splitlines()[:2]), "utf-8")
    for _time in range(2):
        call_command("import", str(file))
    assert "export.csv" in capsys.readouterr().out
    assert Invoice.objects.count() == 1
    assert ImportBatch.objects.count() == 1
    assert Spreadsheet.objects.count() == 1


@pytest.mark.parametrize(
    "text",
    [
        "Alpha;Bêta\n1;2\n",
        "Invoice,Customer,Invoice date,Due date,Amount\nF1,Dupont,05/10/2026,,10\n",
    ],
)
def test_what_would_have_to_be_asked_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (tmp_path / "x.csv").write_text(text, "utf-8")
    with pytest.raises(SystemExit) as ended:
        call_command("import", str(tmp_path / "x.csv"))
    assert ended.value.code == 1
    assert "Tableur (CSV, Excel)" in capsys.readouterr().out
    assert not Invoice.objects.exists()
    assert not Spreadsheet.objects.exists()


def test_a_profile_says_what_the_columns_do_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = {"number": 0, "name": 1, "issued_on": 2, "total": 3}
    SpreadsheetProfile.objects.create(
        name="Caisse",
        kind="invoices",
        signature="x",
        layout={"kind": "invoices", "columns": columns, "order": "dmy"},
        saved_at=NOW,
    )
    (tmp_path / "x.csv").write_text("A;B;C;D\nF1;Dupont;05/10/2026;10\n", "utf-8")
    with pytest.raises(Stop):
        call_command("import", str(tmp_path / "x.csv"), profile="Autre")
    call_command("import", str(tmp_path / "x.csv"), profile="Caisse")
    assert Invoice.objects.get().customer.name == "Dupont"
