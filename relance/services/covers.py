"""The words of the sheets that go with a print run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from relance.gateways import wording
from relance.gateways.print_sheets import Cover, WindowTest, cover_pdf, window_pdf
from relance.models import Company, Run, Stationery
from relance.models.money import ZERO
from relance.queries.company import company
from relance.queries.print_room import PrintedLetter, sheets
from relance.queries.stationery import stationery
from relance.services import letterhead


def cover_sheet(run: Run, letters: Sequence[PrintedLetter]) -> bytes:
    """Return the cover of a run's print file: its letters in print order, its
    totals, and a box to sign once they are posted."""
    ours = company()
    with override(ours.language):
        return cover_pdf(
            Cover(
                title=_("Letters to be posted"),
                reference=run.reference,
                company=ours.name,
                facts=tuple(_facts(run, letters, language=ours.language)),
                totals=tuple(_totals(run, letters, language=ours.language)),
                header=(
                    _("No."),
                    _("Sheet"),
                    _("Reminder"),
                    _("Customer"),
                    _("Town"),
                    _("Invoices"),
                    _("Level"),
                    _("Pages"),
                    _("Amount"),
                ),
                rows=tuple(_rows(letters, language=ours.language)),
                aligns=("right", "right", *["left"] * 5, "right", "right"),
                main=3,
                marked=6,
                marked_rows=tuple(
                    row for row, one in enumerate(letters) if one.is_formal_notice
                ),
                posted=(
                    pgettext("letters", "Posted"),
                    pgettext("posted", "on"),
                    pgettext("posted", "by"),
                    pgettext("posted", "signature"),
                ),
                footer=letterhead.footer(ours),
                language=ours.language,
            )
        )


def window_test() -> bytes:
    """Return the page that shows whether the address stands in the window."""
    ours, paper = company(), stationery()
    with override(ours.language):
        return window_pdf(
            WindowTest(
                title=_("Window test"),
                steps=_steps(paper, language=ours.language),
                window=_("window of a DL envelope, 45 × 100 mm"),
                always_seen=_("shaded: always seen, wherever the sheet slides"),
                fold=_("fold"),
                scale=_("This ruler must measure 100 mm."),
                shift=_shift(paper, language=ours.language),
                address=_sample_address(ours),
                footer=letterhead.footer(ours),
                offset_mm=(float(paper.window_x), float(paper.window_y)),
                language=ours.language,
            )
        )


def _steps(paper: Stationery, *, language: str) -> tuple[str, ...]:
    # The block of the address, as letters have it (letter.typ).
    right, down = Decimal(paper.window_x), Decimal(paper.window_y)
    place = {
        "left": 105 + right,
        "end": 190 + right,
        "top": 51 + down,
        "low": 81 + down,
    }
    return (
        _(
            "Print this page at its real size (100 %), without fitting it to the "
            "paper, and measure the ruler below."
        ),
        _("Fold it along the marks and put it into your envelope."),
        _(
            "Tap the envelope on each of its sides: the whole address must show in "
            "the window, even when the sheet slides."
        ),
        _(
            "Otherwise read on the rulers where the window begins and ends: all from "
            "%(left)s to %(end)s mm across and from %(top)s to %(low)s mm down should "
            "be in it. Shift the address in Configuration by the millimetres that are "
            "missing, then print this page again."
        )
        % {
            name: wording.number(mm, decimals=0, language=language)
            for name, mm in place.items()
        },
    )


def _shift(paper: Stationery, *, language: str) -> str:
    words = _("Address now shifted by %(right)s mm to the right, %(down)s mm down.")
    right, down = (
        wording.number(mm, decimals=1, language=language)
        for mm in (Decimal(paper.window_x), Decimal(paper.window_y))
    )
    return words % {"right": right, "down": down}


def _sample_address(ours: Company) -> tuple[str, ...]:
    return wording.postal_address(
        wording.PostalAddress(
            name=_("SAMPLE CUSTOMER"),
            attention=_("Attn. %(name)s") % {"name": _("the accounts department")},
            street="12 rue de la République\nBâtiment B",
            postcode="69002",
            town="Lyon",
            country="FR",
        ),
        sender_country=ours.country,
        language=ours.language,
    )


def _facts(
    run: Run, letters: Sequence[PrintedLetter], *, language: str
) -> Iterator[tuple[str, str]]:
    yield _("Approved on"), wording.long_date(run.made_on, language=language)
    if run.approved_by is not None:
        yield _("Approved by"), run.approved_by.name
    yield _("Order"), str(Run.PrintOrder(run.print_order).label)
    if notices := sum(one.is_formal_notice for one in letters):
        yield _("Formal notices"), str(notices)


def _totals(
    run: Run, letters: Sequence[PrintedLetter], *, language: str
) -> Iterator[tuple[str, str]]:
    yield _("Letters"), str(len(letters))
    paper = sum(sheets(one.pages, duplex=run.print_duplex) for one in letters)
    yield _("Sheets"), _("%(sheets)s, without this cover") % {"sheets": paper}
    yield _("Pages"), str(sum(one.pages for one in letters))
    for currency, amount in sorted(_amounts(letters).items()):
        words = wording.money(amount, currency=currency, language=language)
        yield _("Left to pay"), words


def _amounts(letters: Sequence[PrintedLetter]) -> dict[str, Decimal]:
    found: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for letter in letters:
        found[letter.currency] += letter.owed
    return found


def _rows(
    letters: Sequence[PrintedLetter], *, language: str
) -> Iterator[tuple[str, ...]]:
    for letter in letters:
        yield (
            str(letter.rank),
            str(letter.first_sheet),
            letter.reference,
            letter.customer,
            letter.town,
            _invoices(letter),
            letter.level,
            str(letter.pages),
            wording.money(letter.owed, currency=letter.currency, language=language),
        )


def _invoices(letter: PrintedLetter) -> str:
    if letter.invoices <= 1:
        return letter.invoice
    words = ngettext("%(count)s invoice", "%(count)s invoices", letter.invoices)
    return words % {"count": letter.invoices}
