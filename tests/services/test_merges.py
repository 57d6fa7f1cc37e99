"""Customers merged with all that is theirs, and taken apart again."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest

from relance.models import (
    Customer,
    CustomerMerge,
    DistinctCustomers,
    HistoryEntry,
    Hold,
    Invoice,
    PayerAccount,
    Payment,
    Proposal,
    Reminder,
    RunLine,
    Tag,
)
from relance.services import customers, holds, merges, payments, proposals
from relance.services.customers import ContactData, CustomerData
from relance.services.merges import GROUPS, MOVED
from relance.services.payments import PaymentData
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY
from tests.services._merges import LATER, _level, merge, undo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def kept() -> Customer:
    return make.customer(name="Dupont SARL", code="C1", email="", phone="01")


@pytest.fixture
def absorbed() -> Customer:
    return make.customer(name="Dupont", code="C2", email="c@dupont.example", phone="02")


def furnish(customer: Customer) -> dict[str, list[int]]:
    """Give a customer one of each thing; return what names them, by table."""
    one = make.invoice(customer)
    two = make.invoice(customer)
    make.payment(one, "100.00")
    make.hold(customer, "dispute")
    make.contact(customer)
    made = make.reminder(two)
    run = make.run_of(made)
    RunLine.objects.create(
        run=run,
        position=1,
        group=1,
        invoice=two,
        customer=customer,
        level=_level(),
        channel="letter",
        state=RunLine.State.MADE,
    )
    PayerAccount.objects.create(
        iban=f"FR76{customer.pk:023d}", customer=customer, learnt_at=NOW
    )
    proposals.refresh(today=TODAY)
    return holdings(customer)


def holdings(customer: Customer) -> dict[str, list[int]]:
    """Return the ids of all that is a customer's, by table, but the entries that
    tell of merges."""
    found = {}
    for name, (model, field) in MOVED.items():
        rows = model._default_manager.filter(**{field: customer})
        if model is HistoryEntry:
            rows = rows.exclude(action__in=["customer.merged", "customer.unmerged"])
        found[name] = sorted(rows.values_list("pk", flat=True))
    return found


def test_whatever_names_a_customer_is_moved_by_a_merge() -> None:
    """A table that is added and names customers must be merged too."""
    told = {(model, field) for model, field in MOVED.values()}
    told |= {
        (DistinctCustomers, "one"),
        (DistinctCustomers, "other"),
        (CustomerMerge, "kept"),
        (CustomerMerge, "absorbed"),
        (Customer.tags.through, "customer"),
    }

    names = {
        (relation.related_model, relation.field.name)
        for relation in Customer._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete and relation.is_relation
    }

    assert names <= told, names - told


def test_each_field_of_the_card_is_chosen_or_left_on_purpose() -> None:
    chosen = {field for group in GROUPS.values() for field in group}
    left = {"id", "code", "pinned_note", "source", "external_id", "batch_id"}
    left |= {"merged_into_id", "created_at"}
    # The database makes it of the others.
    left |= {"searched", "sorted_name"}

    fields = {field.attname for field in Customer._meta.concrete_fields}

    assert fields == chosen | left


def test_all_that_is_theirs_goes_to_the_one_who_stays(
    kept: Customer, absorbed: Customer
) -> None:
    alice = make.user()
    ours, theirs = furnish(kept), furnish(absorbed)
    sent = Reminder.objects.filter(pk__in=theirs["Reminder"]).values(
        "number", "recipient", "content", "amounts", "level_name", "made_on"
    )
    before = list(sent)

    done = merge(kept, absorbed, by=alice)

    now = holdings(kept)
    for name in MOVED:
        if name != "Customer":
            assert now[name] == sorted(ours[name] + theirs[name]), name
    assert now["Customer"] == [absorbed.pk]
    assert holdings(absorbed)["Invoice"] == []
    assert list(sent) == before
    assert {k: sorted(v) for k, v in done.moved.items() if k in theirs} == theirs
    entries = HistoryEntry.objects.filter(action="customer.merged")
    assert {entry.customer for entry in entries} == {kept, absorbed}
    assert all(entry.user == alice for entry in entries)
    assert "2 factures, 1 règlement, 1 relance" in str([e.words for e in entries])


def test_undoing_puts_each_thing_back(kept: Customer, absorbed: Customer) -> None:
    ours, theirs = furnish(kept), furnish(absorbed)
    kept.refresh_from_db()
    card = Customer.objects.filter(pk=kept.pk).values().get()
    other = Customer.objects.filter(pk=absorbed.pk).values().get()

    done = undo(merge(kept, absorbed, taken=list(GROUPS)))

    assert holdings(kept) == ours
    assert holdings(absorbed) == theirs
    assert Customer.objects.filter(pk=kept.pk).values().get() == card
    assert Customer.objects.filter(pk=absorbed.pk).values().get() == other
    assert done.undone_at == LATER
    entries = HistoryEntry.objects.filter(action="customer.unmerged")
    assert {entry.customer for entry in entries} == {kept, absorbed}


def test_balances_do_not_move(kept: Customer, absorbed: Customer) -> None:
    invoice = make.invoice(absorbed)
    make.payment(invoice, "200.00")

    done = merge(kept, absorbed)
    invoice.refresh_from_db()
    assert (invoice.customer, invoice.balance) == (kept, Decimal("1000.00"))

    undo(done)
    invoice.refresh_from_db()
    assert (invoice.customer, invoice.balance) == (absorbed, Decimal("1000.00"))


def test_of_each_card_what_was_chosen_stays(kept: Customer, absorbed: Customer) -> None:
    kept.pinned_note, absorbed.pinned_note = "Appeler Rault", "Portail Chorus"
    kept.save()
    absorbed.address_refused_on = date(2026, 11, 2)
    absorbed.city = "Rezé"
    absorbed.save()

    done = merge(kept, absorbed, taken=["email", "address"])

    kept.refresh_from_db()
    assert (kept.email, kept.phone) == ("c@dupont.example", "01")
    assert (kept.city, kept.address_refused_on) == ("Rezé", date(2026, 11, 2))
    assert (kept.name, kept.code) == ("Dupont SARL", "C1")
    assert kept.pinned_note == "Appeler Rault\nPortail Chorus"

    kept.email = "nouveau@dupont.example"
    kept.save()
    undo(done)
    kept.refresh_from_db()
    # Changed since: left as it is, and said.
    assert kept.email == "nouveau@dupont.example"
    assert (kept.city, kept.pinned_note) == ("Nantes", "Appeler Rault")
    assert kept.address_refused_on is None
    words = HistoryEntry.objects.filter(customer=kept).first().words
    assert "laissé tel quel" in words


def test_tags_are_those_of_both_and_are_given_back(
    kept: Customer, absorbed: Customer
) -> None:
    vip, export = Tag.objects.create(name="VIP"), Tag.objects.create(name="export")
    kept.tags.add(vip)
    absorbed.tags.add(vip, export)

    done = merge(kept, absorbed)
    assert set(kept.tags.all()) == {vip, export}

    undo(done)
    assert set(kept.tags.all()) == {vip}
    assert set(absorbed.tags.all()) == {vip, export}


def test_two_clicks_merge_once(kept: Customer, absorbed: Customer) -> None:
    key = uuid.uuid4()

    assert merge(kept, absorbed, key=key) == merge(kept, absorbed, key=key)
    assert CustomerMerge.objects.count() == 1


def test_what_came_since_stays_and_is_said(kept: Customer, absorbed: Customer) -> None:
    old = make.invoice(absorbed)
    done = merge(kept, absorbed)
    new = make.invoice(Customer.objects.get(pk=kept.pk))
    Invoice.objects.filter(pk=new.pk).update(created_at=LATER)

    undo(done)

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.customer, new.customer) == (absorbed, kept)
    words = HistoryEntry.objects.filter(customer=absorbed).first().words
    assert "1 facture, 0 règlement, 0 relance" in words


def test_a_correction_made_since_follows_its_payment(
    kept: Customer, absorbed: Customer
) -> None:
    paid = make.payment(of=absorbed)
    done = merge(kept, absorbed)
    correction = payments.correct_payment(
        Payment.objects.get(pk=paid.pk),
        "impayé",
        key=uuid.uuid4(),
        by=None,
        now=NOW,
    )
    assert correction.customer == kept

    undo(done)

    correction.refresh_from_db()
    assert correction.customer == absorbed


def test_proposals_follow_and_are_decided_again(
    kept: Customer, absorbed: Customer
) -> None:
    invoice = make.invoice(absorbed)
    proposals.refresh(today=TODAY)

    done = merge(kept, absorbed)
    row = Proposal.objects.get(invoice=invoice)
    assert (row.customer, row.stale) == (kept, True)
    proposals.refresh(today=TODAY)

    undo(done)
    row.refresh_from_db()
    assert (row.customer, row.stale) == (absorbed, True)


def test_a_hold_of_one_holds_the_invoices_of_both(
    kept: Customer, absorbed: Customer
) -> None:
    make.hold(absorbed, "insolvency")
    mine = make.invoice(kept)

    merge(kept, absorbed)
    proposals.refresh(today=TODAY)

    row = Proposal.objects.get(invoice=mine)
    assert [reason["code"] for reason in row.reasons] == ["insolvency"]


def test_who_writes_to_one_that_was_merged_writes_to_the_survivor(
    kept: Customer, absorbed: Customer
) -> None:
    """A page left open since before the merge."""
    merge(kept, absorbed)
    stale = absorbed

    invoice = make.invoice(stale)
    data = PaymentData(customer=stale, received_on=TODAY, amount=Decimal("10.00"))
    payment = payments.record_payment(data, key=uuid.uuid4(), by=None, now=NOW)
    held = make.hold(stale, "dispute")
    contact = customers.save_contact(
        stale, ContactData(name="Mme Rault"), by=None, now=NOW
    )

    owners = {invoice.customer, payment.customer, held.customer, contact.customer}
    assert owners == {kept}
    with pytest.raises(Refused, match="Dupont SARL"):
        customers.edit_customer(stale, CustomerData(name="X"), by=None, now=NOW)


def test_two_who_are_not_one_are_remembered(kept: Customer, absorbed: Customer) -> None:
    alice = make.user()
    merges.keep_apart(absorbed, kept, by=alice, now=NOW)
    merges.keep_apart(kept, absorbed, by=alice, now=NOW)

    row = DistinctCustomers.objects.get()
    assert {row.one, row.other} == {kept, absorbed}
    entries = HistoryEntry.objects.filter(action="customer.kept_apart")
    assert {entry.customer for entry in entries} == {kept, absorbed}

    merges.look_again(row, by=alice, now=NOW)
    assert not DistinctCustomers.objects.exists()
    with pytest.raises(Refused):
        merges.keep_apart(kept, kept, by=alice, now=NOW)


def test_holds_that_ended_and_new_ones_stay_as_they_are(
    kept: Customer, absorbed: Customer
) -> None:
    held = make.hold(absorbed, "dispute")
    done = merge(kept, absorbed)
    holds.end_hold(Hold.objects.get(pk=held.pk), by=None, now=NOW)

    undo(done)

    held.refresh_from_db()
    assert held.customer == absorbed
    assert held.ended_at == NOW
