"""Customers: the list, the card and its tabs, their contacts."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from relance.models import Contact, Customer, Tag
from relance.queries import customers as queries
from relance.queries.duplicates import merges_into
from relance.queries.pending import held_by_customer
from relance.queries.situations import unallocated_by_customer
from relance.rules.permissions import Action
from relance.services import customers as service
from relance.web.access import may
from relance.web.customer_forms import ContactForm, CustomerForm
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.invoice_forms import HoldForm
from relance.web.procedure_words import followed_by_customer

PAGE = 50


@require_GET
@may(Action.VIEW)
def customers(request: WebRequest) -> HttpResponse:
    """List the customers with what each owes."""
    words, sort = request.GET.get("q", ""), request.GET.get("sort", "name")
    owing, today = request.GET.get("which") == "owing", timezone.localdate()
    tag = queries.tag_of(request.GET.get("tag", ""))
    found = queries.listed(words=words, owing=owing, tag=tag, sort=sort, today=today)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": queries.rows(page, today=today),
        "owing": owing,
        "tag": tag,
        "tags": Tag.objects.all(),
        "q": words,
        "sort": sort,
        "may_edit": request.user.may(Action.EDIT_LEDGER),
    }
    return render(request, "relance/customers/list.html", context)


@require_GET
@may(Action.VIEW)
def customer(request: WebRequest, pk: int) -> HttpResponse:
    """Show a customer: how to reach them, what suspends their reminders. One who was
    merged into another is that other."""
    known = Customer.objects.select_related("procedure", "merged_into")
    found = get_object_or_404(known, pk=pk)
    return card(request, found) if found.survivor == found else redirect(found.survivor)


@require_GET
@may(Action.VIEW)
def invoices(request: WebRequest, pk: int) -> HttpResponse:
    """Show all the invoices of a customer."""
    found = get_object_or_404(Customer, pk=pk)
    rows = found.invoices.order_by("-issued_on", "-number")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    context = _around(request, found, tab="invoices") | {
        "page": page,
        "rows": [(row, row.days_late(on=today)) for row in page],
    }
    return render(request, "relance/customers/invoices.html", context)


@require_GET
@may(Action.VIEW)
def history(request: WebRequest, pk: int) -> HttpResponse:
    """Show all that happened with a customer."""
    found = get_object_or_404(Customer, pk=pk)
    entries = found.history.select_related("user", "reminder")
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    context = _around(request, found, tab="history") | {"page": page}
    return render(request, "relance/customers/history.html", context)


@require_http_methods(["GET", "POST"])
@may(Action.EDIT_LEDGER)
def new(request: WebRequest) -> HttpResponse:
    """Enter a customer."""
    form = CustomerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            made = service.create_customer(
                form.as_data(), by=request.user, now=timezone.now()
            )
            messages.success(request, _("The customer is entered."))
            return redirect(made)
    status = 422 if request.method == "POST" else 200
    context = {"form": form}
    return render(request, "relance/customers/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@may(Action.EDIT_LEDGER)
def edit(request: WebRequest, pk: int) -> HttpResponse:
    """Change a customer."""
    found = get_object_or_404(Customer, pk=pk)
    initial = CustomerForm.initial_of(found)
    form = CustomerForm(request.POST or None, initial=initial, customer=found)
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            service.edit_customer(
                found, form.as_data(), by=request.user, now=timezone.now()
            )
            messages.success(request, _("The customer is changed."))
            return redirect(found)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "customer": found}
    return render(request, "relance/customers/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@may(Action.EDIT_LEDGER)
def contact_new(request: WebRequest, pk: int) -> HttpResponse:
    """Add a contact to a customer."""
    return _contact(request, get_object_or_404(Customer, pk=pk), None)


@require_http_methods(["GET", "POST"])
@may(Action.EDIT_LEDGER)
def contact_edit(request: WebRequest, pk: int) -> HttpResponse:
    """Change a contact."""
    found = get_object_or_404(Contact.objects.select_related("customer"), pk=pk)
    return _contact(request, found.customer, found)


@require_POST
@may(Action.EDIT_LEDGER)
def contact_remove(request: WebRequest, pk: int) -> HttpResponse:
    """Remove a contact."""
    found = get_object_or_404(Contact.objects.select_related("customer"), pk=pk)
    service.remove_contact(found, by=request.user, now=timezone.now())
    messages.success(request, _("The contact is removed."))
    return redirect(found.customer)


def card(
    request: WebRequest, found: Customer, *, status: int = 200, **forms: object
) -> HttpResponse:
    """Show the card, with a form that was refused when there is one."""
    contacts = found.contacts.prefetch_related("recipient_for", "copy_for")
    waiting = unallocated_by_customer([found.pk])
    context = _around(request, found, tab="card") | {
        "contacts": contacts,
        "holds": found.holds.select_related("made_by"),
        "merges": merges_into(found),
        "may_merge": request.user.may(Action.MERGE),
        "pending": held_by_customer(found.pk),
        "waiting": [
            (amount, currency) for (_pk, currency), amount in waiting.items() if amount
        ],
        "hold_form": HoldForm(),
        **followed_by_customer(found),
    }
    return render(
        request, "relance/customers/detail.html", context | forms, status=status
    )


def _around(request: WebRequest, found: Customer, *, tab: str) -> dict[str, object]:
    return {
        "customer": found,
        "tab": tab,
        "may_edit": request.user.may(Action.EDIT_LEDGER),
        "may_remind": request.user.may(Action.REMIND),
        "may_hold": request.user.may(Action.HOLD),
    }


def _contact(
    request: WebRequest, customer: Customer, contact: Contact | None
) -> HttpResponse:
    initial = ContactForm.initial_of(contact) if contact else {}
    form = ContactForm(request.POST or None, initial=initial, contact=contact)
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            service.save_contact(
                customer,
                form.as_data(),
                contact=contact,
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, _("The contact is saved."))
            return redirect(customer)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "customer": customer, "contact": contact}
    return render(request, "relance/customers/contact.html", context, status=status)
