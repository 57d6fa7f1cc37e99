"""``relance doctor``: looks at everything, and its exit code says whether to mend."""

import json

import pytest
from django.core.management import call_command
from django.utils import timezone

from relance.models import Company, Rate, Signatory
from relance.services import heartbeat
from relance.services.checkup import NEEDED, Health, checkup


def test_an_empty_folder_is_told_what_to_do(relance):
    done = relance("doctor", "--json")

    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert [one["name"] for one in found if one["health"] == "mend"] == [
        "Base de données"
    ]
    assert "relance setup" in found[-1]["words"]


@pytest.fixture
def cache_table(db):
    call_command("createcachetable", verbosity=0)


@pytest.fixture
def look(cache_table):
    def health():
        findings = checkup(now=timezone.now(), today=timezone.localdate())
        return {finding.name: finding for finding in findings}

    return health


def test_the_worker_is_seen_alive_then_silent(look):
    assert look()["Travail de fond"].health == Health.NOTE

    heartbeat.beat(now=timezone.now())
    assert look()["Travail de fond"].health == Health.FINE

    heartbeat.beat(now=timezone.now() - 2 * heartbeat.SILENCE)
    assert look()["Travail de fond"].health == Health.NOTE


def test_a_company_lacks_what_a_formal_notice_needs(look):
    assert look()["Entreprise"].health == Health.MEND

    company = Company.objects.create(pk=1, name="Atelier Lumen")
    assert "IBAN" in look()["Entreprise"].words

    for field in NEEDED:
        setattr(company, field, "x")
    company.save()
    assert "signataire" in look()["Entreprise"].words

    Signatory.objects.create(name="Claire", position="Comptable", is_main=True)
    assert look()["Entreprise"].health == Health.FINE


def test_rates_are_missing_then_unverified_then_known(look):
    def rates():
        (finding,) = [one for name, one in look().items() if name.startswith("Taux")]
        return finding.health

    assert rates() == Health.MEND

    today = timezone.localdate()
    half_year = f"{today.year}-S{1 if today.month <= 6 else 2}"
    for kind in Rate.Kind:
        Rate.objects.create(kind=kind, half_year=half_year, percent=1, source="")
    assert rates() == Health.NOTE

    Rate.objects.update(verified=True)
    assert rates() == Health.FINE
