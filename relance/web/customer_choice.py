"""Choosing a customer before a form that is about one: searched, never a list of
twenty thousand names."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from relance.models import Customer
from relance.web.http import WebRequest

PAGE = 50


def customer_choice(request: WebRequest, url_name: str) -> HttpResponse:
    """Show customers to choose from; the chosen one comes back as ``?customer=``."""
    words = request.GET.get("q", "")
    found = Customer.objects.standing().matching(words)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "q": words, "is_invoice": url_name == "invoice-new"}
    return render(request, "relance/customers/choice.html", context)
