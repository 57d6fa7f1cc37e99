"""Mass reminders on screen: their list; one at work, watched, stopped, gone on with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)
from django_htmx.http import trigger_client_event

from relance import jobs
from relance.models import Run
from relance.queries import run_list
from relance.queries import runs as queries
from relance.queries.print_room import print_room
from relance.queries.runs import Group, Mend, Progress, Stage, Trouble
from relance.rules.permissions import Action
from relance.services import heartbeat, run_words
from relance.services import runs as service
from relance.services.refusal import Refused
from relance.web import run_told
from relance.web.access import may
from relance.web.http import WebRequest
from relance.web.printing import print_form

PAGE = 50
TEMPLATE = "relance/runs/detail.html"

LABELS: dict[Group, str | Promise] = {
    Group.WAITING: pgettext_lazy("invoices of a run", "Waiting"),
    Group.BEING_MADE: pgettext_lazy("invoices of a run", "Being made"),
    Group.LETTERS: pgettext_lazy("invoices of a run", "By letter"),
    Group.REGISTERED: pgettext_lazy("invoices of a run", "By registered letter"),
    Group.QUEUED: pgettext_lazy("invoices of a run", "E-mail ready, not sent yet"),
    Group.SENT: pgettext_lazy("invoices of a run", "E-mail sent"),
    Group.FAILED: pgettext_lazy("invoices of a run", "E-mail failed"),
    Group.UNCERTAIN: pgettext_lazy("invoices of a run", "E-mail perhaps sent"),
    Group.CANCELLED: pgettext_lazy("invoices of a run", "Cancelled"),
    Group.LEFT_OUT: pgettext_lazy("invoices of a run", "Left out"),
    Group.SET_APART: pgettext_lazy("invoices of a run", "Set apart"),
}
TONES = {
    Group.LETTERS: "good",
    Group.REGISTERED: "good",
    Group.SENT: "good",
    Group.FAILED: "bad",
    Group.UNCERTAIN: "warn",
    Group.LEFT_OUT: "warn",
    Group.SET_APART: "bad",
}
MENDS: dict[Mend, str | Promise] = {
    Mend.CUSTOMER: gettext_lazy("Complete the customer's card"),
    Mend.CONFIGURATION: gettext_lazy("Open the configuration"),
    Mend.RATES: gettext_lazy("Enter the rate"),
    Mend.INVOICE: gettext_lazy("Open the invoice"),
    Mend.MESSAGE: gettext_lazy("Open the e-mail"),
}


@require_GET
@may(Action.VIEW)
def runs(request: WebRequest) -> HttpResponse:
    """List the mass reminders, the newest first."""
    page = Paginator(run_list.runs(), PAGE).get_page(request.GET.get("page"))
    rows = run_list.rows(list(page))
    context = {
        "page": page,
        "rows": [(row, run_words.stage(row.stage)) for row in rows],
    }
    return render(request, "relance/runs/list.html", context)


@require_GET
@may(Action.VIEW)
def run(request: WebRequest, pk: int) -> HttpResponse:
    """Show one: how far it is, what must be mended, its lines. Its fragment asks
    again every second while it is at work."""
    found = _run_or_404(pk)
    progress = queries.progress(found, timezone.now())
    if request.htmx.target == "lines":
        return render(request, f"{TEMPLATE}#lines", _lines(request, found, progress))
    context = _watched(request, progress)
    if request.htmx:
        response = render(request, f"{TEMPLATE}#watched", context)
        # The table of lines is then read again, once.
        return response if progress.at_work else trigger_client_event(response, "ended")
    context["entries"] = found.history.select_related("user")
    return render(request, TEMPLATE, context | _lines(request, found, progress))


@require_POST
@may(Action.REMIND)
def stop(request: WebRequest, pk: int) -> HttpResponse:
    """Keep what has not left from leaving."""
    # The page that follows says what stopping does, as it changes.
    return _act(request, pk, service.stop, "")


@require_POST
@may(Action.REMIND)
def resume(request: WebRequest, pk: int) -> HttpResponse:
    """Go on where it was."""
    return _act(request, pk, service.resume, _("The mass reminder goes on."))


@require_http_methods(["GET", "POST"])
@may(Action.REMIND)
def cancel(request: WebRequest, pk: int) -> HttpResponse:
    """Say in numbers what giving up does; the button there does it."""
    progress = queries.progress(_run_or_404(pk), timezone.now())
    seen = request.POST.get("left", str(progress.under_way))
    moved = seen != str(progress.under_way)
    if progress.run.state == Run.State.STOPPED and (request.method == "GET" or moved):
        context = {
            "run": progress.run,
            "left": progress.under_way,
            "moved": moved,
            "effects": run_told.giving_up(progress),
        }
        return render(request, "relance/runs/cancel.html", context)
    if request.method == "GET":
        return redirect("run", pk)
    words = _("Cancelled: what had not been made or sent will not be.")
    return _act(request, pk, service.cancel, words)


def _act(
    request: WebRequest, pk: int, action: Callable[..., Run], done: str
) -> HttpResponse:
    try:
        changed = action(_run_or_404(pk), by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        if done:
            messages.success(request, done)
        if changed.state == Run.State.APPROVED:
            jobs.start_run(changed)
    return redirect("run", pk)


def _run_or_404(pk: int) -> Run:
    return get_object_or_404(
        Run.objects.select_related("approved_by", "stopped_by"), pk=pk
    )


def _watched(request: WebRequest, progress: Progress) -> dict[str, Any]:
    found, now = progress.run, timezone.now()
    waits = progress.counts[Group.QUEUED]
    return {
        "run": found,
        "progress": progress,
        "groups": [
            (group, LABELS[group], TONES.get(group, ""), progress.counts[group])
            for group in Group
            if progress.counts[group]
        ],
        "stage_words": run_words.stage(progress.stage),
        "stopped": run_told.stopped(progress),
        "asides": run_told.asides(progress),
        "made": _made(progress),
        # Of one that was given up there is no "how far".
        "shows_bar": progress.stage != Stage.CANCELLED,
        "time_left": time_left(progress.seconds_left),
        "troubles": [
            (trouble, MENDS[trouble.mend], _where(trouble))
            for trouble in progress.troubles
        ],
        "alive": heartbeat.is_alive(now=now),
        "no_account": bool(waits) and not progress.has_account,
        # A server that has to be tried again later needs no such haste.
        "seconds": 10 if progress.postponed and not progress.making else 1,
        "may_act": request.user.may(Action.REMIND),
        "may_configure": request.user.may(Action.CONFIGURE),
        "may_stop": progress.may_be_stopped,
        "print": print_room(found),
        "print_form": print_form(found),
        "may_cancel": found.state == Run.State.STOPPED,
        "left": progress.under_way,
    }


def _made(progress: Progress) -> str:
    if not progress.letters + progress.registered + progress.emails:
        return ""
    return run_words.sendings(
        letters=progress.letters,
        registered=progress.registered,
        emails=progress.emails - progress.ready,
        ready=progress.ready,
    )


def _lines(request: WebRequest, found: Run, progress: Progress) -> dict[str, Any]:
    name = request.GET.get("group", "")
    group = Group(name) if name in set(Group) else None
    lines = queries.lines(found, group)
    return {
        "run": found,
        "group": group,
        "group_label": LABELS[group] if group else "",
        "page": Paginator(lines, PAGE).get_page(request.GET.get("page")),
        "at_work": progress.at_work,
    }


def _where(trouble: Trouble) -> str:
    line, message = trouble.line, trouble.message
    match trouble.mend:
        case Mend.CUSTOMER:
            return reverse("customer-edit", args=[line.customer_id])
        case Mend.CONFIGURATION:
            return reverse("configuration")
        case Mend.RATES:
            return reverse("configuration-rates")
        case Mend.MESSAGE if message is not None:
            return reverse("message", args=[message.pk])
    return reverse("invoice-reminders", args=[line.invoice_id])


def time_left(seconds: int | None) -> str:
    """Say how long is left, as roughly as it is known; nothing when it is not."""
    if seconds is None:
        return ""
    if seconds < 60:
        rounded = max(5, 5 * round(seconds / 5))
        return _("about %(count)s seconds left") % {"count": rounded}
    minutes = round(seconds / 60)
    words = ngettext(
        "about %(count)s minute left", "about %(count)s minutes left", minutes
    )
    return words % {"count": minutes}
