"""Letters of a run with their kept documents, and the file made of them."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
from django.conf import settings

from relance.models import Document, Reminder, Run
from relance.services import documents, printing
from tests import make
from tests.make import NOW


def letter(name: str = "", *, pages: int = 2, **values: Any) -> Reminder:
    """A letter with a kept document, whose pages say "R-00012 1", "R-00012 2"…"""
    place = {key: values.pop(key) for key in ("postcode", "country") if key in values}
    customer = make.customer(**({"name": name} if name else {}), **place)
    made = make.reminder(make.invoice(customer), **values)
    with pikepdf.new() as pdf:
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
        )
        for number in range(1, pages + 1):
            page = pdf.add_blank_page(page_size=(595, 842))
            page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
            said = f"BT /F1 12 Tf 40 60 Td ({made.reference} {number}) Tj ET"
            page.obj.Contents = pdf.make_stream(said.encode())
        out = io.BytesIO()
        pdf.save(out)
    made.document = documents.keep(
        documents.NewFile(
            data=out.getvalue(),
            kind=Document.Kind.LETTER,
            name=f"{made.reference}_Relance.pdf",
            pages=pages,
        ),
        now=NOW,
    )
    made.save()
    return made


def texts(path: Path) -> list[str]:
    pages = pypdf.PdfReader(path, strict=True).pages
    return [" ".join(page.extract_text().split()) for page in pages]


def build(run: Run) -> list[str]:
    """Build the print file and return what its pages say."""
    printing.build_print_file(run.pk, now=NOW)
    run.refresh_from_db()
    path = printing.print_path(run)
    assert path is not None, run.print_trouble
    said = texts(path)
    assert run.print_pages == len(said)
    return said


def firsts(said: list[str]) -> list[str]:
    """Return the letters in the order of their first pages."""
    return [text.split()[0] for text in said if re.fullmatch(r"R-\d+ 1", text)]


def prints() -> list[str]:
    folder = Path(settings.DATA) / "prints"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def damage(reminder: Reminder) -> None:
    assert reminder.document is not None
    path = documents.storage().path(reminder.document.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"altered")
