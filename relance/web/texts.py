"""The texts of reminders: which there are, and the editor of each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from relance.queries.texts import completeness
from relance.rules.permissions import Action
from relance.services import texts as service
from relance.services.refusal import Refused
from relance.services.text_trials import convert, send_trial
from relance.web.access import may
from relance.web.http import WebRequest
from relance.web.text_editor import Editor
from relance.web.text_files import ImportForm
from relance.web.text_findings import replaced
from relance.web.text_grid import columns, grid
from relance.web.text_keys import key_from, text_url
from relance.web.text_variants import variants

TEMPLATE = "relance/texts/editor.html"


@require_GET
@may(Action.EDIT_TEXTS)
def texts(request: WebRequest) -> HttpResponse:
    """Show which texts there are, which are missing, what is used instead."""
    context = {
        "levels": grid(completeness()),
        "columns": columns(),
        "form": ImportForm(),
    }
    return render(request, "relance/texts/list.html", context)


@require_http_methods(["GET", "POST"])
@may(Action.EDIT_TEXTS)
def edit(request: WebRequest, /, **case: Any) -> HttpResponse:
    """Write a text beside the page that it makes; what was typed is never lost."""
    editor = _editor(request, case)
    if request.method == "GET":
        return _page(request, editor)
    do = request.POST.get("do", "")
    if do in _SAVING:
        return _saved(request, editor, do)
    if request.POST.get("replace"):
        editor.typed = replaced(editor.data, request.POST["replace"])
    elif do == "convert":
        editor.typed = convert(editor.key, editor.data)
    elif do == "test":
        return _tried(request, editor)
    return _page(request, editor)


@require_POST
@may(Action.EDIT_TEXTS)
def live(request: WebRequest, /, **case: Any) -> HttpResponse:
    """Return what is wrong in the text as it is being typed, and its page."""
    return render(request, f"{TEMPLATE}#live", {"editor": _editor(request, case)})


@require_POST
@may(Action.EDIT_TEXTS)
def find(request: WebRequest, /, **case: Any) -> HttpResponse:
    """Return the invoices that match some words, to show the text on another."""
    return render(request, f"{TEMPLATE}#choices", {"editor": _editor(request, case)})


@require_POST
@may(Action.EDIT_TEXTS)
def page_pdf(request: WebRequest, /, **case: Any) -> HttpResponse:
    """Return the letter of what was typed as the PDF that would be printed."""
    editor = _editor(request, case)
    data = editor.letter_pdf
    if data is None:
        words = _("The page is shown once the errors are mended.")
        messages.error(request, words)
        return _page(request, editor, status=422)
    answer = HttpResponse(data, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="apercu.pdf"'
    return answer


def _editor(request: WebRequest, case: dict[str, Any]) -> Editor:
    query = request.POST if request.method == "POST" else request.GET
    today = timezone.localdate()
    return Editor(key_from(**case), user=request.user, query=query, today=today)


def _page(request: WebRequest, editor: Editor, *, status: int = 200) -> HttpResponse:
    context = {"editor": editor, "variants": variants(editor.key)}
    return render(request, TEMPLATE, context, status=status)


def _save(editor: Editor) -> str:
    service.save_text(
        editor.key,
        editor.data,
        seen=editor.seen,
        by=editor.user,
        now=timezone.now(),
    )
    return _("The text is saved: the next reminder uses it.")


def _keep(editor: Editor) -> str:
    service.keep_draft(editor.key, editor.data, by=editor.user, now=timezone.now())
    return _("Your draft is kept; the text in use stays as it was.")


def _discard(editor: Editor) -> str:
    service.discard_draft(editor.key, by=editor.user)
    return _("The draft is thrown away.")


def _reset(editor: Editor) -> str:
    service.reset_text(editor.key, by=editor.user, now=timezone.now())
    return _("The default text is in use again; yours is kept among the versions.")


def _stop(editor: Editor) -> str:
    service.stop_using(editor.key, by=editor.user, now=timezone.now())
    return _("The text for all customers is used again.")


_SAVING = {
    "save": _save,
    "draft": _keep,
    "discard": _discard,
    "reset": _reset,
    "stop": _stop,
}


def _saved(request: WebRequest, editor: Editor, do: str) -> HttpResponse:
    try:
        messages.success(request, _SAVING[do](editor))
    except Refused as refused:
        messages.error(request, refused.message)
        return _page(request, editor, status=422)
    return redirect(text_url("text-edit", editor.key))


def _tried(request: WebRequest, editor: Editor) -> HttpResponse:
    try:
        answer = send_trial(editor.preview, to=request.user.email, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
        return _page(request, editor, status=422)
    messages.success(request, answer)
    return _page(request, editor)
