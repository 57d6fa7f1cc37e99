"""*Envois postaux*: letters to post, on their way, returned; their numbers, proofs."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from relance.models import Channel, Reminder, Run
from relance.queries import postings as queries
from relance.queries.needless import Owed
from relance.queries.postings import Criteria
from relance.rules.permissions import Action
from relance.services import postings as service
from relance.services.posting_changes import LETTERS, posting_of
from relance.services.postings import Marked
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.needless import say_needless
from relance.web.posting_forms import (
    LettersForm,
    NewsForm,
    TogetherForm,
)

PAGE = 50
# Letters left aside that are named one by one.
NAMED = 5
LABELS = {
    "to_post": gettext_lazy("To post"),
    "needless": gettext_lazy("Not to post"),
    "silent": gettext_lazy("Posted, no news"),
    "returned": gettext_lazy("Returned"),
    "all": gettext_lazy("All letters"),
}


@require_GET
@may(Action.VIEW)
def postings(request: WebRequest) -> HttpResponse:
    """List the letters: those to post first, formal notices before the others."""
    return letters_page(request)


@require_POST
@may(Action.REMIND)
def mark(request: WebRequest) -> HttpResponse:
    """Mark the ticked letters as posted, or every letter of the filter."""
    form, picked = LettersForm(request.POST), picked_letters(request)
    if not picked:
        form.add_error(None, _("Tick at least one letter."))
    elif form.is_valid() and form.cleaned_data["text"]:
        words = _("Numbers are typed: see what will be recorded, or empty their box.")
        form.add_error("text", words)
    if form.is_valid():
        with refused_on(form):
            marked = service.mark_many_posted(
                picked,
                posted_on=form.cleaned_data["posted_on"],
                one_by_one=not together(request),
                registered=form.cleaned_data["registered"] or not together(request),
                by=request.user,
                now=timezone.now(),
            )
            _say_marked(request, marked)
            return redirect(back_to_list(request))
    return letters_page(request, form, status=422)


@require_GET
@may(Action.VIEW)
def posting(request: WebRequest, pk: int) -> HttpResponse:
    """Show the journey of one letter."""
    found = _letter_or_404(pk)
    return _card(request, found, NewsForm.about(posting_of(found)))


@require_POST
@may(Action.REMIND)
def news(request: WebRequest, pk: int) -> HttpResponse:
    """Record what is known of a letter's journey, with its proofs."""
    found, form = _letter_or_404(pk), NewsForm(request.POST, request.FILES)
    if form.is_valid():
        with refused_on(form):
            done = service.record_news(
                found,
                form.as_news(),
                form.cleaned_data["proofs"],
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, _("The journey of the letter is recorded."))
            if done.effect:
                messages.warning(request, done.effect)
            return redirect(_back(request, found))
    return _card(request, found, form, status=422)


@require_POST
@may(Action.REMIND)
def take_back(request: WebRequest, pk: int) -> HttpResponse:
    """Say that a letter was marked as posted by mistake."""
    found = _letter_or_404(pk)
    try:
        service.take_back(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        words = _("Letter %(reference)s waits to be posted again.")
        messages.success(request, words % {"reference": found.reference})
    return redirect(_back(request, found))


@require_POST
@may(Action.REMIND)
def run_posted(request: WebRequest, pk: int) -> HttpResponse:
    """Mark the letters of a run as posted, its registered ones only if ticked."""
    found, form = get_object_or_404(Run, pk=pk), TogetherForm(request.POST)
    if form.is_valid():
        with refused_on(form):
            marked = service.mark_many_posted(
                queries.of_run(found.pk, registered=form.cleaned_data["registered"]),
                posted_on=form.cleaned_data["posted_on"],
                one_by_one=False,
                by=request.user,
                now=timezone.now(),
            )
            _say_marked(request, marked)
            return redirect(found)
    context = {"run": found, "form": form}
    return render(request, "relance/postings/run.html", context, status=422)


def letters_page(
    request: WebRequest, form: LettersForm | None = None, *, status: int = 200
) -> HttpResponse:
    """Show the list as it is filtered; with a form that was refused, and the ticks."""
    criteria = Criteria.from_query(request.GET)
    counted = queries.counts(criteria)
    found = queries.letters(criteria).values_list("pk", flat=True)
    # What is searched is looked through once, what is only filtered is counted.
    pages = Paginator(list(found) if criteria.words.split() else found, PAGE)
    if not criteria.words.split():
        pages.count = counted[criteria.which]
    page = pages.get_page(request.GET.get("page"))
    run = Run.objects.filter(pk=criteria.run).first() if criteria.run else None
    may_post = request.user.may(Action.REMIND)
    may_mark = may_post and criteria.which in ("to_post", "all")
    context = {
        "page": page,
        "rows": (rows := queries.rows(list(page))),
        "registered_here": sum(_is_registered_to_post(row) for row in rows),
        "to_mark": queries.to_mark(criteria) if may_mark else None,
        "criteria": criteria,
        "chips": _chips(criteria, counted),
        "run": run,
        "q": criteria.words,
        "sort": criteria.sort,
        "ticked": set(request.POST.getlist("letter")),
        "every": request.POST.get("every") == "on",
        "form": form or LettersForm(),
        "may_post": may_post,
        "may_tick": may_post and criteria.which not in ("needless", "returned"),
        "may_mark": may_mark,
    }
    return render(request, "relance/postings/list.html", context, status=status)


def _card(
    request: WebRequest, found: Reminder, form: NewsForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "reminder": found,
        "journey": queries.row_of(found),
        "form": form,
        "back": _back(request, found),
        "may_post": request.user.may(Action.REMIND),
    }
    name = "relance/postings/detail.html"
    fragment = "#news" if request.htmx else ""
    return render(request, f"{name}{fragment}", context, status=status)


def _chips(criteria: Criteria, counted: dict[str, int]) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "label": label,
            "count": counted[name],
            "current": name == criteria.which,
        }
        for name, label in LABELS.items()
        # What seldom happens takes no room the rest of the time.
        if name != "needless" or counted[name] or name == criteria.which
    ]


def picked_letters(request: WebRequest) -> list[int]:
    """Return the letters that were ticked, in the order of the page."""
    if request.POST.get("every") == "on":
        criteria = Criteria.from_query(request.GET)
        return list(queries.letters(criteria).values_list("pk", flat=True))
    given = request.POST.getlist("letter")
    return [int(pk) for pk in given if pk.isdecimal() and len(pk) < 16]


def _is_registered_to_post(row: queries.Row) -> bool:
    waits = row.posting is None and row.owed is not Owed.NONE
    return waits and row.reminder.channel == Channel.REGISTERED


def together(request: WebRequest) -> bool:
    """Say whether the letters were ticked at once, not each by itself."""
    return "on" in (request.POST.get("every"), request.POST.get("whole_page"))


def _letter_or_404(pk: int) -> Reminder:
    found = Reminder.objects.select_related(
        "customer", "document", "posting"
    ).prefetch_related("lines__invoice", "posting__proofs__document")
    return get_object_or_404(found, pk=pk, channel__in=LETTERS)


def back_to_list(request: WebRequest) -> str:
    query = urlencode(Criteria.from_query(request.GET).as_query())
    return f"{reverse('postings')}?{query}"


def _back(request: WebRequest, found: Reminder) -> str:
    """Return the page that the person came from: a list, or the letter's card."""
    asked: str = request.POST.get("back") or request.GET.get("back", "")
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if ours and asked.startswith("/") else found.get_absolute_url()


def _say_marked(request: WebRequest, marked: Marked) -> None:
    words = ngettext(
        "%(count)s letter is marked as posted.",
        "%(count)s letters are marked as posted.",
        marked.done,
    )
    if marked.done:
        messages.success(request, words % {"count": marked.done})
    elif not (marked.left or marked.needless or marked.registered):
        messages.info(request, _("No letter was waiting to be posted."))
    if marked.registered:
        words = ngettext(
            "%(count)s registered letter is not marked: tick “The registered letters "
            "too”, or enter its number.",
            "%(count)s registered letters are not marked: tick “The registered letters "
            "too”, or enter their numbers.",
            marked.registered,
        )
        messages.warning(request, words % {"count": marked.registered})
    if marked.needless:
        say_needless(request, marked.needless)
    say_left(request, marked.left)


def say_left(request: WebRequest, left: Sequence[tuple[str, str]]) -> None:
    """Name the letters left aside, with the reason of each; the first ones only."""
    if not left:
        return
    said = " ".join(
        _("%(reference)s: %(why)s") % {"reference": reference, "why": why}
        for reference, why in left[:NAMED]
    )
    words = ngettext(
        "%(count)s letter is left as it was.",
        "%(count)s letters are left as they were.",
        len(left),
    ) % {"count": len(left)}
    messages.warning(request, f"{words} {said}")
