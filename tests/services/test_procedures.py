"""Procedures built, changed, copied, deleted; which one an invoice follows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from relance.models import (
    HistoryEntry,
    Invoice,
    Level,
    Procedure,
    Proposal,
    Reminder,
    Tag,
)
from relance.queries.dossiers import read_dossiers
from relance.services import procedures, proposals
from relance.services.procedures import ProcedureData, StepData
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def level(rank: int) -> Level:
    return Level.objects.get(rank=rank)


def step(rank: int, days: int | None, **values: Any) -> StepData:
    return StepData(level=level(rank), days_after_due=days, **values)


def data(**values: Any) -> ProcedureData:
    defaults: dict[str, Any] = {
        "name": "Grands comptes",
        "steps": [step(1, 10), step(3, 40)],
    }
    return ProcedureData(**(defaults | values))


def add(**values: Any) -> Procedure:
    return procedures.add_procedure(data(**values), by=None, now=NOW)


def steps_of(procedure: Procedure) -> list[tuple[str, int, int, str]]:
    rows = procedure.steps.order_by("level__rank")
    return list(
        rows.values_list("level__name", "days_after_due", "days_to_pay", "next_delay")
    )


def followed(invoice: Invoice) -> list[int]:
    """The days of the steps that the invoice follows."""
    steps = read_dossiers([invoice], today=TODAY).of(invoice).steps
    return [one.days_after_due for one in steps]


PRO = [5, 15, 30]


def test_a_procedure_is_built(dora) -> None:
    made = procedures.add_procedure(
        data(
            steps=[
                step(3, 40, days_to_pay=15),
                step(0, -3, days_to_pay=0),
                step(1, 10, next_delay="2 semaines"),
            ]
        ),
        by=dora,
        now=NOW,
    )

    assert steps_of(made) == [
        ("Avant échéance", -3, 0, ""),
        ("Relance simple", 10, 8, "+ 2 weeks"),
        ("Mise en demeure", 40, 15, ""),
    ]
    entry = HistoryEntry.objects.get(action="procedure.added")
    assert entry.user == dora


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "n" * 81}, "name"),
        ({"name": "PROFESSIONNELS"}, "name"),
        ({"steps": []}, "steps"),
        ({"regime": "B2X"}, "regime"),
        ({"amount_from": D(0)}, "amount_from"),
        ({"amount_from": D(-1)}, "amount_from"),
        ({"amount_from": D(10) ** 10}, "amount_from"),
        ({"amount_of": "age"}, "amount_of"),
        ({"amount_regime": "x"}, "amount_regime"),
    ],
)
def test_bad_answers_are_refused_on_their_field(
    values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        add(**values)
    assert refused.value.field == field
    assert Procedure.objects.count() == 4


@pytest.mark.parametrize(
    ("rank", "days", "values", "name"),
    [
        (1, None, {}, "days_after_due"),
        (1, 0, {}, "days_after_due"),
        (1, 731, {}, "days_after_due"),
        (0, 1, {}, "days_after_due"),
        (0, -61, {}, "days_after_due"),
        (1, 5, {"days_to_pay": None}, "days_to_pay"),
        (1, 5, {"days_to_pay": 91}, "days_to_pay"),
        (1, 5, {"days_to_pay": -1}, "days_to_pay"),
        (1, 5, {"next_delay": "bientôt"}, "next_delay"),
        (1, 5, {"next_delay": "- 3 days"}, "next_delay"),
    ],
)
def test_bad_days_are_refused_on_the_field_of_their_level(
    rank: int, days: int | None, values: dict[str, Any], name: str
) -> None:
    with pytest.raises(Refused) as refused:
        add(steps=[step(rank, days, **values)])
    assert refused.value.field == f"{name}-{level(rank).pk}"


def test_levels_come_one_after_the_other() -> None:
    with pytest.raises(Refused) as refused:
        add(steps=[step(1, 10), step(2, 10)])
    assert refused.value.field == f"days_after_due-{level(2).pk}"


def test_by_hand_before_tag_before_amount_before_type() -> None:
    tag = Tag.objects.create(name="VIP")
    own = add(name="À la main", steps=[step(1, 50)])
    add(name="VIP", tag=tag, steps=[step(1, 40)])
    add(name="Gros", amount_from=D(1000), steps=[step(1, 30)])

    plain = make.invoice(total=D(999))
    big = make.invoice(total=D(1000))
    vip = make.invoice(total=D(1000))
    vip.customer.tags.add(tag)
    chosen = make.invoice(make.customer(procedure=own), total=D(1000))
    chosen.customer.tags.add(tag)

    assert followed(plain) == PRO
    assert followed(big) == [30]
    assert followed(vip) == [40]
    assert followed(chosen) == [50]


def test_a_part_payment_brings_an_invoice_back_to_its_type() -> None:
    add(amount_from=D(1000), steps=[step(1, 30)])
    invoice = make.invoice(total=D(1000))
    make.payment(invoice, "1.00")
    assert followed(invoice) == PRO


def test_reading_many_takes_no_query_more() -> None:
    tag = Tag.objects.create(name="VIP")
    add(name="VIP", tag=tag)
    add(name="Gros", amount_from=D(1000))
    invoices = [make.invoice() for _ in range(6)]
    for invoice in invoices:
        invoice.customer.tags.add(tag)

    counts = []
    for some in (invoices[:1], invoices):
        with CaptureQueriesContext(connection) as seen:
            read_dossiers(some, today=TODAY)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_type_of_customer_has_one_procedure() -> None:
    made = add(regime="B2B", steps=[step(1, 12)])

    assert followed(make.invoice()) == [12]
    assert Procedure.objects.get(name="Professionnels").regime is None
    assert Procedure.objects.get(regime="B2B") == made


def test_a_type_of_customer_is_never_left_without() -> None:
    pro = Procedure.objects.get(regime="B2B")
    with pytest.raises(Refused) as refused:
        procedures.edit_procedure(pro, data(regime=""), by=None, now=NOW)
    assert refused.value.field == "regime"
    pro.refresh_from_db()
    assert pro.name == "Professionnels"


def test_a_tag_goes_to_the_procedure_that_asked_last() -> None:
    tag = Tag.objects.create(name="VIP")
    first = add(name="Un", tag=tag)
    second = add(name="Deux", tag=tag)
    first.refresh_from_db()
    assert (first.tag, second.tag) == (None, tag)


def test_changing_a_procedure_rewrites_nothing_sent_and_decides_again() -> None:
    invoice = make.invoice()
    make.reminder(
        invoice,
        level=level(1),
        made_on=date(2026, 10, 10),
        next_on=date(2026, 10, 25),
    )
    proposals.refresh(today=TODAY)
    assert Proposal.objects.get().level == level(2)
    before = Reminder.objects.values().get()
    pro = Procedure.objects.get(regime="B2B")

    procedures.edit_procedure(
        pro,
        data(name="Professionnels", regime="B2B", steps=[step(1, 5), step(3, 60)]),
        by=None,
        now=NOW,
    )

    assert Proposal.objects.get().stale
    proposals.refresh(today=TODAY)
    assert Proposal.objects.get().level == level(3)
    assert Reminder.objects.values().get() == before


def test_saved_untouched_nothing_is_written() -> None:
    made = add()
    HistoryEntry.objects.all().delete()
    procedures.edit_procedure(made, data(), by=None, now=NOW)
    assert not HistoryEntry.objects.exists()


def test_a_copy_has_the_same_steps_and_is_for_nobody() -> None:
    pro = Procedure.objects.get(regime="B2B")

    copies = [procedures.copy_procedure(pro, by=None, now=NOW) for _ in range(2)]

    assert steps_of(copies[0]) == steps_of(pro)
    assert copies[0].regime is None
    assert len({pro.name, *(one.name for one in copies)}) == 3


def test_a_procedure_in_use_is_not_deleted() -> None:
    made = add()
    make.customer(procedure=made)
    for used in (made, Procedure.objects.get(regime="B2B")):
        with pytest.raises(Refused):
            procedures.delete_procedure(used, by=None, now=NOW)
    assert Procedure.objects.count() == 5


def test_one_that_nobody_follows_is_deleted() -> None:
    made = add(amount_from=D(1000))
    invoice = make.invoice(total=D(2000))
    assert followed(invoice) == [10, 40]

    procedures.delete_procedure(made, by=None, now=NOW)

    assert followed(invoice) == PRO


def test_there_is_an_end_to_adding_procedures() -> None:
    for number in range(procedures.MOST - 4):
        add(name=f"Scénario {number}")
    with pytest.raises(Refused):
        add(name="Un de trop")
