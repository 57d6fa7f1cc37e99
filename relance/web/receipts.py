"""*Banque*: what came in, and what it settles: proposed, then accepted by a person."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from relance.models import BankLine, Customer, Invoice, Payment
from relance.queries import receipts as queries
from relance.rules.matching import Why
from relance.rules.permissions import Action
from relance.services import receipt_matches as matches
from relance.services import receipts as service
from relance.services.payments import Share
from relance.services.receipts import StatementResult
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.needless import warn_of_letters
from relance.web.receipt_forms import (
    IgnoreForm,
    MatchForm,
    StatementsForm,
    Ticked,
    said,
    ticked,
)

PAGE = 50
LABELS = {
    "open": gettext_lazy("To match"),
    "matched": gettext_lazy("Matched"),
    "ignored": gettext_lazy("Set aside"),
}
# Why a proposal is made, as badges: what speaks for it, then what speaks against.
REASONS = {
    Why.NUMBER: (gettext_lazy("invoice number"), "good"),
    Why.REFERENCE: (gettext_lazy("customer’s reference"), "good"),
    Why.KNOWN_ACCOUNT: (gettext_lazy("known account"), "good"),
    Why.PAYER_NAME: (gettext_lazy("payer’s name"), "accent"),
    Why.AMOUNT: (gettext_lazy("the only one of this amount"), "accent"),
    Why.EXACT: (gettext_lazy("exact amount"), "good"),
    Why.PARTIAL: (gettext_lazy("part of the amount"), "warn"),
    Why.TOO_MUCH: (gettext_lazy("more than what is owed"), "warn"),
    Why.AMBIGUOUS: (gettext_lazy("others would do as well"), "warn"),
}


@require_GET
@may(Action.VIEW)
def receipts(request: WebRequest) -> HttpResponse:
    """List what came in: what waits with its proposals, what was decided."""
    return _list(request, StatementsForm())


@require_POST
@may(Action.EDIT_LEDGER)
def upload(request: WebRequest) -> HttpResponse:
    """Read statements, each whole or not at all."""
    form = StatementsForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, form, status=422)
    files = ((file.name, file.read()) for file in form.cleaned_data["uploads"])
    results = service.import_statements(files, by=request.user, now=timezone.now())
    for result in results:
        _say_read(request, result)
    if all(result.error for result in results):
        return _list(request, StatementsForm(), status=422)
    return redirect("receipts")


@require_POST
@may(Action.EDIT_LEDGER)
def accept(request: WebRequest) -> HttpResponse:
    """Record the ticked lines as payments, each as it was proposed on the page."""
    made: list[Payment | None] = []
    chosen = list(ticked(request.POST))
    for one in chosen:
        try:
            made.append(_accept(one, request))
        except Refused as refused:
            line = BankLine.objects.filter(pk=one.line).first()
            messages.error(request, f"{line.label if line else ''} {refused.message}")
    recorded = sum(payment is not None for payment in made)
    words = ngettext(
        "%(count)s payment recorded.", "%(count)s payments recorded.", recorded
    )
    if recorded:
        messages.success(request, words % {"count": recorded})
    if waits := len(made) - recorded:
        messages.success(request, _waits(waits))
    if not made:
        messages.info(request, _("Nothing was recorded: tick at least one line."))
    warn_of_letters(request, (pk for one in chosen for pk in one.shares))
    return redirect("receipts")


@require_http_methods(["GET", "POST"])
@may(Action.EDIT_LEDGER)
def receipt(request: WebRequest, pk: int) -> HttpResponse:
    """Match one line by hand: the customer, then what it settles."""
    found = get_object_or_404(BankLine, pk=pk)
    proposed = next(iter(queries.proposed([found])), None)
    chosen = _chosen(request, proposed)
    if request.method == "GET" or chosen is None:
        return _card(request, found, proposed, chosen)
    form = MatchForm(request.POST, line=found, customer=chosen)
    if form.is_valid():
        with refused_on(form):
            made = matches.accept(
                found, chosen, form.shares(), by=request.user, now=timezone.now()
            )
            said = _waits(1) if made is None else _("The payment is recorded.")
            messages.success(request, said)
            warn_of_letters(request, (part.invoice.pk for part in form.shares()))
            return redirect("receipts")
    return _card(request, found, proposed, chosen, form=form, status=422)


@require_POST
@may(Action.EDIT_LEDGER)
def link(request: WebRequest, pk: int, payment: int) -> HttpResponse:
    """Say that a line tells of a payment that was already entered."""
    found = get_object_or_404(BankLine, pk=pk)
    known = get_object_or_404(Payment, pk=payment)
    try:
        matches.link(found, known, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The payment is recognised: it counts once."))
    return redirect("receipts")


@require_POST
@may(Action.EDIT_LEDGER)
def accept_return(request: WebRequest, pk: int, payment: int) -> HttpResponse:
    """Record that a line takes an earlier payment back."""
    found = get_object_or_404(BankLine, pk=pk)
    known = get_object_or_404(Payment, pk=payment)
    try:
        matches.accept_return(found, known, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        words = _("Recorded as returned: what it settled is owed again.")
        messages.success(request, words)
    return redirect("receipts")


@require_POST
@may(Action.EDIT_LEDGER)
def ignore(request: WebRequest, pk: int) -> HttpResponse:
    """Set a line aside: it is no customer's payment."""
    found, form = get_object_or_404(BankLine, pk=pk), IgnoreForm(request.POST)
    if form.is_valid():
        with refused_on(form):
            why = form.cleaned_data["why"]
            matches.ignore(found, why, by=request.user, now=timezone.now())
            messages.success(request, _("The line is set aside."))
            return redirect("receipts")
    proposed = next(iter(queries.proposed([found])), None)
    chosen = proposed.customer if proposed else None
    return _card(request, found, proposed, chosen, ignore_form=form, status=422)


@require_POST
@may(Action.EDIT_LEDGER)
def reopen(request: WebRequest, pk: int) -> HttpResponse:
    """Take a decision on a line back."""
    found = get_object_or_404(BankLine, pk=pk)
    try:
        matches.reopen(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The line waits to be matched again."))
    return redirect("receipts")


def _list(
    request: WebRequest, form: StatementsForm, *, status: int = 200
) -> HttpResponse:
    asked = request.GET.get("which", "")
    which = asked if asked in queries.WHICH else "open"
    words = request.GET.get("q", "")
    found = queries.lines(which, words)
    searched = found if words.split() else None
    waiting = queries.proposed(searched) if which == "open" else []
    pages = Paginator(waiting if which == "open" else found, PAGE)
    page = pages.get_page(request.GET.get("page"))
    counted = queries.counts()
    context = {
        "page": page,
        "rows": [_row(one) for one in waiting[page.start_index() - 1 :][:PAGE]]
        if waiting
        else page,
        "which": which,
        "chips": [(name, label, counted[name]) for name, label in LABELS.items()],
        "form": form,
        "q": words,
        "known_until": queries.known_until(),
        "pending": counted["pending"],
        "may_edit": request.user.may(Action.EDIT_LEDGER),
    }
    return render(request, "relance/receipts/list.html", context, status=status)


def _row(one: queries.Proposed) -> dict[str, object]:
    return {
        "one": one,
        "badges": [REASONS[why] for why in one.why],
        "said": said(one),
        "may_tick": bool(one.shares) and one.recorded is None,
    }


def _card(
    request: WebRequest,
    found: BankLine,
    proposed: queries.Proposed | None,
    chosen: Customer | None,
    *,
    form: MatchForm | None = None,
    ignore_form: IgnoreForm | None = None,
    status: int = 200,
) -> HttpResponse:
    words = request.GET.get("q", found.payer if chosen is None else "")
    context = {
        "line": found,
        "proposed": proposed,
        "badges": [REASONS[why] for why in proposed.why] if proposed else [],
        "chosen": chosen,
        "form": form
        or (
            MatchForm(line=found, customer=chosen, proposed=proposed)
            if chosen
            else None
        ),
        "ignore_form": ignore_form or IgnoreForm(),
        "q": words,
        "customers": [] if chosen else _candidates(words),
    }
    return render(request, "relance/receipts/line.html", context, status=status)


def _candidates(words: str) -> Iterable[Customer]:
    everybody = Customer.objects.standing()
    return everybody.matching(words)[:20] or everybody[:20]


def _chosen(request: WebRequest, proposed: queries.Proposed | None) -> Customer | None:
    source = request.POST if request.method == "POST" else request.GET
    if source.get("customer", "").isdecimal():
        return get_object_or_404(Customer, pk=source["customer"])
    if "q" in request.GET or "other" in request.GET or proposed is None:
        return None
    return proposed.customer


def _waits(count: int) -> str:
    words = ngettext(
        "%(count)s receipt matched: reminders wait until Dolibarr has recorded it.",
        "%(count)s receipts matched: reminders wait until Dolibarr has recorded them.",
        count,
    )
    return words % {"count": count}


def _accept(one: Ticked, request: WebRequest) -> Payment | None:
    found = get_object_or_404(BankLine, pk=one.line)
    customer = get_object_or_404(Customer, pk=one.customer)
    invoices = Invoice.objects.in_bulk(one.shares)
    shares = [
        Share(invoice=invoices[pk], amount=amount)
        for pk, amount in one.shares.items()
        if pk in invoices
    ]
    return matches.accept(found, customer, shares, by=request.user, now=timezone.now())


def _say_read(request: WebRequest, result: StatementResult) -> None:
    if result.error:
        messages.error(request, f"{result.file}: {result.error}")
        return
    new = ngettext("%(n)s new receipt", "%(n)s new receipts", result.new)
    known = ngettext("%(n)s already known", "%(n)s already known", result.known)
    words = f"{new % {'n': result.new}}, {known % {'n': result.known}}"
    messages.success(request, f"{result.file}: {words}.")
