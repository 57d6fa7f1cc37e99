"""What made the limitation period of an invoice start anew: recorded, undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from relance.gateways import scans
from relance.models import Document, InterruptingEvent, Invoice, User
from relance.rules.regimes import Regime
from relance.services import documents, history
from relance.services.history import About
from relance.services.refusal import Refused


@dataclass(frozen=True, kw_only=True)
class Interruption:
    """What made the limitation period start anew."""

    kind: str
    happened_on: date
    proof: str = ""


@dataclass(frozen=True, kw_only=True)
class ProofFile:
    """The scan or the letter that shows it."""

    data: bytes
    name: str


@transaction.atomic
def record_interruption(
    invoice: Invoice,
    event: Interruption,
    *,
    file: ProofFile | None = None,
    by: User | None,
    now: datetime,
) -> InterruptingEvent:
    """Record an event that interrupts limitation (art. 2240 to 2244 C. civ.)."""
    if event.kind not in InterruptingEvent.Kind.values:
        raise Refused(_("Choose the event."), field="kind")
    public = event.kind == InterruptingEvent.Kind.PUBLIC_CLAIM
    if public and invoice.customer.regime != Regime.PUBLIC:
        # Loi n° 68-1250, art. 2; for the others a letter interrupts nothing
        # (Cass. com. 18/05/2022 n° 20-23.204).
        words = _("Only a public body's period is interrupted by a written claim.")
        raise Refused(words, field="kind")
    if not invoice.issued_on <= event.happened_on <= localdate(now):
        raise Refused(
            _("The date must be after the invoice and not in the future."),
            field="happened_on",
        )
    recorded = InterruptingEvent.objects.create(
        invoice=invoice,
        kind=event.kind,
        happened_on=event.happened_on,
        proof=event.proof.strip(),
        document=None if file is None else _kept(file, now=now),
        recorded_by=by,
        recorded_at=now,
    )
    words = _("Limitation interrupted: %(what)s.") % {
        "what": recorded.get_kind_display()
    }
    history.record(
        "invoice.interruption", words, about=About(invoice=invoice), by=by, at=now
    )
    return recorded


@transaction.atomic
def undo_interruption(
    event: InterruptingEvent, why: str, *, by: User | None, now: datetime
) -> InterruptingEvent:
    """Say that an event was recorded by mistake: kept, it no longer counts. The
    right one is recorded beside it."""
    if not why.strip():
        raise Refused(_("Say why."), field="why")
    locked = (
        InterruptingEvent.objects.select_for_update(of=("self",))
        .select_related("invoice")
        .get(pk=event.pk)
    )
    if locked.undone_at is not None:
        raise Refused(_("This event is already undone."))
    locked.undone_at, locked.undone_by = now, by
    locked.undone_why = why.strip()[:240]
    locked.save(update_fields=["undone_at", "undone_by", "undone_why"])
    words = _("Interruption of the limitation undone: %(what)s. %(why)s") % {
        "what": locked.get_kind_display(),
        "why": locked.undone_why,
    }
    about = About(invoice=locked.invoice)
    history.record("invoice.interruption_undone", words, about=about, by=by, at=now)
    return locked


def _kept(file: ProofFile, *, now: datetime) -> Document:
    base = file.name.replace("\\", "/").rsplit("/", 1)[-1][:200]
    try:
        scan = scans.inspect(file.data)
    except scans.UnusableScan as error:
        raise Refused(
            _("%(name)s cannot be kept: %(why)s") % {"name": base, "why": error.reason},
            field="file",
        ) from error
    stem = base.rpartition(".")[0] or base or _("proof")
    return documents.keep(
        documents.NewFile(
            data=file.data,
            kind=Document.Kind.PROOF,
            name=f"{stem[:150]}{scan.suffix}",
            media_type=scan.media_type,
            pages=scan.pages,
        ),
        now=now,
    )
