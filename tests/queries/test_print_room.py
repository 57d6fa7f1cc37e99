"""The print room counts what is there, in one query whatever the number."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from relance.models import Channel, Reminder
from relance.queries.print_room import letters_of, print_room
from tests import make
from tests.services._printing import build, letter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ours() -> None:
    make.company()


def test_the_room_counts_what_is_there() -> None:
    run = make.run_of(
        letter(),
        letter(pages=3, state=Reminder.State.POSTED),
        letter(state=Reminder.State.CANCELLED),
        letter(channel=Channel.REGISTERED),
        make.reminder(make.invoice(), channel=Channel.EMAIL, state="sent"),
        print_duplex=True,
    )
    build(run)
    room = print_room(run)
    assert (room.letters, room.letter_pages, room.registered) == (2, 5, 1)
    assert (room.to_post, room.registered_to_post) == (2, 1)
    assert run.print_pages is not None
    assert room.sheets == (run.print_pages + 1) // 2
    assert room.ready
    assert room.at_rest


def test_letters_that_claim_nothing_any_more_are_counted() -> None:
    paid, owed, posted = letter(), letter(), letter(state=Reminder.State.POSTED)
    run = make.run_of(paid, owed, posted)
    assert print_room(run).needless == 0
    for made in (paid, posted):
        for line in made.lines.all():
            make.payment(line.invoice, str(line.invoice.balance))
    assert print_room(run).needless == 1


def test_the_letters_are_read_in_one_query_whatever_their_number() -> None:
    run = make.run_of(*(letter() for _ in range(6)))
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert len(letters_of(run)) == 6
    assert len(captured) == 1
