"""Spreadsheets imported: what rows become, twice the same, interrupted, refused."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from relance.models import (
    Allocation,
    Customer,
    HistoryEntry,
    ImportBatch,
    Invoice,
    Payment,
    Proposal,
    Spreadsheet,
    SpreadsheetProfile,
)
from relance.rules.spreadsheet_targets import Kind, Target
from relance.services import spreadsheet_work, spreadsheets
from relance.services.proposals import refresh
from relance.services.refusal import Refused
from relance.services.spreadsheet_layout import Layout, layout_from_data
from relance.services.spreadsheet_words import problem_words, result_words
from tests import make
from tests.make import NOW, TODAY
from tests.spreadsheets import (
    HEADER,
    INVOICES,
    checked,
    counts,
    dropped,
    imported,
    invoice,
    report,
    troubles,
)

pytestmark = pytest.mark.django_db


def test_invoices_bring_their_customers_and_what_was_paid() -> None:
    found = imported(INVOICES)
    assert counts(found) == {"created": 3}
    assert (report(found).customers, report(found).payments) == (2, 1)
    first, computed = invoice("F1"), invoice("F3")
    assert (first.customer.code, first.customer.name) == ("C1", "Dupont SARL")
    assert (first.total, first.balance) == (Decimal("1200.00"), Decimal("1000.00"))
    assert (first.due_date, first.due_date_computed) == (date(2026, 10, 1), False)
    # NET 30 by default; computed, and marked so.
    assert (computed.due_date, computed.due_date_computed) == (date(2026, 10, 20), True)
    paid = Payment.objects.get()
    assert (paid.amount, paid.method, paid.received_on) == (
        Decimal("200.00"),
        "on_invoice",
        date(2026, 9, 1),
    )
    assert paid.allocations.get().invoice == first
    batch = ImportBatch.objects.get()
    assert {first.batch, first.customer.batch, paid.batch} == {batch}
    assert batch.state == ImportBatch.State.DONE
    assert batch.counts["created"] == 3
    assert first.history.filter(action="invoice.imported").count() == 1


def test_nothing_is_written_before_it_is_approved() -> None:
    found = checked(INVOICES)
    assert counts(found) == {"created": 3}
    assert report(found).customers == 2
    assert not Invoice.objects.exists()
    assert not Customer.objects.exists()
    assert not ImportBatch.objects.exists()


def test_the_same_file_again_changes_nothing_and_says_so() -> None:
    imported(INVOICES)
    before = list(Invoice.objects.values()), list(Payment.objects.values())
    again = checked(INVOICES)
    assert counts(again) == {"unchanged": 3}
    with pytest.raises(Refused, match="rien à importer"):
        spreadsheets.start(again, by=None, now=NOW)
    assert (list(Invoice.objects.values()), list(Payment.objects.values())) == before


def test_a_second_click_makes_one_import() -> None:
    found = checked(INVOICES)
    for _click in range(2):
        spreadsheets.start(found, by=None, now=NOW)
    for _worker in range(2):
        spreadsheet_work.work(found.pk, clock=lambda: NOW, today=TODAY)
    assert ImportBatch.objects.count() == 1
    assert Invoice.objects.count() == 3


def test_new_invoices_are_proposed_like_others() -> None:
    make.company()
    imported(INVOICES)
    refresh(today=TODAY)
    assert Proposal.objects.count() == 3


# --- a newer file -------------------------------------------------------------


def test_a_newer_file_tells_what_was_paid_since() -> None:
    imported(HEADER + "F1;C1;Dupont;01/09/2026;01/10/2026;100,00;100,00\n")
    again = imported(HEADER + "F1;C1;Dupont;01/09/2026;01/10/2026;100,00;40,00\n")
    assert counts(again) == {"updated": 1}
    assert invoice("F1").balance == Decimal("40.00")
    settled = imported(HEADER + "F1;C1;Dupont;01/09/2026;01/10/2026;100,00;0,00\n")
    assert counts(settled) == {"updated": 1}
    found = invoice("F1")
    assert (found.balance, found.state) == (Decimal(0), Invoice.State.SETTLED)
    assert found.paid_on == TODAY
    assert Payment.objects.count() == 2


def test_what_is_known_here_is_not_taken_back_by_an_older_file() -> None:
    imported(HEADER + "F1;C1;Dupont;01/09/2026;01/10/2026;100,00;100,00\n")
    make.payment(invoice("F1"), "30.00")
    older = checked(HEADER + "F1;C1;Dupont;01/09/2026;01/10/2026;100,00;100,00\n")
    assert counts(older) == {"unchanged": 1}
    assert troubles(older) == {2: ["known_paid"]}


def test_an_invoice_that_differs_is_updated_while_nothing_rests_on_it() -> None:
    imported(HEADER + "F1;C1;Dupont;01/09/2026;01/10/2026;100,00;\n")
    again = imported(HEADER + "F1;C1;Dupont;01/09/2026;31/10/2026;120,00;\n")
    assert counts(again) == {"updated": 1}
    found = invoice("F1")
    assert (found.total, found.balance, found.due_date) == (
        Decimal("120.00"),
        Decimal("120.00"),
        date(2026, 10, 31),
    )
    words = found.history.get(action="invoice.updated").words
    assert "échéance" in words
    # A call noted says nothing to the customer.
    make.reminder(found, channel="none", level_rank=None, level_kind="")
    third = imported(HEADER + "F1;C1;Dupont;01/09/2026;31/10/2026;130,00;\n")
    assert counts(third) == {"updated": 1}


@pytest.mark.parametrize("rests", ["reminder", "payment", "hand"])
def test_an_invoice_on_which_others_rest_waits_for_somebody(rests: str) -> None:
    line = "F1;C1;Dupont;01/09/2026;01/10/2026;100,00;\n"
    if rests == "hand":
        of = make.customer(code="C1", name="Dupont")
        make.invoice(of, number="F1", total=Decimal("100.00"))
    else:
        imported(HEADER + line)
    if rests == "reminder":
        make.reminder(invoice("F1"))
    if rests == "payment":
        make.payment(invoice("F1"), "10.00")
    again = checked(HEADER + line.replace("100,00", "120,00"))
    assert counts(again) == {"conflict": 1}
    [problem] = report(again).faulty[0].problems
    assert "F1" in problem_words(problem)


# --- the way there ------------------------------------------------------------------


def test_what_is_missing_is_asked_and_the_choices_are_kept() -> None:
    found = dropped("Alpha;Bêta\n1;2\n")
    assert found.kind == ""
    with pytest.raises(Refused):
        spreadsheets.choose(found, layout_from_data(found.layout), now=NOW)
    chosen = Layout(kind=Kind.INVOICES, columns={Target.NUMBER: 0})
    with pytest.raises(Refused) as refused:
        spreadsheets.choose(found, chosen, now=NOW)
    assert "Date" in refused.value.message
    found.refresh_from_db()
    assert layout_from_data(found.layout).columns == {Target.NUMBER: 0}
    assert found.state == Spreadsheet.State.CHOOSING


def test_a_profile_is_taken_over_when_the_same_columns_come_again() -> None:
    odd = "Ref;Qui;Quand;Combien\nF1;Dupont;05/10/2026;10\n"
    found = dropped(odd)
    chosen = Layout(
        kind=Kind.INVOICES,
        columns={
            Target.NUMBER: 0,
            Target.NAME: 1,
            Target.ISSUED_ON: 2,
            Target.TOTAL: 3,
        },
    )
    spreadsheets.choose(found, chosen, now=NOW)
    spreadsheets.save_profile(found, "Notre logiciel", by=None, now=NOW)
    again = dropped("REF ;QUI;QUAND;COMBIEN\nF2;Durand;06/10/2026;20\n")
    assert layout_from_data(again.layout).columns == chosen.columns
    assert counts(checked(odd.replace("F1", "F3"))) == {"created": 1}
    spreadsheets.remove_profile(SpreadsheetProfile.objects.get())
    assert dropped(odd).kind == ""


def test_a_file_may_be_set_aside_until_it_is_imported() -> None:
    found = checked(INVOICES)
    spreadsheets.reopen(found, now=NOW)
    spreadsheets.discard(found)
    assert not Spreadsheet.objects.exists()
    done = imported(INVOICES)
    with pytest.raises(Refused):
        spreadsheets.discard(done)
    with pytest.raises(Refused):
        spreadsheets.choose(done, layout_from_data(done.layout), now=NOW)
    with pytest.raises(Refused):
        spreadsheets.start(found, by=None, now=NOW)


@pytest.mark.parametrize("data", [b"", b"Bonjour", b"%PDF-1.7", b"\xd0\xcf\x11\xe0"])
def test_what_is_no_table_is_refused_at_the_door(data: bytes) -> None:
    with pytest.raises(Refused):
        spreadsheets.drop("x.csv", data, by=None, now=NOW)
    assert not Spreadsheet.objects.exists()


def test_an_import_goes_on_where_a_crash_left_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spreadsheet_work, "CHUNK", 2)
    rows = [
        f"F{n};C{n % 2};Client {n % 2};01/09/2026;;{n},00;{n - 1},00"
        for n in range(1, 8)
    ]
    found = checked(HEADER + "\n".join([*rows, rows[0]]))
    spreadsheets.start(found, by=None, now=NOW)

    class Killed(BaseException):
        pass

    instants = iter(range(3))

    def dies() -> object:
        if next(instants, None) is None:
            raise Killed
        return NOW

    with pytest.raises(Killed):
        spreadsheet_work.work(found.pk, clock=dies, today=TODAY)  # type: ignore[arg-type]
    found.refresh_from_db()
    assert (found.state, found.rows_done) == (Spreadsheet.State.IMPORTING, 7)
    assert Invoice.objects.count() == 6
    assert spreadsheet_work.to_take_up(idle_since=NOW + timedelta(minutes=1)) == [found]
    spreadsheet_work.work(found.pk, clock=lambda: NOW, today=TODAY)
    found.refresh_from_db()
    assert found.state == Spreadsheet.State.DONE
    assert counts(found) == {"created": 7, "unchanged": 1}
    assert Invoice.objects.count() == Payment.objects.count() == 7
    assert Allocation.objects.count() == 7
    assert HistoryEntry.objects.filter(action="import.done").count() == 1
    assert "7" in result_words(Kind.INVOICES, report(found))
