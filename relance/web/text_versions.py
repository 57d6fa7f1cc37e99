"""The versions of a text: who wrote each, what changed, bringing one back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from relance.models import Level, Text
from relance.queries.texts import key_of
from relance.rules.permissions import Action
from relance.services import texts as service
from relance.services.refusal import Refused
from relance.services.text_words import case_words
from relance.web.access import may
from relance.web.http import WebRequest
from relance.web.text_comparison import Comparison
from relance.web.text_keys import key_from, text_url


@require_GET
@may(Action.EDIT_TEXTS)
def versions(request: WebRequest, /, **case: Any) -> HttpResponse:
    """List the versions of a text, and compare any two, the default among them."""
    comparison = Comparison(key_from(**case), request.GET, user=request.user)
    return render(request, "relance/texts/versions.html", {"shown": comparison})


@require_POST
@may(Action.EDIT_TEXTS)
def bring_back(request: WebRequest, pk: int) -> HttpResponse:
    """Put an older version in use again."""
    text = get_object_or_404(Text.objects.select_related("level"), pk=pk)
    try:
        made = service.bring_back(text, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect(text_url("text-versions", key_of(text)))
    words = _("Version %(old)s is in use again, as version %(new)s.")
    messages.success(request, words % {"old": text.version, "new": made.version})
    return redirect(text_url("text-versions", key_of(text)))


@require_POST
@may(Action.EDIT_TEXTS)
def copy(request: WebRequest, level: int) -> HttpResponse:
    """Give a level the texts of another, where it has none."""
    target = get_object_or_404(Level, pk=level)
    given = request.POST.get("source", "")
    pk = int(given) if given.isdecimal() and len(given) < 18 else 0
    source = get_object_or_404(Level, pk=pk)
    try:
        done = service.copy_texts(source, target, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("texts")
    words = ngettext("%(count)s text copied.", "%(count)s texts copied.", done.made)
    messages.success(request, words % {"count": done.made})
    for key in done.refused:
        words = _("Not copied, it would have an error at this level: %(text)s.")
        messages.warning(request, words % {"text": ", ".join(case_words(key))})
    return redirect(f"{reverse('texts')}#level-{target.pk}")
