"""Past reminders: written down, counted, taken back; nothing is launched before."""

from __future__ import annotations

import io
import uuid
import zipfile
from datetime import date, timedelta

import pytest

from relance.models import (
    Company,
    Document,
    HistoryEntry,
    ImportBatch,
    Invoice,
    Level,
    Proposal,
    Reminder,
)
from relance.services import batches, proposals, runs, takeover
from relance.services.refusal import Refused
from relance.services.takeover import PastReminder, TakeoverAnswer
from relance.services.takeover_files import Imported, import_file
from tests import make
from tests.einvoices import blank_pdf
from tests.make import NOW, TODAY
from tests.workbooks import workbook

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def late() -> Invoice:
    return make.invoice(number="FA-1")


def level(rank: int) -> Level:
    return Level.objects.get(rank=rank)


def past(
    invoice: Invoice, on: date = date(2026, 11, 10), rank: int = 1
) -> PastReminder:
    return PastReminder(invoice=invoice, made_on=on, level=level(rank))


def take(*rows: PastReminder, by=None) -> takeover.TakenOver:
    return takeover.take_over(rows, by=by, now=NOW, today=TODAY)


def bring(
    text: str | bytes, *, name: str = "relances.csv", leave_wrong=False
) -> Imported:
    data = text.encode() if isinstance(text, str) else text
    return import_file(
        name, data, leave_wrong=leave_wrong, by=None, now=NOW, today=TODAY
    )


def proposed(invoice: Invoice) -> Proposal:
    proposals.refresh(today=TODAY)
    return Proposal.objects.get(invoice=invoice)


def codes(invoice: Invoice) -> list[str]:
    return [str(reason["code"]) for reason in proposed(invoice).reasons]


def test_a_past_reminder_counts_for_the_next_level(late: Invoice) -> None:
    alice = make.user()
    assert proposed(late).level == level(1)

    done = take(past(late, date(2026, 10, 20)), by=alice)

    assert (done.new, done.known) == (1, 0)
    row = proposed(late)
    assert row.level == level(2)
    made = Reminder.objects.get()
    assert (made.state, made.level_name) == ("taken_over", level(1).name)
    assert (made.customer, made.made_on, made.made_by) == (
        late.customer,
        date(2026, 10, 20),
        alice,
    )
    assert row.last == made
    entry = HistoryEntry.objects.get(action="reminder.taken_over")
    assert (entry.invoice, entry.reminder, entry.user) == (late, made, alice)


def test_a_recent_one_holds_the_next_back_as_ours_would(late: Invoice) -> None:
    take(past(late, TODAY - timedelta(days=3)))

    made = Reminder.objects.get()
    # The general delay of the company, as when Relance makes it.
    assert made.next_on == TODAY - timedelta(days=3) + timedelta(days=15)
    assert "too_soon" in codes(late)
    other = make.invoice(late.customer)
    assert "customer_too_soon" in codes(other)


def test_numbers_follow_ours_and_never_clash(late: Invoice) -> None:
    ours = make.reminder(late, number=7)
    two = make.invoice()

    take(past(late, date(2026, 10, 20)), past(two))

    numbers = list(Reminder.objects.order_by("number").values_list("number", flat=True))
    assert numbers == [ours.number, 8, 9]


def test_a_call_is_a_note_and_reaches_no_level(late: Invoice) -> None:
    take(
        PastReminder(invoice=late, made_on=date(2026, 11, 2), level=None, note="Appel")
    )

    made = Reminder.objects.get()
    assert (made.channel, made.level, made.note) == ("none", None, "Appel")
    assert proposed(late).level == level(1)


def test_the_same_twice_is_one(late: Invoice) -> None:
    assert take(past(late), past(late)).new == 1
    again = take(past(late))
    assert (again.new, again.known, again.batch) == (0, 1, None)
    assert take(past(late, rank=2)).new == 1


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (TODAY + timedelta(days=1), "dans le futur"),
        (date(2026, 8, 31), "antérieur à la date de la facture"),
    ],
)
def test_a_day_that_cannot_be_is_refused_and_nothing_written(
    late: Invoice, day: date, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        take(past(make.invoice()), past(late, day))
    assert not Reminder.objects.exists()


def test_what_came_together_is_taken_back_together(late: Invoice) -> None:
    done = take(past(late))
    assert done.batch is not None

    undone = batches.undo(done.batch, by=None, now=NOW)
    assert undone.state == ImportBatch.State.UNDONE

    assert proposed(late).level == level(1)
    made = Reminder.objects.get()
    assert made.state == "cancelled"
    done.batch.refresh_from_db()
    assert done.batch.state == ImportBatch.State.UNDONE
    with pytest.raises(Refused, match="déjà"):
        takeover.undo(done.batch, by=None, now=NOW)
    # And may come again.
    assert take(past(late)).new == 1


def test_another_import_is_not_undone_here() -> None:
    other = ImportBatch.objects.create(kind="customers", made_at=NOW)
    with pytest.raises(Refused):
        takeover.undo(other, by=None, now=NOW)


def approve() -> None:
    proposals.refresh(today=TODAY)
    runs.approve(
        key=uuid.uuid4(), by=None, now=NOW, today=TODAY, grouped=True, confirmed=False
    )


def test_no_run_is_approved_before_somebody_answered(late: Invoice) -> None:
    Company.objects.update(takeover_answered_at=None)

    with pytest.raises(Refused, match="Rien à reprendre"):
        approve()
    takeover.answer(TakeoverAnswer(), by=None, now=NOW)

    approve()
    words = HistoryEntry.objects.get(action="takeover.answered").words
    assert "rien à reprendre" in words


def test_nothing_is_proposed_before_the_day_chosen(late: Invoice) -> None:
    opening = TODAY + timedelta(days=10)
    said = TakeoverAnswer(nothing_before=opening, done=True)
    takeover.answer(said, by=None, now=NOW)

    row = proposed(late)
    assert codes(late) == ["before_start"]
    assert (row.standing, row.channel) == (Proposal.Standing.EARLY, "")

    proposals.refresh(today=opening)
    row.refresh_from_db()
    assert row.standing == Proposal.Standing.READY


CSV = """Facture;Date;Niveau;Canal;Note
FA-1;20/10/2026;1;courrier;Première
FA-2;2026-11-02;{notice};recommandé;
FA-2;3 nov. 2026;;téléphone;Rappellera
"""


def test_a_table_is_taken_over(late: Invoice) -> None:
    make.invoice(number="FA-2")

    done = bring(CSV.format(notice="Mise en demeure"))

    assert done.problems == ()
    assert done.taken is not None
    assert done.taken.new == 3
    made = {
        (row.lines.get().invoice.number, row.made_on, row.level_rank, row.channel)
        for row in Reminder.objects.all()
    }
    assert made == {
        ("FA-1", date(2026, 10, 20), 1, "letter"),
        ("FA-2", date(2026, 11, 2), 3, "registered"),
        ("FA-2", date(2026, 11, 3), None, "none"),
    }
    assert done.taken.batch is not None
    assert done.taken.batch.file_name == "relances.csv"
    again = bring(CSV.format(notice="MED"))
    assert again.taken is not None
    assert (again.taken.new, again.taken.known) == (0, 3)


def test_a_workbook_with_a_title_is_read_too(late: Invoice) -> None:
    data = workbook(
        [
            ["Relances envoyées en 2026"],
            [],
            ["N° facture", "Date relance", "Niveau de relance"],
            ["FA-1", "05/10/2026", "2e rappel"],
        ]
    )

    done = bring(data, name="relances.xlsx")

    assert done.problems == ()
    assert Reminder.objects.get().level_rank == 2


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("FA-9;20/10/2026;1;;", "FA-9 n’est pas là"),
        (";20/10/2026;1;;", "numéro de la facture manque"),
        ("FA-1;hier;1;;", "« hier » n’est pas une date"),
        ("FA-1;20/10/2027;1;;", "dans le futur"),
        ("FA-1;20/10/2026;9;;", "« 9 » n’est pas un niveau"),
        ("FA-1;20/10/2026;;;", "n’est pas un niveau"),
        ("FA-1;20/10/2026;1;pigeon;", "« pigeon » n’est pas un canal"),
        ("AV-1;20/10/2026;1;;", "AV-1 est un avoir"),
    ],
)
def test_a_line_that_is_wrong_keeps_all_from_being_written(
    late: Invoice, line: str, why: str
) -> None:
    make.invoice(number="AV-1", kind="credit_note")
    text = f"Facture;Date;Niveau;Canal;Note\nFA-1;10/10/2026;1;;\n{line}\n"

    done = bring(text)

    assert done.taken is None
    [problem] = done.problems
    assert problem.line == 3
    assert why in problem.words.replace("\u00a0", " ")
    assert not Reminder.objects.exists()

    left = bring(text, leave_wrong=True)
    assert left.taken is not None
    assert left.taken.new == 1
    assert len(left.problems) == 1


def test_one_number_in_two_numberings_is_for_a_person(late: Invoice) -> None:
    twin = make.invoice()
    Invoice.objects.filter(pk=twin.pk).update(number="FA-1", numbering="dolibarr-1")

    [problem] = bring("Facture;Date;Niveau\nFA-1;10/10/2026;1\n").problems

    assert "plusieurs factures" in problem.words


def zipped(**files: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return written.getvalue()


def test_letters_come_in_a_zip_with_their_table(late: Invoice) -> None:
    table = b"Facture;Date;Niveau;Fichier\nFA-1;10/10/2026;1;relance.pdf\n"
    data = zipped(**{"t/table.csv": table, "t/relance.pdf": blank_pdf()})

    done = bring(data, name="reprise.zip")

    assert done.problems == ()
    document = Reminder.objects.get().document
    assert document is not None
    assert (document.kind, document.name) == (Document.Kind.TAKEN_OVER, "relance.pdf")
    assert document.pages == 1


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({}, "n’est pas dans le ZIP"),
        ({"relance.pdf": b"MZ not a PDF"}, "relance.pdf"),
    ],
)
def test_a_file_that_is_absent_or_none_is_a_problem(
    late: Invoice, files: dict[str, bytes], why: str
) -> None:
    table = b"Facture;Date;Niveau;Fichier\nFA-1;10/10/2026;1;relance.pdf\n"

    [problem] = bring(zipped(**{"table.csv": table} | files)).problems

    assert why in problem.words
    assert not Document.objects.filter(kind=Document.Kind.TAKEN_OVER).exists()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "vide"),
        (b"Nom;Prenom\nA;B\n", "colonnes n’ont pas été reconnues"),
        (b"PK\x03\x04 broken", "abîmé|endommagé|lisible|incompl"),
        (zipped(**{"a.csv": b"x", "b.csv": b"y"}), "un seul tableau"),
        (zipped(**{"a.pdf": b"x"}), "un seul tableau"),
        (b"%PDF-1.4", "ni un classeur"),
    ],
)
def test_what_is_no_table_is_refused_in_words(data: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        bring(data)
