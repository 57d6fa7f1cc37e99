"""Runs: approved once, stopped, gone on with, cancelled; nothing leaves meanwhile."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from relance.models import (
    Channel,
    Document,
    HistoryEntry,
    Invoice,
    Level,
    OutboxMessage,
    Proposal,
    Reminder,
    Run,
    User,
)
from relance.queries.ticked import ticked_fingerprint
from relance.services import delivery, printing, proposals, recovery, run_work, runs
from relance.services.refusal import Refused
from tests import letterbox, make, smtp
from tests.make import NOW, TODAY
from tests.services.test_concurrency import at_once, refusals

LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def ours(db: None) -> None:
    make.company()


@pytest.fixture
def server() -> Iterator[smtp.SmtpServer]:
    with smtp.running() as running:
        letterbox.account(running)
        yield running


def tick(
    *invoices: Invoice, channel: Channel = Channel.LETTER, rank: int | None = None
) -> None:
    """Tick these as somebody does on the screen."""
    proposals.refresh(today=TODAY)
    level = Level.objects.get(rank=rank) if rank is not None else None
    Proposal.objects.filter(invoice__in=invoices).update(
        channel=channel, chosen_level=level, stale=True, chosen_at=NOW
    )


def approve(
    by: User | None = None,
    *,
    key: uuid.UUID | None = None,
    grouped: bool = False,
    confirmed: bool = False,
    expected: int | None = None,
    shown: str = "",
) -> Run:
    return runs.approve(
        key=key or uuid.uuid4(),
        by=by,
        now=NOW,
        today=TODAY,
        grouped=grouped,
        confirmed=confirmed,
        expected=expected,
        shown=shown,
    )


def work(run: Run) -> None:
    while run_work.work(run.pk, now=NOW, today=TODAY):
        pass


def states(run: Run) -> list[str]:
    return list(run.lines.values_list("state", flat=True))


def test_what_is_ticked_is_taken_over(alice: User) -> None:
    two = [make.invoice(make.customer(name=name)) for name in ("Zoé", "Abel")]
    make.invoice()
    tick(*two)
    Proposal.objects.exclude(invoice__in=two).update(channel="", chosen_at=NOW)
    Proposal.objects.update(note="par téléphone", next_on=date(2026, 12, 8))

    run = approve(alice, grouped=True, expected=2)

    assert (run.reference, run.state, run.grouped) == ("RM-0001", "approved", True)
    assert (run.approved_by, run.approved_at, run.made_on) == (alice, NOW, TODAY)
    lines = list(run.lines.select_related("customer", "level"))
    assert [line.customer.name for line in lines] == ["Abel", "Zoé"]
    assert [line.group for line in lines] == [1, 2]
    assert {line.level.rank for line in lines} == {1}
    assert {line.channel for line in lines} == {"letter"}
    assert {line.note for line in lines} == {"par téléphone"}
    assert {line.next_on for line in lines} == {date(2026, 12, 8)}
    [entry] = HistoryEntry.objects.filter(action="run.approved")
    assert entry.user == alice
    assert "RM-0001" in entry.words
    # Nothing is ticked any more, nor will be by itself.
    proposals.refresh(today=TODAY)
    kept = Proposal.objects.filter(invoice__in=two)
    assert set(kept.values_list("channel", "note", "next_on")) == {("", "", None)}


def test_the_same_key_finds_the_same_run() -> None:
    key = uuid.uuid4()
    tick(make.invoice())
    first = approve(key=key)
    tick(make.invoice())

    assert approve(key=key) == first
    assert first.lines.count() == 1
    assert approve(key=uuid.uuid4()).number == 2


def test_nothing_ticked_is_said() -> None:
    make.invoice()
    proposals.refresh(today=TODAY)
    Proposal.objects.update(channel="")

    with pytest.raises(Refused, match="coché"):
        approve()
    assert not Run.objects.exists()


def test_whoever_comes_second_is_told_of_the_first(alice: User) -> None:
    tick(make.invoice())
    shown = ticked_fingerprint()
    approve(alice)

    with pytest.raises(Refused, match=r"Alice.*RM-0001"):
        approve(shown=shown)


def test_a_run_of_other_invoices_is_not_blamed(alice: User) -> None:
    tick(make.invoice())
    approve(alice)
    tick(make.invoice())
    shown = ticked_fingerprint()
    Proposal.objects.update(channel="", chosen_at=NOW)

    with pytest.raises(Refused, match="n’est plus coché") as refused:
        approve(shown=shown)
    assert "RM-0001" not in refused.value.message
    assert "Alice" not in refused.value.message


def test_another_number_than_on_the_screen_is_refused() -> None:
    tick(make.invoice(), make.invoice())

    with pytest.raises(Refused, match=r"3.*2") as refused:
        approve(expected=3)
    assert refused.value.field == "expected"
    assert not Run.objects.exists()
    assert Proposal.objects.ticked().count() == 2


def test_formal_notices_are_confirmed() -> None:
    [invoice] = notices(1)

    with pytest.raises(Refused) as refused:
        approve()
    assert refused.value.field == "confirmed"
    run = approve(confirmed=True)
    assert run.lines.get().invoice == invoice


def notices(number: int) -> list[Invoice]:
    """Invoices reminded twice, ticked for their formal notice."""
    made = [make.invoice() for _ in range(number)]
    for rank in (1, 2):
        tick(*made, rank=rank)
        past = NOW - timedelta(days=60 - 20 * rank)
        run = runs.approve(
            key=uuid.uuid4(),
            by=None,
            now=past,
            today=past.date(),
            grouped=False,
            confirmed=False,
        )
        while run_work.work(run.pk, now=past, today=past.date()):
            pass
    tick(*made, channel=Channel.REGISTERED)
    return made


@pytest.mark.parametrize("change", ["paid", "held"])
def test_what_is_no_longer_allowed_is_left(change: str) -> None:
    stays, goes = make.invoice(), make.invoice()
    tick(stays, goes)
    if change == "paid":
        make.payment(goes, "1200.00")
    else:
        make.hold(goes)

    run = approve()

    assert [line.invoice for line in run.lines.all()] == [stays]


def test_a_date_that_is_over_is_prefilled_anew() -> None:
    tick(make.invoice())
    Proposal.objects.update(next_on=TODAY - timedelta(days=1))

    assert approve().lines.get().next_on is None


@pytest.mark.parametrize(
    ("grouped", "own", "groups"),
    [
        (True, None, [1, 1, 2]),
        (False, None, [1, 2, 3]),
        (True, False, [1, 2, 3]),
        (False, True, [1, 1, 2]),
    ],
)
def test_grouped_as_the_run_or_the_customer_says(
    grouped: bool, own: bool | None, groups: list[int]
) -> None:
    owner = make.customer(name="A", group_invoices=own)
    tick(
        make.invoice(owner), make.invoice(owner), make.invoice(make.customer(name="B"))
    )

    run = approve(grouped=grouped)

    assert list(run.lines.values_list("group", flat=True)) == groups


# --- stopped and gone on with ---------------------------------------------------


@pytest.fixture
def run(server: smtp.SmtpServer) -> Run:
    """A letter and two e-mails, approved."""
    tick(make.invoice())
    tick(make.invoice(), make.invoice(), channel=Channel.EMAIL)
    return approve()


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


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_make_one_run() -> None:
    people = [make.user(name="Claire Vasseur"), make.user(name="Paul Vasseur")]
    tick(make.invoice(), make.invoice())
    shown = ticked_fingerprint()

    given = at_once(*(lambda one=one: approve(one, shown=shown) for one in people))

    [refusal] = refusals(given)
    run = Run.objects.get()
    assert run.reference in refusal.message
    assert run.lines.count() == 2
    assert Document.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_run_make_each_line_once() -> None:
    tick(*(make.invoice() for _ in range(6)))
    run = approve()

    given = at_once(*[lambda: work(run)] * 2)

    assert refusals(given) == []
    assert states(run) == ["made"] * 6
    assert Reminder.objects.count() == 6
    assert runs.finish_if_done(run.pk, NOW)
