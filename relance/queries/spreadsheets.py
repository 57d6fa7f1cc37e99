"""Spreadsheets on the way, and the imports that were made."""

from __future__ import annotations

from django.db.models import QuerySet

from relance.models import (
    Customer,
    ImportBatch,
    Invoice,
    Payment,
    Spreadsheet,
    SpreadsheetProfile,
)


def on_the_way() -> QuerySet[Spreadsheet]:
    """Return the files that are not imported yet, the newest first."""
    return Spreadsheet.objects.exclude(state=Spreadsheet.State.DONE).select_related(
        "document", "made_by"
    )


def spreadsheets() -> QuerySet[Spreadsheet]:
    return Spreadsheet.objects.select_related("document", "made_by", "batch")


def imported_before(sha256: str) -> ImportBatch | None:
    """Return the last import of the same file that still stands."""
    return (
        ImportBatch.objects.filter(fingerprint=sha256, state=ImportBatch.State.DONE)
        .select_related("made_by")
        .first()
    )


def profiles() -> QuerySet[SpreadsheetProfile]:
    return SpreadsheetProfile.objects.all()


def batches() -> QuerySet[ImportBatch]:
    """Return the imports, the newest first."""
    return ImportBatch.objects.select_related("made_by", "undone_by")


def created_by(batch: ImportBatch) -> dict[str, int]:
    """Return how many rows an import created that are still there."""
    return {
        "invoices": Invoice.objects.filter(batch=batch).count(),
        "customers": Customer.objects.filter(batch=batch).count(),
        "payments": Payment.objects.filter(batch=batch).count(),
    }


def invoices_of(batch: ImportBatch, *, most: int) -> list[Invoice]:
    rows = Invoice.objects.filter(batch=batch).select_related("customer")
    return list(rows.order_by("pk")[:most])


def customers_of(batch: ImportBatch, *, most: int) -> list[Customer]:
    return list(Customer.objects.filter(batch=batch).order_by("pk")[:most])


def payments_of(batch: ImportBatch, *, most: int) -> list[Payment]:
    rows = Payment.objects.filter(batch=batch).select_related("customer")
    return list(rows.order_by("pk")[:most])
