"""What a letter claims runs from its presentation, and adds up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from relance.gateways import wording
from relance.gateways.blocks import TableBlock
from relance.gateways.wording import parse_amount
from relance.models import Channel, Invoice, Level, Rate
from relance.queries.claims import claims_on
from relance.queries.company import company
from relance.rules.fields import NO_PENALTIES
from relance.rules.regimes import Regime
from relance.services.drafts import Wish, draft
from relance.services.field_values import FieldValues
from tests import make
from tests.make import TODAY
from tests.services._postings import POSTED, hear, notice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def claimed(invoice: Invoice) -> Decimal:
    [claim] = claims_on([invoice], company(), today=TODAY).values()
    assert claim.total == claim.balance
    return claim.statement.penalties


# --- what is claimed --------------------------------------------------------


def test_interest_of_a_consumer_runs_from_the_presentation() -> None:
    """Art. 1231-6 and 1344-1 C. civ.: from the formal notice on."""
    Rate.objects.create(
        kind=Rate.Kind.LEGAL, half_year="2026-S2", percent=Decimal("2.50"), source="x"
    )
    invoice = make.invoice(make.customer(regime="B2C"))
    made = notice(invoice)
    hear(made)
    assert claimed(invoice) == 0

    hear(made, presented_on=date(2026, 11, 4))
    first = claimed(invoice)
    assert first > 0

    hear(made, presented_on=date(2026, 11, 14))
    assert 0 < claimed(invoice) < first

    hear(made, presented_on=None)
    assert claimed(invoice) == 0

    hear(
        made,
        presented_on=date(2026, 11, 4),
        returned_on=date(2026, 11, 20),
        return_reason="unclaimed",
    )
    assert claimed(invoice) == first


@pytest.mark.parametrize("regime", list(Regime))
def test_the_sums_of_a_letter_add_up_to_what_it_claims(regime: Regime) -> None:
    Rate.objects.create(
        kind=Rate.Kind.LEGAL, half_year="2026-S2", percent=Decimal("2.50"), source="x"
    )
    invoice = make.invoice(make.customer(regime=regime.value))
    hear(notice(invoice), presented_on=date(2026, 11, 4))
    wish = Wish(invoice=invoice, channel=Channel.LETTER)
    fields = FieldValues(draft(wish, today=TODAY), number=1, letter_joined=False)
    [table] = fields.blocks()["tableau.sommes"]
    assert isinstance(table, TableBlock)

    def read(words: str) -> Decimal:
        return parse_amount(words.removesuffix("€").strip())

    rows = [read(amount) for _label, amount in table.rows]
    assert sum(rows) == read(table.total[1])
    assert read(fields.values()["total.exigible"]) == sum(rows)
    assert (len(rows) > 1) is (regime not in NO_PENALTIES)


def test_a_notice_to_a_wrong_address_starts_nothing() -> None:
    invoice = make.invoice(make.customer(regime="B2C"))

    hear(notice(invoice), returned_on=POSTED, return_reason="npai")

    assert claimed(invoice) == 0


def test_the_indemnity_stays_in_euros_beside_another_currency() -> None:
    """Art. D441-5 C. com.: forty euros, whatever the invoice is in."""
    Rate.objects.update(verified=True)
    invoice = make.invoice(make.customer(country="GB", language="en"), currency="GBP")
    level = Level.objects.get(rank=2)
    wish = Wish(invoice=invoice, channel=Channel.LETTER, level=level)
    found = draft(wish, today=TODAY)
    fields = FieldValues(found, number=1, letter_joined=False)
    values = fields.values()
    assert (values["indemnite.unitaire"], values["indemnite.montant"]) == (
        "€40.00",
        "€40.00",
    )
    assert found.total == found.balance + found.penalties
    pounds = wording.money(found.total, currency="GBP", language="en")
    assert values["total.exigible"] == f"{pounds} and €40.00"
    [table] = fields.blocks()["tableau.sommes"]
    assert isinstance(table, TableBlock)
    assert table.rows[-1][1] == "€40.00"
    assert table.total[1] == values["total.exigible"]
