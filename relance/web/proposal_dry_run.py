"""The whole run before it is launched, as a file to look at: nothing is made."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from django.contrib import messages
from django.http import FileResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from relance.models import Level
from relance.queries.worklist import Criteria, worklist
from relance.rules.permissions import Action
from relance.services import dry_run, proposals
from relance.services.dry_run import Planned
from relance.web.access import may
from relance.web.draft_view import recipient_words
from relance.web.exports import Cell, csv_lines
from relance.web.http import WebRequest
from relance.web.proposal_bar import is_grouped


@require_GET
@may(Action.VIEW)
def dry_run_file(request: WebRequest) -> HttpResponseBase:
    """Return what the ticked lines would make: letters, e-mails, and their list."""
    today = timezone.localdate()
    proposals.refresh(today=today)
    ticked = worklist(Criteria(which="ticked"), today=today)
    # Read whole: letters and copies say all that there is.
    whole = ticked.select_related(
        "invoice__customer", "invoice__document", "customer", "level", "chosen_level"
    ).defer(None)
    rows = list(whole[: dry_run.MOST])
    if not rows:
        messages.error(request, _("Nothing is ticked: there is nothing to preview."))
        return redirect("proposals")
    found = dry_run.planned(rows, grouped=is_grouped(request), today=today)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    _write(file, found, left=ticked.count() - len(rows))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{_('preview')}.zip")


def _write(file: BinaryIO, found: Sequence[Planned], *, left: int) -> None:
    dry_run.compose(found)
    letters = f"{_('letters')}.pdf"
    with zipfile.ZipFile(file, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        with tempfile.TemporaryFile() as pages:
            if dry_run.write_letters(found, pages, name=letters):
                pages.seek(0)
                with archive.open(letters, "w", force_zip64=True) as inside:
                    while block := pages.read(1 << 20):
                        inside.write(block)
        for name, data in dry_run.messages(found, now=timezone.localtime()):
            archive.writestr(f"{_('e-mails')}/{name}", data)
        lines = csv_lines(_header(), _rows(found, left=left), french=_is_french())
        archive.writestr(f"{_('list')}.csv", "".join(lines))


def _header() -> list[str]:
    return [
        _("Customer"),
        _("Invoice"),
        _("Due date"),
        _("Balance"),
        _("Currency"),
        _("Level"),
        _("How"),
        _("Recipient"),
        _("File"),
        _("Left out because"),
    ]


def _rows(found: Sequence[Planned], *, left: int) -> Iterator[Sequence[Cell]]:
    for one in found:
        draft = one.draft
        for item in draft.items:
            yield (
                draft.customer.name,
                item.invoice.number,
                item.invoice.due_date,
                item.invoice.balance,
                item.invoice.currency,
                _level(item.step.level, spoken=draft.step.level),
                str(draft.wish.channel.label),
                recipient_words(draft),
                one.file,
                one.trouble,
            )
    if left:
        words = ngettext(
            "%(count)s line more is ticked: a preview has at most %(most)s.",
            "%(count)s lines more are ticked: a preview has at most %(most)s.",
            left,
        )
        yield (words % {"count": left, "most": dry_run.MOST},)


def _level(own: Level, *, spoken: Level) -> str:
    """Return the level of an invoice and, where a firmer one speaks for all those of
    its reminder, that one too."""
    if own == spoken:
        return own.name
    words = _("%(level)s, in a grouped reminder “%(spoken)s”")
    return words % {"level": own.name, "spoken": spoken.name}


def _is_french() -> bool:
    return (get_language() or "fr").startswith("fr")
