"""Factur-X files made: a PDF and the data of its invoice, in one."""

from __future__ import annotations

import warnings

import facturx


def factur_x(pdf: bytes, xml: bytes) -> bytes:
    """Return the PDF with this CII XML joined as Factur-X wants it.

    The XML is checked against its profile's schema; the library raises when it does
    not fit.
    """
    with warnings.catch_warnings():
        # The library warns of its own future.
        warnings.simplefilter("ignore")
        made: bytes = facturx.generate_from_binary(
            pdf, xml, check_xsd=True, check_schematron=False
        )
    return made
