"""Each figure of the dashboard is the total of the list that it leads to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.urls import resolve, reverse
from django.utils import timezone

from relance.gateways import wording
from relance.queries.worklist import Criteria, worklist
from relance.web.dashboard_figures import Figure
from tests import make
from tests.web._dashboard import D, exported, fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger() -> None:
    """A company with something in every figure, in two currencies."""
    make.company()
    fill()


@pytest.fixture
def shown(client, alice, ledger) -> dict:
    client.force_login(alice)
    response = client.get(reverse("dashboard"))
    assert response.status_code == 200
    return response.context


def all_figures(context) -> Iterator[Figure]:
    for tile in context["tiles"]:
        yield from (tile.main, *tile.others)
    for card in context["aged"]:
        yield card.total
        yield from (row.figure for row in card.rows)


def amount(text: str) -> Decimal:
    return D(text.replace(",", ".") or "0")


def sums(client, url: str) -> dict[str, Decimal]:
    """Return what the list of an address adds up to, by currency."""
    found: defaultdict[str, Decimal] = defaultdict(lambda: D("0.00"))
    parts = urlsplit(url)
    name = resolve(parts.path).url_name
    if name == "proposals":
        criteria = Criteria.from_query(QueryDict(parts.query))
        for row in worklist(criteria, today=timezone.localdate()):
            found[row.invoice.currency] += row.invoice.balance
        return found
    balance, currency = (8, 9) if name == "invoices" else (8, 6)
    for row in exported(client, url):
        found[row[currency]] += amount(row[balance])
    return found


def words(sums: dict[str, Decimal]) -> set[str]:
    return {wording.money(sum, currency=currency) for currency, sum in sums.items()}


# --- figures equal lists -------------------------------------------------------


def test_every_amount_is_the_total_of_the_list_it_leads_to(client, shown) -> None:
    amounts = [one for one in all_figures(shown) if "," in one.words]

    assert len(amounts) == 2 + 2 + 2 + 2 + 12
    for figure in amounts:
        assert words(sums(client, figure.url)) == {figure.words}, figure
        if resolve(urlsplit(figure.url).path).url_name != "proposals":
            assert figure.words in client.get(figure.url).content.decode()


def test_late_counts_the_invoices_of_its_list(client, shown) -> None:
    late, *_others = shown["tiles"]

    for figure in (late.main, *late.others):
        assert figure.note.startswith(f"{len(exported(client, figure.url))} ")
    assert [figure.words for figure in (late.main, *late.others)] == [
        wording.money(D("1851.25")),
        wording.money(D("400.00"), currency="CHF"),
    ]


def test_to_be_reminded_counts_the_lines_of_its_list(client, shown) -> None:
    figure = shown["tiles"][1].main
    criteria = Criteria.from_query(QueryDict(urlsplit(figure.url).query))
    rows = worklist(criteria, today=timezone.localdate())

    assert figure.words == str(rows.count()) != "0"
    assert shown["to_remind"] == rows.count()


def test_collected_is_what_came_after_a_reminder(client, shown) -> None:
    collected = shown["tiles"][2]
    said = [one.words for one in (collected.main, *collected.others)]

    francs, euros = wording.money(D(300), currency="CHF"), wording.money(D(300))
    assert sorted(said) == sorted([euros, francs, wording.money(D(600)), francs])


def test_the_delay_is_the_average_of_its_list(client, shown) -> None:
    figure = shown["tiles"][3].main
    rows = exported(client, figure.url)

    def day(text: str) -> date:
        return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007

    took = [(day(row[12]) - day(row[4])).days for row in rows]
    assert len(took) == 4
    average = int(D(sum(took)) / len(took) + D("0.5"))
    assert figure.words == wording.days(average)
    assert figure.note.startswith("4 ")
    assert str(average) in client.get(figure.url).content.decode()


def test_the_chart_says_what_its_table_says(shown) -> None:
    assert [card.currency for card in shown["aged"]] == ["EUR", "CHF"]
    for card in shown["aged"]:
        assert card.count == sum(row.count for row in card.rows)
        urls = [drawn.bar.url for drawn in card.chart.bars]
        assert urls == [row.figure.url for row in card.rows]


def test_every_figure_is_on_the_page_and_says_how_it_is_computed(
    client, alice, ledger
) -> None:
    client.force_login(alice)
    response = client.get(reverse("dashboard"))
    page = response.content.decode()

    for figure in all_figures(response.context):
        if figure.words.startswith("0,00"):
            continue
        link = figure.url.replace("&", "&amp;")
        assert f'href="{link}">{figure.words}</a>' in page, figure
    assert page.count('<details class="how">') == len(response.context["tiles"]) + 1
