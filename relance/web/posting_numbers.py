"""Registered numbers of many letters: looked at, then recorded."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from relance.rules.permissions import Action
from relance.services.refusal import Refused
from relance.services.registered_numbers import (
    Matched,
    match_numbers,
    set_registered_numbers,
)
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.posting_forms import ConfirmForm, LettersForm
from relance.web.postings import (
    back_to_list,
    letters_page,
    picked_letters,
    say_left,
)


@require_POST
@may(Action.REMIND)
def preview(request: WebRequest) -> HttpResponse:
    """Show, of numbers typed, pasted or scanned, which letter each is for."""
    form, picked = LettersForm(request.POST), picked_letters(request)
    if form.is_valid():
        with refused_on(form):
            found = match_numbers(
                form.cleaned_data["text"],
                letters=picked,
                posted_on=form.cleaned_data["posted_on"],
                now=timezone.now(),
            )
            return _preview(request, form, found, picked)
    return letters_page(request, form, status=422)


@require_POST
@may(Action.REMIND)
def save(request: WebRequest) -> HttpResponse:
    """Record the numbers that were looked at."""
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return redirect(back_to_list(request))
    try:
        done = set_registered_numbers(
            form.cleaned_data["text"], by=request.user, now=timezone.now()
        )
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect(back_to_list(request))
    words = ngettext(
        "%(count)s letter completed.", "%(count)s letters completed.", done.done
    )
    if done.done:
        messages.success(request, words % {"count": done.done})
    for effect in dict.fromkeys(done.effects):
        messages.warning(request, effect)
    say_left(request, done.left)
    return redirect(back_to_list(request))


def _preview(
    request: WebRequest, form: LettersForm, found: Matched, picked: Sequence[int]
) -> HttpResponse:
    context = {
        "found": found,
        "form": form,
        "picked": picked,
        "confirm": ConfirmForm(initial={"text": found.as_text()}),
        "back": back_to_list(request),
    }
    return render(request, "relance/postings/numbers.html", context)
