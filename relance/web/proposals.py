"""*Relance massive*: whom to remind today, chosen line by line or all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from relance.gateways import wording
from relance.models import Proposal
from relance.queries.company import NotSetUp
from relance.queries.freshness import freshness
from relance.queries.procedures import steps_of_procedures
from relance.queries.worklist import Criteria, with_shown, worklist
from relance.rules.permissions import Action
from relance.services import proposals as service
from relance.services.active_language import active_language
from relance.services.proposals import How
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.http import WebRequest
from relance.web.paging import long_page
from relance.web.proposal_bar import GROUPED, is_grouped, read_bar
from relance.web.proposal_choices import Posted, posted_lines
from relance.web.proposal_filters import Filters
from relance.web.proposal_rows import Said, read_rows, rows_of
from relance.web.rates_banner import doubts_in_words

PAGE = 50
TEMPLATE = "relance/proposals/page.html"
# What an address asks for beside the list: lines open (also ``open-12``), filters,
# what colleagues chose.
PASSING = {"open", "filters", "since", "rows"}


@require_GET
@may(Action.VIEW)
def proposals(request: WebRequest) -> HttpResponse:
    """Show the unpaid invoices with what is proposed for each, and why."""
    try:
        return page(request)
    except NotSetUp:
        return redirect("setup")


@require_POST
@may(Action.REMIND)
def choose(request: WebRequest) -> HttpResponse:
    """Keep what was changed on the lines: one of them, or a whole page's."""
    lines = list(posted_lines(request.POST))
    changed, said = _keep(request, lines)
    if request.htmx:
        opened = [line.pk for line in lines if line.open]
        return answer(request, [line.pk for line in lines], opened=opened, said=said)
    if said:
        return page(request, said=said, status=422)
    words = ngettext("%(count)s choice kept.", "%(count)s choices kept.", changed)
    messages.success(request, words % {"count": changed})
    return redirect(back_to_list(request))


@require_POST
@may(Action.REMIND)
def tick(request: WebRequest) -> HttpResponse:
    """Tick, or untick, every line of the filter, whatever the page shows of it."""
    name, now, today = request.POST.get("how", ""), timezone.now(), timezone.localdate()
    how = How(name) if name in set(How) else How.PREFERRED
    service.refresh(today=today)
    criteria = Criteria.from_query(request.GET)
    done = service.tick_all(criteria, how, by=request.user, now=now, today=today)
    words = (
        ngettext("%(count)s line unticked", "%(count)s lines unticked", done.ticked)
        if how == How.NONE
        else ngettext("%(count)s line ticked", "%(count)s lines ticked", done.ticked)
    ) % {"count": done.ticked}
    if done.left:
        left = ngettext("%(count)s left", "%(count)s left", done.left)
        words = f"{words}, {left % {'count': done.left}}"
    messages.success(request, f"{words}.")
    return redirect(back_to_list(request))


@require_POST
@may(Action.REMIND)
def group(request: WebRequest) -> HttpResponse:
    """Remember whether the invoices of a customer travel together."""
    request.session[GROUPED] = request.POST.get("grouped") == "on"
    if request.htmx:
        context = {"bar": _bar(request), "may_choose": True}
        return render(request, f"{TEMPLATE}#bar", context)
    return redirect(back_to_list(request))


@require_GET
@may(Action.VIEW)
def narrowing(request: WebRequest) -> HttpResponse:
    """Return the other filters, which few people open; with the list, without
    htmx."""
    if not request.htmx:
        return redirect(back_to_list(request) + "&filters=1")
    today = timezone.localdate()
    service.refresh(today=today)
    criteria = Criteria.from_query(request.GET)
    filters = Filters(criteria, steps_of_procedures(), today=today)
    return render(request, f"{TEMPLATE}#narrowing", {"filters": filters})


@require_GET
@may(Action.VIEW)
def proposal(request: WebRequest, pk: int) -> HttpResponse:
    """Show one line, open or closed; the list around it, without htmx."""
    if not request.htmx:
        return redirect(f"{reverse('proposals')}?which=unpaid&open={pk}#row-{pk}")
    opened = [pk] if request.GET.get("open") else []
    return answer(request, [pk], opened=opened)


def page(
    request: WebRequest, *, said: Mapping[int, Said] | None = None, status: int = 200
) -> HttpResponse:
    """Show the list as it is filtered. ``said``: what to say under which line."""
    today = timezone.localdate()
    service.refresh(today=today)
    criteria = Criteria.from_query(request.GET)
    steps = steps_of_procedures()
    filters = Filters(criteria, steps, today=today)
    shown = long_page(
        worklist(criteria, today=today),
        with_shown(Proposal.objects.all()),
        number=request.GET.get("page"),
        size=PAGE,
        # Counted once, with the chips.
        count=filters.counts[criteria.which],
    )
    opened = _numbers(request.GET.getlist("open")) | set(said or ())
    rows = rows_of(
        shown.object_list,
        today=today,
        user=request.user,
        opened=opened,
        said=said or {},
        steps=steps,
    )
    # What concerns a line that is no longer here is said above the list.
    for pk in set(said or {}) - {row.pk for row in rows}:
        messages.error(request, (said or {})[pk].refusal)
    fresh = freshness(today=today, now=timezone.now())
    context = {
        "page": shown,
        "rows": rows,
        "row_numbers": ",".join(str(row.pk) for row in rows),
        "since": timezone.now().isoformat(),
        "filters": filters,
        "filters_asked": "filters" in request.GET or bool(criteria.unreadable),
        "here": here(request),
        "sort": criteria.sort or "due",
        "q": criteria.words,
        "fresh": fresh,
        "doubts": doubts_in_words(today=today),
        "bar": _bar(request, usual=fresh.grouped),
        "may_choose": request.user.may(Action.REMIND),
        "day": wording.long_date(today, language=active_language()),
    }
    return render(request, TEMPLATE, context, status=status)


def answer(
    request: WebRequest,
    pks: Sequence[int],
    *,
    opened: Iterable[int] = (),
    said: Mapping[int, Said] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return lines and the bar, for htmx to put in their place."""
    today = timezone.localdate()
    service.refresh(today=today)
    rows = read_rows(
        pks, today=today, user=request.user, opened=opened, said=said or {}
    )
    if len(rows) < len(pks):
        # Paid meanwhile: the list is another one now.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    context: dict[str, Any] = {
        "rows": rows,
        "here": here(request),
        "bar": _bar(request),
        "may_choose": request.user.may(Action.REMIND),
        "out_of_band": True,
    }
    return render(request, f"{TEMPLATE}#answer", context, status=status)


def here(request: WebRequest) -> str:
    """Return the query of the list as it is filtered, its page included, to which
    more may be added."""
    query = request.GET.copy()
    for name in request.GET:
        if name.partition("-")[0] in PASSING:
            del query[name]
    query.setdefault("which", "today")
    return f"?{query.urlencode()}"


def back_to_list(request: WebRequest, row: int | None = None) -> str:
    """Return the address of the list as it was filtered, at the same line."""
    address = reverse("proposals") + here(request)
    return address if row is None else f"{address}#row-{row}"


def _keep(request: WebRequest, lines: Iterable[Posted]) -> tuple[int, dict[int, Said]]:
    """Keep each changed line by itself: one that is refused costs no other."""
    changed, said = 0, {}
    for line in lines:
        try:
            choice = line.choice()
            if choice is not None:
                service.choose(
                    line.pk,
                    choice,
                    by=request.user,
                    now=timezone.now(),
                    today=timezone.localdate(),
                )
                changed += 1
        except Refused as refused:
            said[line.pk] = Said(refusal=refused.message)
    return changed, said


def _bar(request: WebRequest, *, usual: bool | None = None) -> Any:
    grouped = is_grouped(request, usual=usual)
    return read_bar(grouped=grouped, today=timezone.localdate())


def _numbers(texts: Iterable[str]) -> set[int]:
    return {int(text) for text in texts if text.isdecimal()}
