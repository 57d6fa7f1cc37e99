"""Imports and bank, Dolibarr: what is written there, and what could not be."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from relance import jobs
from relance.models import DolibarrConnection
from relance.queries.dolibarr import connection
from relance.queries.dolibarr_writes import written
from relance.rules.permissions import Action
from relance.services import dolibarr_writing as service
from relance.services.dolibarr_writing import WritingData
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest


class WritingForm(forms.Form):
    """What is written in Dolibarr, each thing with the right that it needs there."""

    write_events = forms.BooleanField(
        label=gettext_lazy("Note each reminder in the agenda"),
        required=False,
        help_text=gettext_lazy(
            "It shows among the events of the invoice and of the customer. Needs the "
            "rights “Read” and “Create/modify” of your own events there."
        ),
    )
    write_letters = forms.BooleanField(
        label=gettext_lazy("Put each letter among the documents of the invoice"),
        required=False,
        help_text=gettext_lazy("Needs no right beyond reading invoices."),
    )
    write_payments = forms.BooleanField(
        label=gettext_lazy("Record there the payments matched with the bank here"),
        required=False,
        help_text=gettext_lazy(
            "Only what Dolibarr does not have yet, and once. Needs the right “Issue "
            "payments on customer invoices” there."
        ),
    )
    payments_account = forms.IntegerField(
        label=gettext_lazy("Number of the bank account in Dolibarr"),
        min_value=1,
        max_value=999_999_999,
        required=False,
        help_text=gettext_lazy(
            "It ends the address of its card: …/compta/bank/card.php?id=2"
        ),
    )
    hold_field = forms.CharField(
        label=gettext_lazy("Extra field that suspends reminders"),
        max_length=60,
        required=False,
        help_text=gettext_lazy(
            "Its code, on invoices or customers of Dolibarr. Ticked or filled in: "
            "reminders are suspended here; cleared: they are taken up again."
        ),
    )

    def as_data(self) -> WritingData:
        return WritingData(**self.cleaned_data)

    @staticmethod
    def initial_of(found: DolibarrConnection | None) -> dict[str, Any]:
        return {name: getattr(found, name) for name in WritingForm.base_fields}


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def writing(request: WebRequest) -> HttpResponse:
    """Choose what is written in Dolibarr; see what is, and what could not be."""
    found = connection()
    if found is None:
        messages.info(request, _("Connect Relance to Dolibarr first."))
        return redirect("dolibarr")
    form = WritingForm(request.POST or None, initial=WritingForm.initial_of(found))
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            service.choose(form.as_data(), by=request.user, now=timezone.now())
            messages.success(request, _("What is written in Dolibarr is saved."))
            return redirect("dolibarr-writing")
    context = {"form": form, "connection": found, "written": written()}
    status = 422 if request.method == "POST" else 200
    return render(request, "relance/dolibarr/writing.html", context, status=status)


@require_POST
@may(Action.CONFIGURE)
def retry(request: WebRequest) -> HttpResponse:
    """Try again what could not be written."""
    count = service.retry(by=request.user, now=timezone.now())
    words = ngettext(
        "%(count)s thing is tried again.", "%(count)s things are tried again.", count
    )
    messages.success(request, words % {"count": count})
    jobs.start_writing()
    return redirect("dolibarr-writing")
