"""Agreements on screen: asked from a reminder or a line, answered by another."""

from __future__ import annotations

import pytest
from django.urls import reverse

from relance.models import Approval, Level, Proposal
from relance.services import approvals, proposals
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()
    Level.objects.filter(rank=1).update(needs_approval=True)


@pytest.fixture
def asked(alice) -> Approval:
    level = Level.objects.get(rank=1)
    return approvals.ask(make.invoice(), level, "Urgent", by=alice, now=NOW)


def page(client) -> str:
    return client.get(reverse("approvals")).content.decode()


def answered(client, asked, **values):
    return client.post(reverse("approval-answer", args=[asked.pk]), values)


def test_it_is_asked_from_the_form_of_a_reminder(client, alice) -> None:
    client.force_login(alice)
    invoice = make.invoice()
    form = client.get(reverse("reminder-new"), {"invoice": invoice.pk})
    assert "Demander l’accord" in form.content.decode()
    values = {"invoice": invoice.pk, "do": "ask", "ask_note": "Urgent"}

    answer = client.post(reverse("reminder-new"), values, follow=True)

    assert "en attente de réponse" in answer.content.decode()
    assert Approval.objects.get().note == "Urgent"


def test_it_is_asked_from_a_line_of_the_worklist(client, alice) -> None:
    client.force_login(alice)
    make.invoice()
    client.get(reverse("proposals"))
    row = Proposal.objects.get()

    client.post(reverse("proposal-agreement", args=[row.pk]), {"note": "Urgent"})

    assert Approval.objects.get().asked_by == alice
    shown = client.get(reverse("proposals"), {"which": "approval"})
    assert [one.pk for one in shown.context["rows"]] == [row.pk]


def test_a_note_that_is_too_long_is_refused_under_its_field(client, alice) -> None:
    client.force_login(alice)
    invoice = make.invoice()
    values = {"invoice": invoice.pk, "do": "ask", "ask_note": "n" * 241}
    answer = client.post(reverse("reminder-new"), values)
    assert answer.status_code == 422
    assert "ask_note" in answer.context["form"].errors
    assert not Approval.objects.exists()


def test_another_person_agrees(client, dora, asked) -> None:
    client.force_login(dora)
    assert "Urgent" in page(client)

    assert answered(client, asked, do="agree", answer_note="").status_code == 302

    asked.refresh_from_db()
    assert (asked.state, asked.answered_by) == (Approval.State.AGREED, dora)
    assert "accord donné" in page(client)


def test_refusing_needs_a_note(client, dora, asked) -> None:
    client.force_login(dora)
    answer = answered(client, asked, do="refuse", answer_note="")
    assert answer.status_code == 422
    assert "Dites pourquoi" in answer.content.decode()

    answered(client, asked, do="refuse", answer_note="Je les appelle")

    asked.refresh_from_db()
    assert asked.answer_note == "Je les appelle"


def test_who_asked_sees_no_button_and_is_refused(client, alice, asked) -> None:
    client.force_login(alice)
    assert "Je donne mon accord" not in page(client)
    answer = answered(client, asked, do="agree", answer_note="")
    assert answer.status_code == 422
    assert "quelqu’un d’autre" in answer.content.decode()
    asked.refresh_from_db()
    assert asked.state == Approval.State.ASKED


def test_who_asked_takes_it_back(client, alice, asked) -> None:
    client.force_login(alice)
    client.post(reverse("approval-withdraw", args=[asked.pk]))
    asked.refresh_from_db()
    assert asked.state == Approval.State.WITHDRAWN


def test_who_reads_looks_and_does_nothing(client, bob, asked) -> None:
    client.force_login(bob)
    assert "Urgent" in page(client)
    assert answered(client, asked, do="agree").status_code == 403


def test_a_stranger_sees_nothing(client, charlie) -> None:
    client.force_login(charlie)
    assert client.get(reverse("approvals")).status_code == 403


def test_the_dashboard_says_that_one_waits(client, dora, asked) -> None:
    client.force_login(dora)
    shown = client.get(reverse("dashboard")).content.decode()
    assert "attend l’accord d’une seconde personne" in shown.replace("\xa0", " ")


def test_the_chip_is_shown_only_where_something_waits(client, alice) -> None:
    client.force_login(alice)
    make.invoice()
    proposals.refresh(today=make.TODAY)
    assert "which=approval" not in client.get(reverse("proposals")).content.decode()
