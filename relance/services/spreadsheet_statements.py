"""A bank statement in a spreadsheet: its rows as lines of an account."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from relance.gateways.bank_content import Line, Statement, tidy
from relance.models.money import LARGEST, ZERO
from relance.rules.spreadsheet_targets import Target
from relance.services.receipts import fresh_lines
from relance.services.spreadsheet_decisions import Decision, Status, left_out, refused
from relance.services.spreadsheet_invoices import currency_of
from relance.services.spreadsheet_layout import Layout
from relance.services.spreadsheet_records import Record, Trouble, need


class Lines:
    """Decides for all the rows of a file together: what makes a line itself is all
    that it says, and its place among those of its day that say the same."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def decide(self, records: Sequence[Record]) -> list[Decision]:
        """Return what becomes of each row: a new receipt, a known one, money out."""
        lines = [(record, self._line(record)) for record in records]
        statement = self._statement([line for _record, line in lines if line])
        received = [line for line in statement.lines if line.amount > ZERO]
        fresh = {id(line) for _key, line in fresh_lines(statement, received)}
        return [
            left_out(record)
            if record.is_total or (line is not None and line.amount <= ZERO)
            else refused(record)
            if line is None
            else Decision(
                record=record,
                status=Status.CREATED if id(line) in fresh else Status.UNCHANGED,
            )
            for record, line in lines
        ]

    def statement(self, records: Sequence[Record]) -> Statement:
        """Return the lines that could be read, as an account's."""
        lines = [self._line(record) for record in records]
        return self._statement([line for line in lines if line])

    def _statement(self, lines: list[Line]) -> Statement:
        return Statement(
            account=self._layout.account,
            currency=self._layout.currency,
            lines=tuple(lines),
        )

    def _line(self, record: Record) -> Line | None:
        if record.is_total:
            return None
        need(record, Target.DAY)
        amount = _amount(record)
        currency = currency_of(record, self._layout)
        day = record.day(Target.DAY)
        if record.stopped or amount is None or day is None:
            return None
        return Line(
            booked_on=day,
            amount=amount,
            currency=currency,
            label=tidy(record.text(Target.LABEL)),
            payer=tidy(record.text(Target.PAYER), longest=200),
            payer_iban=record.text(Target.PAYER_IBAN).replace(" ", "")[:34],
            reference=tidy(record.text(Target.REFERENCE)),
        )


def _amount(record: Record) -> Decimal | None:
    amount = record.money(Target.AMOUNT)
    if amount is None:
        debit, credit = record.money(Target.DEBIT), record.money(Target.CREDIT)
        if debit is None and credit is None:
            need(record, Target.AMOUNT)
            return None
        # Some banks write debits with a minus sign, others not.
        amount = (credit or ZERO) - abs(debit or ZERO)
    if abs(amount) > LARGEST:
        record.warn(Trouble.TOO_LARGE, Target.AMOUNT, f"{amount:.2f}")
    return amount
