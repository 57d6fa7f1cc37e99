"""The print room: what is in the file, in which order, and what makes it anew."""

from __future__ import annotations

import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from relance.models import Channel, Document, HistoryEntry, Reminder, Run, User
from relance.queries.print_room import letters_of
from relance.services import documents, printing, reminders
from relance.services.drafts import Wish
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY
from tests.services._printing import build, damage, firsts, letter, prints

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=2)


@pytest.fixture(autouse=True)
def ours() -> None:
    make.company()


def test_a_real_letter_is_printed_with_its_invoice_behind(alice: User) -> None:
    invoice = make.invoice(make.customer(name="Lefèvre"), number="FA-42")
    wish = Wish(invoice=invoice, channel=Channel.LETTER)
    made = reminders.remind(wish, key=uuid.uuid4(), by=alice, now=NOW, today=TODAY)
    run = make.run_of(made, approved_by=alice)

    cover, page, copy = build(run)

    assert made.reference in cover
    assert "Alice Martin" in cover
    assert "Lefèvre" in page
    assert "FA-42" in copy


def test_letters_only_without_the_cancelled_ones() -> None:
    kept = letter("B")
    gone = letter("A", state=Reminder.State.CANCELLED)
    apart = letter("C", channel=Channel.REGISTERED)
    email = make.reminder(make.invoice(), channel=Channel.EMAIL, state="sent")
    unmade = make.reminder(make.invoice(), state=Reminder.State.BEING_MADE)
    posted = letter("D", state=Reminder.State.POSTED)
    of_another_run = letter("E")
    make.run_of(of_another_run)
    run = make.run_of(kept, gone, apart, email, unmade, posted, print_cover=False)

    said = build(run)

    assert firsts(said) == [kept.reference, posted.reference]
    assert len(said) == 4


def test_the_order_of_names_is_that_of_a_dictionary() -> None:
    names = ["zoé", "Élan", "abel", "Zèbre", "Eau vive"]
    made = {name: letter(name) for name in names}
    run = make.run_of(*made.values(), print_cover=False)
    expected = ["abel", "Eau vive", "Élan", "Zèbre", "zoé"]
    assert firsts(build(run)) == [made[name].reference for name in expected]


def test_the_order_of_postcodes_puts_what_goes_abroad_last() -> None:
    far = letter("A", postcode="1000", country="BE")
    nantes = letter("C", postcode="44000")
    lyon_b, lyon_a = letter("B", postcode="69006"), letter("A", postcode="69006")
    run = make.run_of(
        far, nantes, lyon_b, lyon_a, print_order="postcode", print_cover=False
    )
    expected = [nantes, lyon_a, lyon_b, far]
    assert firsts(build(run)) == [one.reference for one in expected]


def test_the_postcode_is_that_of_the_window_which_may_be_a_contact_s() -> None:
    paris = letter("A", postcode="75001")
    window = ["A SARL", "Mme Rault", "35000 RENNES"]
    contact = letter("B", postcode="99999", recipient={"address": window})
    abroad = ["C GMBH", "Platz 1", "10115 BERLIN", "ALLEMAGNE"]
    berlin = letter("C", postcode="01000", recipient={"address": abroad})
    run = make.run_of(berlin, paris, contact, print_order="postcode", print_cover=False)
    expected = [contact, paris, berlin]
    assert firsts(build(run)) == [one.reference for one in expected]


def test_the_order_of_pages_puts_the_shortest_first() -> None:
    three, two_b, two_a = letter("A", pages=3), letter("B"), letter("A")
    run = make.run_of(three, two_b, two_a, print_order="pages", print_cover=False)
    expected = [two_a, two_b, three]
    assert firsts(build(run)) == [one.reference for one in expected]


@pytest.mark.parametrize("cover", [True, False])
def test_on_both_sides_the_sheets_are_those_of_the_list(cover: bool) -> None:
    made = [letter(name, pages=n) for name, n in (("A", 3), ("B", 1), ("C", 2))]
    run = make.run_of(*made, print_duplex=True, print_cover=cover)

    said = build(run)
    listed = letters_of(run)

    before = said.index(f"{made[0].reference} 1")
    assert before == (2 if cover else 0)
    assert [one.first_sheet for one in listed] == [1, 3, 4]
    assert [one.rank for one in listed] == [1, 2, 3]
    for one in listed:
        page = said.index(f"{one.reference} 1")
        assert page == before + 2 * (one.first_sheet - 1)


def test_what_is_to_be_built() -> None:
    run = make.run_of(letter())
    make.run_of(letter(channel=Channel.REGISTERED))
    make.run_of(letter(state=Reminder.State.CANCELLED))
    make.run_of(letter(), state=Run.State.WORKING)
    make.run_of(letter(), state=Run.State.APPROVED)
    stopped = make.run_of(letter(), letter(), state=Run.State.STOPPED)
    assert printing.prints_to_build() == [run.pk, stopped.pk]

    printing.build_print_file(run.pk, now=NOW)
    assert printing.prints_to_build() == [stopped.pk]


def test_built_twice_it_is_the_same() -> None:
    run = make.run_of(letter())
    build(run)
    before = run.print_file, prints()
    build(run)
    assert (run.print_file, prints()) == before


def test_a_cancelled_letter_leaves_the_file() -> None:
    kept, gone = letter("A"), letter("B")
    run = make.run_of(kept, gone, print_cover=False)
    assert len(build(run)) == 4

    reminders.cancel_letter(gone, "réglée hier", by=None, now=NOW)

    run.refresh_from_db()
    assert (run.print_file, run.print_pages) == ("", None)
    assert printing.prints_to_build() == [run.pk]
    assert firsts(build(run)) == [kept.reference]


def test_what_one_chooses_is_kept_and_the_file_made_anew(alice: User) -> None:
    run = make.run_of(letter("A", pages=1), letter("B"))
    build(run)

    printing.choose_print(
        run, order="pages", duplex=True, cover=False, by=alice, now=NOW
    )

    run.refresh_from_db()
    assert (run.print_order, run.print_duplex, run.print_cover) == (
        "pages", True, False,
    )  # fmt: skip
    assert (run.print_file, run.print_pages) == ("", None)
    assert len(build(run)) == 4
    entry = HistoryEntry.objects.get(action="run.print")
    assert entry.user == alice
    assert run.reference in entry.words


def test_an_order_that_is_none_is_refused() -> None:
    run = make.run_of(letter())
    build(run)
    with pytest.raises(Refused) as caught:
        printing.choose_print(
            run, order="colour", duplex=True, cover=True, by=None, now=NOW
        )
    assert caught.value.field == "order"
    run.refresh_from_db()
    assert run.print_file
    assert not run.print_duplex


@pytest.mark.parametrize("how", ["altered", "gone"])
def test_a_letter_that_cannot_be_read_does_not_stop_the_others(how: str) -> None:
    one, bad, two = letter("A"), letter("B"), letter("C")
    run = make.run_of(one, bad, two)
    damage(bad)
    if how == "gone":
        assert bad.document is not None
        documents.storage().path(bad.document.sha256).unlink()

    said = build(run)

    assert firsts(said) == [one.reference, two.reference]
    # Neither is it in the list that one signs.
    assert bad.reference not in said[0]
    assert f"1 1 {one.reference}" in said[0]
    assert f"2 3 {two.reference}" in said[0]
    assert f"{bad.reference} (B)" in run.print_trouble


def test_a_letter_that_is_no_pdf_any_more_does_not_stop_the_others() -> None:
    one, bad = letter("A"), letter("B")
    run = make.run_of(one, bad, print_cover=False)
    bad.document = documents.keep(
        documents.NewFile(
            data=b"%PDF-1.7 no page", kind=Document.Kind.LETTER, name="x.pdf", pages=2
        ),
        now=NOW,
    )
    bad.save()

    assert firsts(build(run)) == [one.reference]
    assert bad.reference in run.print_trouble


def test_when_none_can_be_read_it_says_so_and_is_tried_again() -> None:
    bad = letter("A")
    run = make.run_of(bad)
    damage(bad)

    printing.build_print_file(run.pk, now=NOW)

    run.refresh_from_db()
    assert run.print_file == ""
    assert bad.reference in run.print_trouble
    assert printing.prints_to_build() == [run.pk]


def test_once_mended_the_trouble_is_forgotten() -> None:
    run = make.run_of(letter(), print_trouble="plus de place")
    build(run)
    assert run.print_trouble == ""

    Run.objects.filter(pk=run.pk).update(print_trouble="illisible")
    printing.forget_print(run.pk)
    run.refresh_from_db()
    # It is not known whether the next one has it too.
    assert run.print_trouble == ""


def test_what_the_disk_refuses_is_said_and_tried_again() -> None:
    """A file stands where the folder of print files should be."""
    run = make.run_of(letter())
    folder = Path(settings.DATA) / "prints"
    aside = folder.with_name("prints-aside")
    if folder.exists():
        folder.rename(aside)
    folder.write_bytes(b"")
    try:
        printing.build_print_file(run.pk, now=NOW)
        with pytest.raises(Refused):
            printing.print_from(run, "1", folder / "letters.pdf")
    finally:
        folder.unlink()
        if aside.exists():
            aside.rename(folder)
    run.refresh_from_db()
    assert run.print_file == ""
    assert run.print_trouble
    assert printing.prints_to_build() == [run.pk]
    build(run)
    assert run.print_trouble == ""


def test_files_that_no_run_names_are_removed_once_they_are_old() -> None:
    run = make.run_of(letter())
    build(run)
    folder = Path(settings.DATA) / "prints"
    old, fresh, half = (
        folder / name for name in ("old.pdf", "fresh.pdf", ".writing-half")
    )
    for path in (old, fresh, half):
        path.write_bytes(b"%PDF")
    long_ago = (NOW - printing.LEFT_BEHIND).timestamp() - 1
    for path in (old, half, folder / run.print_file):
        os.utime(path, (long_ago, long_ago))
    os.utime(fresh, (NOW.timestamp(), NOW.timestamp()))

    printing.tidy_prints(now=NOW)

    assert not old.exists()
    assert not half.exists()
    assert fresh.exists()
    assert printing.print_path(run) is not None
    fresh.unlink()


def test_a_file_that_is_gone_is_made_again() -> None:
    run = make.run_of(letter())
    build(run)
    path = printing.print_path(run)
    assert path is not None
    path.unlink()
    assert printing.print_path(run) is None

    printing.tidy_prints(now=LATER)

    assert printing.prints_to_build() == [run.pk]
    run.refresh_from_db()
    build(run)
