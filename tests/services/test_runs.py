"""A run takes over what is ticked, once, grouped as asked; each line is made once."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from relance.models import (
    Channel,
    Document,
    HistoryEntry,
    Invoice,
    Proposal,
    Reminder,
    Run,
    User,
)
from relance.queries.ticked import ticked_fingerprint
from relance.services import proposals, run_work, runs
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY
from tests.services._runs import approve, states, tick, work
from tests.services.test_concurrency import at_once, refusals


@pytest.fixture(autouse=True)
def ours(db: None) -> None:
    make.company()


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
