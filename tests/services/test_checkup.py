"""What the doctor says of the company's own choices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from relance.services.checkup import Health, of_company, of_contract_rate
from tests import make
from tests.make import TODAY

pytestmark = pytest.mark.django_db


# 2025-S2: three times the legal rate is 8.28 %.
@pytest.mark.parametrize(
    ("rate", "choice", "health"),
    [
        (None, "", None),
        (Decimal("8.28"), "", None),
        (Decimal("8.00"), "", Health.MEND),
        (Decimal("8.00"), "contract", Health.NOTE),
        (Decimal("8.00"), "default", Health.NOTE),
    ],
)
def test_a_contract_rate_below_the_minimum(rate, choice, health) -> None:
    ours = make.company(contract_rate=rate, below_floor=choice)
    make.invoice(issued_on=date(2025, 9, 1), due_date=date(2025, 9, 30))

    found = list(of_contract_rate(ours, TODAY))

    assert [one.health for one in found] == ([health] if health else [])
    assert all("2e semestre 2025" in one.words for one in found)


@pytest.mark.parametrize("field", ["legal_form", "siren", "address", "city", "iban"])
def test_what_a_formal_notice_needs_of_the_company(field) -> None:
    ours = make.company()
    [fine] = of_company(ours)
    setattr(ours, field, "")
    [lacking] = of_company(ours)

    assert (fine.health, lacking.health) == (Health.FINE, Health.MEND)
