"""MT940 (SWIFT), read with mt-940."""

import re
from decimal import Decimal
from typing import Any, Final

import mt940

from relance.gateways.bank_content import (
    MAX_LINES,
    BankError,
    Line,
    Reason,
    Statement,
    checked,
    tidy,
)
from relance.gateways.bank_values import day

_START: Final = re.compile(r"(?m)^:20:")
_NO_REFERENCE: Final = ("NONREF", "NOTPROVIDED")
# What mt-940 raises for fields that are not as the standard says.
_TROUBLE: Final = (
    RuntimeError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
)


def is_mt940(text: str) -> bool:
    """Say whether a text is such a statement."""
    return _START.search(text[:4000]) is not None and ":25:" in text[:4000]


def read(text: str) -> list[Statement]:
    """Return the statements of a file, each checked against its closing balance."""
    if text.count("\n:61:") > MAX_LINES:
        raise BankError(Reason.TOO_MANY_LINES, limit=str(MAX_LINES))
    parts = _START.split(text)
    return [_statement(f":20:{part}") for part in parts[1:]]


def _statement(text: str) -> Statement:
    if "\n:62" not in text:
        raise BankError(Reason.DAMAGED, value=":62F:")
    try:
        read = mt940.parse(text, options=mt940.Options(applicant_iban=True))
    except _TROUBLE as error:
        raise BankError(Reason.DAMAGED, value="MT940") from error
    account = tidy(read.data.get("account_identification"), longest=60)
    if not account:
        raise BankError(Reason.NO_ACCOUNT)
    opening, closing = _balance(read.data, "opening"), _balance(read.data, "closing")
    return checked(
        Statement(
            account=account,
            currency=closing.amount.currency if closing else "EUR",
            lines=tuple(_line(transaction.data) for transaction in read),
            opening=_cents(opening.amount.amount) if opening else None,
            closing=_cents(closing.amount.amount) if closing else None,
            closed_on=closing.date if closing else None,
        )
    )


def _balance(data: dict[str, Any], which: str) -> Any:
    return data.get(f"final_{which}_balance") or data.get(
        f"intermediate_{which}_balance"
    )


def _line(data: dict[str, Any]) -> Line:
    said = data.get("entry_date") or data["date"]
    words = (
        data.get("purpose") or data.get("transaction_details") or "",
        data.get("additional_purpose") or "",
        data.get("extra_details") or "",
    )
    references = (data.get("end_to_end_reference"), data.get("customer_reference"))
    return Line(
        booked_on=day(str(said.year), str(said.month), str(said.day), said=str(said)),
        amount=_cents(data["amount"].amount),
        currency=data["amount"].currency or "EUR",
        label=tidy(" ".join(word for word in words if word)),
        payer=tidy(data.get("applicant_name")),
        payer_iban=tidy(data.get("applicant_iban"), longest=34),
        reference=tidy(
            " ".join(one for one in references if one and one not in _NO_REFERENCE)
        ),
        bank_id=tidy(data.get("bank_reference"), longest=100),
    )


def _cents(value: Decimal) -> Decimal:
    cents = value.quantize(Decimal("0.01"))
    if cents != value:
        raise BankError(Reason.BAD_AMOUNT, value=str(value))
    return cents
