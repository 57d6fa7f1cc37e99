"""Each unpaid invoice is answered as the rules say, thousands like one."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from relance.models import (
    Channel,
    Company,
    Customer,
    Invoice,
    Level,
    Procedure,
    Proposal,
    Rate,
    Run,
    RunLine,
    Text,
)
from relance.rules.escalation import Weight
from relance.rules.reason_data import reason_from_data
from relance.services import drafts, proposal_decisions, proposals
from relance.services.drafts import Wish
from relance.services.reasons import in_words
from relance.services.touching import touch, touch_all
from tests import make
from tests.make import NOW, TODAY
from tests.services._proposals import (
    TOMORROW,
    Standing,
    codes,
    late,
    notice,
    rank,
    reminded,
    row_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ours(db: None) -> Company:
    found = make.company()
    Rate.objects.update(verified=True)
    return found


# What is decided


def test_each_unpaid_invoice_has_one_row_and_only_those() -> None:
    one, paid = late(), late()
    late(kind="credit_note")
    assert proposals.refresh(today=TODAY) == 2
    assert proposals.refresh(today=TODAY) == 0

    make.payment(paid, "1200.00")
    two = late()
    proposals.refresh(today=TODAY)

    assert set(Proposal.objects.values_list("invoice", flat=True)) == {one.pk, two.pk}


def test_nothing_to_do_costs_one_query(django_assert_num_queries: Any) -> None:
    late()
    proposals.refresh(today=TODAY)
    with django_assert_num_queries(1):
        proposals.refresh(today=TODAY)


@pytest.mark.parametrize(
    ("prepare", "standing", "code"),
    [
        (lambda one: None, Standing.READY, None),
        (lambda one: reminded(one, 1, next_on=TOMORROW), Standing.EARLY, "too_soon"),
        (
            lambda one: reminded(late(one.customer), 1, days=2),
            Standing.EARLY,
            "customer_too_soon",
        ),
        (lambda one: make.hold(one), Standing.HELD, "dispute"),
        (lambda one: make.payment(of=one.customer), Standing.HELD, "unallocated"),
        (lambda one: reminded(one, 3, state="posted"), Standing.HELD, "last_level"),
        (
            lambda one: make.reminder(one, state="queued", channel="email"),
            Standing.STOPPED,
            "under_way",
        ),
        (
            lambda one: Customer.objects.update(email="", city=""),
            Standing.STOPPED,
            "no_address",
        ),
    ],
)
def test_where_an_invoice_stands(
    prepare: Callable[[Invoice], object], standing: Standing, code: str | None
) -> None:
    invoice = late()
    prepare(invoice)
    row = row_of(invoice)
    assert row.standing == standing
    assert code is None or code in codes(row)


def test_not_yet_due_is_early_and_says_from_when() -> None:
    row = row_of(late(days=-3))
    assert (row.standing, codes(row)) == (Standing.EARLY, ["not_due"])
    assert row.possible_from == TODAY + timedelta(days=8)
    assert (row.channel, row.chosen_at) == ("", None)


def test_a_warning_alone_keeps_nothing_back() -> None:
    Rate.objects.update(verified=False)
    invoice = late()
    reminded(invoice, 1)
    row = row_of(invoice)
    assert row.standing == Standing.READY
    assert codes(row) == ["rate_unverified"]


def test_one_channel_barred_is_no_reason_against() -> None:
    invoice = late(make.customer(email=""))
    row = row_of(invoice)
    assert (row.standing, row.reasons) == (Standing.READY, [])
    assert (row.letter_trouble, row.email_trouble) == ("", "no_email")


def test_a_text_or_a_rate_that_is_missing_is_said_of_its_channel() -> None:
    Text.objects.filter(channel="email", level__rank=1).update(current=False)
    invoice = late()
    assert row_of(invoice).email_trouble == "text_missing"

    Rate.objects.all().delete()
    touch_all()
    row = row_of(notice())
    assert (row.standing, row.letter_trouble) == (Standing.STOPPED, "rate_missing")
    assert codes(row) == ["rate_missing"]


def test_an_element_that_a_notice_lacks_stops_it_on_every_channel(
    ours: Company,
) -> None:
    Company.objects.update(iban="")
    row = row_of(notice())
    assert row.standing == Standing.STOPPED
    assert row.letter_trouble == row.email_trouble == "element_missing"
    assert row.reasons[0]["facts"] == {"what": "bank_details"}


def test_without_a_procedure_nothing_can_be_proposed() -> None:
    customer = make.customer(procedure=Procedure.objects.create(name="Vide"))
    row = row_of(late(customer))
    assert (row.standing, row.level, codes(row)) == (
        Standing.STOPPED,
        None,
        ["text_missing"],
    )


def test_a_waiting_line_of_a_run_is_a_reminder_under_way() -> None:
    invoice = late()
    row = row_of(invoice)
    run = Run.objects.create(
        number=7, request_key=uuid.uuid4(), approved_at=NOW, made_on=TODAY
    )
    RunLine.objects.create(
        run=run,
        position=1,
        group=1,
        invoice=invoice,
        customer=invoice.customer,
        level_id=rank(1),
        channel="letter",
    )
    touch([invoice.customer_id])

    row = row_of(invoice)

    assert (row.standing, row.channel) == (Standing.STOPPED, "")
    assert row.reasons[0]["facts"] == {"reference": "RM-0007"}


def test_levels_climb_one_at_a_time_and_the_last_reminder_is_shown() -> None:
    invoice = late(days=90)
    last = reminded(invoice, 1)
    row = row_of(invoice)
    assert (row.level, row.last) == (Level.objects.get(rank=2), last)


def test_pages_are_the_letter_its_statement_and_the_invoice() -> None:
    assert row_of(late()).pages == 2
    assert row_of(notice()).pages == 3


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "votre IBAN"), ("en", "your IBAN")]
)
def test_each_reader_has_what_is_kept_in_their_language(
    ours: Company, language: str, said: str
) -> None:
    Company.objects.update(iban="")
    [kept] = row_of(notice()).reasons
    with override(language):
        assert said in in_words(reason_from_data(kept))


# The answers for thousands are those for one


def test_each_row_says_what_a_draft_of_its_own_would() -> None:
    """The means are worked out once for invoices that are alike: nothing that
    matters may differ between them."""
    Company.objects.update(contract_rate=None)
    customers_made = [
        make.customer(regime=regime, language=language, **values)
        for regime, language, values in itertools.product(
            ("B2B", "B2C", "PUBLIC", "NON_PRO"),
            ("fr", "en"),
            ({}, {"email": ""}, {"city": ""}, {"email": "", "city": ""}),
        )
    ]
    body = "[[si facture.jours_retard >= 40]]{coordonnees_bancaires}[[fin]]"
    for text in Text.objects.filter(
        level__rank=3, channel="letter", grouped=False, regime="B2B", language="fr"
    ):
        text.body = text.body.replace("{coordonnees_bancaires}", body)
        text.save()
    for place, customer in enumerate(customers_made):
        if place % 5 == 0:
            make.contact(customer, city="Brest" if place % 2 else "")
        for days in (-20, 12, 39, 41, 60, 250):
            made = late(customer, days=days, customer_reference="BC 1" * (days > 50))
            if days >= 39:
                reminded(made, 2, days=9)
            if days == 60:
                make.payment(made, "1199.00")
    Rate.objects.filter(half_year="2026-S1").delete()
    Text.objects.filter(level__rank=1, channel="email", language="en").delete()

    proposals.refresh(today=TODAY)

    rows = Proposal.objects.select_related("invoice__customer", "level")
    assert rows.count() == len(customers_made) * 6
    seen = set()
    for row in rows:
        for channel, trouble in (
            (Channel.REGISTERED, row.letter_trouble),
            (Channel.EMAIL, row.email_trouble),
        ):
            wish = Wish(invoice=row.invoice, channel=channel, level=row.level)
            means = drafts.draft(wish, today=TODAY).means
            hard = [one.code.value for one in means if one.weight == Weight.HARD]
            assert trouble == (hard[0] if hard else ""), (row, channel)
            seen.add(trouble)
    assert seen == {
        "",
        "no_address",
        "no_email",
        "text_missing",
        "rate_missing",
        "element_missing",
    }


def test_contacts_decide_who_can_be_reached() -> None:
    customer = make.customer(email="", city="")
    contact = make.contact(customer, email="", city="Brest", role="other")
    invoice = late(customer)
    assert row_of(invoice).letter_trouble == "no_address"

    contact.recipient_for.set([rank(1)])
    contact.email = "ici@client.example"
    contact.save()
    touch([customer.pk])
    row = row_of(invoice)
    assert (row.letter_trouble, row.email_trouble) == ("", "")


def test_many_take_no_more_queries_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(count: int) -> int:
        for _ in range(count):
            late()
        with CaptureQueriesContext(connection) as asked:
            assert proposals.refresh(today=TODAY) == count
        return len(asked)

    assert asked(30) == asked(1)


def test_too_many_to_be_named_are_decided_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(proposal_decisions, "MANY", 3)
    monkeypatch.setattr(proposal_decisions, "CHUNK", 7)
    customer = make.customer()
    rows = [late(customer), *(late() for _ in range(9))]
    reminded(rows[0], 1, days=2, next_on=TOMORROW)
    make.payment(of=rows[3].customer)
    make.hold(rows[4])
    make.hold(rows[5].customer, "manual")
    proposals.refresh(today=TODAY)
    some = {one.invoice_id: (one.standing, codes(one)) for one in _all()}

    monkeypatch.setattr(proposal_decisions, "MANY", 1_000)
    touch_all()
    proposals.refresh(today=TODAY)

    assert {one.invoice_id: (one.standing, codes(one)) for one in _all()} == some
    assert some[rows[0].pk] == (Standing.EARLY, ["too_soon"])
    assert [some[one.pk][1] for one in rows[3:6]] == [
        ["unallocated"],
        ["dispute"],
        ["manual_hold"],
    ]
    assert some[rows[9].pk] == (Standing.READY, [])


def _all() -> list[Proposal]:
    assert not Proposal.objects.filter(stale=True).exists()
    return list(Proposal.objects.all())
