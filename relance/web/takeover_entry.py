"""Past reminders entered for many invoices at once."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relance.queries import takeover as queries
from relance.rules.permissions import Action
from relance.services import takeover as service
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.takeover_forms import EntryForm

PAGE = 50


@require_http_methods(["GET", "POST"])
@may(Action.REMIND)
def enter(request: WebRequest) -> HttpResponse:
    """Choose a level, a day and a channel for each unpaid invoice, then keep them."""
    today, words = timezone.localdate(), request.GET.get("q", "")
    every = request.GET.get("which") == "all"
    found = queries.to_enter(words, late_on=None if every else today)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    invoices, levels = list(page), list(queries.levels())
    form = EntryForm(
        request.POST or None, invoices=invoices, levels=levels, today=today
    )
    saving = request.method == "POST" and request.POST.get("do") != "spread"
    if saving and form.is_valid():
        with refused_on(form):
            done = service.take_over(
                form.rows(), by=request.user, now=timezone.now(), today=today
            )
            if done.new or done.known:
                messages.success(request, service.in_words(done))
                return redirect(request.get_full_path())
            form.add_error(None, _("Choose a level for at least one invoice."))
    if request.method == "POST" and not saving:
        form = EntryForm(form.spread(), invoices=invoices, levels=levels, today=today)
    context = {
        "page": page,
        "form": form,
        "lines": form.lines(queries.last_reminded(page)),
        "q": words,
        "every": every,
    }
    status = 422 if saving else 200
    return render(request, "relance/takeover/enter.html", context, status=status)
