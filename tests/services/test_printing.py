"""The print room: what is in the file, in which order, and what makes it anew."""

from __future__ import annotations

import io
import os
import re
import uuid
import zipfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from relance.gateways import print_file
from relance.models import Channel, Document, HistoryEntry, Reminder, Run, User
from relance.queries.print_room import letters_of, print_room
from relance.services import documents, printing, reminders
from relance.services.covers import cover_sheet
from relance.services.drafts import Wish
from relance.services.refusal import Refused
from tests import make
from tests.gateways.test_print_sheets import red_box
from tests.make import NOW, TODAY
from tests.services.test_concurrency import at_once

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=2)


@pytest.fixture(autouse=True)
def ours() -> None:
    make.company()


def letter(name: str = "", *, pages: int = 2, **values: Any) -> Reminder:
    """A letter with a kept document, whose pages say "R-00012 1", "R-00012 2"…"""
    place = {key: values.pop(key) for key in ("postcode", "country") if key in values}
    customer = make.customer(**({"name": name} if name else {}), **place)
    made = make.reminder(make.invoice(customer), **values)
    with pikepdf.new() as pdf:
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
        )
        for number in range(1, pages + 1):
            page = pdf.add_blank_page(page_size=(595, 842))
            page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
            said = f"BT /F1 12 Tf 40 60 Td ({made.reference} {number}) Tj ET"
            page.obj.Contents = pdf.make_stream(said.encode())
        out = io.BytesIO()
        pdf.save(out)
    made.document = documents.keep(
        documents.NewFile(
            data=out.getvalue(),
            kind=Document.Kind.LETTER,
            name=f"{made.reference}_Relance.pdf",
            pages=pages,
        ),
        now=NOW,
    )
    made.save()
    return made


def texts(path: Path) -> list[str]:
    pages = pypdf.PdfReader(path, strict=True).pages
    return [" ".join(page.extract_text().split()) for page in pages]


def build(run: Run) -> list[str]:
    """Build the print file and return what its pages say."""
    printing.build_print_file(run.pk, now=NOW)
    run.refresh_from_db()
    path = printing.print_path(run)
    assert path is not None, run.print_trouble
    said = texts(path)
    assert run.print_pages == len(said)
    return said


def firsts(said: list[str]) -> list[str]:
    """Return the letters in the order of their first pages."""
    return [text.split()[0] for text in said if re.fullmatch(r"R-\d+ 1", text)]


def prints() -> list[str]:
    folder = Path(settings.DATA) / "prints"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def damage(reminder: Reminder) -> None:
    assert reminder.document is not None
    path = documents.storage().path(reminder.document.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"altered")


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


def test_the_cover_lists_all_with_totals(dora: User) -> None:
    one = letter("Établissements Lefèvre", postcode="69006", level_kind="formal_notice")
    two = letter("Zoé", pages=3)
    bill = make.invoice(two.customer, total=Decimal("50.00"))
    two.lines.create(invoice=bill, balance=Decimal("50.00"))
    dollars = letter("Ville", currency="USD")
    run = make.run_of(one, two, dollars, approved_by=dora, print_order="pages")

    page = build(run)[0].replace("\xa0", " ").replace("\u202f", " ")

    assert run.reference in page
    assert "Ateliers Vauban" in page
    assert "24 novembre 2026" in page
    assert "Dora Blanc" in page
    for made in (one, two, dollars):
        assert made.reference in page
        assert made.customer.name in page
    assert "69006 Nantes" in page
    assert "2 factures" in page
    # By currency, never added up: 1 200 twice and 50; 1 200 dollars.
    assert "2 450,00 €" in page
    assert page.count("1 200,00 $US") + page.count("1 200,00 $") >= 2
    assert "1 250,00 €" in page


@pytest.mark.parametrize(("count", "least"), [(120, 3), (650, 13)])
def test_a_long_list_takes_several_pages_with_its_header(
    count: int, least: int
) -> None:
    one = letter("Client")
    run = make.run_of(one)
    [row] = letters_of(run)
    many = [
        row.__class__(**{name: getattr(row, name) for name in row.__slots__}
        | {"rank": n, "reference": f"R-{n:05d}"})
        for n in range(1, count + 1)
    ]  # fmt: skip

    pages = pypdf.PdfReader(io.BytesIO(cover_sheet(run, many))).pages
    said = [page.extract_text() for page in pages]

    assert len(said) >= least
    assert all("Client" in text and run.reference in text for text in said)
    found = re.findall(r"R-(\d{5})", " ".join(said))
    assert [int(number) for number in found] == list(range(1, count + 1))


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


def test_of_two_that_build_at_once_one_file_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = make.run_of(letter())
    there = prints()
    while_writing(monkeypatch, lambda: build(run))

    printing.build_print_file(run.pk, now=NOW)

    run.refresh_from_db()
    assert sorted(set(prints()) - set(there)) == [run.print_file]


def test_a_cancelled_letter_leaves_the_file() -> None:
    kept, gone = letter("A"), letter("B")
    run = make.run_of(kept, gone, print_cover=False)
    assert len(build(run)) == 4

    reminders.cancel_letter(gone, "réglée hier", by=None, now=NOW)

    run.refresh_from_db()
    assert (run.print_file, run.print_pages) == ("", None)
    assert printing.prints_to_build() == [run.pk]
    assert firsts(build(run)) == [kept.reference]


def test_a_letter_cancelled_while_the_file_is_written_is_not_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept, gone = letter("A"), letter("B")
    run = make.run_of(kept, gone, print_cover=False)
    there = prints()
    while_writing(
        monkeypatch,
        lambda: reminders.cancel_letter(gone, "réglée", by=None, now=NOW),
    )

    printing.build_print_file(run.pk, now=NOW)

    run.refresh_from_db()
    assert run.print_file == ""
    assert prints() == there
    assert printing.prints_to_build() == [run.pk]
    assert firsts(build(run)) == [kept.reference]


@pytest.mark.parametrize(
    "chosen", [{"order": "pages"}, {"duplex": True}, {"cover": False}], ids=str
)
def test_options_chosen_while_the_file_is_written_hold(
    monkeypatch: pytest.MonkeyPatch, chosen: dict[str, Any]
) -> None:
    run = make.run_of(letter("A", pages=3), letter("B", pages=1))
    options: dict[str, Any] = {"order": "customer", "duplex": False, "cover": True}
    while_writing(
        monkeypatch,
        lambda: printing.choose_print(run, **(options | chosen), by=None, now=NOW),
    )

    printing.build_print_file(run.pk, now=NOW)

    run.refresh_from_db()
    assert run.print_file == ""
    build(run)
    kept = {
        "order": run.print_order,
        "duplex": run.print_duplex,
        "cover": run.print_cover,
    }
    assert kept == options | chosen


def while_writing(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """Do something once, after a print file was written, before it is recorded."""
    write, done = print_file.write_print_file, []

    def writing(*args: Any, **options: Any) -> int:
        pages = write(*args, **options)
        if not done:
            done.append(True)
            act()
        return pages

    monkeypatch.setattr(printing, "write_print_file", writing)


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


def test_formal_notices_are_red_in_the_list() -> None:
    run = make.run_of(letter(level_kind="reminder"))
    assert red_box(cover_sheet(run, letters_of(run))) is None
    run = make.run_of(letter(level_kind="formal_notice"))
    assert red_box(cover_sheet(run, letters_of(run))) is not None


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


@pytest.mark.parametrize("by", ["rank", "reference", "small letters"])
def test_printed_again_from_a_letter_on(tmp_path: Path, by: str) -> None:
    made = [letter(name, pages=1) for name in "ABC"]
    run = make.run_of(*made, print_duplex=True)
    build(run)
    first = {
        "rank": " 2 ",
        "reference": made[1].reference,
        "small letters": made[1].reference.lower(),
    }[by]
    target = tmp_path / "letters.pdf"

    pages = printing.print_from(run, first, target)

    said = texts(target)
    assert pages == len(said) == 3
    assert firsts(said) == [made[1].reference, made[2].reference]
    assert said[1] == ""


def test_a_reference_is_the_same_letter_once_another_is_cancelled(
    tmp_path: Path,
) -> None:
    made = [letter(name, pages=1) for name in "ABC"]
    run = make.run_of(*made)
    reminders.cancel_letter(made[0], "réglée", by=None, now=NOW)
    printing.print_from(run, made[2].reference, tmp_path / "letters.pdf")
    assert firsts(texts(tmp_path / "letters.pdf")) == [made[2].reference]


@pytest.mark.parametrize("first", ["0", "4", "R-99999", "-1", "tout", ""])
def test_a_letter_that_is_not_there_is_refused(tmp_path: Path, first: str) -> None:
    run = make.run_of(letter(), letter(), letter())
    with pytest.raises(Refused):
        printing.print_from(run, first, tmp_path / "letters.pdf")
    assert not list(tmp_path.iterdir())


def test_registered_letters_are_files_of_their_own() -> None:
    two = [letter(name, channel=Channel.REGISTERED) for name in "BA"]
    cancelled = letter(channel=Channel.REGISTERED, state=Reminder.State.CANCELLED)
    run = make.run_of(*two, cancelled, letter(), print_duplex=True)
    out = io.BytesIO()

    assert printing.write_registered(run, out) == 2

    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            f"{two[1].reference}_Relance.pdf", f"{two[0].reference}_Relance.pdf",
        ]  # fmt: skip
        for one in two:
            assert one.document is not None
            kept = documents.read(one.document)
            assert archive.read(f"{one.reference}_Relance.pdf") == kept


def test_registered_letters_that_are_not_there_are_refused() -> None:
    with pytest.raises(Refused):
        printing.write_registered(make.run_of(letter()), io.BytesIO())
    bad = letter(channel=Channel.REGISTERED)
    damage(bad)
    with pytest.raises(Refused, match=bad.reference):
        printing.write_registered(make.run_of(bad), io.BytesIO())


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


def test_the_letters_are_read_in_one_query_whatever_their_number() -> None:
    run = make.run_of(*(letter() for _ in range(6)))
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert len(letters_of(run)) == 6
    assert len(captured) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_leave_one_file() -> None:
    run = make.run_of(*(letter() for _ in range(5)))
    there = prints()

    given = at_once(*[lambda: printing.build_print_file(run.pk, now=NOW)] * 2)

    assert given == [None, None]
    run.refresh_from_db()
    assert sorted(set(prints()) - set(there)) == [run.print_file]
    assert run.print_trouble == ""
