"""Levels added, moved, renamed, switched off: what was sent stays, what follows is
right."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from relance.models import (
    HistoryEntry,
    Invoice,
    Level,
    Proposal,
    Reminder,
    Step,
    Text,
    User,
)
from relance.queries.reminders import steps_of
from relance.services import levels, proposals
from relance.services.defaults import install_defaults
from relance.services.levels import LevelData
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def ranks() -> list[tuple[int, str]]:
    return list(Level.objects.order_by("rank").values_list("rank", "name"))


def level(name: str) -> Level:
    return Level.objects.get(name=name)


def add(name: str, after: str, **values: object) -> Level:
    return levels.add_level(
        LevelData(name=name, **values),  # type: ignore[arg-type]
        after=level(after),
        texts_of=level(after),
        by=User.objects.first() or make.user(),
        now=NOW,
    )


def reminded(at: str) -> Invoice:
    """An invoice reminded a month ago at a level."""
    invoice, its = make.invoice(), level(at)
    make.reminder(
        invoice,
        level=its,
        level_rank=its.rank,
        level_name=its.name,
        level_kind=its.kind,
        made_on=date(2026, 10, 24),
        next_on=date(2026, 11, 8),
        state=Reminder.State.POSTED,
    )
    return invoice


def proposed(invoice: Invoice) -> str:
    proposals.refresh(today=TODAY)
    row = Proposal.objects.select_related("level").get(invoice=invoice)
    return row.level.name if row.level is not None else ""


def in_every_procedure(added: Level, *, days: int) -> None:
    rows = Step.objects.filter(level__name="Relance simple")
    Step.objects.bulk_create(
        Step(procedure=row.procedure, level=added, days_after_due=days) for row in rows
    )


def test_a_level_added_between_two_moves_those_behind_it() -> None:
    added = add("Second mot", "Relance simple")

    assert ranks() == [
        (0, "Avant échéance"),
        (1, "Relance simple"),
        (2, "Second mot"),
        (3, "Rappel"),
        (4, "Mise en demeure"),
    ]
    assert added.texts.count() == level("Relance simple").texts.count() > 0


@pytest.mark.parametrize(
    ("reached", "then"),
    [
        # The new one stands behind it, and was not made.
        ("Relance simple", "Second mot"),
        # Those who were past it never come back to it.
        ("Rappel", "Mise en demeure"),
        ("Mise en demeure", ""),
    ],
)
def test_what_follows_is_right_when_ranks_moved(reached: str, then: str) -> None:
    invoice = reminded(reached)
    before = Reminder.objects.values().get()
    in_every_procedure(add("Second mot", "Relance simple"), days=10)

    assert proposed(invoice) == then
    # What was sent says what it said.
    assert Reminder.objects.values().get() == before
    done = [step.name for step in steps_of(invoice, today=TODAY) if step.done]
    assert done == [reached]


def test_an_old_reminder_without_a_level_row_counts_by_its_rank() -> None:
    invoice = make.invoice()
    make.reminder(invoice, made_on=date(2026, 10, 24), next_on=date(2026, 11, 8))
    assert proposed(invoice) == "Rappel"


def test_moving_a_level_changes_the_days_with_it() -> None:
    rappel = level("Rappel")

    levels.move_level(rappel, up=True, by=None, now=NOW)

    assert [name for _rank, name in ranks()][1:3] == ["Rappel", "Relance simple"]
    pro = Step.objects.filter(procedure__regime="B2B").order_by("level__rank")
    assert list(pro.values_list("level__name", "days_after_due"))[1:3] == [
        ("Rappel", 5),
        ("Relance simple", 15),
    ]


def test_moving_the_first_and_the_last_does_nothing() -> None:
    before = ranks()
    levels.move_level(level("Mise en demeure"), up=False, by=None, now=NOW)
    assert ranks() == before


@pytest.mark.parametrize(
    ("name", "up"), [("Relance simple", True), ("Avant échéance", False)]
)
def test_nothing_comes_before_the_level_before_the_due_date(
    name: str, up: bool
) -> None:
    before = ranks()
    with pytest.raises(Refused):
        levels.move_level(level(name), up=up, by=None, now=NOW)
    assert ranks() == before


def test_a_level_switched_off_is_proposed_no_more() -> None:
    invoice = reminded("Relance simple")
    assert proposed(invoice) == "Rappel"

    levels.switch_level(level("Rappel"), active=False, by=None, now=NOW)

    assert proposed(invoice) == "Mise en demeure"
    assert Reminder.objects.get().level_name == "Relance simple"


def test_renaming_and_restamping_leave_what_was_sent(dora) -> None:
    reminded("Relance simple")
    before = Reminder.objects.values().get()
    data = LevelData(name="Premier rappel", stamp="1er rappel")

    levels.edit_level(level("Relance simple"), data, by=dora, now=NOW)

    changed = level("Premier rappel")
    assert (changed.rank, changed.stamp) == (1, "1er rappel")
    assert Reminder.objects.values().get() == before
    entry = HistoryEntry.objects.get(action="level.changed")
    assert entry.user == dora
    assert "Relance simple" in entry.words


def test_saved_untouched_nothing_is_written() -> None:
    rappel = level("Rappel")
    data = LevelData(name=rappel.name, kind=rappel.kind, stamp=rappel.stamp)
    levels.edit_level(rappel, data, by=None, now=NOW)
    assert not HistoryEntry.objects.exists()


def test_open_proposals_are_decided_again() -> None:
    invoice = make.invoice()
    proposals.refresh(today=TODAY)
    levels.switch_level(level("Relance simple"), active=False, by=None, now=NOW)
    assert Proposal.objects.get(invoice=invoice).stale


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "n" * 61}, "name"),
        ({"name": "RAPPEL"}, "name"),
        ({"name": "Dernier\x07"}, "name"),
        ({"name": "Dernier", "stamp": "s" * 31}, "stamp"),
        ({"name": "Dernier", "kind": "threat"}, "kind"),
        ({"name": "Dernier", "kind": "courtesy"}, "kind"),
    ],
)
def test_bad_answers_are_refused_on_their_field(
    values: dict[str, str], field: str
) -> None:
    before = ranks()
    with pytest.raises(Refused) as refused:
        add(**({"after": "Rappel"} | values))
    assert refused.value.field == field
    assert ranks() == before


def test_what_a_used_level_is_never_changes() -> None:
    reminded("Rappel")
    data = LevelData(name="Rappel", kind="formal_notice", stamp="Rappel")
    with pytest.raises(Refused) as refused:
        levels.edit_level(level("Rappel"), data, by=None, now=NOW)
    assert refused.value.field == "kind"
    assert level("Rappel").kind == "reminder"


def test_a_used_level_is_switched_off_never_deleted() -> None:
    reminded("Rappel")
    with pytest.raises(Refused, match="Rappel"):
        levels.delete_level(level("Rappel"), by=None, now=NOW)
    assert level("Rappel").texts.exists()


def test_a_level_never_used_is_deleted_with_its_texts() -> None:
    added = add("Second mot", "Relance simple")

    levels.delete_level(added, by=None, now=NOW)

    assert [name for _rank, name in ranks()][1:] == [
        "Relance simple",
        "Rappel",
        "Mise en demeure",
    ]
    assert [rank for rank, _name in ranks()] == [0, 1, 2, 3]
    assert not Text.objects.filter(level=added.pk).exists()


def test_there_is_an_end_to_adding_levels() -> None:
    for number in range(levels.MOST - 4):
        add(f"Niveau {number}", "Rappel")
    with pytest.raises(Refused):
        add("Un de trop", "Rappel")


def test_a_new_version_gives_no_default_text_to_a_level_of_ones_own() -> None:
    added = add("Second mot", "Relance simple")
    added.texts.all().delete()
    level("Rappel").texts.all().delete()

    install_defaults(now=NOW + timedelta(days=30))

    assert not added.texts.exists()
    assert level("Rappel").texts.exists()


def test_a_customer_is_held_back_beyond_their_highest_level() -> None:
    owner = make.customer(highest_level=level("Relance simple"))
    first, second = make.invoice(owner), reminded("Relance simple")
    second.customer.highest_level = level("Relance simple")
    second.customer.save()

    proposals.refresh(today=TODAY)

    rows = {row.invoice_id: row for row in Proposal.objects.all()}
    assert rows[first.pk].standing == Proposal.Standing.READY
    assert rows[second.pk].standing == Proposal.Standing.HELD
    assert "above_highest" in {one["code"] for one in rows[second.pk].reasons}
