"""*Doublons*: customers who look like one, merged or kept apart, and undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from relance.models import Customer, CustomerMerge
from relance.queries import duplicates as queries
from relance.rules.likeness import Like, Pair
from relance.rules.permissions import Action
from relance.services import merges as service
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.merge_forms import MergeForm

PAGE = 20
WHICH = {
    "open": gettext_lazy("To look at"),
    "merged": gettext_lazy("Merged"),
    "apart": gettext_lazy("Not duplicates"),
}
REASONS = {
    Like.SIREN: (gettext_lazy("same SIREN"), "bad"),
    Like.SIRET: (gettext_lazy("same SIRET"), "bad"),
    Like.VAT: (gettext_lazy("same VAT number"), "bad"),
    Like.EMAIL: (gettext_lazy("same e-mail"), "warn"),
    Like.SAME_NAME: (gettext_lazy("same name"), "warn"),
    Like.NEAR_NAME: (gettext_lazy("near name"), "accent"),
    Like.OTHER_PLACE: (gettext_lazy("two establishments"), ""),
}


@require_GET
@may(Action.VIEW)
def duplicates(request: WebRequest) -> HttpResponse:
    """Show the pairs to look at, the merges, or what was kept apart."""
    asked = request.GET.get("which", "")
    which = asked if asked in WHICH else "open"
    found = queries.lookalikes()
    merged, apart = queries.merges(), queries.kept_apart()
    lists: dict[str, Any] = {"open": found, "merged": merged, "apart": apart}
    page = Paginator(lists[which], PAGE).get_page(request.GET.get("page"))
    counts = {"open": len(found), "merged": merged.count(), "apart": apart.count()}
    context = {
        "which": which,
        "page": page,
        "rows": _rows(list(page)) if which == "open" else page,
        "chips": [(name, label, counts[name]) for name, label in WHICH.items()],
        "may_merge": request.user.may(Action.MERGE),
    }
    return render(request, "relance/duplicates/list.html", context)


@require_http_methods(["GET", "POST"])
@may(Action.MERGE)
def merge(request: WebRequest, pk: int) -> HttpResponse:
    """Choose who stays and what of each card, then merge."""
    kept = get_object_or_404(Customer.objects.standing(), pk=pk)
    other = request.GET.get("with", "")
    if not other.isdecimal():
        return _choose(request, kept)
    absorbed = get_object_or_404(Customer.objects.standing(), pk=other)
    if kept == absorbed:
        raise Http404
    one, two = queries.compared(kept, absorbed, today=timezone.localdate())
    form = MergeForm(request.POST or None, kept=one.customer, absorbed=two.customer)
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            done = service.merge(
                form.as_choice(),
                key=form.cleaned_data["key"],
                by=request.user,
                now=timezone.now(),
            )
            words = _("%(name)s is merged: everything is on this card now.")
            messages.success(request, words % {"name": done.absorbed.name})
            return redirect(done.kept)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "kept": one, "absorbed": two}
    return render(request, "relance/duplicates/merge.html", context, status=status)


@require_POST
@may(Action.MERGE)
def apart(request: WebRequest, pk: int, other: int) -> HttpResponse:
    """Remember that two customers are not one."""
    service.keep_apart(
        get_object_or_404(Customer, pk=pk),
        get_object_or_404(Customer, pk=other),
        by=request.user,
        now=timezone.now(),
    )
    messages.success(request, _("Remembered: these are two customers."))
    return redirect("duplicates")


@require_POST
@may(Action.MERGE)
def again(request: WebRequest, pk: int) -> HttpResponse:
    """Show again two customers who were said not to be one."""
    row = get_object_or_404(queries.kept_apart(), pk=pk)
    service.look_again(row, by=request.user, now=timezone.now())
    messages.success(request, _("They are shown among the duplicates again."))
    return redirect("duplicates")


@require_POST
@may(Action.MERGE)
def undo(request: WebRequest, pk: int) -> HttpResponse:
    """Take a merge apart."""
    found = get_object_or_404(CustomerMerge, pk=pk)
    try:
        done = service.undo(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect(f"{reverse('duplicates')}?which=merged")
    words = _("The merge is undone: %(name)s has everything back.")
    messages.success(request, words % {"name": done.absorbed.name})
    return redirect(Customer.objects.get(pk=done.absorbed_id))


def _choose(request: WebRequest, kept: Customer) -> HttpResponse:
    words = request.GET.get("q", "")
    others = Customer.objects.standing().exclude(pk=kept.pk).matching(words)
    page = Paginator(others, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "q": words, "kept": kept}
    return render(request, "relance/duplicates/choose.html", context)


def _rows(found: Sequence[Pair]) -> list[dict[str, object]]:
    pairs = queries.side_by_side(found, today=timezone.localdate())
    return [
        {
            "kept": pair.kept,
            "absorbed": pair.absorbed,
            "badges": [REASONS[like] for like in pair.why],
        }
        for pair in pairs
    ]
