"""Agreements of a second person: those that wait, and the answers."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from relance.models import Approval, User
from relance.queries import approvals as queries
from relance.rules.permissions import Action
from relance.services import approvals as service
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest


class AnswerForm(forms.Form):
    """What the second person says."""

    answer_note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=service.LONGEST_NOTE,
        required=False,
        help_text=gettext_lazy("Needed to refuse."),
    )


@require_GET
@may(Action.VIEW)
def approvals(request: WebRequest) -> HttpResponse:
    """Show what waits for somebody's agreement, and what was answered."""
    return _page(request)


@require_POST
@may(Action.AGREE)
def answer(request: WebRequest, pk: int) -> HttpResponse:
    """Agree, or refuse with a note."""
    found, form = get_object_or_404(Approval, pk=pk), AnswerForm(request.POST)
    agreed = request.POST.get("do") == "agree"
    if form.is_valid():
        with refused_on(form):
            service.answer(
                found,
                agreed=agreed,
                note=form.cleaned_data["answer_note"],
                by=request.user,
                now=timezone.now(),
            )
            words = (
                _("Your agreement is given.") if agreed else _("Your refusal is kept.")
            )
            messages.success(request, words)
            return redirect("approvals")
    return _page(request, sent_back={pk: form}, status=422)


@require_POST
@may(Action.REMIND)
def withdraw(request: WebRequest, pk: int) -> HttpResponse:
    """Take back what one asked for."""
    found = get_object_or_404(Approval, pk=pk)
    try:
        service.withdraw(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("It is no longer asked for."))
    return redirect("approvals")


def _page(
    request: WebRequest,
    *,
    sent_back: dict[int, AnswerForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    forms_of = sent_back or {}
    waiting = [
        (one, forms_of.get(one.pk, AnswerForm(auto_id=f"id_{one.pk}_%s")), mine)
        for one, mine in _who_may(request.user)
    ]
    # One that was answered meanwhile is no longer in the list.
    for pk, form in forms_of.items():
        if pk not in {one.pk for one, _form, _mine in waiting}:
            for words in form.non_field_errors():
                messages.error(request, str(words))
    page = Paginator(queries.answered(), queries.ANSWERED)
    context = {"waiting": waiting, "page": page.get_page(request.GET.get("page"))}
    return render(request, "relance/approvals/page.html", context, status=status)


def _who_may(user: User) -> list[tuple[Approval, dict[str, bool]]]:
    return [
        (
            one,
            {
                "may_answer": user.may(Action.AGREE) and queries.may_answer(user, one),
                "may_withdraw": user.pk == one.asked_by_id
                or user.may(Action.CONFIGURE),
            },
        )
        for one in queries.waiting()
    ]
