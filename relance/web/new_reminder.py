"""Making one reminder: choose the invoice, see the letter or e-mail, make it."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from relance import jobs
from relance.gateways import pdf, pictures
from relance.models import Channel, Customer, Invoice, Reminder
from relance.queries.follow_up import unpaid_choices
from relance.rules.permissions import Action
from relance.services import approvals, customers, invoice_previews
from relance.services import reminders as service
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.draft_view import DraftView
from relance.web.http import WebRequest

PAGE = 25


@require_http_methods(["GET", "POST"])
@may(Action.REMIND)
def new(request: WebRequest) -> HttpResponse:
    """Show the unpaid invoices to choose from, then the form of the chosen one."""
    if request.method == "POST":
        invoice = _invoice_or_404(request.POST.get("invoice"))
        view = _view(request, invoice, request.POST)
        if request.POST.get("do") == "email":
            return _keep_email(request, view)
        if request.POST.get("do") == "ask":
            return _ask(request, view)
        if request.POST.get("do") == "make":
            return _make(request, view)
        return _form(request, view)
    if request.GET.get("invoice"):
        invoice = _invoice_or_404(request.GET["invoice"])
        return _form(request, _view(request, invoice, request.GET))
    return _choose(request)


@require_GET
@may(Action.REMIND)
def page_picture(request: WebRequest) -> HttpResponse:
    """Return a page of the letter, or of the stamped invoice, as a picture."""
    invoice = _invoice_or_404(request.GET.get("invoice"))
    view = _view(request, invoice, request.GET)
    page = request.GET.get("page", "1")
    try:
        if request.GET.get("show") == "invoice" and view.draft is not None:
            data = invoice_previews.invoice_preview(view.draft)
        else:
            data = view.letter_pdf
        picture = pictures.page_picture(data, page=int(page))
    except (ValueError, pictures.NoSuchPage, pdf.UnreadablePdf) as error:
        raise Http404 from error
    return HttpResponse(picture, content_type="image/png")


def _choose(request: WebRequest) -> HttpResponse:
    customer = None
    if request.GET.get("customer", "").isdecimal():
        customer = get_object_or_404(Customer, pk=request.GET["customer"])
    words, today = request.GET.get("q", ""), timezone.localdate()
    found = unpaid_choices(customer=customer, words=words)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [(invoice, invoice.days_late(on=today)) for invoice in page.object_list]
    if customer is not None and page.paginator.count == 1 and not words:
        return _form(request, _view(request, page.object_list[0], request.GET))
    context = {
        "page": page,
        "rows": rows,
        "q": words,
        "customer": customer,
        "chosen": False,
    }
    return render(request, "relance/reminders/new.html", context)


def _view(request: WebRequest, invoice: Invoice, chosen: QueryDict) -> DraftView:
    return DraftView(invoice, chosen, user=request.user, today=timezone.localdate())


def _form(request: WebRequest, view: DraftView, *, status: int = 200) -> HttpResponse:
    context = {
        "invoice": view.invoice,
        "form": view.form,
        "draft": view,
        "chosen": True,
    }
    template = "relance/reminders/new.html"
    if request.htmx:
        template += "#draft"
    return render(request, template, context, status=status)


def _make(request: WebRequest, view: DraftView) -> HttpResponse:
    form = view.form
    if not form.is_valid():
        return _form(request, view, status=422)
    try:
        made = _do(view, form.cleaned_data["key"], request=request)
    except Refused as refused:
        form.add_error(
            refused.field if refused.field in form.fields else None, refused.message
        )
        return _form(request, view, status=422)
    jobs.after_reminder(made)
    messages.success(request, _what_was_made(made))
    for remark in made.content.get("remarks", ()):
        messages.warning(request, remark)
    return redirect("reminder", made.pk)


def _do(view: DraftView, key: uuid.UUID, *, request: WebRequest) -> Reminder:
    now, today = timezone.now(), timezone.localdate()
    if view.wish.channel == Channel.NONE:
        note = service.Note(text=view.wish.note, next_on=view.wish.next_on)
        return service.take_note(
            view.wish.invoice, note, key=key, by=request.user, now=now, today=today
        )
    return service.remind(
        view.wish,
        key=key,
        by=request.user,
        now=now,
        today=today,
        last_known=view.form.cleaned_data["last_known"],
    )


def _keep_email(request: WebRequest, view: DraftView) -> HttpResponse:
    """Keep the address typed beside "no e-mail address", then go on as asked."""
    try:
        customers.set_email(
            view.invoice.customer,
            request.POST.get("new_email", ""),
            by=request.user,
            now=timezone.now(),
        )
    except Refused as refused:
        view.form.add_error("new_email", refused.message)
        return _form(request, view, status=422)
    messages.success(request, _("The e-mail address is kept with the customer."))
    names = ("invoice", "level", "note", "next_on", "key", "shown", "by_email")
    query = {name: request.POST[name] for name in names if request.POST.get(name)}
    return redirect(f"{reverse('reminder-new')}?{urlencode(query)}")


def _ask(request: WebRequest, view: DraftView) -> HttpResponse:
    """Ask a second person to agree to the level, then go on as asked."""
    if view.draft is None:
        return _form(request, view, status=422)
    try:
        approvals.ask(
            view.invoice,
            view.draft.step.level,
            request.POST.get("ask_note", ""),
            by=request.user,
            now=timezone.now(),
        )
    except Refused as refused:
        field = "ask_note" if refused.field == "note" else None
        view.form.add_error(field, refused.message)
        return _form(request, view, status=422)
    messages.success(request, _("The agreement is asked for."))
    return redirect("invoice-reminders", view.invoice.pk)


def _what_was_made(made: Reminder) -> str:
    if made.channel == Channel.NONE:
        return _("The note is kept.")
    said = {"reference": made.reference}
    if made.channel == Channel.EMAIL:
        said["email"] = made.recipient["email"]
        return _("%(reference)s is about to leave by e-mail to %(email)s.") % said
    return _("The letter %(reference)s is ready to print.") % said


def _invoice_or_404(pk: str | None) -> Invoice:
    if not pk or not pk.isdecimal():
        raise Http404
    found = Invoice.objects.select_related("customer", "document")
    return get_object_or_404(found, pk=pk)
