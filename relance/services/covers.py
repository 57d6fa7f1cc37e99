"""The words of the sheets that go with a print run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from relance.gateways import wording
from relance.gateways.print_sheets import Cover, WindowTest, cover_pdf, window_pdf
from relance.models import Company, Reminder, Run
from relance.models.money import ZERO
from relance.queries.company import company
from relance.services import letterhead


def cover_sheet(run: Run, letters: Sequence[Reminder]) -> bytes:
    """Return the cover of a run's print file: its letters in print order, its
    totals, and a box to sign once they are posted.

    The letters come with their customer, document and lines.
    """
    ours = company()
    with override(ours.language):
        return cover_pdf(
            Cover(
                title=_("Letters to be posted"),
                reference=run.reference,
                company=ours.name,
                facts=tuple(_facts(run, letters, language=ours.language)),
                header=(
                    _("No."),
                    _("Customer"),
                    _("Town"),
                    _("Invoices"),
                    _("Level"),
                    _("Pages"),
                    _("Amount"),
                ),
                rows=tuple(_rows(letters, language=ours.language)),
                aligns=("right", "left", "left", "left", "left", "right", "right"),
                total=(),
                posted=(_("Posted"), _("on"), _("by"), _("signature")),
                footer=letterhead.footer(ours),
                language=ours.language,
            )
        )


def window_test() -> bytes:
    """Return the page that shows whether the address stands in the window."""
    ours = company()
    with override(ours.language):
        return window_pdf(
            WindowTest(
                title=_("Window test"),
                steps=(
                    _("Print this page at its real size (100 %), without adjusting."),
                    _("Fold it along the marks and put it into your envelope."),
                    _(
                        "The whole address must show in the window, even when the "
                        "page slides."
                    ),
                    _(
                        "Otherwise note how many millimetres it is off and shift the "
                        "address in Configuration."
                    ),
                ),
                window=_("window of a DL or C5 envelope"),
                address=_sample_address(ours),
                offset_mm=(float(ours.window_x), float(ours.window_y)),
                language=ours.language,
            )
        )


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
    run: Run, letters: Sequence[Reminder], *, language: str
) -> Iterator[tuple[str, str]]:
    pages = sum(_pages(letter) for letter in letters)
    yield _("Date"), wording.long_date(run.made_on, language=language)
    yield _("Letters"), str(len(letters))
    if run.approved_by is not None:
        yield _("Approved by"), run.approved_by.name
    yield _("Pages"), str(pages)
    notices = sum(letter.is_formal_notice for letter in letters)
    if notices:
        yield _("Formal notices"), str(notices)
    for currency, amount in sorted(_amounts(letters).items()):
        words = wording.money(amount, currency=currency, language=language)
        yield _("Left to pay"), words


def _amounts(letters: Sequence[Reminder]) -> dict[str, Decimal]:
    found: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for letter in letters:
        found[letter.currency] += _amount(letter)
    return found


def _rows(letters: Sequence[Reminder], *, language: str) -> Iterator[tuple[str, ...]]:
    for rank, letter in enumerate(letters, start=1):
        yield (
            str(rank),
            letter.customer.name,
            f"{letter.customer.postcode} {letter.customer.city}".strip(),
            _invoices(letter),
            letter.level_name,
            str(_pages(letter)),
            wording.money(_amount(letter), currency=letter.currency, language=language),
        )


def _invoices(letter: Reminder) -> str:
    numbers = [line.invoice.number for line in letter.lines.all()]
    if len(numbers) <= 1:
        return "".join(numbers)
    count = len(numbers)
    return ngettext("%(count)s invoice", "%(count)s invoices", count) % {"count": count}


def _amount(letter: Reminder) -> Decimal:
    return sum((line.balance for line in letter.lines.all()), ZERO)


def _pages(letter: Reminder) -> int:
    return (letter.document.pages or 0) if letter.document else 0
