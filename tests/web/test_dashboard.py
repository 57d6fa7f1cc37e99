"""*Tableau de bord*: each figure is the total of the list that it leads to."""

from __future__ import annotations

import csv
import io
import uuid
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone

from relance.gateways import wording
from relance.models import Invoice, Rate
from relance.queries.attention import HOLD_DAYS
from relance.queries.worklist import Criteria, worklist
from relance.services import heartbeat, holds, payments, receipts
from relance.web.dashboard_figures import Figure
from tests import bank_samples, make
from tests.queries.test_dashboard import email, line, run

pytestmark = pytest.mark.django_db

D = Decimal
EXPORTS = {"invoices": "invoices-export", "payments": "payments-export"}


def ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def invoice(late: int, total: str = "100.00", **values) -> Invoice:
    due = ago(late)
    return make.invoice(
        due_date=due, issued_on=due - timedelta(days=30), total=D(total), **values
    )


def pay(on: Invoice, amount: str, day: date) -> None:
    data = payments.PaymentData(
        customer=on.customer,
        received_on=day,
        amount=D(amount),
        currency=on.currency,
    )
    share = payments.Share(invoice=on, amount=D(amount))
    payments.record_payment(
        data, [share], key=uuid.uuid4(), by=None, now=timezone.now()
    )


@pytest.fixture
def ledger() -> None:
    """A company with something in every figure, in two currencies."""
    make.company()
    fill()


def fill() -> None:
    for late in (-10, 0, 1, 30, 45, 75, 200):
        invoice(late, f"{100 + late}.25")
        invoice(late, "80.00", currency="CHF")
    for days, currency in ((5, "EUR"), (5, "CHF"), (60, "EUR")):
        paid = invoice(90, "300.00", currency=currency)
        make.reminder(paid, made_on=ago(days + 3), state="posted")
        pay(paid, "120.00", ago(days + 1))
        pay(paid, "180.00", ago(days))
    pay(invoice(50, "60.00"), "60.00", ago(2))
    make.invoice(kind="credit_note")
    held = invoice(20, "999.00")
    make.hold(held)


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


def exported(client, url: str) -> list[list[str]]:
    """Return the rows that the list of this address exports, all its pages."""
    parts = urlsplit(url)
    name = EXPORTS[resolve(parts.path).url_name]
    response = client.get(f"{reverse(name)}?{parts.query}")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    _header, *rows = csv.reader(io.StringIO(text), delimiter=";")
    return rows


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


# --- what demands attention ----------------------------------------------------


def items(client, who):
    client.force_login(who)
    return client.get(reverse("dashboard")).context["items"]


def leading_to(found, name: str, **query: str):
    """Return the items that lead to a page, with these words in its address."""
    return [
        item
        for item in found
        if item.url
        and resolve(urlsplit(item.url).path).url_name == name
        and parse_qs(urlsplit(item.url).query) == {k: [v] for k, v in query.items()}
    ]


@pytest.fixture
def quiet() -> None:
    """A company that lacks nothing, with a worker and payments of today."""
    make.company()
    today = timezone.localdate()
    half_year = f"{today.year}-S{1 if today.month <= 6 else 2}"
    for kind in Rate.Kind:
        Rate.objects.update_or_create(
            kind=kind,
            half_year=half_year,
            defaults={"percent": D("2.00"), "verified": True, "source": "x"},
        )
    heartbeat.beat(now=timezone.now())
    paid = invoice(10)
    pay(paid, "100.00", today)


def test_nothing_to_do_is_said_calmly(client, dora, quiet) -> None:
    assert items(client, dora) == []
    page = client.get(reverse("dashboard")).content.decode()
    assert 'class="body calm"' in page


def test_each_thing_that_waits_leads_to_its_list(client, dora, quiet) -> None:
    email("uncertain")
    email("failed")
    make.reminder(invoice(3), channel="registered", level_kind="formal_notice")
    late = invoice(80)
    make.reminder(
        late,
        made_on=ago(30),
        level_rank=3,
        level_kind="formal_notice",
        state="posted",
        pay_by=ago(10),
    )
    promised = invoice(60)
    data = holds.HoldData(reason="promise", starts_on=ago(20), until=ago(1))
    holds.hold(promised, data, by=None, now=timezone.now())
    ending = invoice(60)
    make.hold(ending, until=ago(-HOLD_DAYS))
    old = make.invoice(
        make.customer(regime="B2C"), issued_on=ago(700), due_date=ago(670)
    )
    stopped = run("stopped")
    line(stopped, make.invoice(), "waiting")
    statement = [("releve.xml", bank_samples.camt())]
    receipts.import_statements(statement, by=None, now=timezone.now())

    found = items(client, dora)

    for which, expected in (
        ("notice_over", late),
        ("promise_broken", promised),
        ("hold_ending", ending),
        ("limitation_near", old),
    ):
        [item] = leading_to(found, "invoices", which=which)
        assert [row[0] for row in exported(client, item.url)] == [expected.number]
        assert expected.number in client.get(item.url).content.decode()
    assert len(leading_to(found, "outbox")) == 2
    assert len(leading_to(found, "postings")) == 1
    assert len(leading_to(found, "receipts")) == 1
    assert len(leading_to(found, "run")) == 1
    # The worst comes first.
    tones = [item.tone for item in found]
    assert tones == sorted(tones, key=["bad", "warn", ""].index)
    assert [item.tone for item in found if "R-0" in item.words] == ["bad", "bad"]


def test_a_run_being_stopped_is_not_said_to_be_stopped(client, bob, quiet) -> None:
    stopped = run("stopped")
    claimed = line(stopped, make.invoice(), "waiting")
    line(stopped, make.invoice(), "waiting")
    made = make.reminder(claimed.invoice, state="being_made", run=stopped)
    covered = made.lines.get()
    covered.run_line = claimed
    covered.save()

    [item] = leading_to(items(client, bob), "run")
    assert item.words == "arrêt en cours. 2 factures attendent."

    made.state = "made"
    made.save()
    claimed.state = "made"
    claimed.save()
    [item] = leading_to(items(client, bob), "run")
    assert item.words == "arrêtée. 1 facture attend."


def test_a_worker_that_is_gone_is_missed(client, bob, quiet) -> None:
    heartbeat.beat(now=timezone.now() - timedelta(hours=1))

    [item] = items(client, bob)

    assert "relance serve" in item.words


def test_old_payment_data_is_said_while_something_is_owed(client, bob, quiet) -> None:
    payment = Invoice.objects.get().allocations.get().payment
    payment.received_on = ago(30)
    payment.recorded_at = timezone.now() - timedelta(days=30)
    payment.save()
    assert leading_to(items(client, bob), "payments") == []

    invoice(-10)

    assert len(leading_to(items(client, bob), "payments")) == 1


def test_only_who_may_configure_is_led_there(client, bob, dora, quiet) -> None:
    Rate.objects.update(verified=False)

    [read], [configures] = items(client, bob), items(client, dora)

    assert read.words == configures.words
    assert read.url == ""
    assert configures.url == reverse("configuration-rates")


# --- who sees it -----------------------------------------------------------------


def test_the_first_page_leads_here_once_set_up(client, dora) -> None:
    client.force_login(dora)
    assert client.get(reverse("home")).url == reverse("setup")
    assert client.get(reverse("dashboard")).url == reverse("setup")

    make.company()

    assert client.get(reverse("home")).url == reverse("dashboard")


def test_strangers_see_nothing(client, charlie, ledger) -> None:
    assert client.get(reverse("dashboard")).status_code == 302
    client.force_login(charlie)
    assert client.get(reverse("dashboard")).status_code == 403


@pytest.mark.parametrize(("who", "buttons"), [("bob", 0), ("alice", 2), ("dora", 2)])
def test_buttons_are_for_those_who_may(client, request, ledger, who, buttons) -> None:
    client.force_login(request.getfixturevalue(who))
    page = client.get(reverse("dashboard")).content.decode()

    head = page[page.index("page-head") : page.index('id="attention"')]
    assert head.count('<a class="button') == buttons


def test_a_new_company_is_told_what_to_do(client, alice, bob) -> None:
    make.company()
    client.force_login(alice)
    response = client.get(reverse("dashboard"))
    page = response.content.decode()
    assert response.context["aged"] == []
    assert 'class="empty"' in page
    assert "tile" not in page

    client.force_login(bob)
    page = client.get(reverse("dashboard")).content.decode()
    assert page.count(reverse("imports")) == 1


def test_the_page_obeys_its_policy(client, alice, ledger) -> None:
    client.force_login(alice)
    page = client.get(reverse("dashboard")).content.decode()

    for forbidden in (" style=", "onclick", "<style"):
        assert forbidden not in page


def test_it_takes_few_queries(client, alice, quiet) -> None:
    fill()
    client.force_login(alice)
    client.get(reverse("dashboard"))

    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("dashboard"))

    assert len(asked) <= 15
