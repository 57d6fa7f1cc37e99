"""What the history says of a merge, on the cards of both customers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.models import Customer, CustomerMerge, Invoice, Payment, Reminder


def merged_words(done: CustomerMerge) -> Iterator[tuple[Customer, str]]:
    """Yield each of the two with its sentence."""
    said = {
        "kept": _named(done.kept),
        "absorbed": _named(done.absorbed),
        "what": counted(done),
    }
    yield (
        done.kept,
        _("%(absorbed)s merged into this customer: %(what)s.") % said,
    )
    yield done.absorbed, _("Merged into %(kept)s: %(what)s.") % said


def undone_words(
    done: CustomerMerge,
    kept: Customer,
    absorbed: Customer,
    changed_since: Sequence[str],
) -> Iterator[tuple[Customer, str]]:
    """Yield each of the two with what was put back, and what stayed."""
    said = {
        "kept": _named(kept),
        "absorbed": _named(absorbed),
        "what": counted(done),
        "since": stayed(done),
    }
    words = [_("Merge of %(absorbed)s undone, given back: %(what)s.") % said]
    if said["since"]:
        words.append(_("What came since stays here: %(since)s.") % said)
    if changed_since:
        words.append(_("What was changed on the card since was left as it is."))
    yield kept, " ".join(words)
    words = [_("Merge into %(kept)s undone, given back: %(what)s.") % said]
    if said["since"]:
        words.append(_("What came since stays there: %(since)s.") % said)
    yield absorbed, " ".join(words)


def counted(done: CustomerMerge) -> str:
    """Say what moved, the things that people count."""
    moved = {name: len(pks) for name, pks in done.moved.items()}
    return _counts(
        invoices=moved.get("Invoice", 0),
        payments=moved.get("Payment", 0),
        reminders=moved.get("Reminder", 0),
    )


def stayed(done: CustomerMerge) -> str:
    """Say what the one who stayed got since the merge; empty: nothing."""
    kept, since = done.kept, done.merged_at
    invoices = Invoice.objects.filter(customer=kept, created_at__gt=since).count()
    payments = Payment.objects.filter(customer=kept, recorded_at__gt=since).count()
    reminders = Reminder.objects.filter(customer=kept, made_at__gt=since).count()
    if not (invoices or payments or reminders):
        return ""
    return _counts(invoices=invoices, payments=payments, reminders=reminders)


def _counts(*, invoices: int, payments: int, reminders: int) -> str:
    said = [
        ngettext("%(count)s invoice", "%(count)s invoices", invoices)
        % {"count": invoices},
        ngettext("%(count)s payment", "%(count)s payments", payments)
        % {"count": payments},
        ngettext("%(count)s reminder", "%(count)s reminders", reminders)
        % {"count": reminders},
    ]
    return ", ".join(said)


def _named(customer: Customer) -> str:
    return f"{customer.name} ({customer.code})"
