"""What is chosen on a line is kept, and takes back nobody else's choice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from relance.models import Channel, Level, User
from relance.services import proposals
from relance.services.proposals import Choice
from tests import make
from tests.web._proposals import (
    CHOOSE,
    HTMX,
    URL,
    choose,
    form_of,
    late,
    line,
    noticed,
    row_of,
    shown,
    text,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def claire(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


# Choosing


def test_another_channel_unticks_the_first(claire: Client, alice: User) -> None:
    invoice = late()
    form = form_of(claire, invoice)
    pk = row_of(invoice).pk
    # The browser posts both boxes: the one ticked before, and the one ticked now.
    claire.post(CHOOSE, form | {f"channel-{pk}": ["email", "letter"]})
    row = row_of(invoice)
    assert row.channel == Channel.LETTER
    assert row.chosen_by == alice


def test_a_level_a_note_and_a_date_are_kept(claire: Client) -> None:
    invoice = late()
    level = Level.objects.get(rank=2)
    day = timezone.localdate() + timedelta(days=20)
    row = row_of(invoice)
    proposals.choose(
        row.pk,
        Choice(overrides={"level_above": "the director asked"}),
        by=None,
        now=timezone.now(),
        today=timezone.localdate(),
    )
    choose(
        claire, invoice, level=str(level.pk), note="Rappelée", next_on=day.isoformat()
    )
    row = row_of(invoice)
    assert (row.chosen_level, row.note, row.next_on) == (level, "Rappelée", day)


def test_choices_outlive_the_browser(claire: Client, alice: User) -> None:
    invoice = late()
    choose(claire, invoice, channel="letter")
    other = Client()
    other.force_login(alice)
    assert shown(other.get(URL), invoice)["channel"] == "letter"


def test_another_person_sees_who_chose(claire: Client, dora: User) -> None:
    invoice = late()
    choose(claire, invoice, channel="letter")
    assert "A. Martin" not in line(claire.get(URL), invoice)
    other = Client()
    other.force_login(dora)
    assert "A. Martin" in line(other.get(URL), invoice)


def test_a_page_left_open_takes_back_nobody_elses_choice(
    claire: Client, dora: User
) -> None:
    one, two = late(), late()
    stale = form_of(claire, one) | form_of(claire, two, note="Rappeler lundi")
    proposals.choose(
        row_of(one).pk,
        Choice(channel="letter"),
        by=dora,
        now=timezone.now(),
        today=timezone.localdate(),
    )
    claire.post(CHOOSE, stale)
    assert row_of(one).channel == Channel.LETTER
    assert row_of(one).chosen_by == dora
    assert row_of(two).note == "Rappeler lundi"


def test_one_refused_line_costs_no_other(claire: Client) -> None:
    bad, good = late(), late()
    form = form_of(claire, bad, channel="letter") | form_of(
        claire, good, channel="letter"
    )
    form[f"next_on-{row_of(bad).pk}"] = "bientôt"
    response = claire.post(CHOOSE, form)
    assert response.status_code == 422
    assert "bientôt" in line(response, bad)
    assert "notice bad" in line(response, bad)
    assert row_of(good).channel == Channel.LETTER
    assert row_of(bad).channel == Channel.EMAIL


def test_htmx_gets_the_line_and_the_bar(claire: Client) -> None:
    invoice = late()
    late()
    response = claire.post(
        CHOOSE, form_of(claire, invoice, channel="letter"), headers=HTMX
    )
    page = text(response)
    assert page.count("<tbody id=") == 1
    assert 'hx-swap-oob="true"' in page
    assert "<html" not in page


def test_a_line_paid_meanwhile_asks_for_the_list_again(claire: Client) -> None:
    invoice = late()
    form = form_of(claire, invoice, channel="letter")
    make.payment(invoice, "1200.00")
    response = claire.post(CHOOSE, form, headers=HTMX)
    assert response["HX-Refresh"] == "true"


def test_without_htmx_a_line_paid_meanwhile_is_told_above(claire: Client) -> None:
    invoice = late()
    form = form_of(claire, invoice, channel="letter")
    make.payment(invoice, "1200.00")
    response = claire.post(CHOOSE, form)
    assert response.status_code == 422
    assert "notice toast bad" in text(response)


def test_nonsense_changes_nothing(claire: Client) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    claire.post(CHOOSE, {"shown-x": "{}", f"shown-{pk}": "[", "shown-999999": "{}"})
    claire.post(CHOOSE, {f"shown-{pk}": '{"level": "1"}', f"level-{pk}": "abc"})
    assert row_of(invoice).chosen_by is None


def test_both_boxes_at_once_are_refused(claire: Client) -> None:
    invoice = late()
    choose(claire, invoice, channel="")
    form = form_of(claire, invoice)
    pk = row_of(invoice).pk
    response = claire.post(CHOOSE, form | {f"channel-{pk}": ["letter", "email"]})
    assert response.status_code == 422
    assert row_of(invoice).channel == ""


# Overriding


def test_a_soft_reason_is_overridden_with_why(claire: Client) -> None:
    invoice = late()
    make.hold(invoice, "manual")
    choose(claire, invoice, despite_manual_hold="Le directeur le demande")
    row = row_of(invoice)
    assert row.overrides == {"manual_hold": "Le directeur le demande"}
    found = line(claire.get(URL, {"which": "unpaid"}), invoice)
    assert "data-held" not in found
    choose(claire, invoice, channel="letter")
    assert row_of(invoice).channel == Channel.LETTER


def test_a_dispute_is_overridden_by_an_administrator_only(
    claire: Client, dora: User
) -> None:
    invoice = late()
    make.hold(invoice, "dispute")
    pk = row_of(invoice).pk
    page = claire.get(URL, {"which": "unpaid", "open": str(pk)})
    assert f"despite_dispute-{pk}" not in line(page, invoice)
    boss = Client()
    boss.force_login(dora)
    page = boss.get(URL, {"which": "unpaid", "open": str(pk)})
    assert f"despite_dispute-{pk}" in line(page, invoice)


def test_a_formal_notice_is_registered_unless_one_says_otherwise(
    claire: Client,
) -> None:
    invoice = noticed()
    assert row_of(invoice).channel == Channel.REGISTERED
    choose(claire, invoice, paper="plain")
    assert row_of(invoice).channel == Channel.LETTER
    choose(claire, invoice, paper="registered")
    assert row_of(invoice).channel == Channel.REGISTERED
