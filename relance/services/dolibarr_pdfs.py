"""The PDF of Dolibarr's invoices: fetched when first needed, or all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from relance.gateways.dolibarr import Dolibarr, DolibarrError, Kind
from relance.models import DolibarrConnection, Invoice, Source
from relance.services.dolibarr_access import in_words, reading
from relance.services.invoices import attach_pdf
from relance.services.refusal import Refused

BATCH = 20
# Of one invoice alone: the others may be fetched.
_ITS_OWN = frozenset({Kind.NOT_FOUND, Kind.RIGHT_MISSING, Kind.BAD_REQUEST})


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """How many files came, and what kept the others away."""

    fetched: int = 0
    warnings: tuple[str, ...] = ()


def without_pdf(*, after: int) -> list[Invoice]:
    """Return the next open invoices of Dolibarr that have no PDF here."""
    found = Invoice.objects.filter(
        source=Source.DOLIBARR,
        state=Invoice.State.OPEN,
        document=None,
        pk__gt=after,
    )
    return list(found.exclude(kind=Invoice.Kind.CREDIT_NOTE).order_by("pk")[:BATCH])


def fetch(
    doli: Dolibarr, wanted: Sequence[Invoice], *, build: bool, now: datetime
) -> Fetched:
    """Fetch and keep the PDF of each; one that is missing or cannot be read keeps no
    other away. To be called with no transaction open."""
    read = {str(one.id): one for one in doli.invoices(_ids(wanted))} if wanted else {}
    fetched, warnings = 0, []
    for invoice in wanted:
        one = read.get(str(invoice.external_id))
        if one is None:
            continue
        try:
            data = doli.pdf(one, build=build)
            if data:
                name = f"{one.ref}.pdf"
                invoice.document = attach_pdf(invoice, data, name, by=None, now=now)
                fetched += 1
        except DolibarrError as error:
            if error.kind not in _ITS_OWN and not error.passes:
                raise
            warnings.append(f"{invoice.number} : {in_words(error)}")
        except Refused as refused:
            warnings.append(refused.message)
    return Fetched(fetched=fetched, warnings=tuple(warnings))


def fetch_missing(invoices: Iterable[Invoice], *, now: datetime) -> None:
    """Fetch what is needed now and is not here. Where Dolibarr does not give it, a
    copy made from the invoice's data serves, marked as such."""
    wanted = [
        one
        for one in invoices
        if one.source == Source.DOLIBARR and one.document_id is None
    ]
    connection = DolibarrConnection.objects.first() if wanted else None
    if connection is None or not connection.key:
        return
    try:
        with reading(connection) as doli:
            for start in range(0, len(wanted), BATCH):
                part = wanted[start : start + BATCH]
                fetch(doli, part, build=connection.build_pdfs, now=now)
    except DolibarrError:
        # The reminder leaves with a copy; the connection's page tells what is wrong.
        return


def _ids(wanted: Sequence[Invoice]) -> list[int]:
    return [int(one.external_id or 0) for one in wanted]
