"""``relance import``: files, folders, ZIP; exit codes that mean something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from relance.management.terminal import Stop
from relance.models import HistoryEntry, Invoice, User
from tests.einvoices import Sample, cii, factur_x_pdf, ubl

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
