"""What people choose on a proposal is kept, is refused, or asks for a reason."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from relance.models import Company, Level, Proposal, Rate, User
from relance.services import proposals, reminders
from relance.services.refusal import Refused
from relance.services.touching import touch_all
from tests import make
from tests.make import NOW, TODAY
from tests.services._proposals import (
    TOMORROW,
    Standing,
    choose,
    codes,
    late,
    notice,
    rank,
    reminded,
    row_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ours(db: None) -> Company:
    found = make.company()
    Rate.objects.update(verified=True)
    return found


# What people choose


def test_a_choice_says_who_and_when(alice: User) -> None:
    row = choose(row_of(late()), by=alice, channel="letter")
    assert (row.channel, row.chosen_by, row.chosen_at) == ("letter", alice, NOW)


def test_the_last_of_two_people_wins(alice: User, dora: User) -> None:
    row = row_of(late())
    choose(row, by=alice, channel="letter")
    row = choose(row, by=dora, channel="")
    assert (row.channel, row.chosen_by) == ("", dora)


def test_what_is_not_named_stays_as_it_was(alice: User) -> None:
    row = row_of(late())
    day = TODAY + timedelta(days=30)
    choose(row, by=alice, note="  Rappeler Mme Rault ", next_on=day)
    row = choose(row, by=alice, channel="letter")
    assert (row.note, row.next_on, row.channel) == (
        "Rappeler Mme Rault",
        day,
        "letter",
    )
    assert choose(row, next_on=None).next_on is None
    assert choose(row, note="").note == ""


def test_who_asked_to_be_called_again_is_not_reminded_before(alice: User) -> None:
    invoice = late()
    day = TODAY + timedelta(days=5)
    assert row_of(invoice).channel == "email"
    note = reminders.Note(text="Rappeler la comptable", next_on=day)
    made = reminders.take_note(
        invoice, note, key=uuid.uuid4(), by=alice, now=NOW, today=TODAY
    )
    row = row_of(invoice)
    assert (row.standing, row.channel) == (Standing.EARLY, "")
    assert (row.possible_from, codes(row)) == (day, ["too_soon"])
    row = row_of(invoice, today=day)
    assert (row.standing, row.channel) == (Standing.READY, "email")

    reminders.cancel_letter(made, "Elle a rappelé", by=alice, now=NOW)
    assert row_of(invoice).standing == Standing.READY


def test_a_day_noted_before_the_last_reminder_is_over(alice: User) -> None:
    invoice = late(days=40)
    note = reminders.Note(text="Rappeler", next_on=TODAY + timedelta(days=30))
    reminders.take_note(invoice, note, key=uuid.uuid4(), by=alice, now=NOW, today=TODAY)
    assert row_of(invoice).standing == Standing.EARLY
    reminded(invoice, 1, days=0)
    touch_all()
    assert row_of(invoice).possible_from == TODAY - timedelta(days=1)


def test_a_note_alone_leaves_the_tick_to_the_rules(alice: User) -> None:
    invoice = late(days=4)
    row = choose(row_of(invoice), by=alice, note="Attention")
    assert (row.chosen_at, row.channel) == (None, "")
    row = row_of(invoice, today=TOMORROW)
    assert (row.channel, row.note) == ("email", "Attention")


def test_unticked_by_choice_stays_unticked(alice: User) -> None:
    invoice = late()
    choose(row_of(invoice), by=alice, channel="")
    make.payment(invoice, "10.00")
    row = row_of(invoice, today=TOMORROW)
    assert (row.standing, row.channel, row.chosen_by) == (Standing.READY, "", alice)


def test_a_letter_of_formal_notice_is_registered_unless_plain_is_asked() -> None:
    row = row_of(notice())
    assert choose(row, channel="letter").channel == "registered"
    assert choose(row, channel="letter", plain_letter=True).channel == "letter"
    assert choose(row, note="Par porteur").channel == "letter"
    assert choose(row, channel="email").channel == "email"
    assert choose(row, channel="registered").channel == "registered"


def test_only_a_formal_notice_is_registered() -> None:
    assert choose(row_of(late()), channel="registered").channel == "letter"


@pytest.mark.parametrize("channel", ["none", "fax"])
def test_another_channel_is_refused(channel: str) -> None:
    with pytest.raises(Refused):
        choose(row_of(late()), channel=channel)


def test_a_channel_that_cannot_be_written_is_refused_in_words() -> None:
    row = row_of(late(make.customer(email="")))
    with pytest.raises(Refused, match="e-mail") as refused:
        choose(row, channel="email")
    assert refused.value.field == "channel"


def test_a_date_that_is_past_is_refused() -> None:
    row = row_of(late())
    with pytest.raises(Refused) as refused:
        choose(row, next_on=TODAY - timedelta(days=1))
    assert refused.value.field == "next_on"


def test_a_paid_invoice_is_no_longer_chosen() -> None:
    invoice = late()
    row = row_of(invoice)
    make.payment(invoice, "1200.00")
    with pytest.raises(Refused):
        choose(row, channel="letter")
    proposals.refresh(today=TODAY)
    with pytest.raises(Refused):
        choose(row, channel="letter")


def test_a_row_is_decided_again_before_it_is_chosen() -> None:
    invoice = late()
    row = row_of(invoice)
    make.hold(invoice)
    with pytest.raises(Refused):
        choose(row, channel="letter")


# Levels


def test_a_level_above_unticks_until_somebody_says_why(alice: User) -> None:
    row = row_of(late())
    row = choose(row, by=alice, level=rank(2))
    assert (row.level_that_counts, row.channel) == (Level.objects.get(rank=2), "")
    assert (row.standing, codes(row)) == (Standing.HELD, ["level_above"])

    row = choose(
        row, by=alice, channel="letter", overrides={"level_above": "Vu avec Paul"}
    )
    assert (row.channel, row.chosen_level_id) == ("letter", rank(2))


def test_the_level_proposed_is_no_choice_of_level() -> None:
    row = choose(row_of(late()), level=rank(2))
    row = choose(row, level=rank(1))
    assert (row.chosen_level, row.standing) == (None, Standing.READY)


def test_a_level_reached_or_foreign_is_refused() -> None:
    invoice = late(days=60)
    reminded(invoice, 1)
    row = row_of(invoice)
    for level in (rank(1), rank(0), 10**6):
        with pytest.raises(Refused) as refused:
            choose(row, level=level)
        assert refused.value.field == "level"


def test_a_level_that_stops_the_row_is_refused() -> None:
    Company.objects.update(iban="")
    row = row_of(late())
    with pytest.raises(Refused) as refused:
        choose(row, level=rank(3))
    assert refused.value.field == "level"
    assert Proposal.objects.get(pk=row.pk).chosen_level is None


def test_a_notice_chosen_early_makes_its_letter_registered() -> None:
    row = choose(row_of(late(days=40)), channel="letter")
    why = {"level_above": "Dernier recours"}
    row = choose(row, level=rank(3), overrides=why)
    assert row.channel == "registered"
    assert choose(row, level=rank(2), overrides=why).channel == "letter"


def test_past_the_last_level_it_is_said_again_by_choice(alice: User) -> None:
    invoice = late(days=90)
    reminded(invoice, 3, state="posted")
    row = row_of(invoice)
    assert (row.level, row.standing) == (None, Standing.HELD)
    with pytest.raises(Refused):
        choose(row, by=alice, level=rank(2))

    why = {"last_level": "Le client a déménagé"}
    row = choose(row, by=alice, channel="letter", overrides=why)

    assert (row.level_that_counts, row.channel) == (
        Level.objects.get(rank=3),
        "registered",
    )
    assert row_of(invoice, today=TOMORROW).channel == "registered"


# Overrides


def test_ticking_despite_a_reason_says_the_reason() -> None:
    invoice = late()
    make.hold(invoice, "manual")
    make.payment(of=invoice.customer)
    row = row_of(invoice)
    with pytest.raises(Refused, match=r"suspend.* 100") as refused:
        choose(row, channel="letter")
    assert refused.value.field == "channel"
    with pytest.raises(Refused, match="100"):
        choose(row, channel="letter", overrides={"manual_hold": "Vu avec Paul"})


def test_each_soft_reason_is_overridden_with_a_why(alice: User) -> None:
    invoice = late()
    make.hold(invoice, "manual")
    row = row_of(invoice)
    with pytest.raises(Refused) as refused:
        choose(row, by=alice, channel="letter", overrides={"manual_hold": "  "})
    assert refused.value.field == "overrides"

    why = {"manual_hold": " Vu avec Paul ", "settled": "rien à voir"}
    row = choose(row, by=alice, channel="letter", overrides=why)

    assert (row.channel, row.overrides) == ("letter", {"manual_hold": "Vu avec Paul"})
    assert row.standing == Standing.HELD
    assert row_of(invoice).channel == "letter"


@pytest.mark.parametrize("reason", ["dispute", "promise"])
def test_a_dispute_or_a_promise_takes_an_administrator(
    reason: str, alice: User, dora: User
) -> None:
    invoice = late()
    make.hold(invoice, reason, until=TODAY + timedelta(days=9))
    row = row_of(invoice)
    why = {reason: "Convenu"}
    with pytest.raises(Refused) as refused:
        choose(row, by=alice, channel="letter", overrides=why)
    assert refused.value.field == "overrides"
    assert choose(row, by=dora, channel="letter", overrides=why).channel == "letter"


def test_what_an_administrator_overrode_another_neither_takes_back_nor_repeats(
    alice: User, dora: User
) -> None:
    invoice = late()
    make.hold(invoice)
    make.hold(invoice, "manual")
    row = row_of(invoice)
    choose(row, by=dora, overrides={"dispute": "Tranché"})
    row = choose(row, by=alice, channel="email", overrides={"manual_hold": "Vu"})
    assert row.overrides == {"dispute": "Tranché", "manual_hold": "Vu"}
    row = choose(row, by=alice, overrides={"dispute": "Tranché"})
    assert (row.overrides, row.channel) == ({"dispute": "Tranché"}, "")
    assert choose(row, by=dora, overrides={}).overrides == {}


def test_a_hard_reason_is_never_overridden(dora: User) -> None:
    invoice = late()
    make.reminder(invoice, state="uncertain", channel="email")
    row = row_of(invoice)
    with pytest.raises(Refused):
        choose(row, by=dora, channel="letter", overrides={"under_way": "tant pis"})
