"""Read e-invoices that anybody may send: Factur-X and ZUGFeRD PDF, CII, UBL."""

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import pikepdf
from lxml import etree

from relance.gateways import einvoice_cii, einvoice_ubl
from relance.gateways.einvoice_archive import is_archive, unpack
from relance.gateways.einvoice_content import (
    EInvoice,
    EInvoiceError,
    Kind,
    PaymentMode,
    Reason,
)
from relance.gateways.einvoice_draft import complete
from relance.gateways.einvoice_xml import MAX_XML, parse
from relance.gateways.pdf_limits import bound_pdf_reading

__all__ = ["EInvoice", "EInvoiceError", "Kind", "PaymentMode", "Reason"]
__all__ += ["is_archive", "read", "unpack"]

bound_pdf_reading()

MAX_FILE: Final = 50 * 1024 * 1024

# The names that Factur-X, ZUGFeRD 1 and 2 and XRechnung give the invoice.
_NAMES: Final = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
_XML_STARTS: Final = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0")
# What pikepdf raises for the objects of a damaged or hostile file.
_PDF_TROUBLE: Final = (
    pikepdf.PdfError,
    AttributeError,
    LookupError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
)


def read(data: bytes, name: str) -> EInvoice:
    """Return the invoice in this file, or raise EInvoiceError with the reason.

    What the file is, its content says: the name only helps to word a refusal. No
    network, no disk, no clock; whatever the bytes are, nothing else is raised.
    """
    if not data:
        raise EInvoiceError(Reason.EMPTY)
    if len(data) > MAX_FILE:
        raise EInvoiceError(Reason.TOO_LARGE, limit=str(MAX_FILE // 1024 // 1024))
    if b"%PDF-" in data[:1024]:
        xml = _embedded(data)
        return _read_xml(xml, parse(xml), pdf=data)
    if is_archive(data):
        raise EInvoiceError(Reason.ARCHIVE)
    if not data.lstrip()[:4].startswith(_XML_STARTS):
        raise EInvoiceError(Reason.NOT_AN_EINVOICE)
    if name.lower().endswith(".pdf"):
        raise EInvoiceError(Reason.DAMAGED)
    return _read_xml(data, parse(data), pdf=None)


def _read_xml(xml: bytes, root: etree._Element, *, pdf: bytes | None) -> EInvoice:
    if root.tag in einvoice_cii.ROOTS:
        return complete(einvoice_cii.read(root), xml=xml, pdf=pdf)
    if root.tag in einvoice_ubl.ROOTS:
        return complete(einvoice_ubl.read(root), xml=xml, pdf=pdf)
    value = etree.QName(root).localname[:40]
    raise EInvoiceError(Reason.UNKNOWN_SYNTAX, value=value)


def _embedded(data: bytes) -> bytes:
    """Return the invoice attached to the PDF.

    With pikepdf, not with factur-x's reader, which parses the attachment with
    lxml's defaults before we can look at it, and passes over what it cannot read.
    """
    if b"%%EOF" not in data[-2048:]:
        raise EInvoiceError(Reason.DAMAGED)
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            found = next(_xml_attachments(pdf), None)
            repaired = bool(pdf.get_warnings())
    except pikepdf.PasswordError as error:
        raise EInvoiceError(Reason.ENCRYPTED) from error
    except _PDF_TROUBLE as error:
        raise EInvoiceError(Reason.DAMAGED) from error
    if found is None:
        raise EInvoiceError(Reason.DAMAGED if repaired else Reason.NO_EMBEDDED_INVOICE)
    return found


def _xml_attachments(pdf: pikepdf.Pdf) -> Iterator[bytes]:
    """Yield the XML files, those of an invoice's name first."""
    names = [name for name in pdf.attachments if name.lower().endswith(".xml")]
    for name in sorted(names, key=lambda each: each.lower() not in _NAMES):
        yield _unfiltered(pdf.attachments[name].get_file().obj)


def _unfiltered(stream: pikepdf.Object) -> bytes:
    """Return the content, never more than an invoice may weigh.

    pikepdf would inflate without a limit: a few kilobytes can hold gigabytes.
    """
    content = bytes(stream.read_raw_bytes())
    filters: Any = stream.get("/Filter", [])
    for each in [filters] if isinstance(filters, pikepdf.Name) else filters:
        if each != "/FlateDecode":
            raise EInvoiceError(Reason.DAMAGED)
        inflater = zlib.decompressobj()
        try:
            content = inflater.decompress(content, MAX_XML + 1)
        except zlib.error as error:
            raise EInvoiceError(Reason.DAMAGED) from error
        if len(content) > MAX_XML:
            raise EInvoiceError(Reason.TOO_LARGE, limit=str(MAX_XML // 1024 // 1024))
        if not inflater.eof:
            raise EInvoiceError(Reason.DAMAGED)
    return content
