"""Read bank statements: CAMT.053, OFX, MT940, CFONB120."""

from dataclasses import replace
from typing import Final

from relance.gateways import bank_camt, bank_cfonb, bank_mt940, bank_ofx
from relance.gateways.bank_content import BankError, Line, Reason, Statement
from relance.gateways.decoding import decoded

__all__ = ["BankError", "Line", "Reason", "Statement", "is_statement", "read"]

MAX_FILE: Final = 50 * 1024 * 1024


def read(data: bytes) -> list[Statement]:
    """Return the statements in this file, or raise BankError with the reason.

    What the file is, its content says. No network, no disk, no clock; whatever the
    bytes are, nothing else is raised.
    """
    if not data.strip():
        raise BankError(Reason.EMPTY)
    if len(data) > MAX_FILE:
        raise BankError(Reason.TOO_LARGE, limit=str(MAX_FILE // 1024 // 1024))
    text = decoded(data)
    if bank_ofx.is_ofx(text):
        form, found = "ofx", bank_ofx.read(text)
    elif text.lstrip().startswith("<"):
        form, found = "camt", bank_camt.read(data)
    elif bank_cfonb.is_cfonb(text):
        form, found = "cfonb", bank_cfonb.read(text)
    elif bank_mt940.is_mt940(text):
        form, found = "mt940", bank_mt940.read(text)
    else:
        raise BankError(Reason.NOT_A_STATEMENT)
    if not found:
        raise BankError(Reason.NO_LINES)
    return [replace(statement, form=form) for statement in found]


def is_statement(data: bytes) -> bool:
    """Whether a file has the marks of a format read here; it may be damaged."""
    text = decoded(data)
    return (
        bank_ofx.is_ofx(text) or bank_cfonb.is_cfonb(text) or bank_mt940.is_mt940(text)
    )
