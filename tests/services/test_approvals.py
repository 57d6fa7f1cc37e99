"""A second person: asked, agreed, refused, outgrown; never the same on both sides."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from relance.models import (
    Approval,
    Channel,
    Company,
    HistoryEntry,
    Invoice,
    Level,
    Payment,
    Proposal,
    Reminder,
    User,
)
from relance.queries import approvals as queries
from relance.rules.permissions import Role
from relance.services import approvals, payments, proposals, reminders, runs
from relance.services.drafts import Wish
from relance.services.refusal import Refused
from relance.services.reminders import ReminderRefused
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company(approval_from=D(1000))
    Level.objects.filter(rank=1).update(needs_approval=True)


@pytest.fixture
def level() -> Level:
    return Level.objects.get(rank=1)


def ask(invoice: Invoice, level: Level, by: User, note: str = "") -> Approval:
    return approvals.ask(invoice, level, note, by=by, now=NOW)


def answer(
    approval: Approval, by: User, *, agreed: bool = True, note: str = ""
) -> Approval:
    return approvals.answer(approval, agreed=agreed, note=note, by=by, now=NOW)


def remind(invoice: Invoice, by: User) -> Reminder:
    wish = Wish(invoice=invoice, channel=Channel.LETTER)
    return reminders.remind(wish, key=uuid.uuid4(), by=by, now=NOW, today=TODAY)


def refused_codes(invoice: Invoice, by: User) -> list[str]:
    with pytest.raises(ReminderRefused) as refused:
        remind(invoice, by)
    return [reason.code.value for reason in refused.value.reasons]


def test_nobody_is_reminded_before_a_second_person_agrees(alice, dora, level) -> None:
    invoice = make.invoice()
    assert refused_codes(invoice, alice) == ["approval_needed"]

    asked = ask(invoice, level, alice, "Dernière chance")
    assert refused_codes(invoice, alice) == ["approval_asked"]

    answer(asked, dora, note="D’accord")
    made = remind(invoice, alice)

    assert made.state == Reminder.State.MADE
    said = HistoryEntry.objects.filter(action__startswith="approval").order_by("pk")
    assert [(one.action, one.user, one.invoice) for one in said] == [
        ("approval.asked", alice, invoice),
        ("approval.agreed", dora, invoice),
    ]
    assert "Dernière chance" in said[0].words


def test_below_the_amount_nobody_is_asked(alice, level) -> None:
    invoice = make.invoice(total=D("999.99"))
    with pytest.raises(Refused):
        ask(invoice, level, alice)
    assert remind(invoice, alice).state == Reminder.State.MADE


def test_the_same_person_is_never_on_both_sides(dora, alice, level) -> None:
    asked = ask(make.invoice(), level, dora)
    with pytest.raises(Refused):
        answer(asked, dora)
    with pytest.raises(Refused):
        answer(asked, dora, agreed=False, note="Non")
    asked.refresh_from_db()
    assert asked.state == Approval.State.ASKED


def test_who_reminds_answers_where_no_other_administrator_is(
    alice, dora, bob, level
) -> None:
    by_alice = ask(make.invoice(), level, alice)
    by_dora = ask(make.invoice(), level, dora)
    other = make.user(role=Role.REMINDERS.value)

    # Dora administers: she is there to answer Alice.
    assert not queries.may_answer(other, by_alice)
    with pytest.raises(Refused):
        answer(by_alice, other)
    # Nobody else administers: whoever reminds answers Dora.
    assert queries.may_answer(other, by_dora)
    assert not queries.may_answer(bob, by_dora)
    answer(by_dora, alice)


def test_a_refusal_says_why_and_holds(alice, dora, level) -> None:
    invoice = make.invoice()
    asked = ask(invoice, level, alice)
    with pytest.raises(Refused) as refused:
        answer(asked, dora, agreed=False)
    assert refused.value.field == "answer_note"

    answer(asked, dora, agreed=False, note="Je les appelle")

    with pytest.raises(ReminderRefused, match="Je les appelle"):
        remind(invoice, alice)
    # One may ask again.
    answer(ask(invoice, level, alice), dora)
    assert remind(invoice, alice).state == Reminder.State.MADE


def test_it_is_asked_once(alice, dora, level) -> None:
    invoice = make.invoice()
    ask(invoice, level, alice)
    with pytest.raises(Refused, match="Alice"):
        ask(invoice, level, dora)
    assert Approval.objects.count() == 1


def test_what_was_agreed_is_not_asked_again(alice, dora, level) -> None:
    invoice = make.invoice()
    answer(ask(invoice, level, alice), dora)
    with pytest.raises(Refused, match="Dora"):
        ask(invoice, level, alice)


def paid_in_part() -> Invoice:
    """1 200 € are left of 1 300 €."""
    invoice = make.invoice(total=D(1300))
    make.payment(invoice, "100.00")
    return invoice


def grown(invoice: Invoice) -> None:
    """The payment bounced: more is owed than before."""
    payment = Payment.objects.get(customer=invoice.customer)
    payments.correct_payment(payment, "Rejeté", key=uuid.uuid4(), by=None, now=NOW)
    invoice.refresh_from_db()


def test_an_agreement_lapses_when_more_is_owed(alice, dora, level) -> None:
    invoice = paid_in_part()
    answer(ask(invoice, level, alice), dora)
    grown(invoice)

    assert refused_codes(invoice, alice) == ["approval_outgrown"]
    answer(ask(invoice, level, alice), dora)
    assert remind(invoice, alice).state == Reminder.State.MADE


def test_nobody_agrees_to_more_than_they_were_asked(alice, dora, level) -> None:
    invoice = paid_in_part()
    asked = ask(invoice, level, alice)
    grown(invoice)
    with pytest.raises(Refused):
        answer(asked, dora)
    # Asked again, the old question is withdrawn.
    again = ask(invoice, level, alice)
    asked.refresh_from_db()
    assert (asked.state, again.amount) == (Approval.State.WITHDRAWN, D("1300.00"))


def test_a_payment_leaves_the_agreement(alice, dora, level) -> None:
    invoice = make.invoice(total=D(2000))
    answer(ask(invoice, level, alice), dora)
    make.payment(invoice, "500.00")
    assert remind(invoice, alice).state == Reminder.State.MADE


def test_an_agreement_is_for_one_reminder(alice, dora, level) -> None:
    invoice = make.invoice()
    answer(ask(invoice, level, alice), dora)
    made = remind(invoice, alice)

    # Cancelled, it never came to the level: the agreement holds.
    reminders.cancel_letter(made, "Erreur", by=alice, now=NOW)
    assert remind(invoice, alice).state == Reminder.State.MADE
    # Made, it is spent: the same level again needs another.
    again = Wish(invoice=invoice, channel=Channel.LETTER, level=level)
    with pytest.raises(ReminderRefused) as refused:
        reminders.remind(again, key=uuid.uuid4(), by=alice, now=NOW, today=TODAY)
    assert "approval_needed" in {reason.code for reason in refused.value.reasons}


@pytest.mark.parametrize("agreed", [True, False])
def test_answered_once(alice, dora, level, agreed) -> None:
    asked = answer(
        ask(make.invoice(), level, alice), dora, agreed=agreed, note="C’est dit"
    )
    other = make.user(role=Role.ADMIN.value)
    with pytest.raises(Refused, match="Dora"):
        answer(asked, other)


def test_what_is_no_longer_wanted_is_withdrawn(alice, dora, level) -> None:
    invoice = make.invoice()
    asked = ask(invoice, level, alice)
    stranger = make.user(role=Role.REMINDERS.value)
    with pytest.raises(Refused):
        approvals.withdraw(asked, by=stranger, now=NOW)

    approvals.withdraw(asked, by=alice, now=NOW)

    assert not queries.waiting().exists()
    assert refused_codes(invoice, alice) == ["approval_needed"]
    for late in (
        lambda: approvals.withdraw(asked, by=alice, now=NOW),
        lambda: answer(asked, dora),
    ):
        with pytest.raises(Refused):
            late()


def test_nothing_waits_for_what_was_paid(alice, level) -> None:
    invoice = make.invoice()
    ask(invoice, level, alice)
    make.payment(invoice, "1200.00")
    assert not queries.waiting().exists()
    with pytest.raises(Refused):
        ask(invoice, level, alice)


def test_a_note_has_an_end(alice, dora, level) -> None:
    with pytest.raises(Refused) as refused:
        ask(make.invoice(), level, alice, "n" * 241)
    assert refused.value.field == "note"


def test_who_only_reads_asks_nothing(bob, level) -> None:
    with pytest.raises(Refused):
        ask(make.invoice(), level, bob)


def test_a_run_leaves_out_what_nobody_agreed_to(alice, dora, level) -> None:
    waiting, agreed = make.invoice(), make.invoice()
    answer(ask(agreed, level, alice), dora)
    proposals.refresh(today=TODAY)

    rows = {row.invoice_id: row for row in Proposal.objects.all()}
    assert rows[waiting.pk].standing == Proposal.Standing.STOPPED
    assert rows[waiting.pk].channel == ""
    assert rows[agreed.pk].standing == Proposal.Standing.READY
    run = runs.approve(
        key=uuid.uuid4(),
        by=alice,
        now=NOW,
        today=TODAY,
        grouped=False,
        confirmed=False,
    )
    assert [line.invoice_id for line in run.lines.all()] == [agreed.pk]


def test_the_amount_is_the_companys_to_choose(alice, level) -> None:
    invoice = make.invoice()
    Company.objects.update(approval_from=D("1200.01"))
    assert remind(invoice, alice).state == Reminder.State.MADE
