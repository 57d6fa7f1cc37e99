"""``relance invoices``: what customers owe, in a terminal or for a program."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.markup import escape
from rich.table import Table

from relance.gateways import wording
from relance.management.terminal import Exit, Stop, TerminalCommand
from relance.models import Customer, Invoice
from relance.queries.company import company


class Command(TerminalCommand):
    summary = "List invoices: those unpaid, those late, with their totals"
    example = "relance invoices --unpaid --late"
    prints_json = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--unpaid", action="store_true", help=_("those with something left to pay")
        )
        parser.add_argument(
            "--late", action="store_true", help=_("unpaid and past their due date")
        )
        parser.add_argument(
            "--customer", metavar="CODE", help=_("of one customer: its code or name")
        )

    def run(
        self,
        *,
        unpaid: bool,
        late: bool,
        customer: str | None,
        json: bool,
        **options: Any,
    ) -> Exit:
        company()
        today = timezone.localdate()
        found = Invoice.objects.select_related("customer").order_by("due_date")
        if late:
            found = found.overdue(on=today)
        elif unpaid:
            found = found.unpaid()
        if customer:
            found = found.filter(customer__in=_customers(customer))
        rows = list(found.order_by("due_date", "number"))
        if json:
            told = [_as_data(row, today) for row in rows]
            totals = {code: f"{sum_:.2f}" for code, sum_ in _totals(rows).items()}
            self.answer({"invoices": told, "left_to_pay": totals})
        else:
            self._show(rows, today)
        return Exit.DONE

    def _show(self, rows: Sequence[Invoice], today: date) -> None:
        table = Table(box=None, pad_edge=False)
        for title in (_("Invoice"), _("Customer"), _("Due date")):
            table.add_column(title)
        table.add_column(_("Days late"), justify="right")
        table.add_column(_("Left to pay"), justify="right")
        for row in rows:
            table.add_row(*_cells(row, today))
        if rows:
            self.console.print(table)
        words = ngettext("%(count)s invoice.", "%(count)s invoices.", len(rows))
        totals = [
            wording.money(amount, currency=code, language="fr")
            for code, amount in _totals(rows).items()
        ]
        said = words % {"count": len(rows)}
        if totals:
            left = _("Left to pay: %(totals)s.") % {"totals": " + ".join(totals)}
            said = f"{said} {left}"
        self.console.print(said)


def _customers(said: str) -> set[int]:
    """Return whom a code or words of a name mean today, whoever was merged into
    another included; raise Stop when nobody."""
    exact = Customer.objects.filter(Q(code__iexact=said) | Q(name__iexact=said))
    found = exact if exact.exists() else Customer.objects.matching(said)
    if not found.exists():
        words = _("No customer is called “%(said)s”.") % {"said": said}
        raise Stop(words, code=Exit.USAGE)
    return {one.merged_into_id or one.pk for one in found}


def _cells(row: Invoice, today: date) -> tuple[str, ...]:
    late = row.days_late(on=today) if row.is_unpaid else 0
    return (
        escape(row.number),
        escape(row.customer.name),
        wording.short_date(row.due_date),
        f"[red]{late}[/red]" if late > 0 else "",
        wording.money(row.balance, currency=row.currency, language="fr"),
    )


def _totals(rows: Sequence[Invoice]) -> dict[str, Decimal]:
    """Return what is left to pay by currency: currencies are never added."""
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.is_unpaid:
            totals[row.currency] += row.balance
    return dict(sorted(totals.items()))


def _as_data(row: Invoice, today: date) -> dict[str, object]:
    return {
        "number": row.number,
        "kind": str(row.kind),
        "state": str(row.state),
        "customer": {"code": row.customer.code, "name": row.customer.name},
        "issued_on": row.issued_on.isoformat(),
        "due_date": row.due_date.isoformat(),
        "due_date_computed": row.due_date_computed,
        "days_late": max(0, row.days_late(on=today)) if row.is_unpaid else 0,
        "total": f"{row.total:.2f}",
        "balance": f"{row.balance:.2f}",
        "currency": row.currency,
    }
