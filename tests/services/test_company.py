"""The company: every number checked, nothing half-saved, the history told."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from relance.models import Company, HistoryEntry
from relance.queries.claims import claims_on
from relance.rules.rates import HalfYear
from relance.services.company import (
    CompanyData,
    floor_warning,
    missing_for_formal_notice,
    save_company,
)
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

DATA = CompanyData(name="Durand", city="Lille")


def test_what_is_saved_is_written_as_the_rules_read_it(dora):
    make.company()
    data = replace(
        DATA,
        siren="812 345 676",
        vat_number="fr 19 812345676",
        general_delay="3 semaines",
        default_terms="45 jours fin de mois",
    )
    save_company(data, by=dora, now=NOW)
    saved = Company.objects.get()
    assert (saved.name, saved.city) == ("Durand", "Lille")
    assert (saved.siren, saved.vat_number) == ("812345676", "FR19812345676")
    assert (saved.general_delay, saved.default_terms) == ("+ 3 weeks", "45 EOM")
    entry = HistoryEntry.objects.get()
    assert entry.user == dora
    assert "ville" in entry.words


def test_saved_again_unchanged_it_tells_nothing(dora):
    make.company()
    save_company(DATA, by=dora, now=NOW)
    save_company(DATA, by=dora, now=NOW)
    assert HistoryEntry.objects.count() == 1


def test_the_bank_is_not_changed_with_the_rest(dora):
    make.company()
    save_company(DATA, by=dora, now=NOW)
    assert Company.objects.get().iban == "FR7630006000011234567890189"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"siren": "812345677"}, "siren"),
        ({"siren": "12"}, "siren"),
        ({"vat_number": "FR20812345676"}, "vat_number"),
        ({"email": "compta"}, "email"),
        ({"country": "France"}, "country"),
        ({"general_delay": "bientôt"}, "general_delay"),
        ({"general_delay": "0 jour"}, "general_delay"),
        ({"default_terms": "quand ils peuvent"}, "default_terms"),
        ({"contract_rate": Decimal(-1)}, "contract_rate"),
        ({"contract_rate": Decimal(100)}, "contract_rate"),
        ({"minimum_amount": Decimal(-1)}, "minimum_amount"),
        ({"payments_stale_after": -1}, "payments_stale_after"),
        ({"payments_stale_after": 61}, "payments_stale_after"),
        ({"time_zone": "Paris"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"language": "de"}, "language"),
        ({"imputation": "first"}, "imputation"),
        ({"below_floor": "more"}, "below_floor"),
    ],
)
def test_a_wrong_answer_is_refused_on_its_field(dora, change, field):
    make.company()
    with pytest.raises(Refused) as refused:
        save_company(replace(DATA, **change), by=dora, now=NOW)
    assert refused.value.field == field
    assert Company.objects.get().name == "Ateliers Vauban"
    assert not HistoryEntry.objects.exists()


def test_what_a_formal_notice_lacks_is_named():
    ours = make.company()
    assert missing_for_formal_notice() == []
    ours.iban = ours.siren = ""
    ours.save()
    assert missing_for_formal_notice() == ["votre numéro SIREN", "votre IBAN"]


# 3 × the legal rate: 8.28 % in 2025-S2, 7.86 % in 2026-S1; 2026-S2 is not known.
@pytest.mark.parametrize(
    ("rate", "due", "named"),
    [
        (None, date(2025, 9, 30), []),
        (Decimal("12.00"), date(2025, 9, 30), []),
        (Decimal("8.28"), date(2025, 9, 30), []),
        (Decimal("8.00"), date(2025, 9, 30), ["2e semestre 2025 (8,28 %)"]),
        (
            Decimal("7.00"),
            date(2025, 9, 30),
            ["2e semestre 2025 (8,28 %)", "1er semestre 2026 (7,86 %)"],
        ),
        # Only half-years in which something unpaid bears interest.
        (Decimal("7.00"), date(2025, 12, 31), ["1er semestre 2026 (7,86 %)"]),
        (Decimal("7.00"), date(2026, 7, 31), []),
    ],
)
def test_a_rate_below_the_legal_minimum_names_the_half_years_in_use(rate, due, named):
    make.company()
    make.invoice(due_date=due, issued_on=due)

    said = floor_warning(rate, today=make.TODAY).replace("\xa0", " ")

    assert [half for half in named if half in said] == named
    assert said.count("semestre") == len(named)


def test_below_the_minimum_somebody_says_what_is_claimed(dora):
    make.company()
    late = make.invoice(issued_on=date(2025, 7, 1), due_date=date(2025, 7, 31))
    agreed = replace(DATA, contract_rate=Decimal("8.00"))

    with pytest.raises(Refused) as refused:
        save_company(agreed, by=dora, now=NOW)
    assert refused.value.field == "below_floor"
    assert "2e semestre 2025" in refused.value.message
    assert Company.objects.get().contract_rate is None

    rates = {}
    for choice in ("contract", "default"):
        save_company(replace(agreed, below_floor=choice), by=dora, now=NOW)
        ours = Company.objects.get()
        claim = claims_on([late], ours, today=date(2025, 12, 31))[late.pk]
        assert claim.statement is not None
        rates[choice] = claim.statement.rate
    assert rates == {"contract": Decimal("8.00"), "default": Decimal("12.15")}


def test_never_silently_more_than_the_contract():
    """A rate saved before the minimum rose: nobody has chosen yet."""
    ours = make.company(contract_rate=Decimal("8.00"))
    late = make.invoice(issued_on=date(2025, 7, 1), due_date=date(2025, 7, 31))

    claim = claims_on([late], ours, today=date(2025, 12, 31))[late.pk]

    assert claim.statement is not None
    assert claim.statement.rate == Decimal("8.00")
    assert claim.statement.below_floor == (HalfYear(2025, 2),)


def test_payments_settle_what_was_chosen_first():
    """Vector E of our notes on the law, both ways; credit notes: the principal."""
    ours = make.company()
    late = make.invoice(
        issued_on=date(2026, 3, 1), due_date=date(2026, 3, 31), total=Decimal(2000)
    )
    make.payment(late, "800.00", received_on=date(2026, 5, 15))
    late.refresh_from_db()
    until = date(2026, 6, 30)

    usual = claims_on([late], ours, today=until)[late.pk]
    ours.imputation = Company.Imputation.INTEREST
    legal = claims_on([late], ours, today=until)[late.pk]

    assert usual.penalties == Decimal("48.33")
    assert legal.penalties == Decimal("48.79")
    assert legal.statement is not None
    assert legal.statement.principal == Decimal("1229.96")
    assert legal.statement.total_due == legal.total == Decimal("1288.79")
