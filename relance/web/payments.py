"""Payments: the list, recording one with what it settles, correcting it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from relance.models import Allocation, Customer, Payment
from relance.queries import payments as queries
from relance.rules.permissions import Action
from relance.services import payments as service
from relance.services.refusal import Refused
from relance.services.returned import return_payment
from relance.web.access import may
from relance.web.customer_choice import customer_choice
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.needless import warn_of_letters
from relance.web.payment_forms import (
    AllocationForm,
    CorrectionForm,
    PaymentForm,
    ReturnForm,
)

PAGE = 50


@require_GET
@may(Action.VIEW)
def payments(request: WebRequest) -> HttpResponse:
    """List the payments, the newest first."""
    criteria, today = queries.Criteria.from_query(request.GET), timezone.localdate()
    found = queries.listed(criteria, today=today)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    amounts = queries.brought_in(page, criteria, today=today)
    context = {
        "page": page,
        "rows": [(payment, amounts.get(payment.pk)) for payment in page],
        "criteria": criteria,
        "reach": queries.REACH,
        "collected": queries.collected_by(criteria, today=today),
        "q": criteria.words,
        "may_edit": request.user.may(Action.EDIT_LEDGER),
    }
    return render(request, "relance/payments/list.html", context)


@require_GET
@may(Action.VIEW)
def payment(request: WebRequest, pk: int) -> HttpResponse:
    """Show a payment and what it settles."""
    return _card(request, _payment_or_404(pk))


@require_http_methods(["GET", "POST"])
@may(Action.EDIT_LEDGER)
def new(request: WebRequest) -> HttpResponse:
    """Record money received and, at once, which invoices it settles."""
    chosen = request.POST if request.method == "POST" else request.GET
    customer = None
    if chosen.get("customer", "").isdecimal():
        customer = get_object_or_404(Customer, pk=chosen["customer"])
    if customer is None:
        return customer_choice(request, "payment-new")
    if request.method == "GET" or request.POST.get("do") == "split":
        return _form(request, customer, PaymentForm.proposed(customer, chosen))
    form = PaymentForm(request.POST, customer=customer)
    if form.is_valid():
        with refused_on(form):
            made = service.record_payment(
                form.as_data(),
                form.shares(),
                key=form.cleaned_data["key"],
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, _("The payment is recorded."))
            warn_of_letters(request, (part.invoice.pk for part in form.shares()))
            return redirect("payment", made.pk)
    return _form(request, customer, form, status=422)


@require_POST
@may(Action.EDIT_LEDGER)
def allocate(request: WebRequest, pk: int) -> HttpResponse:
    """Set what a payment has left against an invoice."""
    found = _payment_or_404(pk)
    form = AllocationForm(request.POST, payment=found)
    if form.is_valid():
        with refused_on(form):
            share = form.share()
            service.allocate(found, share, by=request.user, now=timezone.now())
            messages.success(request, _("The invoice is settled by that much."))
            warn_of_letters(request, [share.invoice.pk])
            return redirect("payment", found.pk)
    return _card(request, found, allocation_form=form, status=422)


@require_POST
@may(Action.EDIT_LEDGER)
def correct(request: WebRequest, pk: int) -> HttpResponse:
    """Cancel a payment by a negative row."""
    found, form = _payment_or_404(pk), CorrectionForm(request.POST)
    if form.is_valid():
        with refused_on(form):
            service.correct_payment(
                found,
                form.cleaned_data["why"],
                key=form.cleaned_data["key"],
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, _("The payment is corrected."))
            return redirect("payment", found.pk)
    return _card(request, found, why_form=form, status=422)


@require_POST
@may(Action.EDIT_LEDGER)
def give_back(request: WebRequest, pk: int) -> HttpResponse:
    """Record that the bank took a payment back."""
    found, form = _payment_or_404(pk), ReturnForm(request.POST)
    if form.is_valid():
        with refused_on(form):
            key, now = form.cleaned_data["key"], timezone.now()
            return_payment(found, form.as_data(), key=key, by=request.user, now=now)
            words = _("Recorded as returned: what it settled is owed again.")
            messages.success(request, words)
            return redirect("payment", found.pk)
    return _card(request, found, return_form=form, status=422)


@require_POST
@may(Action.EDIT_LEDGER)
def undo(request: WebRequest, pk: int) -> HttpResponse:
    """Take an allocation back."""
    found = get_object_or_404(Allocation.objects.select_related("invoice"), pk=pk)
    try:
        service.undo_allocation(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The amount is taken back."))
    return redirect("invoice-payments", found.invoice_id)


def _payment_or_404(pk: int) -> Payment:
    found = Payment.objects.select_related("customer", "recorded_by", "corrects")
    return get_object_or_404(found, pk=pk)


def _card(
    request: WebRequest, found: Payment, *, status: int = 200, **forms: object
) -> HttpResponse:
    left = service.left_of(found)
    rows = found.allocations.select_related("invoice", "undone_by", "made_by")
    context = {
        "payment": found,
        "left": left,
        "allocations": rows,
        "correction": Payment.objects.filter(corrects=found).first(),
        "may_edit": request.user.may(Action.EDIT_LEDGER),
        "allocation_form": AllocationForm(payment=found),
        "why_form": CorrectionForm(),
        "return_form": ReturnForm.about(found, today=timezone.localdate()),
    }
    return render(
        request, "relance/payments/detail.html", context | forms, status=status
    )


def _form(
    request: WebRequest, customer: Customer, form: PaymentForm, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "customer": customer}
    template = "relance/payments/form.html"
    if request.htmx:
        template += "#split"
    return render(request, template, context, status=status)
