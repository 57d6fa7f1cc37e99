"""Filters and tags that every template has: amounts, days, lists, form fields."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.core.paginator import Page
from django.forms import BoundField
from django.http import HttpRequest
from django.template import Context, Library
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide as draw_icon

from relance.gateways import wording
from relance.models import Customer, Invoice
from relance.queries import dolibarr
from relance.services.active_language import active_language
from relance.web.fields import terms_in_words

register = Library()

_NO_BREAK = "\u00a0"


@register.simple_tag
@lru_cache(maxsize=512)
def lucide(name: str, *, size: int | None = 24, **attributes: Any) -> str:
    """Draw an icon. A long list draws the same few a hundred times over, and each
    costs as much as a row."""
    icon: str = draw_icon(name, size=size, **attributes)
    return icon


@register.simple_tag
def card_in_dolibarr(thing: Customer | Invoice) -> str:
    """Return the address of the card in Dolibarr of what comes from there."""
    return dolibarr.card_there(thing)


@register.filter
def money(amount: Decimal | None, currency: str = "EUR") -> str:
    """Write an amount as people do: ``1 234,56 €``; nothing for no amount."""
    if amount is None:
        return ""
    return wording.money(amount, currency=currency, language=active_language())


@register.filter
def about(words: str, number: str) -> str:
    """Put a number into words that were translated once, before a long list, with
    ``%(number)s`` in its place: ``{{ preview_of|about:number }}``."""
    return words % {"number": number}


@register.filter
def rate(percent: Decimal | None) -> str:
    """Write a yearly rate: ``12,40 %``; nothing for no rate."""
    return "" if percent is None else wording.rate(percent, language=active_language())


@register.filter
def day(value: date | None) -> str:
    """Write a day as letters do: 24/11/2026, in both languages."""
    return wording.short_date(value) if value else ""


@register.filter
def days(quantity: int) -> str:
    """Write a number of days in words: ``55 jours``."""
    return wording.days(quantity, language=active_language())


@register.filter
def terms(stored: str) -> str:
    """Write payment terms in words: ``45 jours fin de mois``."""
    return terms_in_words(stored)


@register.filter
def moment(value: datetime | None) -> str:
    """Write an instant in the company's zone: 24/11/2026 09:12."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{wording.short_date(local)}{_NO_BREAK}{local:%H:%M}"


@register.filter
def iban(value: str) -> str:
    """Write an IBAN in groups of four that a line break cannot part."""
    return wording.iban(value).replace(" ", _NO_BREAK)


@register.filter
def size(octets: int) -> str:
    """Write a file's size as offices do: 22 Ko, 1,4 Mo (KB, MB in English)."""
    unit = "o" if active_language() == "fr" else "B"
    if octets < 1_000_000:
        return f"{max(round(octets / 1000), 1)}\u00a0K{unit}"
    words = wording.number(
        Decimal(octets) / 1_000_000, decimals=1, language=active_language()
    )
    return f"{words}\u00a0M{unit}"


@register.filter
def tone(kind: str, rank: int) -> str:
    """Return the colour class of a level: the word beside it says the same."""
    if kind == "formal_notice":
        return "l3"
    if kind == "courtesy":
        return ""
    return "l1" if rank <= 1 else "l2"


@register.simple_tag
def level_badge(name: str, kind: str, rank: int) -> SafeString:
    """Show a level: ``{% level_badge level.name level.kind level.rank %}``."""
    return format_html('<span class="badge {}">{}</span>', tone(kind, rank), name)


@register.inclusion_tag("relance/_parts/field.html")
def field(
    bound: BoundField, unit: str = "", *, optional: bool | None = None
) -> dict[str, Any]:
    """Show a form field whole: label, widget, help, errors, "optional".

    ``optional=False``: another field decides whether it must be filled in.
    """
    kind = getattr(bound.field.widget, "input_type", "")
    several = getattr(bound.field.widget, "allow_multiple_selected", False)
    return {
        "field": bound,
        "unit": unit,
        "optional": not bound.field.required if optional is None else optional,
        "check": kind == "checkbox" and not several,
        "choices": kind == "radio" or (kind == "checkbox" and several),
    }


@register.inclusion_tag("relance/_parts/sort_header.html", takes_context=True)
def sort_header(
    context: Context, name: str, label: str, number: bool = False
) -> dict[str, Any]:
    """Show a column title that sorts: ``?sort=name``, ``?sort=-name`` when it is
    pressed again. The page's context has the order in use as ``sort``."""
    query = _request(context).GET.copy()
    current = str(context.get("sort") or query.get("sort", ""))
    ascending, descending = current == name, current == f"-{name}"
    query["sort"] = f"-{name}" if ascending else name
    query.pop("page", None)
    return {
        "label": label,
        "number": number,
        "url": f"?{query.urlencode()}",
        "order": "ascending" if ascending else "descending" if descending else "",
    }


@register.simple_tag(takes_context=True)
def hidden_query(context: Context, *without: str) -> SafeString:
    """Carry the other criteria of a list through a GET form, except its page."""
    pairs = (
        (name, value)
        for name, values in _request(context).GET.lists()
        for value in values
        if name not in {*without, "page"}
    )
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs)


@register.filter
def page_numbers(page: Page[Any]) -> Iterator[int | str]:
    """Return the page numbers worth showing, with gaps in long lists."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


def _request(context: Context) -> HttpRequest:
    request: HttpRequest = context["request"]
    return request
