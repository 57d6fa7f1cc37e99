"""A run is stopped, gone on with, cancelled, taken up; nothing leaves twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from relance.models import (
    Channel,
    HistoryEntry,
    OutboxMessage,
    Proposal,
    Reminder,
    Run,
    User,
)
from relance.services import delivery, printing, proposals, recovery, run_work, runs
from relance.services.refusal import Refused
from tests import letterbox, make, smtp
from tests.make import NOW, TODAY
from tests.services._runs import approve, states, tick, work

LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def ours(db: None) -> None:
    make.company()


@pytest.fixture
def server() -> Iterator[smtp.SmtpServer]:
    with smtp.running() as running:
        letterbox.account(running)
        yield running


@pytest.fixture
def run(server: smtp.SmtpServer) -> Run:
    """A letter and two e-mails, approved."""
    tick(make.invoice())
    tick(make.invoice(), make.invoice(), channel=Channel.EMAIL)
    return approve()


# --- stopped and gone on with ---------------------------------------------------


def test_a_stopped_run_makes_nothing(run: Run, alice: User) -> None:
    stopped = runs.stop(run, by=alice, now=LATER)
    work(run)

    assert (stopped.state, stopped.stopped_by) == ("stopped", alice)
    assert states(run) == ["waiting"] * 3
    with pytest.raises(Refused):
        runs.stop(run, by=alice, now=LATER)

    going_on = runs.resume(run, by=alice, now=LATER)
    work(run)

    assert (going_on.state, going_on.stopped_by) == ("approved", None)
    assert states(run) == ["made"] * 3
    actions = ["run.approved", "run.stopped", "run.resumed"]
    found = HistoryEntry.objects.filter(action__in=actions).order_by("pk")
    assert list(found.values_list("action", flat=True)) == actions


def test_its_e_mails_wait_while_it_is_stopped(
    run: Run, server: smtp.SmtpServer
) -> None:
    work(run)
    assert runs.finish_if_done(run.pk, NOW)
    delivery.deliver_all(lambda: LATER, at_most=1)

    # Finished, and yet an e-mail has not left.
    runs.stop(run, by=None, now=LATER)
    delivery.deliver_all(lambda: LATER)
    assert len(server.received) == 1
    assert not run_work.work(run.pk, now=LATER, today=TODAY)

    runs.resume(run, by=None, now=LATER)
    assert runs.finish_if_done(run.pk, LATER)
    delivery.deliver_all(lambda: LATER)
    assert len(server.received) == 2
    with pytest.raises(Refused, match="terminée"):
        runs.stop(run, by=None, now=LATER)


def test_going_on_makes_the_print_file_anew(run: Run) -> None:
    Run.objects.update(state="stopped", print_file="half.pdf", print_pages=1)

    runs.resume(run, by=None, now=LATER)

    run.refresh_from_db()
    assert run.print_file == ""


def test_a_run_at_work_is_not_cancelled(run: Run) -> None:
    Run.objects.update(state="working")
    with pytest.raises(Refused):
        runs.cancel(run, by=None, now=LATER)
    with pytest.raises(Refused):
        runs.resume(run, by=None, now=LATER)


def test_a_run_that_made_nothing_is_cancelled(run: Run, alice: User) -> None:
    runs.cancel(run, by=alice, now=LATER)
    work(run)

    assert states(run) == ["left_out"] * 3
    assert not Reminder.objects.exists()
    # They are proposed again.
    proposals.refresh(today=TODAY)
    assert set(Proposal.objects.values_list("standing", flat=True)) == {"ready"}
    for action in (runs.cancel, runs.stop, runs.resume):
        with pytest.raises(Refused, match="annulée"):
            action(run, by=alice, now=LATER)


def test_what_was_made_stays_when_the_rest_is_given_up(
    run: Run, server: smtp.SmtpServer
) -> None:
    work(run)
    runs.stop(run, by=None, now=LATER)

    runs.cancel(run, by=None, now=LATER)
    delivery.deliver_all(lambda: LATER)

    assert server.received == []
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"cancelled"}
    found = Reminder.objects.order_by("number").values_list("channel", "state")
    assert sorted(found) == [
        ("email", "cancelled"), ("email", "cancelled"), ("letter", "made"),
    ]  # fmt: skip
    assert HistoryEntry.objects.filter(action="message.cancelled").count() == 2
    # The letter is still to be printed.
    assert printing.prints_to_build() == [run.pk]


def test_what_a_worker_is_making_is_not_recorded_after_a_cancel(run: Run) -> None:
    claimed = run_work._claim(run.pk, now=NOW, today=TODAY)
    assert claimed
    runs.stop(run, by=None, now=LATER)
    runs.cancel(run, by=None, now=LATER)

    run_work.make(run.pk, claimed, now=LATER, today=TODAY)

    assert states(run) == ["left_out"] * 3
    assert set(Reminder.objects.values_list("state", flat=True)) == {"cancelled"}
    assert not OutboxMessage.objects.exists()


# --- finished, taken up ---------------------------------------------------------


def test_it_is_finished_when_nothing_waits(run: Run) -> None:
    assert not runs.finish_if_done(run.pk, NOW)
    work(run)

    assert runs.finish_if_done(run.pk, LATER)

    run.refresh_from_db()
    assert (run.state, run.finished_at) == ("done", LATER)
    [entry] = HistoryEntry.objects.filter(action="run.finished")
    assert "faite" in entry.words
    assert "1 facture relancée" in entry.words
    assert "2 factures dont les e-mails sont prêts, pas encore envoyés" in entry.words
    assert not runs.finish_if_done(run.pk, LATER)


def test_what_was_left_out_is_proposed_again(run: Run) -> None:
    gone = run.lines.all()[0].invoice
    hold = make.hold(gone)
    work(run)
    runs.finish_if_done(run.pk, LATER)
    assert run.lines.get(invoice=gone).state == "left_out"

    proposals.refresh(today=TODAY)

    [reason] = Proposal.objects.get(invoice=gone).reasons
    assert reason["code"] == hold.reason


def test_an_idle_run_is_taken_up(run: Run) -> None:
    minute = timedelta(minutes=1)
    assert runs.to_take_up(idle_since=NOW) == []
    assert runs.to_take_up(idle_since=NOW + minute) == [run.pk]
    work(run)
    assert runs.to_take_up(idle_since=NOW) == []
    assert runs.to_take_up(idle_since=NOW + minute) == [run.pk]
    runs.stop(run, by=None, now=LATER)
    assert runs.to_take_up(idle_since=LATER + minute) == []


def test_what_a_crash_left_being_made_is_finished(run: Run) -> None:
    claimed = run_work._claim(run.pk, now=NOW, today=TODAY)
    assert states(run) == ["waiting"] * 3

    recovery.after_restart(before=LATER, patience=NOW, now=LATER, today=TODAY)

    assert claimed is not None
    assert states(run) == ["made"] * 3
    assert runs.finish_if_done(run.pk, LATER)


def test_what_was_leaving_at_the_crash_is_shown_as_a_doubt(run: Run) -> None:
    work(run)
    OutboxMessage.objects.update(state="sending", claimed_at=NOW)

    recovery.after_restart(
        before=LATER, patience=NOW - timedelta(hours=1), now=LATER, today=TODAY
    )

    embedded = recovery.is_embedded()
    expected = "uncertain" if embedded else "sending"
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {expected}


def test_a_young_reminder_is_left_to_its_worker_unless_the_disk_was_full(
    run: Run,
) -> None:
    run_work._claim(run.pk, now=NOW, today=TODAY)
    recovery.finish_interrupted(older_than=NOW, now=LATER, today=TODAY)
    assert states(run) == ["waiting"] * 3

    Run.objects.update(trouble="No space left on device")
    recovery.finish_interrupted(older_than=NOW, now=LATER, today=TODAY)

    run.refresh_from_db()
    assert states(run) == ["made"] * 3
    assert run.trouble == ""


def test_the_print_file_is_asked_for(run: Run) -> None:
    work(run)
    runs.finish_if_done(run.pk, LATER)

    assert printing.prints_to_build() == [run.pk]
