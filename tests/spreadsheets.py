"""Spreadsheets for tests: dropped, checked, imported as a person does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from relance.models import Invoice, Spreadsheet
from relance.services import spreadsheet_work, spreadsheets
from relance.services.spreadsheet_layout import layout_from_data
from relance.services.spreadsheet_reports import Report, report_from_data
from tests.make import NOW, TODAY

INVOICES = """N° facture;Code client;Client;Date facture;Échéance;Montant TTC;Déjà réglé
F1;C1;Dupont SARL;01/09/2026;01/10/2026;1 200,00;200,00
F2;C1;Dupont SARL;15/09/2026;15/10/2026;300,00;0,00
F3;C2;Durand SAS;20/09/2026;;99,90;
"""
HEADER = (
    "N° facture;Code client;Client;Date facture;Échéance;Montant TTC;Reste à payer\n"
)


def dropped(text: str | bytes, name: str = "factures.csv") -> Spreadsheet:
    data = text.encode() if isinstance(text, str) else text
    return spreadsheets.drop(name, data, by=None, now=NOW)


def checked(
    text: str | bytes, name: str = "factures.csv", **layout: Any
) -> Spreadsheet:
    """A file dropped, its columns accepted, and checked."""
    found = dropped(text, name)
    chosen = replace(layout_from_data(found.layout), **layout)
    spreadsheets.choose(found, chosen, now=NOW)
    spreadsheet_work.check(found.pk, clock=lambda: NOW, today=TODAY)
    found.refresh_from_db()
    assert found.state == Spreadsheet.State.CHECKED, found.trouble
    return found


def imported(
    text: str | bytes, name: str = "factures.csv", **layout: Any
) -> Spreadsheet:
    """A file imported whole."""
    found = checked(text, name, **layout)
    spreadsheets.start(found, by=None, now=NOW)
    spreadsheet_work.work(found.pk, clock=lambda: NOW, today=TODAY)
    found.refresh_from_db()
    assert found.state == Spreadsheet.State.DONE, found.trouble
    return found


def report(found: Spreadsheet) -> Report:
    return report_from_data(found.report)


def counts(found: Spreadsheet) -> dict[str, int]:
    return {key.value: n for key, n in report(found).statuses.items() if n}


def troubles(found: Spreadsheet) -> dict[int, list[str]]:
    """What is wrong, by the number of the row."""
    return {
        line.row: [problem.trouble.value for problem in line.problems]
        for line in report(found).faulty
    }


def invoice(number: str) -> Invoice:
    return Invoice.objects.select_related("customer").get(number=number)
