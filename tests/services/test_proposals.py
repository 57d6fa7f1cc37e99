"""The proposals: decided as the rules say, and what people chose about them kept."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from relance.models import (
    Channel,
    Company,
    Customer,
    Hold,
    Invoice,
    Level,
    Procedure,
    Proposal,
    Rate,
    Reminder,
    Run,
    RunLine,
    Text,
    User,
)
from relance.queries.worklist import Criteria
from relance.rules.escalation import Weight
from relance.rules.reason_data import reason_from_data
from relance.services import (
    bank_changes,
    company,
    customers,
    drafts,
    holds,
    payments,
    proposal_decisions,
    proposals,
    rates,
    reminders,
)
from relance.services.customers import ContactData, CustomerData
from relance.services.drafts import Wish
from relance.services.proposals import Choice, How
from relance.services.reasons import in_words
from relance.services.refusal import Refused
from relance.services.touching import touch, touch_all
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

Standing = Proposal.Standing
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def ours(db: None) -> Company:
    found = make.company()
    Rate.objects.update(verified=True)
    return found


def late(of: Customer | None = None, *, days: int = 20, **values: Any) -> Invoice:
    """An invoice late enough for a first reminder."""
    due = TODAY - timedelta(days=days)
    dates = {"due_date": due, "issued_on": due - timedelta(days=30)}
    return make.invoice(of, **(dates | values))


def reminded(invoice: Invoice, rank: int, *, days: int = 20, **values: Any) -> Reminder:
    """The reminder of a level, so many days ago; the next may follow today."""
    level = Level.objects.get(rank=rank)
    known = {
        "level": level,
        "level_rank": rank,
        "level_name": level.name,
        "level_kind": level.kind,
        "made_on": TODAY - timedelta(days=days),
        "next_on": TODAY - timedelta(days=1),
    }
    return make.reminder(invoice, **(known | values))


def notice(**values: Any) -> Invoice:
    """An invoice that has come to its formal notice."""
    found = late(days=60, **values)
    reminded(found, 1, days=45)
    reminded(found, 2)
    return found


def row_of(invoice: Invoice, *, today: date = TODAY) -> Proposal:
    proposals.refresh(today=today)
    return Proposal.objects.get(invoice=invoice)


def codes(row: Proposal) -> list[str]:
    return [reason_from_data(data).code.value for data in row.reasons]


def choose(row: Proposal, *, by: User | None = None, **choice: Any) -> Proposal:
    proposals.choose(row.pk, Choice(**choice), by=by, now=NOW, today=TODAY)
    return Proposal.objects.get(pk=row.pk)


def rank(number: int) -> int:
    return Level.objects.get(rank=number).pk


# What is decided


def test_each_unpaid_invoice_has_one_row_and_only_those() -> None:
    one, paid = late(), late()
    late(kind="credit_note")
    assert proposals.refresh(today=TODAY) == 2
    assert proposals.refresh(today=TODAY) == 0

    make.payment(paid, "1200.00")
    two = late()
    proposals.refresh(today=TODAY)

    assert set(Proposal.objects.values_list("invoice", flat=True)) == {one.pk, two.pk}


def test_nothing_to_do_costs_one_query(django_assert_num_queries: Any) -> None:
    late()
    proposals.refresh(today=TODAY)
    with django_assert_num_queries(1):
        proposals.refresh(today=TODAY)


@pytest.mark.parametrize(
    ("prepare", "standing", "code"),
    [
        (lambda one: None, Standing.READY, None),
        (lambda one: reminded(one, 1, next_on=TOMORROW), Standing.EARLY, "too_soon"),
        (
            lambda one: reminded(late(one.customer), 1, days=2),
            Standing.EARLY,
            "customer_too_soon",
        ),
        (lambda one: make.hold(one), Standing.HELD, "dispute"),
        (lambda one: make.payment(of=one.customer), Standing.HELD, "unallocated"),
        (lambda one: reminded(one, 3, state="posted"), Standing.HELD, "last_level"),
        (
            lambda one: make.reminder(one, state="queued", channel="email"),
            Standing.STOPPED,
            "under_way",
        ),
        (
            lambda one: Customer.objects.update(email="", city=""),
            Standing.STOPPED,
            "no_address",
        ),
    ],
)
def test_where_an_invoice_stands(
    prepare: Callable[[Invoice], object], standing: Standing, code: str | None
) -> None:
    invoice = late()
    prepare(invoice)
    row = row_of(invoice)
    assert row.standing == standing
    assert code is None or code in codes(row)


def test_not_yet_due_is_early_and_says_from_when() -> None:
    row = row_of(late(days=-3))
    assert (row.standing, codes(row)) == (Standing.EARLY, ["not_due"])
    assert row.possible_from == TODAY + timedelta(days=8)
    assert (row.channel, row.chosen_at) == ("", None)


def test_a_warning_alone_keeps_nothing_back() -> None:
    Rate.objects.update(verified=False)
    invoice = late()
    reminded(invoice, 1)
    row = row_of(invoice)
    assert row.standing == Standing.READY
    assert codes(row) == ["rate_unverified"]


def test_one_channel_barred_is_no_reason_against() -> None:
    invoice = late(make.customer(email=""))
    row = row_of(invoice)
    assert (row.standing, row.reasons) == (Standing.READY, [])
    assert (row.letter_trouble, row.email_trouble) == ("", "no_email")


def test_a_text_or_a_rate_that_is_missing_is_said_of_its_channel() -> None:
    Text.objects.filter(channel="email", level__rank=1).update(current=False)
    invoice = late()
    assert row_of(invoice).email_trouble == "text_missing"

    Rate.objects.all().delete()
    touch_all()
    row = row_of(notice())
    assert (row.standing, row.letter_trouble) == (Standing.STOPPED, "rate_missing")
    assert codes(row) == ["rate_missing"]


def test_an_element_that_a_notice_lacks_stops_it_on_every_channel(
    ours: Company,
) -> None:
    Company.objects.update(iban="")
    row = row_of(notice())
    assert row.standing == Standing.STOPPED
    assert row.letter_trouble == row.email_trouble == "element_missing"
    assert row.reasons[0]["facts"] == {"what": "bank_details"}


def test_without_a_procedure_nothing_can_be_proposed() -> None:
    customer = make.customer(procedure=Procedure.objects.create(name="Vide"))
    row = row_of(late(customer))
    assert (row.standing, row.level, codes(row)) == (
        Standing.STOPPED,
        None,
        ["text_missing"],
    )


def test_a_waiting_line_of_a_run_is_a_reminder_under_way() -> None:
    invoice = late()
    row = row_of(invoice)
    run = Run.objects.create(
        number=7, request_key=uuid.uuid4(), approved_at=NOW, made_on=TODAY
    )
    RunLine.objects.create(
        run=run,
        position=1,
        group=1,
        invoice=invoice,
        customer=invoice.customer,
        level_id=rank(1),
        channel="letter",
    )
    touch([invoice.customer_id])

    row = row_of(invoice)

    assert (row.standing, row.channel) == (Standing.STOPPED, "")
    assert row.reasons[0]["facts"] == {"reference": "RM-0007"}


def test_levels_climb_one_at_a_time_and_the_last_reminder_is_shown() -> None:
    invoice = late(days=90)
    last = reminded(invoice, 1)
    row = row_of(invoice)
    assert (row.level, row.last) == (Level.objects.get(rank=2), last)


def test_pages_are_the_letter_its_statement_and_the_invoice() -> None:
    assert row_of(late()).pages == 2
    assert row_of(notice()).pages == 3


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "votre IBAN"), ("en", "your IBAN")]
)
def test_each_reader_has_what_is_kept_in_their_language(
    ours: Company, language: str, said: str
) -> None:
    Company.objects.update(iban="")
    [kept] = row_of(notice()).reasons
    with override(language):
        assert said in in_words(reason_from_data(kept))


# The answers for thousands are those for one


def test_each_row_says_what_a_draft_of_its_own_would() -> None:
    """The means are worked out once for invoices that are alike: nothing that
    matters may differ between them."""
    Company.objects.update(contract_rate=None)
    customers_made = [
        make.customer(regime=regime, language=language, **values)
        for regime, language, values in itertools.product(
            ("B2B", "B2C", "PUBLIC", "NON_PRO"),
            ("fr", "en"),
            ({}, {"email": ""}, {"city": ""}, {"email": "", "city": ""}),
        )
    ]
    body = "[[si facture.jours_retard >= 40]]{coordonnees_bancaires}[[fin]]"
    for text in Text.objects.filter(
        level__rank=3, channel="letter", grouped=False, regime="B2B", language="fr"
    ):
        text.body = text.body.replace("{coordonnees_bancaires}", body)
        text.save()
    for place, customer in enumerate(customers_made):
        if place % 5 == 0:
            make.contact(customer, city="Brest" if place % 2 else "")
        for days in (-20, 12, 39, 41, 60, 250):
            made = late(customer, days=days, customer_reference="BC 1" * (days > 50))
            if days >= 39:
                reminded(made, 2, days=9)
            if days == 60:
                make.payment(made, "1199.00")
    Rate.objects.filter(half_year="2026-S1").delete()
    Text.objects.filter(level__rank=1, channel="email", language="en").delete()

    proposals.refresh(today=TODAY)

    rows = Proposal.objects.select_related("invoice__customer", "level")
    assert rows.count() == len(customers_made) * 6
    seen = set()
    for row in rows:
        for channel, trouble in (
            (Channel.REGISTERED, row.letter_trouble),
            (Channel.EMAIL, row.email_trouble),
        ):
            wish = Wish(invoice=row.invoice, channel=channel, level=row.level)
            means = drafts.draft(wish, today=TODAY).means
            hard = [one.code.value for one in means if one.weight == Weight.HARD]
            assert trouble == (hard[0] if hard else ""), (row, channel)
            seen.add(trouble)
    assert seen == {
        "",
        "no_address",
        "no_email",
        "text_missing",
        "rate_missing",
        "element_missing",
    }


def test_contacts_decide_who_can_be_reached() -> None:
    customer = make.customer(email="", city="")
    contact = make.contact(customer, email="", city="Brest", role="other")
    invoice = late(customer)
    assert row_of(invoice).letter_trouble == "no_address"

    contact.recipient_for.set([rank(1)])
    contact.email = "ici@client.example"
    contact.save()
    touch([customer.pk])
    row = row_of(invoice)
    assert (row.letter_trouble, row.email_trouble) == ("", "")


def test_many_take_no_more_queries_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(count: int) -> int:
        for _ in range(count):
            late()
        with CaptureQueriesContext(connection) as asked:
            assert proposals.refresh(today=TODAY) == count
        return len(asked)

    assert asked(30) == asked(1)


def test_too_many_to_be_named_are_decided_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(proposal_decisions, "MANY", 3)
    monkeypatch.setattr(proposal_decisions, "CHUNK", 7)
    customer = make.customer()
    rows = [late(customer), *(late() for _ in range(9))]
    reminded(rows[0], 1, days=2, next_on=TOMORROW)
    make.payment(of=rows[3].customer)
    make.hold(rows[4])
    make.hold(rows[5].customer, "manual")
    proposals.refresh(today=TODAY)
    some = {one.invoice_id: (one.standing, codes(one)) for one in _all()}

    monkeypatch.setattr(proposal_decisions, "MANY", 1_000)
    touch_all()
    proposals.refresh(today=TODAY)

    assert {one.invoice_id: (one.standing, codes(one)) for one in _all()} == some
    assert some[rows[0].pk] == (Standing.EARLY, ["too_soon"])
    assert [some[one.pk][1] for one in rows[3:6]] == [
        ["unallocated"],
        ["dispute"],
        ["manual_hold"],
    ]
    assert some[rows[9].pk] == (Standing.READY, [])


def _all() -> list[Proposal]:
    assert not Proposal.objects.filter(stale=True).exists()
    return list(Proposal.objects.all())


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


# What survives


def chosen(invoice: Invoice, alice: User, **more: Any) -> Proposal:
    return choose(
        row_of(invoice),
        by=alice,
        **({"channel": "letter", "note": "À suivre"} | more),
    )


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


# All at once


def tick(how: How, by: User | None = None, **criteria: Any) -> proposals.Ticked:
    return proposals.tick_all(Criteria(**criteria), how, by=by, now=NOW, today=TODAY)


def ticks(*found: Invoice) -> list[str]:
    return [Proposal.objects.get(invoice=one).channel for one in found]


@pytest.fixture
def six() -> list[Invoice]:
    """Three to remind, a formal notice, one held, one not due."""
    made = [
        late(make.customer(preferred_channel="letter")),
        late(make.customer(email="")),
        late(make.customer(city="")),
        notice(),
        late(),
        late(days=-5),
    ]
    make.hold(made[4])
    return made


@pytest.mark.parametrize(
    ("how", "found", "left"),
    [
        (How.LETTERS, ["letter", "letter", "email", "registered", "", ""], 3),
        (How.EMAILS, ["email", "letter", "email", "registered", "", ""], 3),
        (How.PREFERRED, ["letter", "letter", "email", "registered", "", ""], 2),
    ],
)
def test_all_rows_are_ticked_as_far_as_can_be(
    how: How, found: list[str], left: int, six: list[Invoice], alice: User
) -> None:
    done = tick(how, alice, which="unpaid")
    assert (done.ticked, done.left) == (6 - left, left)
    assert ticks(*six) == found
    by = Proposal.objects.filter(chosen_by=alice, chosen_at=NOW)
    assert by.count() == done.ticked


def test_all_is_unticked_and_stays_so(six: list[Invoice], alice: User) -> None:
    done = tick(How.NONE, alice, which="unpaid")
    assert (done.ticked, done.left) == (4, 0)
    touch_all()
    proposals.refresh(today=TODAY)
    assert ticks(*six) == [""] * 6
    # Those that were not to be reminded yet will be ticked in advance.
    assert row_of(six[5], today=TODAY + timedelta(days=10)).channel == "email"


def test_only_the_rows_of_the_filter_are_ticked(six: list[Invoice]) -> None:
    other = late()
    tick(How.NONE, which="today")
    tick(How.LETTERS, which="today", customer=other.customer_id)
    assert ticks(other, *six[:4]) == ["letter", "", "", "", ""]


def test_rows_overridden_are_ticked_with_the_others(
    six: list[Invoice], dora: User
) -> None:
    choose(row_of(six[4]), by=dora, overrides={"dispute": "Tranché"})
    tick(How.LETTERS, which="held")
    assert ticks(six[4]) == ["letter"]
    make.hold(six[4], "manual")
    tick(How.NONE, which="unpaid")
    tick(How.LETTERS, which="held")
    assert ticks(six[4]) == [""]


@pytest.mark.parametrize(
    ("one_by_one", "letters", "emails"),
    [
        ({"channel": "email"}, "registered", "email"),
        ({"channel": "letter", "plain_letter": True}, "letter", "letter"),
        ({"channel": ""}, "registered", "registered"),
    ],
)
def test_a_formal_notice_stays_a_letter_unless_ticked_one_by_one(
    one_by_one: dict[str, Any], letters: str, emails: str
) -> None:
    invoice = notice()
    for how, channel in ((How.LETTERS, letters), (How.EMAILS, emails)):
        choose(row_of(invoice), **one_by_one)
        tick(how)
        assert ticks(invoice) == [channel]


def test_ticking_many_takes_no_more_queries(six: list[Invoice]) -> None:
    proposals.refresh(today=TODAY)

    def asked() -> int:
        with CaptureQueriesContext(connection) as asked:
            tick(How.PREFERRED, which="unpaid")
        return len(asked)

    few = asked()
    for _ in range(20):
        late()
    proposals.refresh(today=TODAY)
    assert asked() == few
