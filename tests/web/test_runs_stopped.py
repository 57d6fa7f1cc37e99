"""A mass reminder is stopped, gone on with or given up, by those who may."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from relance.services import heartbeat, printing, run_work
from tests import make
from tests.web._runs import page, seen, work
from tests.web._runs import run as run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ours(db):
    make.company()
    heartbeat.beat(now=timezone.now())


def act(client, name, run):
    return client.post(reverse(name, args=[run.pk]), follow=True).content.decode()


def test_stopping_and_going_on(client, alice, run):
    client.force_login(alice)
    assert "Arrêté" in act(client, "run-stop", run)
    run.refresh_from_db()
    assert (run.state, run.stopped_by) == ("stopped", alice)
    shown = seen(client, "run", run.pk)
    assert "Alice Martin" in shown
    assert "every 1s" not in shown
    assert "déjà arrêtée" in act(client, "run-stop", run)
    act(client, "run-resume", run)
    run.refresh_from_db()
    assert run.state == "approved"


def test_what_was_begun_is_finished_before_it_is_said_to_be_stopped(client, alice, run):
    client.force_login(alice)
    claimed = run_work._claim(run.pk, now=timezone.now(), today=timezone.localdate())
    shown = act(client, "run-stop", run)

    assert "Arrêt en cours" in shown
    assert "les relances de 2 factures sont encore en train d’être faites" in shown
    assert "n’ont pas été faites" not in shown
    assert "every 1s" in shown
    assert "arrêt en cours" in seen(client, "runs")
    # A print file made now would lack what is still to come.
    assert not printing.prints_to_build()

    run_work.make(run.pk, claimed, now=timezone.now(), today=timezone.localdate())
    shown = seen(client, "run", run.pk)
    assert "arrêt en cours" not in shown.lower()
    assert "toutes ses relances étaient déjà faites" in shown
    assert printing.prints_to_build() == [run.pk]


def test_stopping_is_said_once_with_how_many_were_not_made(client, alice, run):
    client.force_login(alice)
    shown = act(client, "run-stop", run)
    assert "les relances de 3 factures n’ont pas été faites" in shown
    assert shown.count("Ce qui est déjà fait reste") == 1


def test_the_page_tells_who_stopped_it(client, alice, run):
    client.force_login(alice)
    act(client, "run-stop", run)

    [entry] = run.history.all()
    assert entry.user == alice
    assert entry.words in seen(client, "run", run.pk)


def test_what_is_left_is_given_up(client, alice, run):
    client.force_login(alice)
    act(client, "run-stop", run)
    assert "3 factures" in seen(client, "run", run.pk)
    asked = seen(client, "run-cancel", run.pk)
    assert "Les relances de 3 factures ne seront pas faites." in asked
    run.refresh_from_db()
    assert run.state == "stopped"
    # What was said is no longer so: it is said again.
    moved = client.post(reverse("run-cancel", args=[run.pk]), {"left": "2"})
    assert "Les nombres ont changé" in moved.content.decode()
    client.post(reverse("run-cancel", args=[run.pk]), {"left": "3"})
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert set(run.lines.values_list("state", flat=True)) == {"left_out"}


def test_what_giving_up_cancels_is_told_from_what_must_be_looked_at(client, alice, run):
    client.force_login(alice)
    work(run)
    act(client, "run-stop", run)
    asked = seen(client, "run-cancel", run.pk)
    assert "L’e-mail de 1 facture, prêt, ne sera pas envoyé." in asked
    assert "1 courrier déjà fait reste" in asked

    act(client, "run-cancel", run)
    shown = seen(client, "run", run.pk)
    assert "1 sur 3 factures relancées" in shown
    assert "1 annulée" in shown
    assert "1 à voir" in shown
    assert "<progress" not in shown
    # Only the one without an address.
    assert shown.count('id="mend-') == 1
    assert reverse("run-cancel", args=[run.pk]) not in shown
    assert page(client, "run-cancel", run.pk).status_code == 302


@pytest.mark.parametrize("name", ["run-stop", "run-resume", "run-cancel"])
def test_only_who_reminds_acts(client, bob, charlie, run, name):
    url = reverse(name, args=[run.pk])
    assert client.post(url).status_code == 302
    for person in (bob, charlie):
        client.force_login(person)
        assert client.post(url).status_code == 403
    run.refresh_from_db()
    assert run.state == "approved"
