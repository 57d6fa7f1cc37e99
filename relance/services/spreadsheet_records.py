"""The rows of a spreadsheet as typed values, with every problem in its cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from relance.gateways.spreadsheet import Book, Row
from relance.gateways.spreadsheet_values import CellError, DayOrder, amount, day
from relance.rules.spreadsheet_columns import is_total
from relance.rules.spreadsheet_targets import AMOUNTS, DAYS, Target
from relance.services.spreadsheet_layout import Layout


class Trouble(StrEnum):
    """What is wrong with a cell or a row; worded by ``spreadsheet_words``."""

    NOT_A_DAY = "not_a_day"
    NOT_AN_AMOUNT = "not_an_amount"
    AMBIGUOUS = "ambiguous"
    TOO_PRECISE = "too_precise"
    TOO_LARGE = "too_large"
    FORMULA_ERROR = "formula_error"
    MISSING = "missing"
    TOO_WIDE = "too_wide"
    TOO_LONG = "too_long"
    NOT_POSITIVE = "not_positive"
    DUE_BEFORE_ISSUE = "due_before_issue"
    SUMS_DISAGREE = "sums_disagree"
    PAID_TOO_MUCH = "paid_too_much"
    IN_THE_FUTURE = "in_the_future"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_CURRENCY = "unknown_currency"
    SIGN_DISAGREES = "sign_disagrees"
    NUMBER_TWICE = "number_twice"
    CREDIT_USED = "credit_used"
    CUSTOMER_UNKNOWN = "customer_unknown"
    CUSTOMER_AMBIGUOUS = "customer_ambiguous"
    CUSTOMER_DISAGREES = "customer_disagrees"
    CUSTOMER_TWICE = "customer_twice"
    INVOICE_UNKNOWN = "invoice_unknown"
    OTHER_CUSTOMER = "other_customer"
    OTHER_CURRENCY = "other_currency"
    CONFLICT = "conflict"
    NOT_DEBT = "not_debt"
    HAS_UNPAID = "has_unpaid"
    # Said, and the row is imported all the same.
    UNKNOWN_MODE = "unknown_mode"
    BAD_NUMBER = "bad_number"
    BAD_EMAIL = "bad_email"
    BAD_TERMS = "bad_terms"
    BAD_COUNTRY = "bad_country"
    KNOWN_PAID = "known_paid"


HARMLESS = frozenset(
    {
        Trouble.UNKNOWN_MODE, Trouble.BAD_NUMBER, Trouble.BAD_EMAIL, Trouble.BAD_TERMS,
        Trouble.BAD_COUNTRY, Trouble.KNOWN_PAID,
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong, where: no target when it is the row as a whole."""

    trouble: Trouble
    target: Target | None = None
    value: str = ""

    @property
    def stops(self) -> bool:
        return self.trouble not in HARMLESS


@dataclass(kw_only=True, slots=True)
class Record:
    """A row: what its cells say, and what is wrong with them."""

    row: Row
    said: dict[Target, str | date | Decimal]
    problems: list[Problem] = field(default_factory=list)
    # It adds other rows up, or ends a page.
    is_total: bool = False

    @property
    def stopped(self) -> bool:
        return any(problem.stops for problem in self.problems)

    def text(self, target: Target) -> str:
        found = self.said.get(target, "")
        return found if isinstance(found, str) else ""

    def day(self, target: Target) -> date | None:
        found = self.said.get(target)
        return found if isinstance(found, date) else None

    def money(self, target: Target) -> Decimal | None:
        found = self.said.get(target)
        return found if isinstance(found, Decimal) else None

    def warn(
        self, trouble: Trouble, target: Target | None = None, value: str = ""
    ) -> None:
        self.problems.append(Problem(trouble=trouble, target=target, value=value))


def records(book: Book, layout: Layout) -> Iterator[Record]:
    """Yield the rows under the header, typed; raises SpreadsheetError as it goes."""
    rows = book.rows(layout.sheet)
    width = 0
    for row in rows:
        if row.number <= layout.header:
            width = len(row.cells) if row.number == layout.header else width
            continue
        yield _record(row, layout, width)


def _record(row: Row, layout: Layout, width: int) -> Record:
    if is_total(row.cells, layout.columns):
        return Record(row=row, said={}, is_total=True)
    made = Record(row=row, said={})
    order = layout.order or DayOrder.DAY_FIRST
    for target, column in layout.columns.items():
        text = row[column]
        if not text:
            continue
        try:
            if target in DAYS:
                made.said[target] = day(text, order)
            elif target in AMOUNTS:
                made.said[target] = amount(text, layout.marks.get(column, ""))
            else:
                made.said[target] = text
        except CellError as error:
            made.warn(Trouble(error.problem.value), target, text)
    if width and len(row.cells) > width:
        # A separator inside a cell pushes the others to the right.
        made.warn(Trouble.TOO_WIDE, None, row.cells[-1])
    return made


def need(record: Record, *targets: Target) -> None:
    """Say which cells are empty that may not be; one that is unreadable is said
    already."""
    told = {problem.target for problem in record.problems}
    for target in targets:
        if target not in record.said and target not in told:
            record.warn(Trouble.MISSING, target)
