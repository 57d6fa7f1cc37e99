"""Letters as PDF files, printed as one and read back."""

from __future__ import annotations

import pikepdf
import pypdf
import pypdfium2
from pikepdf import Dictionary, Name

from relance.gateways.print_file import PrintItem, write_print_file

A4 = (595, 842)


def letter(folder, name, *, pages=2, size=A4, **entries):
    """Write a letter whose pages say "NAME 1", "NAME 2"…"""
    with pikepdf.new() as made:
        font = made.make_indirect(
            Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        )
        for number in range(1, pages + 1):
            page = made.add_blank_page(page_size=size)
            page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
            text = f"BT /F1 14 Tf 40 60 Td ({name} {number}) Tj ET"
            page.obj.Contents = made.make_stream(text.encode())
            for key, value in entries.items():
                page.obj["/" + key] = value
        path = folder / f"{name}.pdf"
        made.save(path)
    return PrintItem(path=path, pages=pages)


def printed(items, folder, **options):
    target = folder / "print.pdf"
    pages = write_print_file(items, target, **options)
    said = texts(target)
    assert pages == len(said)
    with pikepdf.open(target) as checked:
        assert checked.check_pdf_syntax() == []
    return said


def texts(path):
    reader = pypdf.PdfReader(path, strict=True)
    return [page.extract_text().strip() for page in reader.pages]


def pictures(path):
    with pypdfium2.PdfDocument(path) as pdf:
        if pdf.get_formtype():
            pdf.init_forms()
        return [bytes(page.render(scale=0.7).buffer) for page in pdf]


def sizes(path):
    """Return the pages' sizes as they are seen."""
    with pypdfium2.PdfDocument(path) as pdf:
        return [tuple(map(round, page.get_size())) for page in pdf]


def rewritten(item, change):
    with pikepdf.open(item.path, allow_overwriting_input=True) as pdf:
        change(pdf)
        pdf.save(item.path)
    return item
