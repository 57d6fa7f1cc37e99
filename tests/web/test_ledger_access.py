"""Who sees the ledger's pages, and who may change it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from relance.models import (
    Allocation,
    Contact,
    Customer,
    HistoryEntry,
    Hold,
    Invoice,
    Payment,
)
from relance.services import limitation
from tests import make

pytestmark = pytest.mark.django_db

READ = [
    "invoices",
    "customers",
    "payments",
    ("invoice", "invoice"),
    ("invoice-payments", "invoice"),
    ("invoice-history", "invoice"),
    ("customer", "customer"),
    ("customer-invoices", "customer"),
    ("customer-history", "customer"),
    ("payment", "payment"),
    ("invoice-payments", "credit"),
]
FORMS = [
    "invoice-new",
    "customer-new",
    "payment-new",
    ("invoice-edit", "invoice"),
    ("customer-edit", "customer"),
    ("contact-new", "customer"),
    ("contact-edit", "contact"),
]
POSTS = [
    *FORMS,
    ("invoice-pdf", "invoice"),
    ("invoice-cancel", "invoice"),
    ("invoice-write-off", "invoice"),
    ("invoice-reopen", "invoice"),
    ("invoice-interrupt", "invoice"),
    ("interruption-undo", "interruption"),
    ("invoice-hold", "invoice"),
    ("customer-hold", "customer"),
    ("hold-end", "hold"),
    ("contact-remove", "contact"),
    ("payment-allocate", "payment"),
    ("payment-correct", "payment"),
    ("allocation-undo", "allocation"),
    ("credit-allocate", "credit"),
]


@pytest.fixture
def things() -> dict[str, int]:
    make.company()
    invoice = make.invoice(number="FA-1")
    payment = make.payment(invoice)
    credit = make.invoice(invoice.customer, kind="credit_note", total=Decimal("9.00"))
    return {
        "invoice": invoice.pk,
        "customer": invoice.customer.pk,
        "payment": payment.pk,
        "allocation": payment.allocations.get().pk,
        "contact": make.contact(invoice.customer).pk,
        "hold": make.hold(invoice).pk,
        "interruption": limitation.record_interruption(
            invoice,
            limitation.Interruption(
                kind="acknowledgement", happened_on=invoice.due_date
            ),
            by=None,
            now=make.NOW,
        ).pk,
        "credit": credit.pk,
    }


def path(page, things) -> str:
    if isinstance(page, str):
        return reverse(page)
    name, thing = page
    return reverse(name, args=[things[thing]])


def ledger() -> list[list[dict]]:
    models = (Invoice, Customer, Contact, Payment, Allocation, Hold, HistoryEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("page", [*READ, *FORMS], ids=str)
def test_anonymous_people_log_in_first(client, things, page) -> None:
    response = client.get(path(page, things))

    assert response.status_code == 302
    assert "/login/" in response["Location"]


@pytest.mark.parametrize("page", [*READ, *FORMS], ids=str)
def test_a_stranger_is_told_whom_to_ask(client, charlie, things, page) -> None:
    client.force_login(charlie)
    response = client.get(path(page, things))

    assert response.status_code == 403
    assert "FA-1" not in response.content.decode()


@pytest.mark.parametrize("page", READ, ids=str)
def test_a_reader_reads_and_finds_nothing_to_press(client, bob, things, page) -> None:
    client.force_login(bob)
    # The first click of a session writes down where one is logged in.
    client.get("/account/")
    with CaptureQueriesContext(connection) as asked:
        response = client.get(path(page, things))

    assert response.status_code == 200
    assert len(asked) <= 12 + 2  # the session and the person are read first
    main = response.content.decode().split("<main", 1)[1].split("</main", 1)[0]
    assert 'method="post"' not in main


@pytest.mark.parametrize("page", FORMS, ids=str)
def test_a_reader_is_shown_no_form(client, bob, things, page) -> None:
    client.force_login(bob)
    assert client.get(path(page, things)).status_code == 403


@pytest.mark.parametrize("page", POSTS, ids=str)
@pytest.mark.parametrize("who", ["bob", "charlie", None])
def test_who_may_not_changes_nothing(request, client, things, page, who) -> None:
    if who:
        client.force_login(request.getfixturevalue(who))
    before = ledger()

    response = client.post(path(page, things), {"why": "x", "reason": "manual"})

    assert response.status_code == (403 if who else 302)
    assert ledger() == before


@pytest.mark.parametrize("page", [p for p in POSTS if p not in FORMS], ids=str)
def test_nothing_changes_by_following_a_link(client, alice, things, page) -> None:
    client.force_login(alice)
    before = ledger()

    assert client.get(path(page, things)).status_code == 405
    assert ledger() == before


@pytest.mark.parametrize("page", [p for p in READ + POSTS if len(p) == 2], ids=str)
def test_what_does_not_exist_is_not_found(client, alice, page) -> None:
    make.company()
    client.force_login(alice)
    where = reverse(page[0], args=[999_999])

    method = client.get if page in READ else client.post
    assert method(where).status_code == 404


@pytest.mark.parametrize("page", [*READ, *FORMS], ids=str)
def test_who_reminds_sees_every_page(client, alice, things, page) -> None:
    client.force_login(alice)
    assert client.get(path(page, things)).status_code == 200
