"""*Tableau de bord* leads to what demands attention, for those who may see it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone

from relance.models import Invoice, Rate
from relance.queries.attention import HOLD_DAYS
from relance.services import heartbeat, holds, receipts
from tests import bank_samples, make
from tests.queries.test_dashboard import email, line, run
from tests.web._dashboard import D, ago, exported, fill, invoice, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger() -> None:
    """A company with something in every figure, in two currencies."""
    make.company()
    fill()


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


# --- what demands attention ----------------------------------------------------


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
