"""*Reprise*: what was reminded before Relance, and from when it proposes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from relance.models import ImportBatch
from relance.queries import takeover as queries
from relance.queries.company import company
from relance.rules.permissions import Action
from relance.services import takeover as service
from relance.services.refusal import Refused
from relance.services.takeover import TakeoverAnswer
from relance.services.takeover_files import Imported, import_file
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.takeover_forms import AnswerForm, FileForm

# Lines that are wrong, shown; more are counted.
SHOWN = 50


@require_GET
@may(Action.REMIND)
def takeover(request: WebRequest) -> HttpResponse:
    """Ask what was reminded, and show what was taken over."""
    return _page(request)


@require_POST
@may(Action.REMIND)
def upload(request: WebRequest) -> HttpResponse:
    """Take over the past reminders that a file tells of."""
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        with refused_on(form):
            done = _import(request, form)
            if done.taken is not None:
                messages.success(request, service.in_words(done.taken))
                _say_left(request, done)
                return redirect("takeover")
            return _page(request, file_form=form, done=done, status=422)
    return _page(request, file_form=form, status=422)


@require_POST
@may(Action.REMIND)
def answer(request: WebRequest) -> HttpResponse:
    """Keep the answer: all is taken over, or there was nothing."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, answer_form=form, status=422)
    said = TakeoverAnswer(
        nothing_before=form.cleaned_data["nothing_before"],
        done=request.POST.get("answer") == "done",
    )
    service.answer(said, by=request.user, now=timezone.now())
    messages.success(request, _("The answer is kept: mass reminders can be launched."))
    return redirect("takeover")


@require_POST
@may(Action.REMIND)
def undo(request: WebRequest, pk: int) -> HttpResponse:
    """Take back past reminders that came in together."""
    found = get_object_or_404(ImportBatch, pk=pk)
    try:
        done = service.undo(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        words = _("What came from “%(file)s” is taken back.")
        messages.success(request, words % {"file": done.file_name})
    return redirect("takeover")


def _import(request: WebRequest, form: FileForm) -> Imported:
    file = form.cleaned_data["upload"]
    return import_file(
        file.name[:200],
        file.read(),
        leave_wrong=form.cleaned_data["leave_wrong"],
        by=request.user,
        now=timezone.now(),
        today=timezone.localdate(),
    )


def _say_left(request: WebRequest, done: Imported) -> None:
    for problem in done.problems[:SHOWN]:
        words = _("Line %(line)s left out: %(why)s")
        said = {"line": problem.line, "why": problem.words}
        messages.warning(request, words % said)


def _page(
    request: WebRequest,
    *,
    file_form: FileForm | None = None,
    answer_form: AnswerForm | None = None,
    done: Imported | None = None,
    status: int = 200,
) -> HttpResponse:
    ours = company()
    initial = {"nothing_before": ours.nothing_before}
    context = {
        "company": ours,
        "file_form": file_form or FileForm(),
        "answer_form": answer_form or AnswerForm(initial=initial),
        "batches": queries.batches(),
        "levels": queries.levels(),
        "done": done,
        "problems": done.problems[:SHOWN] if done else (),
        "more": max(len(done.problems) - SHOWN, 0) if done else 0,
    }
    return render(request, "relance/takeover/page.html", context, status=status)
