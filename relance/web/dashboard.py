"""*Tableau de bord*: what waits for somebody, the figures, what happened last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from relance.gateways import wording
from relance.models import Invoice
from relance.queries import dashboard as queries
from relance.queries.ageing import AgedBalance, aged_balances
from relance.queries.company import NotSetUp
from relance.queries.payments import collected
from relance.rules.permissions import Action
from relance.services import proposals
from relance.services.active_language import active_language
from relance.web import dashboard_figures as figures
from relance.web.access import may
from relance.web.attention import items
from relance.web.http import WebRequest


@require_GET
@may(Action.VIEW)
def dashboard(request: WebRequest) -> HttpResponse:
    """Show what demands attention first, then the figures, then what happened."""
    now, today = timezone.now(), timezone.localdate()
    try:
        proposals.refresh(today=today)
        waiting = queries.waiting(today=today)
    except NotSetUp:
        return redirect("setup")
    balances = aged_balances(today=today)
    context = _figures(balances, today=today) | {
        "first_name": request.user.name.partition(" ")[0],
        "day": wording.long_date(today, language=active_language(), weekday=True),
        "items": items(
            waiting, owed=bool(balances), user=request.user, now=now, today=today
        ),
        "activities": queries.activities(),
        "empty": not balances and not Invoice.objects.exists(),
        "may_remind": request.user.may(Action.REMIND),
        "may_edit": request.user.may(Action.EDIT_LEDGER),
    }
    return render(request, "relance/dashboard/page.html", context)


def _figures(balances: Sequence[AgedBalance], *, today: date) -> dict[str, object]:
    to_remind = queries.to_remind(today=today)
    return {
        "to_remind": sum(one.count for one in to_remind),
        "tiles": [
            figures.late_tile(balances),
            figures.to_remind_tile(to_remind),
            figures.collected_tile(collected(today=today)),
            figures.delay_tile(today=today),
        ],
        "aged": [figures.aged_card(balance, balances) for balance in balances],
    }
