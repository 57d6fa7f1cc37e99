"""``relance invoices``: who owes what, for people and for programs."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from relance.management.terminal import Exit, Stop
from relance.models import Invoice
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _invoices() -> None:
    make.company()
    today = timezone.localdate()
    old = today - timedelta(days=60)
    dupont = make.customer(code="C001", name="Dupont SARL")
    martin = make.customer(code="C002", name="Martin SAS")
    late, soon = today - timedelta(days=20), today + timedelta(days=9)

    def owed(of, number, total, due_date, **values):
        return make.invoice(
            of,
            number=number,
            total=Decimal(total),
            issued_on=old,
            due_date=due_date,
            **values,
        )

    owed(dupont, "F-1", 100, late)
    owed(dupont, "F-2", 50, soon)
    owed(martin, "F-3", 70, late, currency="USD")
    paid = owed(martin, "F-4", 30, late)
    Invoice.objects.filter(pk=paid.pk).update(state="settled", balance=Decimal(0))


def told(capsys: pytest.CaptureFixture[str], *words: str, **options: object):
    call_command("invoices", *words, json=True, **options)
    return json.loads(capsys.readouterr().out)


def numbers(said) -> list[str]:
    return [row["number"] for row in said["invoices"]]


def test_what_is_unpaid_with_totals_by_currency(capsys) -> None:
    said = told(capsys, unpaid=True)
    assert sorted(numbers(said)) == ["F-1", "F-2", "F-3"]
    assert said["left_to_pay"] == {"EUR": "150.00", "USD": "70.00"}
    first = next(row for row in said["invoices"] if row["number"] == "F-1")
    assert (first["balance"], first["days_late"]) == ("100.00", 20)
    assert first["customer"] == {"code": "C001", "name": "Dupont SARL"}


def test_what_is_late(capsys) -> None:
    assert sorted(numbers(told(capsys, late=True))) == ["F-1", "F-3"]


def test_of_one_customer_by_code_or_name(capsys) -> None:
    assert numbers(told(capsys, unpaid=True, customer="c001")) == ["F-1", "F-2"]
    assert numbers(told(capsys, unpaid=True, customer="martin")) == ["F-3"]
    with pytest.raises(Stop, match="Aucun client") as ended:
        call_command("invoices", customer="Inconnu")
    assert ended.value.returncode == Exit.USAGE


def test_all_of_them_without_a_filter(capsys) -> None:
    assert len(numbers(told(capsys))) == 4


def test_people_read_a_table(capsys) -> None:
    call_command("invoices", unpaid=True)
    printed = capsys.readouterr().out.replace("\u202f", " ").replace("\xa0", " ")
    assert "F-1" in printed
    assert "Dupont SARL" in printed
    assert "3 factures. Reste à payer : 150,00 € + 70,00" in printed
    call_command("invoices", late=True, customer="Dupont SARL")
    assert "1 facture." in capsys.readouterr().out
