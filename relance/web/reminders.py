"""Reminders: the follow-up tables, one reminder's card, cancelling, posting."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from relance.models import Customer, Invoice, Reminder
from relance.queries.approvals import last_asked
from relance.queries.follow_up import follow_up, with_shown
from relance.queries.postings import row_of
from relance.queries.reminders import steps_of
from relance.queries.texts import key_of
from relance.rules.permissions import Action
from relance.services import postings
from relance.services import reminders as service
from relance.services.posting_changes import LETTERS, posting_of
from relance.services.refusal import Refused
from relance.web import reminder_card
from relance.web.access import may
from relance.web.http import WebRequest
from relance.web.paging import long_page
from relance.web.posting_forms import NewsForm
from relance.web.procedure_words import followed_by
from relance.web.reminder_forms import CancelForm, PostedForm
from relance.web.text_keys import text_url

PAGE = 50


@require_GET
@may(Action.VIEW)
def reminders(request: WebRequest) -> HttpResponse:
    """Show the reminders made on invoices still unpaid."""
    words, sort = request.GET.get("q", ""), request.GET.get("sort", "-date")
    context = {
        "page": _page(request, follow_up(words=words, sort=sort)),
        "q": words,
        "sort": sort,
        "may_remind": request.user.may(Action.REMIND),
    }
    return render(request, "relance/reminders/list.html", context)


@require_GET
@may(Action.VIEW)
def of_customer(request: WebRequest, pk: int) -> HttpResponse:
    """Show every reminder of a customer, whatever became of the invoices."""
    customer = get_object_or_404(Customer, pk=pk)
    sort = request.GET.get("sort", "-date")
    context = {
        "customer": customer,
        "tab": "reminders",
        "page": _page(request, follow_up(customer=customer, sort=sort)),
        "sort": sort,
        "may_remind": request.user.may(Action.REMIND),
    }
    return render(request, "relance/reminders/of_customer.html", context)


@require_GET
@may(Action.VIEW)
def of_invoice(request: WebRequest, pk: int) -> HttpResponse:
    """Show every reminder of an invoice, and the levels it came through."""
    found = Invoice.objects.select_related("customer", "document")
    invoice = get_object_or_404(found, pk=pk)
    today, sort = timezone.localdate(), request.GET.get("sort", "-date")
    context = {
        "invoice": invoice,
        "tab": "reminders",
        "days_late": invoice.days_late(on=today),
        "steps": steps_of(invoice, today=today),
        "approvals": last_asked(invoice),
        **followed_by(invoice),
        "page": _page(request, follow_up(invoice=invoice, sort=sort)),
        "sort": sort,
        "may_remind": request.user.may(Action.REMIND),
    }
    return render(request, "relance/reminders/of_invoice.html", context)


@require_GET
@may(Action.VIEW)
def reminder(request: WebRequest, pk: int) -> HttpResponse:
    """Show one reminder as it was made, and what became of it."""
    found = _reminder_or_404(pk)
    return _card(request, found, CancelForm.about(found), PostedForm())


@require_POST
@may(Action.CANCEL_REMINDER)
def cancel(request: WebRequest, pk: int) -> HttpResponse:
    """Cancel a letter that has not been posted."""
    found, form = _reminder_or_404(pk), CancelForm(request.POST)
    if form.is_valid():
        try:
            service.cancel_letter(
                found,
                form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
            )
        except Refused as refused:
            # The form is no longer on the card: it was cancelled or posted meanwhile.
            messages.error(request, refused.message)
        else:
            messages.success(request, _("The reminder is cancelled."))
        return redirect(found)
    return _card(request, found, form, PostedForm(), status=422)


@require_POST
@may(Action.REMIND)
def posted(request: WebRequest, pk: int) -> HttpResponse:
    """Mark a letter as posted."""
    found, form = _reminder_or_404(pk), PostedForm(request.POST)
    if form.is_valid():
        try:
            postings.mark_posted(
                found, **form.cleaned_data, by=request.user, now=timezone.now()
            )
        except Refused as refused:
            form.add_error(refused.field or None, refused.message)
        else:
            messages.success(request, _("The letter is marked as posted."))
            return redirect(found)
    return _card(request, found, CancelForm.about(found), form, status=422)


def _reminder_or_404(pk: int) -> Reminder:
    found = Reminder.objects.select_related(
        "customer",
        "made_by",
        "cancelled_by",
        "document",
        "message",
        "posting",
        "text__level",
    ).prefetch_related("lines__invoice", "history__user", "posting__proofs__document")
    return get_object_or_404(found, pk=pk)


def _card(
    request: WebRequest,
    found: Reminder,
    cancel_form: CancelForm,
    posted_form: PostedForm,
    *,
    status: int = 200,
) -> HttpResponse:
    is_letter = found.channel in LETTERS and found.state in (
        Reminder.State.MADE,
        Reminder.State.POSTED,
    )
    to_be_posted = is_letter and found.state == Reminder.State.MADE
    context = {
        "is_letter": is_letter,
        "reminder": found,
        "title": reminder_card.title(found),
        "sums": reminder_card.sums(found),
        "plain": reminder_card.parts(found.body),
        "to_be_posted": to_be_posted,
        "may_cancel": to_be_posted and request.user.may(Action.CANCEL_REMINDER),
        "may_remind": request.user.may(Action.REMIND),
        "journey": row_of(found),
        "news_form": NewsForm.about(posting_of(found)),
        "cancel_form": cancel_form,
        "posted_form": posted_form,
        "text_url": _text_url(request, found),
    }
    return render(request, "relance/reminders/detail.html", context, status=status)


def _text_url(request: WebRequest, found: Reminder) -> str:
    """Lead to the version of the text that was sent, who may change texts."""
    if found.text is None or not request.user.may(Action.EDIT_TEXTS):
        return ""
    url = text_url("text-versions", key_of(found.text))
    return f"{url}?apres={found.text.version}"


def _page(request: WebRequest, found: QuerySet[Reminder]) -> Page[Reminder]:
    shown = with_shown(Reminder.objects.all())
    return long_page(found, shown, number=request.GET.get("page"), size=PAGE)
