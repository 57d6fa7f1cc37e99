"""*Relance massive* in the browser: its lines, read and filled in."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from relance.models import Customer, Invoice, Level, Proposal
from relance.services import proposals
from relance.services.touching import touch
from tests import make

URL = "/relances/massive/"
CHOOSE = f"{URL}choix/"


def late(of: Customer | None = None, *, days: int = 50, **values: Any) -> Invoice:
    due = timezone.localdate() - timedelta(days=days)
    dates = {"due_date": due, "issued_on": due - timedelta(days=30)}
    return make.invoice(of, **(dates | values))


def text(response: Any) -> str:
    content = html.unescape(response.content.decode())
    return re.sub(r"\s+", " ", content.replace("\u00a0", " "))


def row_of(invoice: Invoice) -> Proposal:
    proposals.refresh(today=timezone.localdate())
    return Proposal.objects.select_related("chosen_by").get(invoice=invoice)


def line(response: Any, invoice: Invoice) -> str:
    """The markup of one line of the list."""
    pk = row_of(invoice).pk
    found = re.search(rf'<tbody id="row-{pk}".*?</tbody>', text(response))
    assert found, f"{invoice} is not in the list"
    return found[0]


def shown(response: Any, invoice: Invoice) -> dict[str, str]:
    """What a line says that it showed."""
    found = re.search(r'name="shown-\d+" value="(\{.*?\})"', line(response, invoice))
    assert found
    values: dict[str, str] = json.loads(found[1])
    return values


def form_of(client: Client, invoice: Invoice, **changed: str) -> dict[str, str]:
    """What the browser posts of one open line, after these changes."""
    row = row_of(invoice)
    before = shown(client.get(URL, {"which": "unpaid", "open": str(row.pk)}), invoice)
    posted = {f"shown-{row.pk}": json.dumps(before), f"open-{row.pk}": "1"}
    for name, value in (before | changed).items():
        if value and (name != "paper" or value == "registered"):
            posted[f"{name}-{row.pk}"] = value
    return posted


def choose(client: Client, invoice: Invoice, **changed: str) -> Any:
    return client.post(CHOOSE, form_of(client, invoice, **changed))


HTMX = {"HX-Request": "true"}


def noticed(*, kinds: Sequence[str] = ("reminder",)) -> Invoice:
    """An invoice reminded long ago at every level of these kinds: by default all
    below the formal notice."""
    invoice, today = late(days=200), timezone.localdate()
    for level in Level.objects.filter(active=True, kind__in=kinds):
        make.reminder(
            invoice,
            level=level,
            level_rank=level.rank,
            level_name=level.name,
            level_kind=level.kind,
            made_on=today - timedelta(days=100 - level.rank),
            next_on=today - timedelta(days=50),
        )
    touch([invoice.customer_id])
    return invoice
