"""``relance remind``: the same service as the form, from a terminal."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest
from django.core.management import call_command

from relance.models import Invoice, OutboxMessage, Reminder
from tests import make, smtp

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company(sending_pause=0)


@pytest.fixture
def invoice() -> Invoice:
    return make.invoice(number="FA-1", total=Decimal("1200.00"))


def answer(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_a_letter_is_made_and_its_file_named(
    invoice: Invoice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("remind", "FA-1", output=tmp_path, json=True)
    [row] = answer(capsys)
    assert (row["status"], row["level"]) == ("made", "Relance simple")
    assert row["file"] == str(tmp_path / "R-00001_Relance.pdf")
    reader = pypdf.PdfReader(str(row["file"]))
    assert len(reader.pages) == 2


def test_what_is_refused_says_why_and_the_others_go_on(
    invoice: Invoice, capsys: pytest.CaptureFixture[str]
) -> None:
    paid = make.invoice(number="FA-2")
    make.payment(paid, "1200.00")
    with pytest.raises(SystemExit) as ended:
        call_command("remind", "FA-2", "FA-1", "FA-3", json=True)
    assert ended.value.code == 1
    rows = answer(capsys)
    assert [row["status"] for row in rows] == ["refused", "made", "refused"]
    assert rows[0]["reasons"] == ["settled"]
    assert "rien à payer" in str(rows[0]["error"])
    assert Reminder.objects.count() == 1


def test_a_reason_is_overridden_with_why(
    invoice: Invoice, capsys: pytest.CaptureFixture[str]
) -> None:
    make.payment(of=invoice.customer)
    with pytest.raises(SystemExit):
        call_command("remind", "FA-1", json=True)
    capsys.readouterr()
    call_command("remind", "FA-1", override=["unallocated=vu avec eux"], json=True)
    assert answer(capsys)[0]["status"] == "made"


def test_a_dry_run_makes_nothing(
    invoice: Invoice, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("remind", "FA-1", dry_run=True, json=True)
    assert answer(capsys)[0]["status"] == "possible"
    assert not Reminder.objects.exists()


def test_an_email_leaves_before_the_command_ends(
    invoice: Invoice, capsys: pytest.CaptureFixture[str]
) -> None:
    with smtp.running() as server:
        make.mail_account(port=server.port)
        call_command("remind", "FA-1", channel="email", json=True)
    assert answer(capsys)[0]["state"] == "sent"
    assert OutboxMessage.objects.get().state == "sent"
    assert len(server.received) == 1


def test_without_an_account_it_waits_in_the_tray(
    invoice: Invoice, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("remind", "FA-1", channel="email")
    assert "boîte d’envoi" in capsys.readouterr().out
    assert OutboxMessage.objects.get().state == "queued"


def test_the_unpaid_invoices_are_listed(
    invoice: Invoice, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("remind", list=True, json=True)
    [row] = answer(capsys)
    assert (row["invoice"], row["balance"]) == ("FA-1", "1200.00")
    call_command("remind")
    assert "FA-1" in capsys.readouterr().out
