"""Configuration: the published rates that penalties are computed with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from relance.models import Rate
from relance.rules.permissions import Action
from relance.services import rates as service
from relance.web.access import may
from relance.web.company_forms import RateForm
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.rates_banner import doubts_in_words

# What the form may be asked to show already filled in.
FILLED = ("kind", "half_year", "percent", "source")


@dataclass(frozen=True, kw_only=True)
class HalfYearRow:
    """The two rates of a half-year, and what follows from them."""

    half_year: str
    legal: Rate | None
    ecb: Rate | None

    @property
    def floor(self) -> Decimal | None:
        """The least valid contract rate: three times the legal one."""
        return 3 * self.legal.percent if self.legal else None

    @property
    def business(self) -> Decimal | None:
        """The default rate between businesses: the ECB's + 10 points."""
        return self.ecb.percent + 10 if self.ecb else None

    @property
    def public(self) -> Decimal | None:
        """The rate that public bodies owe: the ECB's + 8 points."""
        return self.ecb.percent + 8 if self.ecb else None


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def rates(request: WebRequest) -> HttpResponse:
    """List the rates; enter a published one, or correct one."""
    filled = {name: request.GET[name] for name in FILLED if name in request.GET}
    form = RateForm(request.POST or None, initial=filled)
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            service.add_rate(
                service.RateData(**form.cleaned_data),
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, _("The rate is entered."))
            return redirect("configuration-rates")
    status = 422 if request.method == "POST" else 200
    context = {
        "form": form,
        "rows": rows_of(Rate.objects.all()),
        "doubts": doubts_in_words(today=timezone.localdate()),
    }
    return render(request, "relance/configuration/rates.html", context, status=status)


@require_POST
@may(Action.CONFIGURE)
def verify_rate(request: WebRequest, pk: int) -> HttpResponse:
    """Say that a rate was checked against its source."""
    found = get_object_or_404(Rate, pk=pk)
    service.verify_rate(found, by=request.user, now=timezone.now())
    messages.success(request, _("The rate is marked as verified."))
    return redirect("configuration-rates")


def rows_of(found: Iterable[Rate]) -> list[HalfYearRow]:
    """Return a row for each half-year of which a rate is known, the latest first."""
    by_half: defaultdict[str, dict[str, Rate]] = defaultdict(dict)
    for rate in found:
        by_half[rate.half_year][rate.kind] = rate
    return [
        HalfYearRow(
            half_year=half_year,
            legal=rates.get(Rate.Kind.LEGAL),
            ecb=rates.get(Rate.Kind.ECB),
        )
        for half_year, rates in sorted(by_half.items(), reverse=True)
    ]
