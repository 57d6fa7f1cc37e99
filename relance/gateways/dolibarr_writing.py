"""What Relance writes in Dolibarr: events, letters, payments; each once.

Dolibarr knows no idempotency key. Whatever is written carries a name of ours, and is
looked for under it before it is written: an answer that got lost on the way is found.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from relance.gateways.dolibarr import Dolibarr, DolibarrError, Kind
from relance.gateways.dolibarr_content import number, text

# Shown as "not applicable": without it an event is something to do, at 0 %.
NOT_A_TASK = -1
TRANSFER = "VIR"
# Dolibarr's own number of the transfer, where its dictionary cannot be read.
_TRANSFER_ID = 2


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event of the agenda, on an invoice and its customer.

    ``code`` and ``label`` together are its name: no two reminders share them.
    """

    owner: int
    by_email: bool
    code: str
    label: str
    note: str
    at: datetime
    customer: int
    invoice: int


@dataclass(frozen=True, kw_only=True)
class NewPayment:
    """Money received for one invoice; ``name`` is written as its number."""

    invoice: int
    amount: Decimal
    on: date
    account: int
    name: str
    comment: str


def add_event(doli: Dolibarr, event: Event) -> int:
    """Note an event, unless it is there already; return its id.

    Fields that version 24 refuses are left out: ``elementid`` does in all.
    """
    known = _event_id(doli, event)
    if known:
        return known
    moment = int(event.at.timestamp())
    body = {
        "userownerid": event.owner,
        "type_code": "AC_EMAIL" if event.by_email else "AC_OTH",
        "code": event.code,
        "label": event.label,
        "note_private": event.note,
        "datep": moment,
        "datef": moment,
        "percentage": NOT_A_TASK,
        "socid": event.customer,
        "elementtype": "invoice",
        "elementid": event.invoice,
    }
    return _id(doli.client.send("POST", "agendaevents", body), "agendaevents")


def add_file(doli: Dolibarr, ref: str, name: str, data: bytes) -> None:
    """Put a file among the documents of an invoice, unless one has its name."""
    body = {
        "filename": name,
        "modulepart": "facture",
        "ref": ref,
        "subdir": "",
        "filecontent": base64.b64encode(data).decode(),
        "fileencoding": "base64",
        "overwriteifexists": 0,
        "createdirifnotexists": 1,
    }
    try:
        doli.client.send("POST", "documents/upload", body)
    except DolibarrError as error:
        if error.kind != Kind.BAD_REQUEST or "already exists" not in error.value:
            raise


def add_payment(doli: Dolibarr, payment: NewPayment) -> str:
    """Record a payment, unless it is there already; return Dolibarr's number of it.

    Closes the invoice when nothing is left to pay.
    """
    known = payment_called(doli, payment)
    if known:
        return known
    midnight = datetime.combine(payment.on, time(0), tzinfo=doli.zone)
    body = {
        "arrayofamounts": {
            str(payment.invoice): {
                "amount": f"{payment.amount:.2f}",
                "multicurrency_amount": "",
            }
        },
        "datepaye": int(midnight.timestamp()),
        "paymentid": _transfer(doli),
        "closepaidinvoices": "yes",
        "accountid": payment.account,
        "num_payment": payment.name,
        "comment": payment.comment,
    }
    doli.client.send("POST", "invoices/paymentsdistributed", body)
    made = payment_called(doli, payment)
    if not made:
        raise DolibarrError(Kind.UNREADABLE, "invoices/paymentsdistributed")
    return made


def payment_called(doli: Dolibarr, payment: NewPayment) -> str:
    """Return Dolibarr's number of the payment that carries our name, if it is there."""
    told = doli.payments(payment.invoice)
    return next((one.ref for one in told if one.number == payment.name), "")


def _event_id(doli: Dolibarr, event: Event) -> int:
    rows = doli.client.rows(
        "agendaevents",
        {
            "sqlfilters": f"(t.code:=:'{event.code}') and "
            f"(t.fk_element:=:{event.invoice}) and (t.elementtype:=:'invoice')",
            "properties": "id,label",
        },
    )
    same = (number(row, "id") for row in rows if text(row, "label") == event.label)
    return next(same, 0)


def _transfer(doli: Dolibarr) -> int:
    try:
        rows = doli.client.rows("setup/dictionary/payment_types")
    except DolibarrError as error:
        if error.kind not in (Kind.RIGHT_MISSING, Kind.MODULE_OFF):
            raise
        return _TRANSFER_ID
    same = (number(row, "id") for row in rows if text(row, "code") == TRANSFER)
    return next(same, _TRANSFER_ID)


def _id(answer: object, path: str) -> int:
    said = str(answer)
    if not said.isdigit():
        raise DolibarrError(Kind.UNREADABLE, path)
    return int(said)
