"""Each kind of thing that is written in Dolibarr, as Dolibarr wants it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relance.gateways import dolibarr_writing as there
from relance.gateways import wording
from relance.gateways.dolibarr import Dolibarr
from relance.models import (
    Channel,
    Customer,
    DolibarrConnection,
    DolibarrWrite,
    Invoice,
    Payment,
    PendingPayment,
    Reminder,
    Source,
)
from relance.services import documents, pending
from relance.services.dolibarr_invoices import refresh
from relance.services.fact_words import amount_in_words
from relance.services.refusal import Refused

# How our payments are named there, and found again.
PREFIX = "RELANCE-"
# The same amount so shortly before may be the same money.
ALIKE = timedelta(days=60)


def write(
    row: DolibarrWrite, doli: Dolibarr, connection: DolibarrConnection, *, now: datetime
) -> str | None:
    """Write a row in Dolibarr, once; return its name there, ``None`` when it is no
    longer to be written. Raises DolibarrError, and Refused for what is ours."""
    kinds = DolibarrWrite.Kind
    if row.kind == kinds.PAYMENT:
        return _write_payment(row, doli, connection, now=now)
    reminder = row.reminder
    if reminder is None or reminder.state == Reminder.State.CANCELLED:
        return None
    if row.kind == kinds.LETTER:
        return _write_letter(row.invoice, reminder, doli)
    return _write_event(row.invoice, reminder, doli, connection)


def done_words(row: DolibarrWrite) -> str:
    """Return what the history says of a row that was written."""
    return {
        DolibarrWrite.Kind.EVENT: _("Noted in the agenda of Dolibarr."),
        DolibarrWrite.Kind.LETTER: _("Letter put among the documents in Dolibarr."),
        DolibarrWrite.Kind.PAYMENT: _("Payment written in Dolibarr."),
    }[DolibarrWrite.Kind(row.kind)]


def event_label(reminder: Reminder, invoice: Invoice) -> str:
    """Return the title of an event; the reference makes it the reminder's own."""
    return f"{reminder.level_name} – {invoice.number} ({reminder.reference})"[:250]


def _write_event(
    invoice: Invoice,
    reminder: Reminder,
    doli: Dolibarr,
    connection: DolibarrConnection,
) -> str:
    event = there.Event(
        owner=connection.user_id or doli.person().id,
        by_email=reminder.channel == Channel.EMAIL,
        code=f"AC_RELANCE_{reminder.level_rank}",
        label=event_label(reminder, invoice),
        note=_note(reminder),
        at=reminder.made_at,
        customer=_owner(invoice, doli),
        invoice=_there(invoice),
    )
    return str(there.add_event(doli, event))


def _write_letter(invoice: Invoice, reminder: Reminder, doli: Dolibarr) -> str | None:
    if reminder.document is None:
        return None
    name = reminder.document.name
    there.add_file(doli, invoice.number, name, documents.read(reminder.document))
    return name[:100]


def _write_payment(
    row: DolibarrWrite, doli: Dolibarr, connection: DolibarrConnection, *, now: datetime
) -> str | None:
    """Record what the bank told, unless somebody recorded it there meanwhile; then
    read the invoice again, so that it counts here at once."""
    waiting, invoice = row.pending, row.invoice
    if waiting is None or connection.payments_account is None:
        return None
    today = timezone.localdate(now)
    payment = there.NewPayment(
        invoice=_there(invoice),
        amount=waiting.amount,
        on=waiting.received_on,
        account=connection.payments_account,
        name=f"{PREFIX}{waiting.pk}",
        comment=_("Recorded by Relance, from the bank statement"),
    )
    if not there.payment_called(doli, payment):
        refresh(doli, [payment.invoice], now=now, today=today)
        waiting.refresh_from_db()
        invoice.refresh_from_db()
        if waiting.state != PendingPayment.State.WAITING:
            return None
        _check(waiting, invoice, connection)
        _check_alone(waiting, invoice)
    ref = there.add_payment(doli, payment)
    _mark_written(waiting, f"{payment.invoice}/{ref}")
    refresh(doli, [payment.invoice], now=now, today=today)
    pending.reconcile([waiting.customer_id], now=now)
    return ref


@transaction.atomic
def _mark_written(waiting: PendingPayment, name: str) -> None:
    PendingPayment.objects.filter(
        pk=waiting.pk, state=PendingPayment.State.WAITING
    ).update(state=PendingPayment.State.WRITTEN, written_as=name)


def _check(
    waiting: PendingPayment, invoice: Invoice, connection: DolibarrConnection
) -> None:
    if invoice.currency != connection.currency:
        raise Refused(
            _(
                "Invoice %(number)s is in %(currency)s: record this payment in "
                "Dolibarr yourself."
            )
            % {"number": invoice.number, "currency": invoice.currency}
        )
    if waiting.amount > invoice.balance:
        said = {
            "number": invoice.number,
            "balance": amount_in_words(invoice.balance, invoice.currency),
        }
        words = _("Invoice %(number)s has only %(balance)s left to pay.")
        raise Refused(words % said)


def _check_alone(waiting: PendingPayment, invoice: Invoice) -> None:
    """Leave to a person what may be there already under a distant day."""
    alike = Payment.objects.filter(
        source=Source.DOLIBARR,
        corrects=None,
        correction=None,
        bank_line=None,
        pending=None,
        allocations__invoice=invoice,
        amount=waiting.amount,
        received_on__gte=waiting.received_on - ALIKE,
    ).first()
    if alike is not None:
        words = _(
            "A payment of the same amount is recorded in Dolibarr on %(day)s. If it is "
            "this one, wait for it no longer; if not, record this one there yourself."
        )
        raise Refused(words % {"day": wording.short_date(alike.received_on)})


def _note(reminder: Reminder) -> str:
    said = {
        "reference": reminder.reference,
        "day": wording.short_date(reminder.made_on),
        "email": reminder.recipient.get("email", ""),
    }
    if reminder.channel == Channel.EMAIL:
        return _("%(reference)s, by e-mail to %(email)s on %(day)s.") % said
    if reminder.channel == Channel.REGISTERED:
        return _("%(reference)s, by registered letter of %(day)s.") % said
    return _("%(reference)s, by letter of %(day)s.") % said


def _there(row: Invoice | Customer) -> int:
    return int(row.external_id or 0)


def _owner(invoice: Invoice, doli: Dolibarr) -> int:
    """Return Dolibarr's id of the customer; one merged with ours has none here."""
    if invoice.customer.source == Source.DOLIBARR and invoice.customer.external_id:
        return _there(invoice.customer)
    return doli.invoice(_there(invoice)).customer
