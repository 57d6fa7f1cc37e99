"""The rates' page, and the banner that leads to it."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from relance.models import Rate
from relance.rules.rates import HalfYear
from tests import make

pytestmark = pytest.mark.django_db

PAGE = "configuration-rates"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def text(response) -> str:
    content = html.unescape(response.content.decode()).replace("\xa0", " ")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content))


def this_half() -> str:
    return str(HalfYear.of(timezone.localdate()))


def rate(**values) -> dict[str, str]:
    usual = {
        "kind": "LEGAL",
        "half_year": this_half(),
        "percent": "2.71",
        "source": "arrêté du 25 juin",
    }
    return usual | values


def test_all_half_years_are_shown_with_what_follows(client, dora) -> None:
    client.force_login(dora)
    page = client.get(reverse(PAGE))

    said = text(page)
    halves = {row.half_year for row in page.context["rows"]}
    assert halves == set(Rate.objects.values_list("half_year", flat=True))
    assert len(halves) > 8
    assert "2025-S2" in said
    # 2.76 × 3, 2.15 + 10, 2.15 + 8.
    for figure in ("2,76 %", "8,28 %", "12,15 %", "10,15 %"):
        assert figure in said


def test_a_missing_rate_is_entered_from_the_banner(client, dora) -> None:
    Rate.objects.filter(half_year=this_half()).delete()
    client.force_login(dora)
    shown = client.get(reverse("proposals"))
    assert "Taux servant au calcul des pénalités" in text(shown)
    asked = f"{reverse(PAGE)}?kind=LEGAL&half_year={this_half()}"
    assert asked in html.unescape(shown.content.decode())
    form = client.get(asked).context["form"]
    assert (form["kind"].value(), form["half_year"].value()) == ("LEGAL", this_half())

    for kind in ("LEGAL", "ECB"):
        assert client.post(reverse(PAGE), rate(kind=kind)).status_code == 302

    assert "Taux servant" not in text(client.get(reverse("proposals")))
    assert "Taux servant" not in text(client.get(reverse(PAGE)))


def test_an_unverified_one_in_use_is_verified(client, dora) -> None:
    Rate.objects.update(verified=True)
    Rate.objects.update_or_create(
        kind="LEGAL",
        half_year=this_half(),
        defaults={"percent": Decimal(2), "source": "x", "verified": True},
    )
    doubtful = Rate.objects.get(kind="ECB", half_year=this_half())
    Rate.objects.filter(pk=doubtful.pk).update(verified=False)
    client.force_login(dora)
    assert "non vérifié" in text(client.get(reverse("proposals")))

    client.post(reverse("rate-verify", args=[doubtful.pk]))

    assert "Taux servant" not in text(client.get(reverse("proposals")))


def test_an_old_half_year_counts_while_something_bears_interest(client, dora) -> None:
    Rate.objects.filter(half_year="2025-S1", kind="ECB").update(verified=False)
    client.force_login(dora)
    assert "1er semestre 2025" not in text(client.get(reverse(PAGE))).split("Saisir")[0]

    due = timezone.localdate().replace(year=2025, month=3, day=1)
    make.invoice(issued_on=due - timedelta(days=30), due_date=due)

    said = text(client.get(reverse(PAGE))).split("Saisir ou corriger")[0]
    assert "1er semestre 2025" in said
    assert "1er semestre 2025" in text(client.get(reverse("dashboard"))) or (
        "2025-S1" in text(client.get(reverse("dashboard")))
    )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "EURIBOR"}, "kind"),
        ({"kind": ""}, "kind"),
        ({"half_year": "2026"}, "half_year"),
        ({"half_year": "2098-S1"}, "half_year"),
        ({"percent": ""}, "percent"),
        ({"percent": "-1"}, "percent"),
        ({"percent": "31"}, "percent"),
        ({"percent": "2.714"}, "percent"),
        ({"percent": "deux"}, "percent"),
        ({"source": " "}, "source"),
        ({"source": "x" * 201}, "source"),
        ({"half_year": "2025-S1"}, "half_year"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_lost(client, dora, values, field) -> None:
    client.force_login(dora)
    before = list(Rate.objects.order_by("pk").values())

    answer = client.post(reverse(PAGE), rate(**values))

    assert answer.status_code == 422
    form = answer.context["form"]
    assert form.errors.keys() == {field}
    assert form["half_year"].value() == rate(**values)["half_year"]
    assert list(Rate.objects.order_by("pk").values()) == before


def test_who_may_not_configure_sees_the_banner_without_its_links(client, bob) -> None:
    Rate.objects.filter(half_year=this_half()).delete()
    client.force_login(bob)
    shown = client.get(reverse("proposals"))

    assert "Taux servant au calcul des pénalités" in text(shown)
    assert reverse(PAGE) not in shown.content.decode()
