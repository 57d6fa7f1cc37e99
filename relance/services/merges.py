"""Two customers that are one: merged with all that is theirs, and taken apart again."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from relance.models import (
    Company,
    Contact,
    Customer,
    CustomerMerge,
    DistinctCustomers,
    FecAccount,
    HistoryEntry,
    Hold,
    Invoice,
    PayerAccount,
    Payment,
    PendingPayment,
    Proposal,
    Reminder,
    RunLine,
    User,
)
from relance.services import history
from relance.services.history import About
from relance.services.merge_checks import (
    refuse_at_work,
    refuse_crossing,
    refuse_other_company,
)
from relance.services.merge_words import merged_words, undone_words
from relance.services.refusal import Refused

# Whatever names a customer, and by which field. In the order in which others lock.
MOVED: Mapping[str, tuple[type[models.Model], str]] = {
    "Payment": (Payment, "customer"),
    "PendingPayment": (PendingPayment, "customer"),
    "Invoice": (Invoice, "customer"),
    "Hold": (Hold, "customer"),
    "Contact": (Contact, "customer"),
    "Reminder": (Reminder, "customer"),
    "RunLine": (RunLine, "customer"),
    "Proposal": (Proposal, "customer"),
    "PayerAccount": (PayerAccount, "customer"),
    # The account of a ledger: its next entries go to the one who stays.
    "FecAccount": (FecAccount, "customer"),
    "HistoryEntry": (HistoryEntry, "customer"),
    "Customer": (Customer, "merged_into"),
}

# What is chosen together on the card that stays: an address is whole or not.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "legal_form"),
    "address": ("address", "postcode", "city", "country", "address_refused_on"),
    "numbers": ("siren", "siret", "vat_number"),
    "email": ("email",),
    "phone": ("phone",),
    "language": ("language",),
    "regime": ("regime",),
    "procedure": ("procedure_id",),
    "highest_level": ("highest_level_id",),
    "preferred_channel": ("preferred_channel",),
    "payment_terms": ("payment_terms",),
    "group_invoices": ("group_invoices",),
}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which customer stays, and what of the other's card it takes over."""

    kept: Customer
    absorbed: Customer
    taken: Collection[str] = ()
    # Somebody looked: these two SIREN are one company all the same.
    sure: bool = False


@transaction.atomic
def merge(
    choice: Choice, *, key: uuid.UUID, by: User | None, now: datetime
) -> CustomerMerge:
    """Give all that is a customer's to another, and remember exactly what moved.

    Invoices, payments, holds, contacts, reminders as they were sent, history, tags,
    proposals, accounts they paid from. The code and the number in another program
    stay known, and mean the one who stays. The same key merges once. Raises Refused
    while something of theirs is being made or sent.
    """
    Company.objects.select_for_update(no_key=True).first()
    made = CustomerMerge.objects.filter(request_key=key).first()
    if made is not None:
        return made
    kept, absorbed = _locked(choice.kept, choice.absorbed)
    _check(kept, absorbed, sure=choice.sure)
    moved = {
        name: _move(model, field, absorbed, kept)
        for name, (model, field) in MOVED.items()
    }
    moved["tags"] = _lend_tags(kept, absorbed)
    fields = _take(kept, absorbed, choice.taken)
    absorbed.merged_into = kept
    absorbed.save(update_fields=["merged_into"])
    done = CustomerMerge.objects.create(
        kept=kept,
        absorbed=absorbed,
        moved=moved,
        fields=fields,
        merged_by=by,
        merged_at=now,
        request_key=key,
    )
    for customer, words in merged_words(done):
        about = About(customer=customer)
        history.record("customer.merged", words, about=about, by=by, at=now)
    return done


@transaction.atomic
def undo(done: CustomerMerge, *, by: User | None, now: datetime) -> CustomerMerge:
    """Put each thing back where it was; what came since stays with the one who
    stayed.

    Raises Refused where that would tear something apart: a payment made since that
    settles an invoice of the other, or a merge of the survivor into a third.
    """
    Company.objects.select_for_update(no_key=True).first()
    found = CustomerMerge.objects.select_for_update().get(pk=done.pk)
    if found.undone_at is not None:
        raise Refused(_("This merge was already undone."))
    kept, absorbed = _locked(found.kept, found.absorbed)
    if kept.merged_into is not None:
        raise Refused(
            _("%(name)s was itself merged into %(other)s since: undo that merge first.")
            % {"name": kept.name, "other": kept.merged_into.name}
        )
    refuse_at_work(kept, absorbed)
    moved = _with_followers(found.moved, kept)
    refuse_crossing(moved, kept=kept, absorbed=absorbed)
    absorbed.merged_into = None
    absorbed.save(update_fields=["merged_into"])
    for name, (model, field) in MOVED.items():
        rows = model._default_manager.filter(pk__in=moved[name], **{field: kept})
        rows.update(**{field: absorbed})
    kept.tags.remove(*moved["tags"])
    changed_since = _give_back(kept, found.fields)
    found.undone_by, found.undone_at = by, now
    found.save(update_fields=["undone_by", "undone_at"])
    for customer, words in undone_words(found, kept, absorbed, changed_since):
        about = About(customer=customer)
        history.record("customer.unmerged", words, about=about, by=by, at=now)
    return found


@transaction.atomic
def keep_apart(
    one: Customer, other: Customer, *, by: User | None, now: datetime
) -> None:
    """Remember that two customers are not one: they are no longer shown."""
    first, second = sorted((one, other), key=lambda customer: customer.pk)
    if first == second:
        raise Refused(_("Choose two different customers."))
    _row, new = DistinctCustomers.objects.get_or_create(
        one=first, other=second, defaults={"said_by": by, "said_at": now}
    )
    if not new:
        return
    words = _("%(one)s and %(other)s are two customers, not one.") % {
        "one": _named(first),
        "other": _named(second),
    }
    for customer in (first, second):
        about = About(customer=customer)
        history.record("customer.kept_apart", words, about=about, by=by, at=now)


@transaction.atomic
def look_again(row: DistinctCustomers, *, by: User | None, now: datetime) -> None:
    """Forget that two customers are not one: they are shown again."""
    words = _("%(one)s and %(other)s may be one customer after all.") % {
        "one": _named(row.one),
        "other": _named(row.other),
    }
    for customer in (row.one, row.other):
        about = About(customer=customer)
        history.record("customer.kept_apart", words, about=about, by=by, at=now)
    row.delete()


def _named(customer: Customer) -> str:
    return f"{customer.name} ({customer.code})"


def _locked(kept: Customer, absorbed: Customer) -> tuple[Customer, Customer]:
    rows = (
        Customer.objects.select_for_update(of=("self",), no_key=True)
        .select_related("merged_into")
        .filter(pk__in=[kept.pk, absorbed.pk])
        .order_by("pk")
    )
    found = {customer.pk: customer for customer in rows}
    return found[kept.pk], found[absorbed.pk]


def _check(kept: Customer, absorbed: Customer, *, sure: bool) -> None:
    if kept.pk == absorbed.pk:
        raise Refused(_("Choose two different customers."))
    for customer in (kept, absorbed):
        if customer.merged_into is not None:
            raise Refused(
                _("%(name)s was already merged into %(other)s.")
                % {"name": _named(customer), "other": _named(customer.merged_into)}
            )
    refuse_other_company(kept, absorbed, sure=sure)
    refuse_at_work(kept, absorbed)


def _move(
    model: type[models.Model], field: str, source: Customer, target: Customer
) -> list[int]:
    rows = model._default_manager.filter(**{field: source}).order_by()
    pks = list(rows.values_list("pk", flat=True))
    if pks:
        rows.update(**{field: target})
    return pks


def _lend_tags(kept: Customer, absorbed: Customer) -> list[int]:
    """Tag the one who stays as both were; return what is new."""
    theirs = set(kept.tags.values_list("pk", flat=True))
    new = sorted(set(absorbed.tags.values_list("pk", flat=True)) - theirs)
    kept.tags.add(*new)
    return new


def _take(
    kept: Customer, absorbed: Customer, taken: Collection[str]
) -> dict[str, list[Any]]:
    """Write what was chosen of the other's card; return it as before and after."""
    values = {
        field: getattr(absorbed, field)
        for group in taken
        for field in GROUPS.get(group, ())
    }
    notes = [note for note in (kept.pinned_note, absorbed.pinned_note) if note.strip()]
    values["pinned_note"] = "\n".join(dict.fromkeys(notes))
    written = {}
    for field, value in values.items():
        before = getattr(kept, field)
        if before != value:
            setattr(kept, field, value)
            written[field] = [_as_data(before), _as_data(value)]
    kept.save(update_fields=list(written)) if written else None
    return written


def _give_back(kept: Customer, fields: Mapping[str, list[Any]]) -> list[str]:
    """Write the card as it was, but for what was changed since; name that."""
    back, since = [], []
    for field, (before, after) in fields.items():
        if _as_data(getattr(kept, field)) != after:
            since.append(field)
            continue
        is_day = field == "address_refused_on" and before is not None
        setattr(kept, field, date.fromisoformat(before) if is_day else before)
        back.append(field)
    if back:
        kept.save(update_fields=back)
    return since


def _as_data(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _with_followers(moved: Mapping[str, list[int]], kept: Customer) -> dict[str, Any]:
    """Add what came since and belongs with what moved: corrections of its payments,
    proposals of its invoices."""
    whole: dict[str, Any] = {name: moved.get(name, []) for name in (*MOVED, "tags")}
    corrections = Payment.objects.filter(corrects__in=whole["Payment"], customer=kept)
    whole["Payment"] = {*whole["Payment"], *corrections.values_list("pk", flat=True)}
    proposals = Proposal.objects.filter(invoice__in=whole["Invoice"], customer=kept)
    whole["Proposal"] = set(proposals.values_list("pk", flat=True))
    return whole
