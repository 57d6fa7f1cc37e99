"""While the file is written others choose, cancel and build: one true file is kept."""

from __future__ import annotations

from typing import Any

import pytest

from relance.gateways import print_file
from relance.services import printing, reminders
from tests import make
from tests.make import NOW
from tests.services._printing import build, firsts, letter, prints
from tests.services.test_concurrency import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ours() -> None:
    make.company()


def test_of_two_that_build_at_once_one_file_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = make.run_of(letter())
    there = prints()
    while_writing(monkeypatch, lambda: build(run))

    printing.build_print_file(run.pk, now=NOW)

    run.refresh_from_db()
    assert sorted(set(prints()) - set(there)) == [run.print_file]


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


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_leave_one_file() -> None:
    run = make.run_of(*(letter() for _ in range(5)))
    there = prints()

    given = at_once(*[lambda: printing.build_print_file(run.pk, now=NOW)] * 2)

    assert given == [None, None]
    run.refresh_from_db()
    assert sorted(set(prints()) - set(there)) == [run.print_file]
    assert run.print_trouble == ""
