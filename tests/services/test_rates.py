"""Published rates: entered, verified, corrected, each told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from relance.models import HistoryEntry, Proposal, Rate
from relance.services import proposals
from relance.services.rates import RateData, add_rate
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

LEGAL = RateData(
    kind="LEGAL", half_year="2026-S2", percent=Decimal("2.71"), source="arrêté"
)


def test_entered_it_counts_as_verified_and_everything_is_decided_again(dora) -> None:
    make.company()
    make.invoice()
    proposals.refresh(today=TODAY)

    add_rate(LEGAL, by=dora, now=NOW)

    saved = Rate.objects.get(kind="LEGAL", half_year="2026-S2")
    assert (saved.percent, saved.verified) == (Decimal("2.71"), True)
    assert HistoryEntry.objects.get(action="rate.added").user == dora
    assert Proposal.objects.filter(stale=True).exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "EURIBOR"}, "kind"),
        ({"half_year": "2026"}, "half_year"),
        ({"half_year": "2026-S3"}, "half_year"),
        ({"half_year": "1998-S2"}, "half_year"),
        ({"half_year": "2027-S2"}, "half_year"),
        ({"percent": Decimal("-0.01")}, "percent"),
        ({"percent": Decimal("30.01")}, "percent"),
        ({"source": "  "}, "source"),
    ],
)
def test_what_is_wrong_is_refused_on_its_field(change, field) -> None:
    with pytest.raises(Refused) as caught:
        add_rate(replace(LEGAL, **change), by=None, now=NOW)
    assert caught.value.field == field
    assert not Rate.objects.exists()
    assert not HistoryEntry.objects.exists()


def test_the_next_half_year_may_be_entered_in_december() -> None:
    add_rate(replace(LEGAL, half_year="2027-S1"), by=None, now=NOW)
    assert Rate.objects.get().half_year == "2027-S1"


def test_a_verified_rate_is_replaced_only_when_that_is_asked_for(dora) -> None:
    add_rate(LEGAL, by=None, now=NOW)
    wrong = replace(LEGAL, percent=Decimal("27.10"))
    with pytest.raises(Refused, match=r"2\.71") as caught:
        add_rate(wrong, by=dora, now=NOW)
    assert caught.value.field == "half_year"

    add_rate(replace(wrong, replace=True), by=dora, now=NOW)

    assert Rate.objects.get().percent == Decimal("27.10")
    words = HistoryEntry.objects.get(action="rate.corrected").words
    assert "2.71" in words
    assert "27.10" in words


def test_an_unverified_rate_is_corrected(dora) -> None:
    Rate.objects.create(
        kind="ECB", half_year="2026-S2", percent=Decimal("2.40"), source="?"
    )
    right = replace(LEGAL, kind="ECB", percent=Decimal("2.15"))

    add_rate(right, by=dora, now=NOW)

    saved = Rate.objects.get()
    assert (saved.percent, saved.verified, saved.source) == (
        Decimal("2.15"),
        True,
        "arrêté",
    )
