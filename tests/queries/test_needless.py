"""Letters to post of which nothing is owed any more."""

from __future__ import annotations

import pytest

from relance.models import Invoice, Reminder, ReminderLine
from relance.queries.needless import Owed, owed_of, to_post_about
from relance.queries.postings import Criteria, counts, letters
from relance.services import invoices
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def about(*owed: Invoice, **values: object) -> Reminder:
    made = make.reminder(owed[0], **values)
    for invoice in owed[1:]:
        ReminderLine.objects.create(
            reminder=made, invoice=invoice, balance=invoice.balance
        )
    return made


def paid() -> Invoice:
    invoice = make.invoice()
    make.payment(invoice, "1200.00")
    return invoice


def cancelled() -> Invoice:
    return invoices.cancel_invoice(make.invoice(), "erreur", by=None, now=NOW)


def written_off() -> Invoice:
    return invoices.write_off(make.invoice(), "perdue", by=None, now=NOW)


def needless() -> list[Reminder]:
    return list(letters(Criteria(which="needless")))


@pytest.mark.parametrize("close", [paid, cancelled, written_off])
def test_a_letter_of_what_is_closed_should_not_leave(close) -> None:
    made = about(close())

    assert owed_of(made) is Owed.NONE
    assert needless() == [made]
    assert counts(Criteria())["needless"] == 1
    # It waits all the same: maybe it left already.
    assert list(letters(Criteria())) == [made]


def test_a_part_payment_leaves_a_letter_as_it_is() -> None:
    invoice = make.invoice()
    make.payment(invoice, "100.00")

    assert owed_of(about(invoice)) is Owed.ALL
    assert needless() == []


def test_a_letter_of_several_is_only_partly_paid() -> None:
    one, other = make.invoice(), make.invoice()
    made = about(one, other)
    make.payment(one, "1200.00")

    assert owed_of(Reminder.objects.get(pk=made.pk)) is Owed.SOME
    assert needless() == []

    make.payment(other, "1200.00")

    assert owed_of(Reminder.objects.get(pk=made.pk)) is Owed.NONE
    assert needless() == [made]


@pytest.mark.parametrize(
    "values",
    [
        {"state": "posted"},
        {"state": "cancelled"},
        {"state": "being_made"},
        {"channel": "email", "state": "queued"},
        {"channel": "none"},
    ],
)
def test_what_does_not_wait_to_be_posted_is_not_warned_of(
    values: dict[str, str],
) -> None:
    made = about(paid(), **values)

    assert owed_of(made) is Owed.ALL
    assert needless() == []
    assert not to_post_about([line.invoice_id for line in made.lines.all()])


def test_the_letters_about_invoices_are_found_in_few_queries(
    django_assert_num_queries,
) -> None:
    found = [paid() for _number in range(5)]
    made = [about(invoice) for invoice in found]
    about(make.invoice())

    with django_assert_num_queries(3):
        waiting = to_post_about([invoice.pk for invoice in found])
        assert [(one, owed_of(one)) for one in waiting] == [
            (one, Owed.NONE) for one in made
        ]
