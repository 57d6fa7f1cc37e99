"""The demonstration's bank statement: what came in since, not matched yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.conf import settings

from relance.models import Invoice, User
from relance.services import receipts

# Customers who name their invoice, and those whom only their own name tells.
TOLD, UNTOLD = 5, 2

_OFX = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
CHARSET:1252

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>30006<BRANCHID>00001<ACCTID>12345678901
</BANKACCTFROM>
<BANKTRANLIST>
{lines}
</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
_LINE = (
    "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>{day:%Y%m%d}<TRNAMT>{amount}<FITID>{number}\n"
    "<NAME>{name}<MEMO>{memo}\n</STMTTRN>"
)


def bring_statement(*, by: User, now: datetime, today: date) -> Path:
    """Write a statement until yesterday and read it; return where it lies."""
    unpaid = Invoice.objects.unpaid().filter(currency="EUR", due_date__lt=today)
    found = list(unpaid.select_related("customer").order_by("-due_date", "pk"))
    received = list(_receipts(found))
    lines = "\n".join(
        _LINE.format(
            day=today - timedelta(days=1 + place % 4),
            amount=f"{amount:.2f}".replace(".", ","),
            number=f"{today:%y%m%d}-{place}",
            name=name,
            memo=memo,
        )
        for place, (amount, name, memo) in enumerate(received)
    )
    data = _OFX.format(lines=lines).encode("cp1252", "replace")
    folder = Path(settings.DATA) / "exemples"
    folder.mkdir(exist_ok=True)
    path = folder / f"releve-{today:%Y-%m}.ofx"
    path.write_bytes(data)
    receipts.import_statements([(path.name, data)], by=by, now=now)
    return path


def _receipts(unpaid: list[Invoice]) -> Iterator[tuple[Decimal, str, str]]:
    for invoice in unpaid[:TOLD]:
        name = f"VIR SEPA RECU {invoice.customer.name}"
        yield invoice.balance, name, f"FACTURE {invoice.number}"
    for invoice in unpaid[TOLD : TOLD + UNTOLD]:
        yield invoice.balance, f"VIR {invoice.customer.name.upper()}", "REGLEMENT"
    part = unpaid[TOLD + UNTOLD]
    half = (part.balance / 2).quantize(Decimal("0.01"))
    yield half, f"VIR SEPA RECU {part.customer.name}", f"ACOMPTE {part.number}"
    yield Decimal("777.77"), "VIR INST DURAND PATRIMOINE", "LOYER BUREAU"
