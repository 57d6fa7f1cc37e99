"""Before the button: the numbers, the notices, the boxes; then one run, once."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from relance.models import Proposal, Run, User
from relance.services import proposals
from relance.services.proposals import Choice
from tests import make
from tests.web._proposals import URL, late, noticed, text

pytestmark = pytest.mark.django_db

APPROVE = f"{URL}lancer/"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def claire(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def paid_today() -> None:
    """Payments are known until today: nothing to warn about."""
    now = timezone.now()
    settled = late()
    payment = make.payment(settled, "1200.00", received_on=make.TODAY)
    type(payment).objects.filter(pk=payment.pk).update(recorded_at=now)


def form_of(client: Client, **ticked: str) -> dict[str, str]:
    """The hidden fields of the confirmation page, and the boxes ticked."""
    page = text(client.get(APPROVE))
    fields = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    )
    fields.pop("csrfmiddlewaretoken", None)
    return fields | ticked


@pytest.mark.usefixtures("paid_today")
def test_the_page_says_what_the_button_will_do(claire: Client) -> None:
    late(make.customer(preferred_channel="letter"))
    late()
    page = text(claire.get(APPROVE))
    assert "1 200,00" not in page.split("<h2>")[0]
    assert "2 400,00 €" in page
    assert 'name="confirmed"' not in page
    assert 'name="late_payments"' not in page


@pytest.mark.usefixtures("paid_today")
def test_e_mails_are_promised_only_where_an_account_sends_them(claire: Client) -> None:
    late()
    shown = text(claire.get(APPROVE))
    assert "d’eux-mêmes" not in shown
    assert "1 e-mail sera fait, et ne partira pas" in shown
    assert "Configuration › Messagerie" in shown

    make.mail_account()
    shown = text(claire.get(APPROVE))
    assert "Les e-mails partent d’eux-mêmes." in shown
    assert "ne partira pas" not in shown


@pytest.mark.usefixtures("paid_today")
def test_the_button_makes_one_run_however_often_it_is_pressed(
    claire: Client, alice: User
) -> None:
    late()
    late()
    form = form_of(claire)
    first = claire.post(APPROVE, form)
    again = claire.post(APPROVE, form)
    run = Run.objects.get()
    assert first["Location"] == again["Location"] == run.get_absolute_url()
    assert run.approved_by == alice
    assert run.lines.count() == 2
    assert not Proposal.objects.ticked().exists()


@pytest.mark.usefixtures("paid_today")
def test_formal_notices_are_listed_and_confirmed(claire: Client) -> None:
    invoice = noticed()
    page = text(claire.get(APPROVE))
    assert invoice.number in page
    form = form_of(claire)
    refused = claire.post(APPROVE, form)
    assert refused.status_code == 422
    assert "errorlist" in text(refused)
    assert not Run.objects.exists()
    claire.post(APPROVE, form | {"confirmed": "on"})
    assert Run.objects.get().lines.get().invoice == invoice


def test_late_payments_are_known_before_reminding(claire: Client) -> None:
    late()
    form = form_of(claire)
    refused = claire.post(APPROVE, form)
    assert refused.status_code == 422
    assert not Run.objects.exists()
    claire.post(APPROVE, form | {"late_payments": "on"})
    assert Run.objects.count() == 1


@pytest.mark.usefixtures("paid_today")
def test_other_numbers_than_the_page_showed_are_shown_first(
    claire: Client, dora: User
) -> None:
    invoice = late()
    late()
    form = form_of(claire)
    proposals.choose(
        Proposal.objects.get(invoice=invoice).pk,
        Choice(channel=""),
        by=dora,
        now=timezone.now(),
        today=timezone.localdate(),
    )
    shown = claire.post(APPROVE, form)
    assert shown.status_code == 422
    assert 'role="alert"' in text(shown)
    assert 'name="expected" value="1"' in text(shown)
    assert not Run.objects.exists()


@pytest.mark.usefixtures("paid_today")
def test_what_another_person_launched_is_not_launched_twice(
    claire: Client, dora: User
) -> None:
    late()
    mine = form_of(claire)
    boss = Client()
    boss.force_login(dora)
    boss.post(APPROVE, form_of(boss))
    response = claire.post(APPROVE, mine, follow=True)
    assert response.redirect_chain[0][0] == URL
    assert Run.objects.get().reference in text(response)


@pytest.mark.usefixtures("paid_today")
def test_a_run_is_not_blamed_for_what_somebody_unticked(claire: Client) -> None:
    late()
    claire.post(APPROVE, form_of(claire))
    late()
    mine = form_of(claire)
    Proposal.objects.update(channel="", chosen_at=timezone.now())
    shown = text(claire.post(APPROVE, mine, follow=True))
    assert "Rien n’a été lancé" in shown
    assert "vient d’approuver" not in shown


def test_with_nothing_ticked_there_is_nothing_to_launch(claire: Client) -> None:
    response = claire.get(APPROVE, follow=True)
    assert response.redirect_chain[0][0] == URL


@pytest.mark.usefixtures("paid_today")
def test_a_form_that_makes_no_sense_is_shown_again(claire: Client) -> None:
    late()
    claire.get(URL)
    response = claire.post(APPROVE, {"key": "x"})
    assert response.status_code == 422
    assert uuid.UUID(_key(response))


@pytest.mark.usefixtures("paid_today")
def test_the_grouping_seen_is_the_grouping_launched(claire: Client) -> None:
    customer = make.customer()
    late(customer)
    late(customer)
    claire.post(f"{URL}regrouper/", {"grouped": "on"})
    form = form_of(claire)
    claire.post(f"{URL}regrouper/", {})
    claire.post(APPROVE, form)
    run = Run.objects.get()
    assert run.grouped
    assert len({line.group for line in run.lines.all()}) == 1


def _key(response: Any) -> str:
    found = re.search(r'name="key" value="([^"]+)"', text(response))
    assert found
    return found[1]
