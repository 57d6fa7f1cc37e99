"""HTML pasted from Dolibarr or an office program, as our Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.gateways.pasted_html import looks_like_html, to_markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br />b<br>c", "a\nb\nc"),
        ("<strong>a</strong> <em>b</em> <b>c</b> <i>d</i>", "**a** *b* **c** *d*"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("&eacute;t&eacute;&nbsp;: 5&nbsp;&euro;", "été : 5 €"),
        ("<p>&eacute;</p>", "é"),
        ('<a href="https://x.example/">payer</a>', "payer"),
        ('<img src="https://x.example/spy.gif">a', "a"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
        ("<p>a<script>alert(1)</script><style>p{}</style><!-- b --></p>", "a"),
        ("<p>{lieu} [[si B2B]]x[[fin]]</p>", "{lieu} [[si B2B]]x[[fin]]"),
        ("<p>__REF__ du __DATE_YMD__</p>", "__REF__ du __DATE_YMD__"),
        ('<p style="color:red">a<u>b</u></p>', "ab"),
        ("<p>jamais ferm&eacute;", "jamais fermé"),
    ],
)  # fmt: skip
def test_words_and_their_shape_are_kept(html, markdown):
    assert to_markdown(html) == markdown


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("<p>a</p>", "<p>"),
        ("a<br/>b", "<br/>"),
        ("&eacute;", "&eacute;"),
        ("délai < 30 jours > 8", ""),
        ("a & b", ""),
        ("<facture>", ""),
    ],
)
def test_html_is_known_by_its_tags(text, tag):
    assert looks_like_html(text) == tag


def test_what_is_nested_beyond_reason_only_loses_its_tags():
    assert to_markdown("<div>" * 5000 + "a" + "</div>" * 5000) == "a"


@given(st.text(alphabet="<>/pbdiv &;=\"'!-a\n", max_size=80))
def test_anything_is_taken(text):
    assert isinstance(to_markdown(text), str)
