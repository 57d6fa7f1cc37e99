"""The company: every number checked, nothing half-saved, the history told."""

from dataclasses import replace
from decimal import Decimal

import pytest

from relance.models import Company, HistoryEntry
from relance.services.company import (
    BankData,
    CompanyData,
    change_bank,
    floor_warnings,
    missing_for_formal_notice,
    save_company,
)
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

DATA = CompanyData(name="Durand", city="Lille")
IBAN = "FR14 2004 1010 0505 0001 3M02 606"


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
    ],
)
def test_a_wrong_answer_is_refused_on_its_field(dora, change, field):
    make.company()
    with pytest.raises(Refused) as refused:
        save_company(replace(DATA, **change), by=dora, now=NOW)
    assert refused.value.field == field
    assert Company.objects.get().name == "Ateliers Vauban"
    assert not HistoryEntry.objects.exists()


def test_the_iban_changes_with_the_password_and_the_history_says_from_what(dora):
    make.company()
    bank = BankData(iban=IBAN, bic="psstfrpplil")
    for _time in range(2):
        change_bank(bank, password_given=True, by=dora, now=NOW)
    saved = Company.objects.get()
    assert (saved.iban, saved.bic) == ("FR1420041010050500013M02606", "PSSTFRPPLIL")
    words = HistoryEntry.objects.get().words
    assert "FR7630006000011234567890189" in words
    assert "FR1420041010050500013M02606" in words


@pytest.mark.parametrize(
    ("bank", "password", "field"),
    [
        (BankData(iban=IBAN), False, "password"),
        (BankData(iban="FR15 2004 1010 0505 0001 3M02 606"), True, "iban"),
        (BankData(iban=IBAN, bic="ABC"), True, "bic"),
    ],
)
def test_the_iban_stays_when_anything_is_wrong(dora, bank, password, field):
    make.company()
    with pytest.raises(Refused) as refused:
        change_bank(bank, password_given=password, by=dora, now=NOW)
    assert refused.value.field == field
    assert Company.objects.get().iban == "FR7630006000011234567890189"
    assert not HistoryEntry.objects.exists()


def test_what_a_formal_notice_lacks_is_named():
    ours = make.company()
    assert missing_for_formal_notice() == []
    ours.iban = ours.siren = ""
    ours.save()
    assert missing_for_formal_notice() == ["votre numéro SIREN", "votre IBAN"]


def test_a_contract_rate_below_three_times_the_legal_rate_is_said():
    make.company()
    assert floor_warnings(None) == []
    assert floor_warnings(Decimal(50)) == []
    assert "semestre" in floor_warnings(Decimal(1))[0]
