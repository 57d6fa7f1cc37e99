"""Letters are printed again from one on, and registered ones apart."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from relance.models import Channel, Reminder
from relance.services import documents, printing, reminders
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW
from tests.services._printing import build, damage, firsts, letter, texts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ours() -> None:
    make.company()


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
