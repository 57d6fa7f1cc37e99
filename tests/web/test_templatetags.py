"""What lists and forms show: amounts, days, sorted titles, fields with errors."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.utils import translation


def show(source, request=None, **context):
    return engines["django"].from_string(source).render(context, request)


@pytest.mark.parametrize(
    ("source", "french", "english"),
    [
        ("{{ day|day }}", "24/11/2026", "24/11/2026"),
        ("{{ nothing|day }}", "", ""),
        # The company's zone, not UTC.
        ("{{ moment|moment }}", "24/11/2026\u00a009:12", "24/11/2026\u00a009:12"),
        ("{{ percent|rate }}", "12,40\u00a0%", "12.40%"),
        ("{{ nothing|rate }}", "", ""),
        ("{{ 55|days }}", "55\u00a0jours", "55\u00a0days"),
        ("{{ amount|money }}", "1\u00a0234,50\u00a0€", "€1,234.50"),
        ("{{ nothing|money }}", "", ""),
        ("{{ 'FR7630006000011234567890189'|iban }}",)
        + ("FR76\u00a03000\u00a06000\u00a00112\u00a03456\u00a07890\u00a0189",) * 2,
    ],
)
def test_values_are_written_as_people_write_them(source, french, english):
    context = {
        "day": date(2026, 11, 24),
        "moment": datetime(2026, 11, 24, 8, 12, tzinfo=UTC),
        "amount": Decimal("1234.50"),
        "percent": Decimal("12.4"),
        "nothing": None,
    }
    with translation.override("fr"):
        assert show(source, **context) == french
    with translation.override("en"):
        assert show(source, **context) == english


@pytest.mark.parametrize(
    ("kind", "rank", "css"),
    [
        ("courtesy", 0, "badge "),
        ("reminder", 1, "badge l1"),
        ("reminder", 2, "badge l2"),
        ("formal_notice", 3, "badge l3"),
        # A procedure of two levels: what makes it red is the kind, not the rank.
        ("formal_notice", 2, "badge l3"),
    ],
)
def test_a_level_is_told_by_word_and_colour(kind, rank, css):
    badge = show("{% level_badge name kind rank %}", name="<b>", kind=kind, rank=rank)

    assert badge == f'<span class="{css}">&lt;b&gt;</span>'


@pytest.mark.parametrize(
    ("query", "leads_to", "order"),
    [
        ("?q=a&page=3", "?q=a&amp;sort=due", None),
        ("?sort=due", "?sort=-due", "ascending"),
        ("?sort=-due", "?sort=due", "descending"),
        ("?sort=total", "?sort=due", None),
    ],
)
def test_a_column_title_sorts_and_keeps_the_search(rf, query, leads_to, order):
    title = show("{% sort_header 'due' 'Due' %}", rf.get(f"/{query}"))

    assert f'href="{leads_to}"' in title
    assert (f'aria-sort="{order}"' if order else "<th") in title
    assert order or "aria-sort" not in title


def test_a_search_keeps_the_other_filters_but_not_the_page(rf):
    hidden = show(
        "{% hidden_query 'q' %}", rf.get('/?q=x&state=open&state="late&page=4')
    )

    assert hidden.count("<input") == 2
    assert 'name="state" value="open"' in hidden
    assert 'value="&quot;late"' in hidden


def test_pages_of_a_long_list_are_within_reach(rf):
    page = Paginator(range(500), 25).page(7)
    html = show(
        "{% include 'relance/_parts/pagination.html' %}", rf.get("/?q=x"), page=page
    )

    assert "151 à 175 sur 500" in html
    assert '<span aria-current="page">7</span>' in html
    assert 'href="?q=x&amp;page=8"' in html
    assert 'href="?q=x&amp;page=20"' in html


class _Form(forms.Form):
    amount = forms.DecimalField(label="Montant", help_text="TTC")
    note = forms.CharField(label="Note", required=False)
    send = forms.BooleanField(label="Envoyer", required=False)
    channel = forms.ChoiceField(
        label="Canal", widget=forms.RadioSelect, choices=[("a", "A"), ("b", "B")]
    )


def test_a_field_says_its_error_to_eyes_and_ears():
    html = show("{% field form.amount %}", form=_Form({"amount": "x"}))

    assert '<label for="id_amount">Montant</label>' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_amount_helptext id_amount_error"' in html
    assert 'id="id_amount_helptext"' in html
    assert 'id="id_amount_error"' in html


def test_what_may_stay_empty_says_so():
    assert "(facultatif)" in show("{% field form.note %}", form=_Form())


def test_boxes_and_choices_are_labels_as_a_whole():
    form = _Form()

    box = show("{% field form.send %}", form=form)
    assert box.index("<label") < box.index('type="checkbox"') < box.index("Envoyer")
    assert show("{% field form.channel %}", form=form).count('class="choice"') == 2


def test_a_number_is_put_into_words_translated_once():
    source = (
        "{% load i18n %}"
        '{% blocktranslate with number="%(number)s" asvar by_letter %}'
        "{{ number }} by letter{% endblocktranslate %}"
        "{{ by_letter|about:number }}"
    )
    template = engines["django"].from_string(source)
    with translation.override("fr"):
        written = template.render({"number": "<FA> 100 %s"})
    assert written == "&lt;FA&gt; 100 %s par courrier"


@pytest.mark.parametrize(
    ("octets", "words"),
    [(0, "1\u00a0Ko"), (22_400, "22\u00a0Ko"), (1_440_000, "1,4\u00a0Mo")],
)
def test_sizes_are_written_as_offices_do(octets, words):
    with translation.override("fr"):
        assert show("{{ n|size }}", n=octets) == words
