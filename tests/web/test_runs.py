"""Mass reminders on screen are listed, watched and told in words, for each role."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from relance.models import Channel, Level, OutboxMessage, Reminder, Run, RunLine
from relance.queries import run_list
from relance.queries import runs as queries
from relance.services import heartbeat, printing, run_work
from relance.web.runs import time_left
from tests import make
from tests.web._runs import late, page, run_of, seen, work
from tests.web._runs import run as run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ours(db):
    make.company()
    heartbeat.beat(now=timezone.now())


def test_an_empty_list_says_what_to_do(client, bob):
    client.force_login(bob)
    shown = seen(client, "runs")
    assert "Aucune relance massive" in shown
    assert reverse("proposals") in shown


def test_the_list_counts_the_lines_of_each(
    client, bob, run, django_assert_max_num_queries
):
    client.force_login(bob)
    run_of((late(), Channel.LETTER), number=2)
    work(run)
    client.get("/account/")
    with django_assert_max_num_queries(12):
        shown = seen(client, "runs")
    assert shown.index("RM-0002") < shown.index("RM-0001")
    assert "Alice Martin" in shown
    assert "e-mails prêts, pas encore envoyés" in shown
    assert "approuvée" in shown


def test_a_run_at_work_asks_again_every_second(client, bob, run):
    client.force_login(bob)
    shown = seen(client, "run", run.pk)
    assert 'hx-trigger="every 1s"' in shown
    # Without a script one asks by hand.
    assert "Actualiser" in shown
    assert "0 sur 3 factures" in shown
    # He only reads.
    assert reverse("run-stop", args=[run.pk]) not in shown


def test_its_fragment_is_only_what_is_watched(client, bob, run):
    client.force_login(bob)
    fragment = seen(client, "run", run.pk, hx_request="true", hx_target="watched")
    assert fragment.strip().startswith('<div class="stack" id="watched"')
    assert "every 1s" in fragment
    assert 'id="lines"' not in fragment


def test_when_it_is_finished_nothing_asks_any_more_and_the_table_is_read_again(
    client, bob, run
):
    client.force_login(bob)
    work(run)
    OutboxMessage.objects.update(state="sent")
    Reminder.objects.filter(channel="email").update(state="sent")
    # Its print file is still to come.
    assert "every 1s" in seen(client, "run", run.pk)
    printing.build_print_file(run.pk, now=timezone.now())
    response = page(client, "run", run.pk, hx_request="true", hx_target="watched")
    assert "ended" in response["HX-Trigger"]
    assert "every 1s" not in response.content.decode()
    lines = page(client, "run", run.pk, hx_request="true", hx_target="lines")
    assert "HX-Trigger" not in lines
    assert lines.content.decode().strip().startswith('<section class="card" id="lines"')


def test_e_mails_on_their_way_keep_it_watched(client, bob, run):
    client.force_login(bob)
    work(run)
    printing.build_print_file(run.pk, now=timezone.now())
    run.refresh_from_db()
    assert run.state == "done"
    # None can leave: nothing to look at every second.
    shown = seen(client, "run", run.pk)
    assert "Aucun compte e-mail" in shown
    assert "every 1s" not in shown
    make.mail_account()
    assert "every 1s" in seen(client, "run", run.pk)
    OutboxMessage.objects.update(attempts=1, answer="Le serveur ne répond pas.")
    shown = seen(client, "run", run.pk)
    assert "Le serveur ne répond pas." in shown
    assert "every 10s" in shown


def test_e_mails_that_have_not_left_are_ready_and_nothing_is_ended(
    client, alice, dora, run
):
    work(run)
    client.force_login(alice)
    shown = seen(client, "run", run.pk)
    listed = seen(client, "runs")
    for said in (shown, listed):
        assert "e-mails prêts, pas encore envoyés" in said
        assert "terminée" not in said
    assert "1 sur 3 factures relancées" in shown
    assert "1 courrier, 1 e-mail (prêt, pas encore envoyé)" in shown
    assert "finie le" not in shown
    assert "Retenir les e-mails" in shown
    assert "L’e-mail tel qu’il partira" in shown
    assert "tel qu’envoyé" not in shown
    [row] = run_list.rows([Run.objects.get()])
    assert (row.reminded, row.waiting, row.to_decide) == (1, 1, 1)
    # Only who configures is led there.
    assert reverse("configuration-mail") not in shown
    client.force_login(dora)
    assert reverse("configuration-mail") in seen(client, "run", run.pk)

    later = timezone.now() + timedelta(days=2)
    OutboxMessage.objects.update(state="sent", sent_at=later)
    Reminder.objects.filter(channel="email").update(state="sent")
    shown = seen(client, "run", run.pk)
    assert "finie le" in shown
    assert "terminée" in shown
    assert "L’e-mail tel qu’envoyé" in shown
    # With its last e-mail, not with its last letter.
    assert queries.progress(Run.objects.get(), later).ended_at == later


def test_each_trouble_leads_to_what_mends_it(client, alice, run):
    client.force_login(alice)
    work(run)
    message = OutboxMessage.objects.get()
    OutboxMessage.objects.update(state="failed", answer="550 no such user")
    Reminder.objects.filter(channel="email").update(state="failed")
    shown = seen(client, "run", run.pk)
    apart = run.lines.get(state="set_apart")
    assert reverse("customer-edit", args=[apart.customer_id]) in shown
    assert reverse("message", args=[message.pk]) in shown
    assert "550 no such user" in shown


@pytest.mark.parametrize(
    ("cause", "place"),
    [
        ("no_address", "customer-edit"),
        ("rate_missing", "configuration-rates"),
        ("text_missing", "configuration"),
        ("no_procedure", "configuration"),
        ("page", "invoice-reminders"),
        ("settled", "invoice-reminders"),
    ],
)
def test_where_each_cause_is_mended(client, alice, run, cause, place):
    client.force_login(alice)
    line = run.lines.all()[0]
    run.lines.filter(pk=line.pk).update(state="set_apart", cause=cause, why="Voilà.")
    where = {
        "customer-edit": [line.customer_id],
        "invoice-reminders": [line.invoice_id],
    }
    shown = seen(client, "run", run.pk)
    start = shown.index(f'id="mend-{line.pk}"')
    assert reverse(place, args=where.get(place, [])) in shown[start : start + 120]


def test_the_lines_are_filtered_by_state(client, bob, run):
    client.force_login(bob)
    work(run)
    for group, name in (
        ("letters", "Boulangerie Lumière"),
        ("queued", "Atelier Brume"),
        ("set_apart", "Sans adresse"),
    ):
        shown = seen(
            client, "run", run.pk, query=f"?group={group}", hx_request="true",
            hx_target="lines",
        )  # fmt: skip
        assert name in shown
        assert shown.count("<tr>") == 2
    everything = seen(client, "run", run.pk, query="?group=nonsense")
    assert "Boulangerie Lumière" in everything


def test_the_lines_come_in_pages(client, bob, run, django_assert_max_num_queries):
    client.force_login(bob)
    owner = make.customer()
    run = run_of(*((late(owner), Channel.LETTER) for _ in range(60)), number=2)
    client.get("/account/")
    with django_assert_max_num_queries(20):
        first = seen(client, "run", run.pk)
    second = seen(client, "run", run.pk, query="?page=2")
    assert "page=2" in first
    assert run.lines.last().invoice.number in second
    assert run.lines.last().invoice.number not in first


def test_the_list_and_the_page_count_alike(alice):
    """One invoice in each state that a run's can be in."""
    run = run_of(*((late(), Channel.EMAIL) for _ in range(11)), by=alice)
    lines = list(run.lines.all())
    now, today = timezone.now(), timezone.localdate()
    claimed = run_work._claim(run.pk, now=now, today=today)
    # One is still being made.
    run_work.make(run.pk, claimed[1:], now=now, today=today)
    states = ("queued", "sent", "failed", "uncertain", "cancelled", "cancelled", "made")
    for pk, state in zip(claimed[1:], states, strict=False):
        Reminder.objects.filter(pk=pk).update(state=state)
    Reminder.objects.filter(pk=claimed[7]).update(channel="letter")
    Reminder.objects.filter(pk=claimed[5]).update(cancelled_by=alice)
    for line, state, cause in (
        (lines[8], "left_out", "settled"),
        (lines[9], "set_apart", "no_email"),
        (lines[10], "left_out", "run_cancelled"),
    ):
        Reminder.objects.filter(lines__run_line=line).update(state="cancelled")
        RunLine.objects.filter(pk=line.pk).update(state=state, cause=cause)
    Run.objects.update(state="cancelled")
    run.refresh_from_db()

    [row] = run_list.rows([run])
    told = queries.progress(run, now)

    assert (row.total, told.total) == (11, 11)
    assert (row.reminded, told.reminded) == (2, 2)
    assert (row.waiting, told.under_way) == (2, 2)
    assert (row.cancelled, told.counts[queries.Group.CANCELLED]) == (2, 2)
    assert (row.to_decide, told.to_decide) == (5, 5)


def test_a_stranger_sees_nothing(client, charlie, run):
    assert page(client, "run", run.pk).status_code == 302
    client.force_login(charlie)
    for name, args in (("runs", ()), ("run", (run.pk,))):
        assert page(client, name, *args).status_code == 403


def test_a_run_that_does_not_exist(client, bob):
    client.force_login(bob)
    assert page(client, "run", 99).status_code == 404


def test_a_full_disk_and_a_sleeping_worker_are_said(client, bob, run):
    client.force_login(bob)
    Run.objects.update(trouble="No space left on device.")
    heartbeat.beat(now=timezone.now() - timedelta(hours=1))
    shown = seen(client, "run", run.pk)
    assert "No space left on device." in shown
    assert "relance worker" in shown


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (1, "encore 5 secondes environ"),
        (42, "encore 40 secondes environ"),
        (61, "encore 1 minute environ"),
        (600, "encore 10 minutes environ"),
    ],
)
def test_the_time_left_in_words(seconds, words):
    assert time_left(seconds) == words


def test_the_follow_up_leads_to_the_print_file(client, bob, run):
    client.force_login(bob)
    work(run)
    Run.objects.update(print_file="x.pdf")
    letter = Reminder.objects.get(channel="letter")
    assert reverse("run-print", args=[run.pk]) in seen(client, "reminders")
    Reminder.objects.filter(pk=letter.pk).update(run=None)
    assert reverse("run-print", args=[run.pk]) not in seen(client, "reminders")


def test_a_run_under_way_is_found_again_from_the_proposals(client, bob, run):
    client.force_login(bob)
    assert reverse("run", args=[run.pk]) in seen(client, "proposals")
    work(run)
    assert reverse("run", args=[run.pk]) not in seen(client, "proposals")


def test_the_tray_says_that_an_e_mail_waits_for_its_run(client, bob, run):
    client.force_login(bob)
    make.mail_account()
    work(run)
    assert "RM-0001" not in seen(client, "outbox")
    Run.objects.update(state="stopped")
    assert "RM-0001" in seen(client, "outbox")


def test_a_line_says_the_level_that_speaks_for_its_group(client, bob):
    owner = make.customer()
    reminded, new = late(owner), late(owner)
    make.reminder(reminded, made_on=timezone.localdate() - timedelta(days=20))
    run = run_of((reminded, Channel.LETTER), (new, Channel.LETTER))
    run.lines.update(group=1)
    run.lines.filter(invoice=reminded).update(level=Level.objects.get(rank=2))
    work(run)
    client.force_login(bob)
    shown = seen(client, "run", run.pk).replace("\u00a0", " ")
    rows = {
        invoice: row
        for row in shown.split('id="lines"')[1].split("<tr>")
        for invoice in (reminded, new)
        if invoice.number in row
    }
    said = "dans une relance groupée « Rappel »"
    assert "Relance simple" in rows[new]
    assert said in rows[new]
    assert said not in rows[reminded]
