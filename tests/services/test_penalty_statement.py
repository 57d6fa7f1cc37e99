"""The printed *décompte*: it adds up, and says what payments settled first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from relance.gateways.wording import parse_amount
from relance.models import Channel, Company, Invoice, Level, Rate
from relance.services import drafts
from relance.services.contents import content_of
from relance.services.payments import Share, allocate
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

UNTIL = date(2026, 6, 30)


@pytest.fixture(autouse=True)
def _verified() -> None:
    make.company()
    Rate.objects.update(verified=True)


def late(total: str = "2000.00", **values) -> Invoice:
    return make.invoice(
        issued_on=date(2026, 3, 1),
        due_date=date(2026, 3, 31),
        total=Decimal(total),
        **values,
    )


def statement_of(invoice: Invoice):
    invoice.refresh_from_db()
    notice = Level.objects.get(kind=Level.Kind.FORMAL_NOTICE)
    wish = drafts.Wish(invoice=invoice, channel=Channel.REGISTERED, level=notice)
    letter = content_of(drafts.draft(wish, today=UNTIL), number=1).letter
    assert letter is not None
    assert letter.statement is not None
    return letter.statement


def figures(statement) -> list[Decimal]:
    return [parse_amount(row[-1].rstrip(" €")) for row in statement.rows]


@pytest.mark.parametrize("first", Company.Imputation.values)
def test_its_lines_add_up_to_the_cent(first) -> None:
    Company.objects.update(imputation=first)
    invoice = late("3333.33")
    make.payment(invoice, "777.77", received_on=date(2026, 4, 17))
    make.payment(invoice, "123.45", received_on=date(2026, 5, 2))

    statement = statement_of(invoice)

    assert sum(figures(statement)) == parse_amount(statement.total[-1].rstrip(" €"))
    assert len(statement.rows) == 3


def test_it_says_that_the_principal_is_settled_first() -> None:
    invoice = late()
    make.payment(invoice, "800.00", received_on=date(2026, 5, 15))

    statement = statement_of(invoice)

    assert figures(statement) == [Decimal("29.96"), Decimal("18.37")]
    said = " ".join(statement.notes)
    assert "s’imputent sur le principal" in said or "principal" in said
    assert "1343-1" not in said


def test_interest_first_it_names_each_payment_and_what_is_left() -> None:
    """Vector E of our notes on the law, by art. 1343-1 of the Code civil."""
    Company.objects.update(imputation=Company.Imputation.INTEREST)
    invoice = late()
    make.payment(invoice, "800.00", received_on=date(2026, 5, 15))

    statement = statement_of(invoice)

    assert figures(statement) == [Decimal("29.96"), Decimal("18.83")]
    said = " ".join(statement.notes).replace("\xa0", " ").replace("\u202f", " ")
    assert "1343-1" in said
    assert "29,96 € sur les intérêts" in said
    assert "770,04 € sur le principal" in said
    assert "principal 1 229,96 €, intérêts 18,83 €" in said


@pytest.mark.parametrize(
    ("effective_on", "lines"),
    [
        # 1200 for 91 days at 12.15 %: no interest on what was never owed.
        (None, ["36.35"]),
        # 2000 for 45 days, then 1200 for 46.
        (date(2026, 5, 15), ["29.96", "18.37"]),
    ],
)
@pytest.mark.parametrize("first", Company.Imputation.values)
def test_a_credit_note_counts_from_the_invoice_or_from_its_day(
    first, effective_on, lines
) -> None:
    Company.objects.update(imputation=first)
    invoice = late()
    credit = make.invoice(
        invoice.customer,
        kind="credit_note",
        total=Decimal(800),
        issued_on=date(2026, 5, 15),
        due_date=date(2026, 5, 15),
    )
    share = Share(invoice=invoice, amount=Decimal(800), effective_on=effective_on)
    allocate(credit, share, by=None, now=NOW)

    assert figures(statement_of(invoice)) == [Decimal(one) for one in lines]
