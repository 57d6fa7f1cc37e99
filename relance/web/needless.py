"""What is said of letters not posted yet once their invoices are paid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.contrib import messages
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.models import Reminder
from relance.queries.dashboard import Waiting
from relance.queries.needless import Owed, owed_of, to_post_about
from relance.web.attention_items import WARN, Item
from relance.web.http import WebRequest

# Letters that are named one by one; beyond, their list says which.
NAMED = 3


def warn_of_letters(request: WebRequest, invoices: Iterable[int]) -> None:
    """Warn, after invoices were settled or given up, of the letters about them that
    still wait to be posted."""
    found = [(owed_of(one), one) for one in to_post_about(set(invoices))]
    none = [one for owed, one in found if owed is Owed.NONE]
    some = [one for owed, one in found if owed is Owed.SOME]
    if none:
        words = ngettext(
            "{letters} is not posted yet: nothing is left to pay, do not post it.",
            "{letters} are not posted yet: nothing is left to pay, do not post them.",
            len(none),
        )
        messages.warning(request, format_html(words, letters=_named(none, "needless")))
    if some:
        words = ngettext(
            "{letters} is not posted yet and still claims an invoice with nothing left "
            "to pay: cancel it, then make it again.",
            "{letters} are not posted yet and still claim an invoice with nothing left "
            "to pay: cancel them, then make them again.",
            len(some),
        )
        messages.warning(request, format_html(words, letters=_named(some, "to_post")))


def say_needless(request: WebRequest, references: Sequence[str]) -> None:
    """Say how many letters were not marked because they should not leave."""
    words = ngettext(
        "{count} letter is not marked, nothing is left to pay: {references}. If it did "
        "leave, tick it by itself.",
        "{count} letters are not marked, nothing is left to pay: {references}. If one "
        "did leave, tick it by itself.",
        len(references),
    )
    named = ", ".join(references[:NAMED]) + ("…" if len(references) > NAMED else "")
    url = f"{reverse('postings')}?which=needless"
    link = format_html('<a href="{}">{}</a>', url, named)
    messages.warning(
        request, format_html(words, count=len(references), references=link)
    )


def needless_letters(waiting: Waiting) -> Iterator[Item]:
    """Return, for the dashboard, how many letters to post should not leave."""
    if not waiting.letters_needless:
        return
    title = ngettext(
        "%(count)s letter is not to be posted any more.",
        "%(count)s letters are not to be posted any more.",
        waiting.letters_needless,
    )
    yield Item(
        tone=WARN,
        title=title % {"count": waiting.letters_needless},
        words=_(
            "Nothing is left to pay on what they claim: take them out of the pile."
        ),
        url=f"{reverse('postings')}?which=needless",
        label=_("See them"),
    )


def _named(letters: Sequence[Reminder], which: str) -> str:
    if len(letters) > NAMED:
        words = ngettext("%(count)s letter", "%(count)s letters", len(letters))
        url = f"{reverse('postings')}?which={which}"
        return format_html('<a href="{}">{}</a>', url, words % {"count": len(letters)})
    links = format_html_join(
        ", ",
        '<a href="{}">{}</a>',
        ((one.get_absolute_url(), one.reference) for one in letters),
    )
    word = ngettext("Letter {references}", "Letters {references}", len(letters))
    return format_html(word, references=links)
