"""A row is decided again when something changed, and keeps what may last of choices."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from relance.models import (
    Channel,
    Company,
    Customer,
    Hold,
    Invoice,
    Level,
    Proposal,
    Rate,
    Text,
    User,
)
from relance.queries.worklist import Criteria
from relance.services import (
    bank_changes,
    company,
    customers,
    holds,
    payments,
    proposals,
    rates,
    reminders,
)
from relance.services.customers import ContactData, CustomerData
from relance.services.drafts import Wish
from relance.services.proposals import How
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


# What makes a row stale


@pytest.mark.parametrize(
    "change",
    [
        lambda one: make.payment(one, "10.00"),
        lambda one: make.payment(of=one.customer),
        lambda one: make.hold(one),
        lambda one: make.hold(one.customer, "manual"),
        lambda one: late(one.customer, kind="credit_note"),
        lambda one: customers.set_email(one.customer, "a@b.example", by=None, now=NOW),
        lambda one: customers.refuse_address(one.customer, on=TODAY, by=None, now=NOW),
        lambda one: customers.save_contact(
            one.customer, ContactData(name="Mme Le Bras"), by=None, now=NOW
        ),
        lambda one: reminders.remind(
            Wish(invoice=one, channel=Channel.LETTER),
            key=uuid.uuid4(),
            by=None,
            now=NOW,
            today=TODAY,
        ),
    ],
)
def test_whatever_happens_to_a_customer_makes_their_rows_stale(
    change: Callable[[Invoice], object],
) -> None:
    mine, other = late(), late()
    proposals.refresh(today=TODAY)
    change(mine)
    stale = Proposal.objects.filter(stale=True).values_list("invoice", flat=True)
    assert mine.pk in stale
    assert other.pk not in stale


def test_a_hold_that_ends_and_an_undone_payment_make_rows_stale() -> None:
    invoice = late()
    hold = make.hold(invoice)
    payment = make.payment(invoice, "100.00")
    proposals.refresh(today=TODAY)
    holds.end_hold(hold, by=None, now=NOW)
    assert row_of(invoice).standing == Standing.READY

    payments.undo_allocation(payment.allocations.get(), by=None, now=NOW)
    assert codes(row_of(invoice)) == ["unallocated"]


def test_what_concerns_all_makes_every_row_stale() -> None:
    late()
    data = company.CompanyData(name="Ateliers Vauban", minimum_amount=Decimal(5000))
    boss = make.user(role="administration")
    account = company.BankData(iban="FR1420041010050500013M02606")
    bank = bank_changes.BankChangeData(bank=account, starts_on=TODAY)
    rate = rates.RateData(
        kind="LEGAL", half_year="2026-S2", percent=Decimal(1), source="BCE"
    )
    for change in (
        lambda: company.save_company(data, by=None, now=NOW),
        lambda: bank_changes.ask_change(
            bank, password_given=True, by=boss, now=NOW, today=TODAY
        ),
        lambda: rates.add_rate(rate, by=None, now=NOW),
    ):
        proposals.refresh(today=TODAY)
        change()
        assert not Proposal.objects.filter(stale=False).exists()
    assert codes(row_of(Invoice.objects.get())) == ["below_minimum"]


def test_a_start_that_adds_nothing_touches_nothing() -> None:
    late()
    proposals.refresh(today=TODAY)
    make.install_defaults(now=NOW)
    assert not Proposal.objects.filter(stale=True).exists()

    Text.objects.filter(channel="email").delete()
    make.install_defaults(now=NOW)
    assert not Proposal.objects.filter(stale=False).exists()


def test_a_new_day_decides_everything_again() -> None:
    invoice = late(days=4)
    assert row_of(invoice).standing == Standing.EARLY
    row = row_of(invoice, today=TOMORROW)
    assert (row.standing, row.decided_on) == (Standing.READY, TOMORROW)


def test_a_hold_ends_by_itself() -> None:
    invoice = late()
    make.hold(invoice, until=TODAY)
    assert row_of(invoice).channel == ""
    assert row_of(invoice, today=TOMORROW).channel == "email"


# What is ticked in advance


@pytest.mark.parametrize(
    ("values", "channel"),
    [
        ({}, "email"),
        ({"preferred_channel": "letter"}, "letter"),
        ({"preferred_channel": "email"}, "email"),
        ({"email": ""}, "letter"),
        ({"preferred_channel": "letter", "city": ""}, "email"),
        ({"preferred_channel": "email", "email": ""}, "letter"),
    ],
)
def test_ready_rows_are_ticked_as_suits_the_customer(
    values: dict[str, str], channel: str
) -> None:
    row = row_of(late(make.customer(**values)))
    assert (row.channel, row.chosen_at) == (channel, None)


def test_a_formal_notice_is_registered_or_left_to_a_person() -> None:
    assert row_of(notice()).channel == "registered"
    invoice = notice()
    Customer.objects.filter(pk=invoice.customer_id).update(address_refused_on=TODAY)
    row = row_of(invoice)
    assert (row.letter_trouble, row.channel) == ("no_address", "")


def test_the_tick_follows_while_nobody_chose() -> None:
    invoice = late()
    assert row_of(invoice).channel == "email"
    hold = make.hold(invoice, "manual")
    assert row_of(invoice).channel == ""
    holds.end_hold(hold, by=None, now=NOW)
    data = CustomerData(
        name="Client", address="1 rue A", postcode="44000", city="Nantes"
    )
    customers.edit_customer(invoice.customer, data, by=None, now=NOW)
    assert row_of(invoice).channel == "letter"


def chosen(invoice: Invoice, alice: User, **more: Any) -> Proposal:
    return choose(
        row_of(invoice),
        by=alice,
        **({"channel": "letter", "note": "À suivre"} | more),
    )


# What survives


def test_a_new_reason_unticks_and_the_note_stays(alice: User) -> None:
    invoice = late()
    chosen(invoice, alice, next_on=TODAY + timedelta(days=30))
    make.hold(invoice, "manual")
    row = row_of(invoice)
    assert (row.channel, row.note, row.chosen_by) == ("", "À suivre", None)
    assert row.next_on == TODAY + timedelta(days=30)


def test_what_the_rules_unticked_they_tick_again(alice: User) -> None:
    promised, neighbour, taken_off = late(), late(), late()
    proposals.tick_all(Criteria(), How.PREFERRED, by=alice, now=NOW, today=TODAY)
    chosen(taken_off, alice, channel="")
    make.hold(promised, "promise", until=TOMORROW)
    assert row_of(promised).channel == ""

    over = TOMORROW + timedelta(days=1)
    ticks = [row_of(one, today=over).channel for one in (promised, neighbour)]
    assert ticks == ["email", "email"]
    assert row_of(taken_off, today=over).channel == ""


def test_a_date_that_has_passed_is_forgotten(alice: User) -> None:
    invoice = late()
    chosen(invoice, alice, next_on=TODAY)
    row = row_of(invoice, today=TOMORROW)
    assert (row.channel, row.next_on) == ("letter", None)


def test_a_hard_reason_takes_tick_level_and_overrides_back(dora: User) -> None:
    invoice = late()
    why = {"level_above": "Urgent"}
    chosen(invoice, dora, level=rank(2), overrides=why)
    holds.hold(
        invoice.customer,
        holds.HoldData(reason=Hold.Reason.INSOLVENCY, starts_on=TODAY),
        by=None,
        now=NOW,
    )
    row = row_of(invoice)
    assert (row.standing, row.channel, row.chosen_level, row.overrides) == (
        Standing.STOPPED,
        "",
        None,
        {},
    )
    assert row.note == "À suivre"


def test_a_chosen_level_that_is_stopped_leaves_the_one_proposed(dora: User) -> None:
    invoice = late(days=40)
    why = {"level_above": "Urgent"}
    chosen(invoice, dora, level=rank(3), overrides=why)
    Company.objects.update(iban="")
    touch_all()
    row = row_of(invoice)
    assert (row.standing, row.chosen_level, row.channel) == (Standing.READY, None, "")


def test_a_level_no_longer_in_the_procedure_is_forgotten(dora: User) -> None:
    invoice = late()
    why = {"level_above": "Urgent"}
    chosen(invoice, dora, level=rank(2), overrides=why)
    Level.objects.filter(rank=2).update(active=False)
    touch_all()
    row = row_of(invoice)
    assert (row.chosen_level, row.overrides) == (None, {})


def test_an_email_tick_without_an_address_is_taken_back(alice: User) -> None:
    invoice = late()
    chosen(invoice, alice, channel="email")
    data = CustomerData(name="Client", city="Nantes")
    customers.edit_customer(invoice.customer, data, by=None, now=NOW)
    row = row_of(invoice)
    assert (row.email_trouble, row.channel) == ("no_email", "")


def test_an_override_ends_with_what_it_overrode(dora: User) -> None:
    invoice = late()
    hold = make.hold(invoice)
    chosen(invoice, dora, overrides={"dispute": "Tranché"})
    holds.end_hold(hold, by=None, now=NOW)
    row = row_of(invoice)
    assert (row.overrides, row.channel) == ({}, "letter")

    make.hold(invoice)
    assert row_of(invoice).channel == ""


def test_a_reminder_made_spends_the_choice(alice: User) -> None:
    invoice = late()
    row = chosen(invoice, alice, next_on=TODAY + timedelta(days=9))
    reminders.remind(
        Wish(invoice=invoice, channel=Channel.LETTER),
        key=uuid.uuid4(),
        by=None,
        now=NOW,
        today=TODAY,
    )
    row = row_of(invoice)
    assert (row.channel, row.note, row.next_on) == ("", "", None)
    assert (row.chosen_by, row.chosen_at) == (None, None)
    assert (row.level_id, row.standing) == (rank(2), Standing.EARLY)


def test_a_reminder_cancelled_spends_nothing(alice: User) -> None:
    invoice = late(days=60)
    last = reminded(invoice, 1)
    chosen(invoice, alice)
    reminders.cancel_letter(last, "Erreur", by=None, now=NOW)
    row = row_of(invoice)
    assert (row.level_id, row.note, row.channel) == (rank(1), "À suivre", "letter")
