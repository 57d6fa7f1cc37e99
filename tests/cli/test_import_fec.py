"""``relance import`` recognises a ledger of accounts among other files."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

from relance.models import FecFile, Invoice, Payment
from tests import fec_samples as samples
from tests import make
from tests.einvoices import Sample, ubl

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make.company()
    (tmp_path / samples.NAME).write_bytes(samples.fec().encode("cp1252"))
    (tmp_path / "b.xml").write_bytes(ubl(Sample(number="FA-2")))
    return tmp_path


def test_a_ledger_is_brought_in_beside_e_invoices(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import", str(folder), json=True)
    first, ledger = json.loads(capsys.readouterr().out)
    assert first["number"] == "FA-2"
    assert ledger == {
        "file": str(folder / samples.NAME),
        "status": "ledger",
        "balance": "2600.00",
        "difference": "0.00",
        "imported": 2,
        "customers": 1,
        "known": 0,
        "left_out": 0,
        "refused": [],
        "error": None,
    }
    assert Invoice.objects.get(number="FA2609-002").balance == Decimal(2600)


def test_again_it_is_known(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _time in range(2):
        call_command("import", str(folder / samples.NAME))
    printed = capsys.readouterr().out
    assert "2 600,00" in printed.replace("\u202f", " ").replace("\xa0", " ")
    assert (Invoice.objects.count(), Payment.objects.count()) == (1, 1)


def test_a_ledger_cut_short_ends_with_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = folder / "coupe.txt"
    cut.write_bytes(samples.fec(samples.ROWS[:-1]).encode())
    with pytest.raises(SystemExit) as ended:
        call_command("import", str(cut))
    assert ended.value.code == 1
    assert "ligne 10" in capsys.readouterr().out
    assert FecFile.objects.get().state == FecFile.State.REFUSED
