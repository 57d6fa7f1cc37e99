"""``relance bank``: statements read from a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from relance.models import BankLine, Customer
from tests import bank_samples as samples
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement(tmp_path: Path) -> Path:
    make.company()
    make.invoice(make.customer(name="Dupont SARL"), number="FA2609-001")
    path = tmp_path / "releve.xml"
    path.write_bytes(samples.camt())
    return path


def test_json_says_what_is_new_and_what_is_sure(
    statement: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("bank", str(statement), json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == [
        {"file": "releve.xml", "new": 1, "known": 0, "out": 1, "error": None}
    ]
    assert (told["to_match"], told["sure"]) == (1, 1)
    call_command("bank", str(statement), json=True)
    assert json.loads(capsys.readouterr().out)["files"][0]["known"] == 1


def test_bad_and_absent_files_are_named_and_the_exit_code_says_so(
    statement: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = statement.parent / "photo.pdf"
    bad.write_bytes(b"%PDF-1.4")
    with pytest.raises(SystemExit) as ended:
        call_command("bank", str(bad), str(bad.parent / "nul.ofx"), str(statement))
    assert ended.value.code == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "photo.pdf: Ce fichier n’est pas un relevé" in printed
    assert "Ce fichier n’existe pas" in printed
    assert "1 encaissement à rapprocher, dont 1 sûr." in printed
    assert BankLine.objects.count() == 1


def test_a_statement_in_csv_is_read_too_and_other_tables_are_not(
    statement: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipts = statement.parent / "releve.csv"
    receipts.write_text(
        "Date;Libellé;Débit;Crédit\n"
        "12/11/2026;VIR DUPONT SARL FA2609-001;;1 200,00\n"
        "13/11/2026;LOYER;900,00;\n",
        encoding="cp1252",
    )
    customers = statement.parent / "clients.csv"
    customers.write_text("Code client;Nom;E-mail\nDUP;Dupont;d@example.org\n")

    with pytest.raises(SystemExit) as ended:
        call_command("bank", str(receipts), str(customers), json=True)

    assert ended.value.code == 1
    told = json.loads(capsys.readouterr().out)
    read, refused = told["files"]
    assert (read["kind"], read["error"]) == ("statement", None)
    assert "n’énumère aucun encaissement" in refused["error"]
    assert [line.label for line in BankLine.objects.all()] == [
        "VIR DUPONT SARL FA2609-001"
    ]
    assert not Customer.objects.filter(code="DUP").exists()
