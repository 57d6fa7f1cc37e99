"""Files that are damaged or hostile: refused by name, quickly, and nothing else."""

import gzip
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.gateways.einvoice import EInvoiceError, Reason, read
from tests import einvoices
from tests.einvoices import Sample

XML = einvoices.cii(Sample(), "en16931")
PDF = einvoices.factur_x_pdf(XML)
UBL = einvoices.ubl(Sample())
ROOT = b"<rsm:CrossIndustryInvoice"


def refusal(data: bytes, name: str = "f.pdf") -> Reason:
    with pytest.raises(EInvoiceError) as caught:
        read(data, name)
    assert caught.value.sentence
    return caught.value.reason


def with_doctype(doctype: bytes, number: bytes = b"FA-2026-0042") -> bytes:
    return XML.replace(ROOT, doctype + ROOT, 1).replace(b"FA-2026-0042", number)


BILLION_LAUGHS = (
    b'<!DOCTYPE lolz [<!ENTITY a "ha">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10)
        for level in range(9)
    )
    + b"]>"
)


@pytest.mark.parametrize("wrap", [bytes, einvoices.pdf_with])
@pytest.mark.parametrize(
    ("doctype", "number"),
    [
        (BILLION_LAUGHS, b"&j;"),
        (b'<!DOCTYPE a [<!ENTITY x "' + b"A" * 50_000 + b'">]>', b"&x;" * 5_000),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', b"&x;"),
        (b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>', b"1"),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">', b"1"),
    ],
)
def test_entities_and_document_types_are_refused(
    wrap: object, doctype: bytes, number: bytes
) -> None:
    start = time.monotonic()
    assert callable(wrap)
    assert refusal(wrap(with_doctype(doctype, number)), "f") == "unsafe_xml"
    assert time.monotonic() - start < 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_a_document_type_in_utf_16_is_refused_too(encoding: str) -> None:
    text = with_doctype(BILLION_LAUGHS, b"&j;").decode().replace("UTF-8", "UTF-16")
    assert refusal(text.encode(encoding), "f.xml") == "unsafe_xml"


def test_an_undeclared_entity_is_refused() -> None:
    data = XML.replace(b"FA-2026-0042", b"&x;")
    assert refusal(data, "f.xml") == "malformed_xml"


def test_very_deep_xml_is_refused() -> None:
    deep = XML.replace(
        b"<ram:ID>FA-2026-0042</ram:ID>", b"<ram:ID>" * 100_000 + b"</ram:ID>" * 100_000
    )
    assert refusal(deep, "f.xml") == "malformed_xml"


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "f.pdf", "empty"),
        (b"", "f.xml", "empty"),
        (b"   \n", "f.xml", "not_an_einvoice"),
        (b"Bonjour, voici la facture", "f.pdf", "not_an_einvoice"),
        (b"\x89PNG\r\n\x1a\n", "f.png", "not_an_einvoice"),
        (gzip.compress(XML), "f.xml.gz", "not_an_einvoice"),
        (b"PK\x03\x04 anything", "f.xlsx", "archive"),
        (b"<html><body>404</body></html>", "f.xml", "unknown_syntax"),
        (b"<Invoice><ID>1</ID></Invoice>", "f.xml", "unknown_syntax"),
        (XML[:-40], "f.xml", "malformed_xml"),
        (b"<", "f.xml", "malformed_xml"),
        (XML.replace(b"UTF-8", b"UTF-8-W/O-BOM"), "f.xml", "unknown_encoding"),
        (XML.replace(b"UTF-8", b"klingon"), "f.xml", "unknown_encoding"),
        (XML.replace("É".encode(), b"\xff"), "f.xml", "malformed_xml"),
        (einvoices.blank_pdf(), "f.pdf", "no_embedded_invoice"),
        (einvoices.pdf_with(b"text", "notes.txt"), "f.pdf", "no_embedded_invoice"),
        (einvoices.pdf_with(b"<a/>", "other.xml"), "f.pdf", "unknown_syntax"),
        (einvoices.pdf_with(XML, password="secret"), "f.pdf", "encrypted"),
        (PDF[:20], "f.pdf", "damaged"),
        (PDF[: len(PDF) // 2], "f.pdf", "damaged"),
        (PDF[:-200], "f.pdf", "damaged"),
        (b"%PDF-1.7\n%%EOF", "f.pdf", "damaged"),
    ],
)
def test_what_is_not_a_readable_e_invoice_is_refused_by_name(
    data: bytes, name: str, reason: str
) -> None:
    assert refusal(data, name) == reason


def test_an_html_page_saved_as_a_pdf_is_not_an_invoice() -> None:
    assert refusal(b"<!doctype html><html></html>", "f.pdf") == "damaged"


def test_an_owner_password_alone_hinders_nothing() -> None:
    assert read(einvoices.pdf_with(XML, password=""), "f.pdf").number == "FA-2026-0042"


def test_the_invoice_is_found_among_other_attachments() -> None:
    target = BytesIO()
    with pikepdf.open(BytesIO(PDF)) as pdf:
        pdf.attachments["a.xml"] = pikepdf.AttachedFileSpec(pdf, b"<a/>")
        pdf.attachments["plan.png"] = pikepdf.AttachedFileSpec(pdf, b"png")
        pdf.save(target)
    assert read(target.getvalue(), "f.pdf").number == "FA-2026-0042"


@pytest.mark.parametrize("layers", [1, 2])
def test_a_compressed_bomb_in_a_pdf_is_not_inflated(layers: int) -> None:
    content = bytes(80 * 1024 * 1024)
    for _ in range(layers):
        content = zlib.compress(content, 9)
    target = BytesIO()
    with pikepdf.open(BytesIO(einvoices.pdf_with(b"x"))) as pdf:
        stream = pdf.attachments["factur-x.xml"].get_file().obj
        stream.write(
            content,
            filter=pikepdf.Array([pikepdf.Name.FlateDecode] * layers),
            decode_parms=None,
        )
        pdf.save(target, compress_streams=False, recompress_flate=False)
    assert len(target.getvalue()) < 200_000
    assert refusal(target.getvalue()) == "too_large"


def test_an_attachment_cut_short_is_refused() -> None:
    target = BytesIO()
    with pikepdf.open(BytesIO(einvoices.pdf_with(b"x"))) as pdf:
        stream = pdf.attachments["factur-x.xml"].get_file().obj
        stream.write(zlib.compress(XML)[:-8], filter=pikepdf.Name.FlateDecode)
        pdf.save(target, compress_streams=False, recompress_flate=False)
    assert refusal(target.getvalue()) == "damaged"


def _loop(pdf: pikepdf.Pdf) -> pikepdf.Object:
    tree = pdf.make_indirect(pikepdf.Dictionary())
    tree.Kids = pikepdf.Array([tree])
    return tree


def _named(specification: object) -> pikepdf.Object:
    name = pikepdf.String("factur-x.xml")
    return pikepdf.Dictionary(Names=pikepdf.Array([name, specification]))


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        (_loop, "damaged"),
        (lambda pdf: pikepdf.Array([1, 2, 3]), "no_embedded_invoice"),
        (lambda pdf: pikepdf.Dictionary(Names=pikepdf.Array([5, 5])), "damaged"),
        (lambda pdf: _named(42), "damaged"),
        (lambda pdf: _named(pikepdf.Dictionary()), "damaged"),
        (
            lambda pdf: _named(
                pikepdf.Dictionary(EF=pikepdf.Dictionary(F=pikepdf.Dictionary()))
            ),
            "damaged",
        ),
    ],
)
def test_a_hostile_list_of_attachments_is_refused(
    tree: Callable[[pikepdf.Pdf], pikepdf.Object], reason: str
) -> None:
    target = BytesIO()
    with pikepdf.open(BytesIO(einvoices.pdf_with(XML))) as pdf:
        pdf.Root.Names.EmbeddedFiles = tree(pdf)
        pdf.save(target)
    assert refusal(target.getvalue()) == reason


def test_pikepdf_never_unfolds_a_stream_without_a_bound() -> None:
    limits = pikepdf.settings.get_qpdf_limits()
    assert limits["flate_max_memory"] == limits["png_max_memory"] == 256 * 1024 * 1024


def test_a_file_too_large_is_refused_before_it_is_read() -> None:
    assert refusal(b"%PDF-" + bytes(50 * 1024 * 1024), "f.pdf") == "too_large"


@pytest.mark.parametrize("data", [XML, PDF, UBL])
def test_a_file_is_read_in_fifty_milliseconds(data: bytes) -> None:
    read(data, "f")
    start = time.perf_counter()
    for _ in range(10):
        read(data, "f")
    assert (time.perf_counter() - start) / 10 < 0.05


def read_or_refuse(data: bytes, name: str = "f.pdf") -> None:
    with suppress(EInvoiceError):
        read(data, name)


@given(st.binary(max_size=400), st.sampled_from([b"", b"%PDF-1.7\n", b"<", b"PK\3\4"]))
@settings(max_examples=200, deadline=None)
def test_random_bytes_raise_nothing_else(data: bytes, start: bytes) -> None:
    read_or_refuse(start + data)


@st.composite
def mutated(draw: st.DrawFn, original: bytes) -> bytes:
    data = bytearray(original)
    for _ in range(draw(st.integers(1, 8))):
        place = draw(st.integers(0, len(data) - 1))
        piece = draw(st.binary(max_size=6))
        data[place : place + draw(st.integers(0, 12))] = piece
    return bytes(data)


@given(st.one_of(mutated(XML), mutated(UBL)))
@settings(max_examples=300, deadline=None)
def test_mutated_xml_raises_nothing_else(data: bytes) -> None:
    read_or_refuse(data, "f.xml")


@given(mutated(PDF))
@settings(max_examples=200, deadline=None)
def test_mutated_pdf_raises_nothing_else(data: bytes) -> None:
    read_or_refuse(data)


@given(
    st.sampled_from(
        ["total", "issued_on", "due_date", "prepaid", "currency", "number"]
    ),
    st.text(max_size=12).map(lambda text: "".join(filter(str.isprintable, text))),
)
@settings(max_examples=200, deadline=None)
def test_any_value_is_read_or_refused(field: str, value: str) -> None:
    escaped = value.replace("&", "&amp;").replace("<", "&lt;")
    sample = Sample(**{field: escaped})
    read_or_refuse(einvoices.cii(sample, "basic"), "f.xml")
    read_or_refuse(einvoices.ubl(sample), "f.xml")
