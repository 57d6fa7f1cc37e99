"""What colleagues chose on *Relance massive* while one's page stayed open."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from relance.queries.worklist import chosen_since
from relance.rules.permissions import Action
from relance.services import proposals as service
from relance.web.access import may
from relance.web.http import WebRequest
from relance.web.proposal_bar import is_grouped, read_bar
from relance.web.proposal_rows import read_rows
from relance.web.proposals import TEMPLATE, back_to_list, here

# Lines put in their place at once; a page shows no more.
MOST = 50


@require_GET
@may(Action.VIEW)
def news(request: WebRequest) -> HttpResponse:
    """Return the lines of this page that somebody else chose since, and the bar; 204
    when nobody did. A line that is open is left: something is being typed there."""
    if not request.htmx:
        return redirect(back_to_list(request))
    now, today = timezone.now(), timezone.localdate()
    changed = chosen_since(_instant(request, now), but=request.user)
    if not changed:
        return HttpResponse(status=204)
    service.refresh(today=today)
    shown = request.GET.get("rows", "").split(",")[:MOST]
    closed = [pk for pk in shown if f"open-{pk}" not in request.GET]
    rows = read_rows(
        [int(pk) for pk in closed if pk.isdecimal() and int(pk) in changed],
        today=today,
        user=request.user,
        opened=(),
        said={},
    )
    context = {
        "rows": rows,
        "row_numbers": ",".join(pk for pk in shown if pk.isdecimal()),
        "since": now.isoformat(),
        "here": here(request),
        "bar": read_bar(grouped=is_grouped(request), today=today),
        "may_choose": request.user.may(Action.REMIND),
        "out_of_band": True,
    }
    return render(request, f"{TEMPLATE}#news", context)


def _instant(request: WebRequest, now: datetime) -> datetime:
    try:
        since = parse_datetime(request.GET.get("since", ""))
    except ValueError:
        since = None
    return since if since is not None and timezone.is_aware(since) else now
