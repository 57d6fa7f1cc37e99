"""A spreadsheet dropped, its columns chosen, its import approved; each step kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import PurePath

from django.db import transaction
from django.utils.translation import gettext as _

from relance.gateways.spreadsheet import SENTENCES, SpreadsheetError
from relance.gateways.storage import CorruptFile, MissingFile
from relance.models import (
    Document,
    ImportBatch,
    Spreadsheet,
    SpreadsheetProfile,
    User,
)
from relance.rules.spreadsheet_columns import missing
from relance.rules.spreadsheet_targets import Kind
from relance.services import documents
from relance.services.refusal import Refused
from relance.services.spreadsheet_layout import (
    Inspection,
    Layout,
    inspected,
    layout_from_data,
)
from relance.services.spreadsheet_reports import report_from_data
from relance.services.spreadsheet_words import group_words


def drop(name: str, data: bytes, *, by: User | None, now: datetime) -> Spreadsheet:
    """Keep a file with what its columns most likely say; nothing is imported.

    A profile that was saved for the same columns is taken over.
    """
    base = PurePath(name.replace("\\", "/")).name[:200] or _("spreadsheet")
    try:
        found = inspected(data)
    except SpreadsheetError as error:
        raise Refused(_(SENTENCES[error.reason]) % error.values) from error
    if not found.columns:
        raise Refused(_("This file has no column."))
    layout = replace(found.layout, account=base.rsplit(".", 1)[0][:60])
    profiles = list(SpreadsheetProfile.objects.filter(signature=found.signature)[:2])
    if len(profiles) == 1:
        layout = taken_over(layout, profiles[0])
    with transaction.atomic():
        document = documents.keep(
            documents.NewFile(
                data=data,
                kind=Document.Kind.SPREADSHEET,
                name=base,
                media_type="application/octet-stream",
            ),
            now=now,
        )
        return Spreadsheet.objects.create(
            document=document,
            kind=layout.kind or "",
            layout=layout.as_data(),
            made_by=by,
            made_at=now,
            touched_at=now,
        )


def taken_over(layout: Layout, profile: SpreadsheetProfile) -> Layout:
    """Return the choices of a profile, on the sheet and header of a file."""
    chosen = layout_from_data(profile.layout)
    return replace(chosen, sheet=layout.sheet, header=layout.header, as_of=None)


def reading(found: Spreadsheet, *, layout: Layout | None = None) -> Inspection:
    """Return the beginning of the file, read as it was chosen; raise Refused."""
    known = layout or layout_from_data(found.layout)
    try:
        return inspected(documents.read(found.document), known=known)
    except SpreadsheetError as error:
        raise Refused(_(SENTENCES[error.reason]) % error.values) from error
    except (MissingFile, CorruptFile) as error:
        words = _("The file is no longer in the store: drop it again.")
        raise Refused(words) from error


@transaction.atomic
def reread(found: Spreadsheet, layout: Layout, *, now: datetime) -> Spreadsheet:
    """Read the file as another kind, another sheet or from another row: its columns
    are proposed anew. ``header`` zero: the row is looked for."""
    locked = _locked(found)
    if locked.state in (Spreadsheet.State.IMPORTING, Spreadsheet.State.DONE):
        raise Refused(_("This file is already imported, or being imported."))
    shown = reading(locked, layout=replace(layout, columns={}, marks={})).layout
    locked.layout, locked.kind = shown.as_data(), shown.kind or ""
    locked.state, locked.touched_at = Spreadsheet.State.CHOOSING, now
    locked.save(update_fields=["layout", "kind", "state", "touched_at"])
    return locked


@transaction.atomic
def apply_profile(
    found: Spreadsheet, profile: SpreadsheetProfile, *, now: datetime
) -> Spreadsheet:
    """Take the choices of a profile over, where the file has those columns."""
    locked = _locked(found)
    if locked.state in (Spreadsheet.State.IMPORTING, Spreadsheet.State.DONE):
        raise Refused(_("This file is already imported, or being imported."))
    layout = taken_over(layout_from_data(locked.layout), profile)
    locked.layout, locked.kind = layout.as_data(), layout.kind or ""
    locked.state, locked.touched_at = Spreadsheet.State.CHOOSING, now
    locked.save(update_fields=["layout", "kind", "state", "touched_at"])
    return locked


def choose(found: Spreadsheet, layout: Layout, *, now: datetime) -> Spreadsheet:
    """Keep the choices; once they are complete the file is to be checked.

    Raises Refused, with the choices kept, while something is missing.
    """
    why, field = _incomplete(layout)
    with transaction.atomic():
        locked = _locked(found)
        if locked.state in (Spreadsheet.State.IMPORTING, Spreadsheet.State.DONE):
            raise Refused(_("This file is already imported, or being imported."))
        locked.layout, locked.kind = layout.as_data(), layout.kind or ""
        locked.state = Spreadsheet.State.CHOOSING if why else Spreadsheet.State.CHECKING
        locked.report, locked.rows_done, locked.trouble = {}, 0, ""
        locked.touched_at = now
        locked.save()
    if why:
        raise Refused(why, field=field)
    return locked


def _incomplete(layout: Layout) -> tuple[str, str]:
    """Return what is still to be said, and where; empty when nothing is."""
    if layout.kind is None:
        return _("Say what this file lists."), "kind"
    lacking = missing(layout.kind, layout.columns)
    if lacking:
        words = _("No column says: %(what)s.")
        return words % {"what": "; ".join(map(group_words, lacking))}, ""
    if layout.kind == Kind.AGED_BALANCE and layout.as_of is None:
        return _("Say on which day this balance was drawn up."), "as_of"
    if layout.kind == Kind.STATEMENT and not layout.account.strip():
        return _("Say of which account this statement is."), "account"
    return "", ""


def reopen(found: Spreadsheet, *, now: datetime) -> Spreadsheet:
    """Go back to the choice of columns."""
    with transaction.atomic():
        locked = _locked(found)
        if locked.state not in (
            Spreadsheet.State.CHECKING,
            Spreadsheet.State.CHECKED,
        ):
            return locked
        locked.state, locked.touched_at = Spreadsheet.State.CHOOSING, now
        locked.save(update_fields=["state", "touched_at"])
    return locked


@transaction.atomic
def start(found: Spreadsheet, *, by: User | None, now: datetime) -> Spreadsheet:
    """Approve the import of what was checked; a second click changes nothing."""
    locked = _locked(found)
    if locked.state in (Spreadsheet.State.IMPORTING, Spreadsheet.State.DONE):
        return locked
    if locked.state != Spreadsheet.State.CHECKED:
        raise Refused(_("The file is not checked yet."))
    if not report_from_data(locked.report).to_write:
        raise Refused(_("Nothing in this file is new: there is nothing to import."))
    if locked.kind != Kind.STATEMENT and locked.batch is None:
        locked.batch = ImportBatch.objects.create(
            kind=locked.kind,
            state=ImportBatch.State.WORKING,
            file_name=locked.document.name,
            fingerprint=locked.document.sha256,
            made_by=by,
            made_at=now,
        )
    locked.state, locked.touched_at = Spreadsheet.State.IMPORTING, now
    locked.report, locked.rows_done = {}, 0
    locked.save()
    return locked


@transaction.atomic
def discard(found: Spreadsheet) -> None:
    """Forget a file of which nothing was imported."""
    locked = _locked(found)
    if locked.state in (Spreadsheet.State.IMPORTING, Spreadsheet.State.DONE):
        raise Refused(_("This file is already imported, or being imported."))
    locked.delete()


@transaction.atomic
def save_profile(
    found: Spreadsheet, name: str, *, by: User | None, now: datetime
) -> SpreadsheetProfile:
    """Keep the choices under a name, for the next file with the same columns."""
    words = name.strip()
    if not words:
        raise Refused(_("Give this choice of columns a name."), field="name")
    locked = _locked(found)
    layout = layout_from_data(locked.layout)
    if layout.kind is None:
        raise Refused(_("Say what this file lists."), field="kind")
    values = {
        "kind": layout.kind.value,
        "signature": reading(locked).signature,
        "layout": layout.as_data(),
        "saved_by": by,
        "saved_at": now,
    }
    saved, _new = SpreadsheetProfile.objects.update_or_create(
        name=words[:80], defaults=values
    )
    return saved


@transaction.atomic
def remove_profile(profile: SpreadsheetProfile) -> None:
    """Forget a choice of columns; what it imported stays."""
    profile.delete()


def _locked(found: Spreadsheet) -> Spreadsheet:
    rows = Spreadsheet.objects.select_for_update(of=("self",))
    locked = rows.select_related("document").filter(pk=found.pk).first()
    if locked is None:
        raise Refused(_("This file was set aside meanwhile: drop it again."))
    return locked
