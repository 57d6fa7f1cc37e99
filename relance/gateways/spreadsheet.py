"""Read tables: Excel workbooks and text with separators, as rows of text."""

from __future__ import annotations

import io
import zipfile
from typing import Final

from relance.gateways import spreadsheet_csv, spreadsheet_xlsx
from relance.gateways.spreadsheet_content import (
    MAX_FILE,
    SENTENCES,
    Book,
    Reason,
    Row,
    SpreadsheetError,
)

__all__ = ["SENTENCES", "Book", "Reason", "Row", "SpreadsheetError", "opened"]

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"


def opened(data: bytes) -> Book:
    """Open a file as a table, or raise SpreadsheetError with the reason.

    What the file is, its content says. No network, no disk; whatever the bytes are,
    nothing else is raised, here or while its rows are read.
    """
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise SpreadsheetError(Reason.EMPTY)
    if len(data) > MAX_FILE:
        raise SpreadsheetError(Reason.TOO_LARGE, limit=str(MAX_FILE // 1024 // 1024))
    if data.startswith(_OLE):
        # A workbook with a password is an old container around the encrypted file.
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise SpreadsheetError(Reason.PASSWORD if encrypted else Reason.OLD_EXCEL)
    if is_workbook(data):
        return spreadsheet_xlsx.opened(data)
    if data.startswith(_ZIP):
        raise _other_archive(data)
    if data.startswith(b"%PDF") or data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise SpreadsheetError(Reason.NOT_A_TABLE)
    return spreadsheet_csv.opened(data)


def _other_archive(data: bytes) -> SpreadsheetError:
    if b"application/vnd.oasis.opendocument" in data[:200]:
        return SpreadsheetError(Reason.OPEN_DOCUMENT)
    if zipfile.is_zipfile(io.BytesIO(data)):
        return SpreadsheetError(Reason.NOT_A_TABLE)
    return SpreadsheetError(Reason.DAMAGED, value="ZIP")


def is_workbook(data: bytes) -> bool:
    """Whether a ZIP is a workbook: asked before it is taken for one of e-invoices."""
    return data.startswith(_ZIP) and b"xl/workbook" in data
