"""Invoices: the list, the card and its tabs, entering one by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from relance.models import Customer, Hold, Invoice
from relance.queries import invoices as queries
from relance.queries.company import company_on
from relance.queries.limitation import limitation_of
from relance.queries.pending import of_invoice
from relance.rules.permissions import Action
from relance.services import invoices as service
from relance.services.lifecycle_words import label
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.credit_forms import CreditForm
from relance.web.customer_choice import customer_choice
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.invoice_filters import asked, chips, narrowed
from relance.web.invoice_forms import (
    HoldForm,
    InvoiceForm,
    PdfForm,
    WhyForm,
)
from relance.web.limitation_forms import (
    InterruptionForm,
    UndoForm,
    law_words,
    with_forms,
)
from relance.web.needless import warn_of_letters
from relance.web.paging import long_page

PAGE = 50


@require_GET
@may(Action.VIEW)
def invoices(request: WebRequest) -> HttpResponse:
    """List the invoices: unpaid ones first, as one follows them up."""
    today = timezone.localdate()
    criteria = asked(request.GET, today=today)
    found = queries.listed(criteria, today=today)
    totals = queries.totals(queries.matching(criteria, today=today))
    page = long_page(
        found,
        Invoice.objects.select_related("customer"),
        number=request.GET.get("page"),
        size=PAGE,
        # Counted once, with the totals.
        count=sum(total.count for total in totals),
    )
    context = {
        "page": page,
        "rows": queries.rows(page, today=today),
        "criteria": criteria,
        "chips": chips(criteria.which, today=today),
        "narrowed": narrowed(criteria),
        "totals": totals,
        "delay": queries.delay(found) if criteria.which == "paid" else None,
        "q": criteria.words,
        "sort": criteria.sort,
        "may_edit": request.user.may(Action.EDIT_LEDGER),
    }
    return render(request, "relance/invoices/list.html", context)


@require_GET
@may(Action.VIEW)
def invoice(request: WebRequest, pk: int) -> HttpResponse:
    """Show an invoice: what it says, what stands against reminding it."""
    return card(request, invoice_or_404(pk))


@require_GET
@may(Action.VIEW)
def payments(request: WebRequest, pk: int) -> HttpResponse:
    """Show what settled an invoice, or what a credit note settles, row by row."""
    return settlement(request, invoice_or_404(pk))


@require_GET
@may(Action.VIEW)
def history(request: WebRequest, pk: int) -> HttpResponse:
    """Show all that happened to an invoice."""
    found = invoice_or_404(pk)
    entries = found.history.select_related("user", "reminder")
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    context = _around(request, found, tab="history") | {"page": page}
    return render(request, "relance/invoices/history.html", context)


@require_http_methods(["GET", "POST"])
@may(Action.EDIT_LEDGER)
def new(request: WebRequest) -> HttpResponse:
    """Enter an invoice by hand."""
    if request.method == "GET":
        pk = request.GET.get("customer", "")
        if not pk.isdecimal():
            return customer_choice(request, "invoice-new")
        customer = get_object_or_404(Customer, pk=pk)
        context = {
            "form": InvoiceForm(initial={"customer": customer}),
            "customer": customer,
        }
        return render(request, "relance/invoices/form.html", context)
    form = InvoiceForm(request.POST, request.FILES)
    made = None
    if form.is_valid():
        with refused_on(form):
            made = service.create_invoice(
                form.as_data(), by=request.user, now=timezone.now()
            )
    if made is None:
        context = {"form": form, "customer": form.cleaned_data.get("customer")}
        return render(request, "relance/invoices/form.html", context, status=422)
    messages.success(request, _("The invoice is entered."))
    return redirect(made)


@require_http_methods(["GET", "POST"])
@may(Action.EDIT_LEDGER)
def edit(request: WebRequest, pk: int) -> HttpResponse:
    """Change an invoice entered by hand, while nothing depends on it."""
    found = invoice_or_404(pk)
    form = InvoiceForm(request.POST or None, initial=InvoiceForm.initial_of(found))
    context = {"form": form, "invoice": found, "customer": found.customer}
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            service.edit_invoice(
                found, form.as_data(), by=request.user, now=timezone.now()
            )
            messages.success(request, _("The invoice is changed."))
            return redirect(found)
    status = 422 if request.method == "POST" else 200
    return render(request, "relance/invoices/form.html", context, status=status)


@require_POST
@may(Action.EDIT_LEDGER)
def attach(request: WebRequest, pk: int) -> HttpResponse:
    """Join the PDF of an invoice."""
    found, form = invoice_or_404(pk), PdfForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["pdf"]
        with refused_on(form):
            service.attach_pdf(
                found, file.read(), file.name, by=request.user, now=timezone.now()
            )
            messages.success(request, _("The PDF is kept with the invoice."))
            return redirect(found)
    return card(request, found, pdf_form=form, status=422)


@require_POST
@may(Action.EDIT_LEDGER)
def cancel(request: WebRequest, pk: int) -> HttpResponse:
    """Cancel an invoice: it is no longer reminded."""
    return _close(request, pk, service.cancel_invoice)


@require_POST
@may(Action.EDIT_LEDGER)
def write_off(request: WebRequest, pk: int) -> HttpResponse:
    """Give up what is left to pay."""
    return _close(request, pk, service.write_off)


@require_POST
@may(Action.EDIT_LEDGER)
def reopen(request: WebRequest, pk: int) -> HttpResponse:
    """Follow a cancelled or written-off invoice up again."""
    found = invoice_or_404(pk)
    try:
        service.reopen(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The invoice is followed up again."))
    return redirect(found)


def invoice_or_404(pk: int) -> Invoice:
    found = Invoice.objects.select_related("customer", "document", "corrects")
    return get_object_or_404(found, pk=pk)


def _close(request: WebRequest, pk: int, close: Callable[..., Invoice]) -> HttpResponse:
    found, form = invoice_or_404(pk), WhyForm(request.POST)
    if form.is_valid():
        with refused_on(form):
            why = form.cleaned_data["why"]
            close(found, why, by=request.user, now=timezone.now())
            messages.success(request, _("The invoice is no longer followed up."))
            warn_of_letters(request, [found.pk])
            return redirect(found)
    return card(request, found, why_form=form, status=422)


def _around(request: WebRequest, found: Invoice, *, tab: str) -> dict[str, object]:
    """What every tab of the card shows."""
    today = timezone.localdate()
    return {
        "invoice": found,
        "tab": tab,
        "days_late": found.days_late(on=today),
        "may_edit": request.user.may(Action.EDIT_LEDGER),
        "may_remind": request.user.may(Action.REMIND),
        "may_hold": request.user.may(Action.HOLD),
    }


def card(
    request: WebRequest,
    found: Invoice,
    *,
    status: int = 200,
    undone: Mapping[int, UndoForm] = MappingProxyType({}),
    **forms: object,
) -> HttpResponse:
    today = timezone.localdate()
    ours, limitation = company_on(today), limitation_of(found, today=today)
    context = _around(request, found, tab="card") | {
        "holds": found.holds.select_related("made_by", "ended_by"),
        "customer_holds": Hold.objects.running(on=today).filter(
            customer=found.customer
        ),
        "corrections": found.corrections.all(),
        "pending": of_invoice(found).holding(),
        "why_not_editable": service.why_not_editable(found),
        "hold_form": HoldForm(),
        "pdf_form": PdfForm(),
        "why_form": WhyForm(),
        "limitation": limitation,
        "einvoice": found.einvoice_status and label(found.einvoice_status),
        "other_iban": found.other_iban(ours=ours.iban if ours else ""),
        "limitation_law": law_words(limitation),
        "interruption_form": InterruptionForm(regime=found.customer.regime),
        "events": with_forms(limitation, undone),
    }
    return render(
        request, "relance/invoices/detail.html", context | forms, status=status
    )


def settlement(
    request: WebRequest, found: Invoice, *, status: int = 200, **forms: object
) -> HttpResponse:
    """Show the tab of payments, with a form that was refused when there is one."""
    context = _around(request, found, tab="payments")
    if found.is_credit_note:
        rows = found.given_allocations.select_related("invoice", "undone_by", "made_by")
        context |= {"given": rows, "credit_form": CreditForm(credit=found)}
        template = "relance/invoices/credit.html"
    else:
        rows = found.allocations.select_related(
            "payment", "credit", "undone_by", "made_by"
        )
        context |= {
            "allocations": rows.order_by("made_at", "pk"),
            "pending": of_invoice(found),
        }
        template = "relance/invoices/payments.html"
    return render(request, template, context | forms, status=status)
